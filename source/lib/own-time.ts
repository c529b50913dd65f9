/**
 * Time in which this program itself ran. A stall (no CPU, a stopped process, a suspended machine) does not count
 * against a peer,
 * whose answer may have waited in this program's queue. Each thread has its own.
 */
import {uptime} from 'node:os';

/** Interval of the timer, ms: at most this much of the time between two beats counts. */
export const beatMs = 50;
/** A beat later than this is a reported stall, ms. */
export const stallMs = 500;

/** The event loop did not run for this long, until now. */
export type Stall = {milliseconds: number};

export type Clocks = {
	/** ms; does not count while the machine is suspended. */
	monotonic: () => number;
	/** ms; may be set. */
	wall: () => number;
	/** ms; counts while the machine is suspended, too. */
	sinceBoot: () => number;
};

const systemClocks: Clocks = {
	monotonic: () => performance.now(),
	wall: Date.now,
	sinceBoot: () => uptime() * 1000,
};

/**
 * Timing of a request: its duration, ms, and the part in which this program did not run, by which the answer may be
 * older.
 */
export type Timing = {tookMs: number; lateMs: number};

type Waiting = {/** In own time. */ due: number; passed: () => void};

export class OwnTime {
	readonly #clocks: Clocks;
	readonly #waiting = new Set<Waiting>();
	readonly #listeners = new Set<(stall: Stall) => void>();
	#timer: NodeJS.Timeout | undefined;
	#monotonic = 0;
	#wall = 0;
	/** Own time at the last `#look`, ms. */
	#elapsed = 0;
	/** Own time at the last stall. */
	#stalledAt = Number.NEGATIVE_INFINITY;
	/** Difference of the clocks with and without suspension. */
	#suspended: number;
	#stalls = 0;
	/** Lost time in pieces shorter than a stall, in all, ms. */
	#shortLosses = 0;

	constructor(clocks: Clocks = systemClocks) {
		this.#clocks = clocks;
		this.#suspended = clocks.sinceBoot() - clocks.monotonic();
	}

	/** Number of stalls: if it changed between request and answer, this program may have caused a failure. */
	get stalls(): number {
		this.#look();
		return this.#stalls;
	}

	/** Own time in ms, from an arbitrary origin; advances only while there are waits or listeners. */
	now(): number {
		this.#look();
		return this.#elapsed;
	}

