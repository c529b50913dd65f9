/** The type of a source, and the intervals of polling. */
import {lossOf} from '../connections/error-reason.ts';
import {SshError} from '../connections/ssh/prompts.ts';
import {calmPollIntervalMs, pollIntervalMs} from '../domain/cluster/source-kinds.ts';
import type {Event} from '../domain/events.ts';
import type {SourceId} from '../domain/facts.ts';
import {pauseUnlessAborted} from '../lib/abort.ts';
import {justStalled, ownTime} from '../lib/own-time.ts';

export type SourceContext = {
	emit: (event: Event) => void;
	/** Aborted to end the source. */
	signal: AbortSignal;
	/** Waits; "refresh now" ends it early. */
	pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
	/**
	 * Waits until the next poll after one that began, or that a slow program answered, at `began` (performance.now()); a push ends
	 * it early, too.
	 */
	untilPoll: (began: number, signal: AbortSignal) => Promise<void>;
	/** Waits, in calm perhaps longer; the end of the calm and "refresh now" end it early. */
	pauseByCalm: (intervals: Intervals, signal: AbortSignal) => Promise<void>;
};

/** ms between two questions. */
export type Intervals = {usualMs: number; calmMs: number};

const ofPolls: Intervals = {usualMs: pollIntervalMs, calmMs: calmPollIntervalMs};

/** ms of short stalls within a second from which they are reported. */
const shortLossesMinMs = 200;

/** ms between two ticks; each one draws a frame, half of the cost of an idle console. */
const tickMs = 1000;
const calmTickMs = 2000;

/** ms; Patroni 4.1 serves few requests at once. */
const pollIntervalMinMs = 1000;

/** Returns consecutive numbers, which order requests and answers independently of clocks. */
export type Order = () => number;

export function newOrder(): Order {
	let last = 0;
	return () => ++last;
}

/** Watches one object until its signal aborts, then resolves. Never rejects because of the object. */
export type Source = (context: SourceContext) => Promise<void>;

