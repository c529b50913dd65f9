/** One repeated request of a sampler: an unanswered one is reported as such, without waiting. */
import {messageOf} from '../failure.ts';
import type {Unseen} from './look.ts';

export class Part<Answer> {
	readonly #ask: (signal: AbortSignal) => Promise<Answer>;
	readonly #deadlineMs: number;
	readonly #giveUpMs: number;
	/** Time since the last answer. */
	#silentSince: number | undefined;
	#open: {began: number; answer: Promise<Answer | Unseen>; abort: AbortController} | undefined;

	/** A sample waits `deadlineMs` for an answer; after `giveUpMs` the request is aborted and repeated. */
	constructor(
		ask: (signal: AbortSignal) => Promise<Answer>,
		{deadlineMs = 300, giveUpMs = 3000}: {deadlineMs?: number; giveUpMs?: number} = {},
	) {
		this.#ask = ask;
		this.#deadlineMs = deadlineMs;
		this.#giveUpMs = giveUpMs;
	}

	/** The current value, or why it is unknown; a late answer to an earlier sample is not used. */
	async look(): Promise<Answer | Unseen> {
		const open = this.#open;
		if (open !== undefined) {
			if (performance.now() - open.began > this.#giveUpMs) {
				this.#open = undefined;
				open.abort.abort(new Error('given up'));
			}

			return this.#silent();
		}

		const asked = this.#start();
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<Unseen>(resolve => {
			timer = setTimeout(() => resolve(this.#silent()), this.#deadlineMs);
		});
		try {
			return await Promise.race([asked.answer, late]);
		} finally {
			clearTimeout(timer);
		}
	}

	#silent(): Unseen {
		return {
			error: `no answer for ${Math.round(performance.now() - (this.#silentSince ?? performance.now()))} ms`,
		};
	}

	#start() {
		this.#silentSince ??= performance.now();
		const abort = new AbortController();
		const asked = {
			began: performance.now(),
			abort,
			answer: this.#ask(abort.signal).catch((error: unknown): Unseen => ({error: messageOf(error)})),
		};
		this.#open = asked;
		void asked.answer.then(() => {
			if (this.#open !== asked) return;
			this.#open = undefined;
			this.#silentSince = undefined;
		});
		return asked;
	}
}
