/** What a source is, and the rhythm in which the polled ones ask. */
import {setTimeout as delay} from 'node:timers/promises';
import type {Event} from '../domain/events.ts';

export type SourceContext = {
	emit: (event: Event) => void;
	/** Ends the source. */
	signal: AbortSignal;
	/** Cut short by "refresh now". */
	pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
	/** Until it is time to ask again, of what was asked at `began` (performance.now()): cut short by a push, too. */
	untilPoll: (began: number, signal: AbortSignal) => Promise<void>;
};

/** Milliseconds between two questions of what is polled, unless the one before took longer. */
export const pollIntervalMs = 2000;
/** Patroni 4.1 serves few requests at once. */
const leastApart = 1000;

/** Numbers one after the other, of questions and answers: which came first, whatever a clock says. */
export type Order = () => number;

export function newOrder(): Order {
	let last = 0;
	return () => ++last;
}

/** Looks at one thing until its signal ends it; resolves then, and never rejects for what it looks at. */
export type Source = (context: SourceContext) => Promise<void>;

/** Waits that one call can end together: how `r`, or a push, makes every polled source ask at once. */
export class Pulse {
	#refresh = new AbortController();
	#nudge = new AbortController();

	readonly pause = async (milliseconds: number, signal: AbortSignal): Promise<void> =>
		wait(milliseconds, [signal, this.#refresh.signal]);

	readonly untilPoll = async (began: number, signal: AbortSignal): Promise<void> => {
		await wait(pollIntervalMs - (performance.now() - began), [
			signal,
			this.#refresh.signal,
			this.#nudge.signal,
		]);
		// However much is told at once: nobody is asked more often than this.
		await wait(leastApart - (performance.now() - began), [signal, this.#refresh.signal]);
	};
	/** The operator wants to know: every source asks now. */
	refresh(): void {
		const before = this.#refresh;
		this.#refresh = new AbortController();
		before.abort();
	}

	/** Something changed: what is polled asks now; a source that waits after a refusal waits on. */
	nudge(): void {
		const before = this.#nudge;
		this.#nudge = new AbortController();
		before.abort();
	}
}

async function wait(milliseconds: number, signals: AbortSignal[]): Promise<void> {
	const any = AbortSignal.any(signals);
	if (milliseconds <= 0 || any.aborted) {
		return;
	}

	try {
		await delay(milliseconds, undefined, {signal: any});
	} catch (error) {
		if (!any.aborted) {
			throw error;
		}
	}
}

/** Asks again and again, one question at a time, until the signal ends it. */
export async function poll({signal, untilPoll}: SourceContext, ask: () => Promise<void>): Promise<void> {
	while (!signal.aborted) {
		const began = performance.now();
		await ask();
		await untilPoll(began, signal);
	}
}
