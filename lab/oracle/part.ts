/** One thing that a sampler asks again and again: a question that is still open is reported as such, not waited for. */
import {messageOf} from '../failure.ts';
import type {Unseen} from './look.ts';

export class Part<Answer> {
	readonly #ask: (signal: AbortSignal) => Promise<Answer>;
	readonly #deadlineMs: number;
	readonly #giveUpMs: number;
	#open: {began: number; answer: Promise<Answer | Unseen>; abort: AbortController} | undefined;

	/** A look waits `deadlineMs` for an answer; the question is given up and asked again after `giveUpMs`. */
	constructor(
		ask: (signal: AbortSignal) => Promise<Answer>,
		{deadlineMs = 300, giveUpMs = 3000}: {deadlineMs?: number; giveUpMs?: number} = {},
	) {
		this.#ask = ask;
		this.#deadlineMs = deadlineMs;
		this.#giveUpMs = giveUpMs;
	}

	/** What is so now, or why that is not known; an answer to a question of an earlier look counts for nothing. */
	async look(): Promise<Answer | Unseen> {
		const open = this.#open;
		if (open !== undefined) {
			const waitedMs = Math.round(performance.now() - open.began);
			if (waitedMs > this.#giveUpMs) {
				this.#open = undefined;
				open.abort.abort(new Error('given up'));
			}

			return {error: `no answer for ${waitedMs} ms`};
		}

		const asked = this.#start();
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<Unseen>(resolve => {
			timer = setTimeout(() => resolve({error: `no answer for ${this.#deadlineMs} ms`}), this.#deadlineMs);
		});
		try {
			return await Promise.race([asked.answer, late]);
		} finally {
			clearTimeout(timer);
		}
	}

	#start() {
		const abort = new AbortController();
		const asked = {
			began: performance.now(),
			abort,
			answer: this.#ask(abort.signal).catch((error: unknown): Unseen => ({error: messageOf(error)})),
		};
		this.#open = asked;
		void asked.answer.then(() => {
			if (this.#open === asked) this.#open = undefined;
		});
		return asked;
	}
}
