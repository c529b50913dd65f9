/** A bounded queue between a stream of lines and the one who reads them: a full one pauses the node. */

/** Lines that wait at most. */
const queueMax = 1000;

export class LineQueue<T> implements AsyncIterable<T> {
	#lines: T[] = [];
	#ended = false;
	#error: unknown;
	/** Wakes the reader. */
	#wake: (() => void) | undefined;
	readonly #resume: (() => void)[] = [];

	get isFull(): boolean {
		return this.#lines.length >= queueMax;
	}

	/** Nothing is left out: the node waits. */
	readonly leavesOut = false;

	push(line: T): void {
		this.#lines.push(line);
		this.#wake?.();
	}

	/** Calls back when there is room. */
	wait(resume: () => void): void {
		this.#resume.push(resume);
	}

	/** No line follows. @param error why, if the stream broke */
	end(error?: unknown): void {
		this.#ended = true;
		this.#error = error;
		this.#wake?.();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<T> {
		for (;;) {
			const lines = this.#lines;
			this.#lines = [];
			for (const resume of this.#resume.splice(0)) {
				resume();
			}

			yield* lines;
			if (this.#lines.length > 0) {
				continue;
			}

			if (this.#ended) {
				if (this.#error !== undefined) {
					throw this.#error;
				}

				return;
			}

			const {promise, resolve} = Promise.withResolvers<void>();
			this.#wake = resolve;
			await promise;
			this.#wake = undefined;
		}
	}
}
