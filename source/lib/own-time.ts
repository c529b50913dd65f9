/**
 * The time in which this program itself ran. A stall (no CPU, a stopped process, a suspended machine) does not count against
 * a peer: its answer may have been waiting in our own queue all the while. Each thread has a time of its own.
 */
import {uptime} from 'node:os';

/** One beat of the event loop, ms: the most that counts of any stretch between two beats. */
export const beatMs = 50;
/** A beat that comes later than this is a stall worth reporting, ms. */
export const stallMs = 500;

/** The loop did not run for so many ms, until now. */
export type Stall = {milliseconds: number};

export type Clocks = {
	/** Stands still while the machine is suspended, ms. */
	monotonic: () => number;
	/** May be set, ms. */
	wall: () => number;
	/** Counts while the machine is suspended, too, ms. */
	sinceBoot: () => number;
};

const systemClocks: Clocks = {
	monotonic: () => performance.now(),
	wall: Date.now,
	sinceBoot: () => uptime() * 1000,
};

/** Of a question: how long it took, ms; and how much of that this program did not run, so that the answer may be as old. */
export type Timing = {tookMs: number; lateMs: number};

type Waiting = {/** In own time. */ due: number; passed: () => void};

export class OwnTime {
	readonly #clocks: Clocks;
	readonly #waiting = new Set<Waiting>();
	readonly #listeners = new Set<(stall: Stall) => void>();
	#timer: NodeJS.Timeout | undefined;
	#monotonic = 0;
	#wall = 0;
	/** Own time up to the last look, ms. */
	#elapsed = 0;
	/** Own time at the last stall. */
	#stalledAt = Number.NEGATIVE_INFINITY;
	/** How far the clock that counts suspension is ahead of the one that does not. */
	#suspended: number;
	#stalls = 0;
	/** Time that was lost in pieces too short for a stall, and is not reported yet, ms. */
	#shortLosses = 0;

	constructor(clocks: Clocks = systemClocks) {
		this.#clocks = clocks;
		this.#suspended = clocks.sinceBoot() - clocks.monotonic();
	}

	/** How often the loop has stalled so far: where it differs between question and answer, the answer was our own matter. */
	get stalls(): number {
		this.#look();
		return this.#stalls;
	}

	/** Own time in ms, from any beginning; it runs while something waits or listens. */
	now(): number {
		this.#look();
		return this.#elapsed;
	}

	/** @returns what says how long it is since now */
	startTiming(): () => Timing {
		const [monotonic, sinceBoot, own] = [this.#clocks.monotonic(), this.#clocks.sinceBoot(), this.now()];
		return () => {
			const passed = Math.max(this.#clocks.monotonic() - monotonic, this.#clocks.sinceBoot() - sinceBoot);
			return {tookMs: Math.ceil(passed), lateMs: Math.max(0, Math.round(passed - (this.now() - own)))};
		};
	}

	/** How long the loop did not run since this was last asked, in pieces that were too short to be reported as stalls, ms. */
	takeShortLosses(): number {
		this.#look();
		const lost = this.#shortLosses;
		this.#shortLosses = 0;
		return lost;
	}

	/** The loop stalled within the last so many ms of own time. */
	hasStalledWithin(milliseconds: number): boolean {
		return this.now() - this.#stalledAt <= milliseconds;
	}

	/** Calls back after so many ms of own time, when what was waiting in the queues has been taken. @returns the way to cancel */
	after(milliseconds: number, passed: () => void): () => void {
		this.#arm();
		const waiting = {due: this.now() + milliseconds, passed};
		this.#waiting.add(waiting);
		return () => {
			this.#waiting.delete(waiting);
			this.#rest();
		};
	}

	/** @returns the way to stop listening */
	onStall(listener: (stall: Stall) => void): () => void {
		this.#listeners.add(listener);
		this.#arm();
		return () => {
			this.#listeners.delete(listener);
			this.#rest();
		};
	}

	/** Takes the time since the last beat into account. */
	beat(): void {
		this.#look();
		for (const waiting of this.#waiting) {
			if (this.#elapsed >= waiting.due) {
				// Sockets are read between two turns of the loop: an answer that waits there comes first.
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

	/** Takes the time since the last call into account, and reports a stall to the listeners. */
	#look(): void {
		if (this.#timer === undefined) {
			return;
		}

		const [monotonic, wall] = [this.#clocks.monotonic(), this.#clocks.wall()];
		const passed = monotonic - this.#monotonic;
		// A clock that was set, and no suspension, leaves both of the others in step: they are asked only then.
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
			// What waits is held by its own socket, and not by our beat.
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

/** Of this thread. */
export const ownTime = new OwnTime();

/** In the words by which a pane knows it. */
export function noAnswerInTime(): Error {
	return new DOMException('no answer in time', 'TimeoutError');
}

/** Aborted after so many ms of own time; `cancel` when the answer is there. */
export function deadline(milliseconds: number): {signal: AbortSignal; cancel: () => void} {
	const controller = new AbortController();
	const cancel = ownTime.after(milliseconds, () => {
		controller.abort(noAnswerInTime());
	});
	return {signal: controller.signal, cancel};
}

/** The promise, or a rejection after so many ms of own time. */
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

/** Asks; `timing` is from the question until it is called. */
export async function askTimed<T>(ask: () => Promise<T>): Promise<{answer: T; timing: () => Timing}> {
	const timing = ownTime.startTiming();
	return {answer: await ask(), timing};
}

/** An answer that waited less is as good as a prompt one, ms. */
const lateMinMs = 100;

/** What an event has of it: nothing where the answer did not wait. */
export function lateness({lateMs}: Timing): {lateMs?: number} {
	return lateMs < lateMinMs ? {} : {lateMs};
}

/** What breaks within so many ms after a stall is laid to it at first. */
export const justStalled = 3000;

/** How often a request is retried after our own stalls, before its failure is reported. */
const repeatsMax = 3;

/**
 * Asks; where it fails and this program stalled meanwhile, asks again: what broke in that time (a connection that a peer has
 * given up, a deadline on the other side) is no news of the peer.
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