	/** @returns a function that returns the timing since now */
	startTiming(): () => Timing {
		const [monotonic, sinceBoot, own] = [this.#clocks.monotonic(), this.#clocks.sinceBoot(), this.now()];
		return () => {
			const passed = Math.max(this.#clocks.monotonic() - monotonic, this.#clocks.sinceBoot() - sinceBoot);
			return {tookMs: Math.ceil(passed), lateMs: Math.max(0, Math.round(passed - (this.now() - own)))};
		};
	}

	/** @returns a function that returns the time lost since its last call, in pieces too short to be reported as stalls, ms */
	countShortLosses(): () => number {
		this.#look();
		let counted = this.#shortLosses;
		return () => {
			this.#look();
			const lost = this.#shortLosses - counted;
			counted = this.#shortLosses;
			return lost;
		};
	}

	/** Whether the loop stalled within the last `milliseconds` of own time. */
	hasStalledWithin(milliseconds: number): boolean {
		return this.now() - this.#stalledAt <= milliseconds;
	}

	/** Calls back after this much own time, once queued answers have been read. @returns a function that cancels it */
	after(milliseconds: number, passed: () => void): () => void {
		this.#arm();
		const waiting = {due: this.now() + milliseconds, passed};
		this.#waiting.add(waiting);
		return () => {
			this.#waiting.delete(waiting);
			this.#rest();
		};
	}

	/** @returns a function that stops listening */
	onStall(listener: (stall: Stall) => void): () => void {
		this.#listeners.add(listener);
		this.#arm();
		return () => {
			this.#listeners.delete(listener);
			this.#rest();
		};
	}

	/** Accounts for the time since the last beat. */
	beat(): void {
		this.#look();
		for (const waiting of this.#waiting) {
			if (this.#elapsed >= waiting.due) {
				// Sockets are read between two turns of the loop, so a queued answer comes first.
				setImmediate(() => {
					setImmediate(() => {
						if (this.#waiting.delete(waiting)) {
							this.#rest();
							waiting.passed();
						}
					});
				});
			}
		}
	}

	/** Accounts for the time since the last call, and reports a stall to the listeners. */
	#look(): void {
		if (this.#timer === undefined) {
			return;
		}

		const [monotonic, wall] = [this.#clocks.monotonic(), this.#clocks.wall()];
		const passed = monotonic - this.#monotonic;
		// If the wall clock jumped, the other clocks show whether it was set, or the machine was suspended; otherwise
		// they are not read.
		const away = wall - this.#wall - passed > stallMs ? this.#suspension(monotonic) : 0;
		this.#monotonic = monotonic;
		this.#wall = wall;
		this.#elapsed += Math.min(passed, beatMs);
		const milliseconds = passed + away - beatMs;
		if (milliseconds <= stallMs) {
			this.#shortLosses += Math.max(0, milliseconds);
		} else {
			this.#stalls++;
			this.#stalledAt = this.#elapsed;
			for (const listener of this.#listeners) {
				listener({milliseconds});
			}
		}
	}

	#suspension(monotonic: number): number {
		const before = this.#suspended;
		this.#suspended = this.#clocks.sinceBoot() - monotonic;
		return this.#suspended - before;
	}

	#arm(): void {
		if (this.#timer === undefined) {
			this.#monotonic = this.#clocks.monotonic();
			this.#wall = this.#clocks.wall();
			this.#timer = setInterval(() => {
				this.beat();
			}, beatMs);
			// A wait is kept alive by its own socket, not by this timer.
			this.#timer.unref();
		}
	}

	#rest(): void {
		if (this.#waiting.size === 0 && this.#listeners.size === 0) {
			clearInterval(this.#timer);
			this.#timer = undefined;
		}
	}
}

/** Own time of this thread. */
export const ownTime = new OwnTime();

/** With the message that panes use for a timeout. */
export function noAnswerInTime(): Error {
	return new DOMException('no answer in time', 'TimeoutError');
}

/** Aborts after this much own time, unless cancelled. */
export function deadline(milliseconds: number): {signal: AbortSignal; cancel: () => void} {
	const controller = new AbortController();
	const cancel = ownTime.after(milliseconds, () => {
		controller.abort(noAnswerInTime());
	});
	return {signal: controller.signal, cancel};
}

/** The promise, or a rejection after this much own time. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
	const {promise: late, reject} = Promise.withResolvers<never>();
	const cancel = ownTime.after(milliseconds, () => {
		reject(noAnswerInTime());
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		cancel();
	}
}

/** Sends a request; `timing` measures from its start to the call. */
export async function askTimed<T>(ask: () => Promise<T>): Promise<{answer: T; timing: () => Timing}> {
	const timing = ownTime.startTiming();
	return {answer: await ask(), timing};
}

/** ms; a shorter wait of an answer is not reported. */
const lateMinMs = 100;

/** The event's field for an answer that waited; empty if it did not wait. */
export function lateness({lateMs}: Timing): {lateMs?: number} {
	return lateMs < lateMinMs ? {} : {lateMs};
}

/** ms after a stall in which a failure is first attributed to it. */
export const justStalled = 3000;

/** Retries of a request after stalls, before its failure is reported. */
const repeatsMax = 3;

/**
 * Repeats a failed request if this program stalled meanwhile: the stall may have caused the failure
 * (a connection that the peer closed, a deadline of the other side).
 */
export async function askFairly<T>(
	ask: () => Promise<T>,
	signal?: AbortSignal,
): Promise<{answer: T; timing: () => Timing}> {
	for (let repeats = 0; ; repeats++) {
		const before = ownTime.stalls;
		try {
			return await askTimed(ask);
		} catch (error) {
			if (ownTime.stalls === before || repeats >= repeatsMax || signal?.aborted) {
				throw error;
			}
		}
	}
}