/** ms since any moment, Unix ms, and a wait that an abort ends. */
export type PulseClock = {
	now: () => number;
	wall: () => number;
	wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/**
 * Waits that one call ends together: `r` or a push makes every polled source poll. In calm all sources poll at the same moments,
 * and less often.
 */
export class Pulse {
	readonly #clock: PulseClock;
	#refreshes = 0;
	#refresh = new AbortController();
	#nudge = new AbortController();
	/** Aborted when the calm ends. */
	#calm: AbortController | undefined;

	constructor(
		clock: PulseClock = {
			now: () => performance.now(),
			wall: Date.now,
			wait: pauseUnlessAborted,
		},
	) {
		this.#clock = clock;
	}

	readonly pause = async (milliseconds: number, signal: AbortSignal): Promise<void> =>
		this.#clock.wait(milliseconds, AbortSignal.any([signal, this.#refresh.signal]));

	readonly untilPoll = async (began: number, signal: AbortSignal): Promise<void> => {
		await this.#untilDue(began, AbortSignal.any([signal, this.#nudge.signal]), ofPolls);
		// The minimum poll interval, however many changes are pushed.
		await this.pause(pollIntervalMinMs - (this.#clock.now() - began), signal);
	};

	readonly pauseByCalm = async (intervals: Intervals, signal: AbortSignal): Promise<void> =>
		this.#untilDue(this.#clock.now(), signal, intervals);

	/** Waits for the clock's next whole second; in calm for every other one. The end of the calm ends it early. */
	readonly untilTick = async (signal: AbortSignal): Promise<void> => {
		const calm = this.#calm?.signal;
		const milliseconds = calm === undefined ? tickMs : calmTickMs;
		await this.#clock.wait(
			milliseconds - (this.#clock.wall() % milliseconds),
			AbortSignal.any([signal, this.#refresh.signal, ...(calm === undefined ? [] : [calm])]),
		);
	};

	/** How often someone asked to see what is so now: by `r`, or by what ended a calm. */
	get refreshes(): number {
		return this.#refreshes;
	}

	/** When the calm ends, every source polls that has not done so within the usual interval. */
	setCalm(isCalm: boolean): void {
		const before = this.#calm;
		if (isCalm) {
			this.#calm ??= new AbortController();
		} else {
			this.#calm = undefined;
			this.#refreshes += before === undefined ? 0 : 1;
			before?.abort();
		}
	}

	/** Makes every source poll now, for `r`. */
	refresh(): void {
		this.#refreshes++;
		const before = this.#refresh;
		this.#refresh = new AbortController();
		before.abort();
	}

	/** Makes sources poll now after a push, except those that wait after a refusal. */
	nudge(): void {
		const before = this.#nudge;
		this.#nudge = new AbortController();
		before.abort();
	}

	async #untilDue(began: number, signal: AbortSignal, {usualMs, calmMs}: Intervals): Promise<void> {
		const refresh = this.#refresh.signal;
		const calm = this.#calm?.signal;
		if (calm !== undefined) {
			const now = this.#clock.now();
			await this.#clock.wait(calmMs - (now % calmMs), AbortSignal.any([signal, refresh, calm]));
			if (!calm.aborted) {
				return;
			}
		}

		await this.#clock.wait(usualMs - (this.#clock.now() - began), AbortSignal.any([signal, refresh]));
	}
}

/** Polls, one request at a time, until the signal aborts. */
export async function poll({signal, untilPoll}: SourceContext, ask: () => Promise<void>): Promise<void> {
	while (!signal.aborted) {
		const began = performance.now();
		await ask();
		await untilPoll(began, signal);
	}
}

/** @param untilTick waits for the next tick */
export const clockSource =
	(untilTick: Pulse['untilTick']): Source =>
	async ({emit, signal}) => {
		const stop = ownTime.onStall(({milliseconds}) => {
			emit({type: 'console.stalled', milliseconds: Math.round(milliseconds)});
		});
		const shortLosses = ownTime.countShortLosses();
		try {
			while (!signal.aborted) {
				// Emitted before the tick, whose ages it affects.
				const milliseconds = Math.round(shortLosses());
				if (milliseconds >= shortLossesMinMs) {
					emit({type: 'console.stalled', milliseconds, brief: true});
				}

				emit({type: 'tick'});
				await untilTick(signal);
			}
		} finally {
			stop();
		}
	};

/** Parses an answer again only if it has changed. */
export function sameForSame<T>(parse: (text: string) => T): (text: string) => T {
	let last: {text: string; value: T} | undefined;
	return text => {
		last = last?.text === text ? last : {text, value: parse(text)};
		return last.value;
	};
}

/** ms between attempts at a lost node. */
const retryMs = 1000;

/** ms; a refused login is retried rarely, since sshd and fail2ban block repeated failures. `r` retries at once. */
const firstRefusedRetryMs = 5000;

const retryMaxMs = 60_000;

/**
 * Sources of one node wait equally long after a refusal, so that they share the next login, too.
 * @param look rejects when the node is lost
 * @param onLoss awaited before the next attempt
 */
export function sshSource(
	source: SourceId,
	look: (context: SourceContext) => Promise<void>,
	onLoss: (error: unknown) => Promise<void> = async () => undefined,
): Source {
	return async context => {
		const {emit, signal, pause} = context;
		emit({type: 'source.connecting', source});
		let refusals = 0;
		let wasExcused = false;
		while (!signal.aborted) {
			try {
				await look(context);
			} catch (error) {
				if (!wasExcused && !isRefusal(error) && ownTime.hasStalledWithin(justStalled)) {
					// It broke during a stall of this program, or shortly after: retried once before the loss is
					// reported.
					wasExcused = true;
					await onLoss(error);
					continue;
				}

				wasExcused = false;
				if (!signal.aborted) {
					const remedy = error instanceof SshError ? error.remedy : undefined;
					emit({
						type: 'source.lost',
						source,
						...lossOf(error),
						...(remedy === undefined ? {} : {remedy}),
					});
				}

				await onLoss(error);
				refusals = isRefusal(error) ? refusals + 1 : 0;
				await pause(
					refusals === 0 ? retryMs : Math.min(retryMaxMs, firstRefusedRetryMs * 2 ** (refusals - 1)),
					signal,
				);
			}
		}
	};
}

/** Only the operator can fix it: an unknown host key, a refused login. */
function isRefusal(error: unknown): boolean {
	return error instanceof SshError && error.remedy !== undefined;
}
