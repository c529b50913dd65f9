/** What a source is, and the rhythm in which the polled ones ask. */
import {setTimeout as delay} from 'node:timers/promises';
import type {Event} from '../domain/events.ts';

export type SourceContext = {
	emit: (event: Event) => void;
	/** Ends the source. */
	signal: AbortSignal;
	/** Cut short by "refresh now". */
	pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Looks at one thing until its signal ends it; resolves then, and never rejects for what it looks at. */
export type Source = (context: SourceContext) => Promise<void>;

/** Waits that one call can end together: how `r` makes every polled source ask at once. */
export class Pulse {
	#refresh = new AbortController();

	readonly pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
		const either = AbortSignal.any([signal, this.#refresh.signal]);
		try {
			await delay(milliseconds, undefined, {signal: either});
		} catch (error) {
			if (!either.aborted) {
				throw error;
			}
		}
	};

	refresh(): void {
		const before = this.#refresh;
		this.#refresh = new AbortController();
		before.abort();
	}
}

/** Asks once every `interval` milliseconds, one question at a time, until the signal ends it. */
export async function poll(
	{signal, pause}: SourceContext,
	interval: number,
	ask: () => Promise<void>,
): Promise<void> {
	while (!signal.aborted) {
		const began = performance.now();
		await ask();
		await pause(Math.max(0, interval - (performance.now() - began)), signal);
	}
}
