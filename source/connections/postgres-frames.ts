/** The frames of PostgreSQL's protocol, checked before `pg` reads them: it searches a report without an end for its end for ever. */

const headBytes = 5;
const shortest = 4;
/** ErrorResponse and NoticeResponse: fields that end with a zero each, and a zero behind the last. */
const reports = new Set([0x45, 0x4e]);

export class FrameCheck {
	readonly #head = Buffer.alloc(headBytes);
	#headLength = 0;
	/** Bytes of the body that are still to come. */
	#left = 0;
	#isReport = false;
	/** The last two bytes of the body so far. */
	#tail = [1, 1];

	/** @throws where the bytes are no frames, or a report has no end */
	push(chunk: Uint8Array): void {
		for (let at = 0; at < chunk.length; ) {
			if (this.#headLength < headBytes) {
				this.#head[this.#headLength++] = chunk[at++] ?? 0;
				if (this.#headLength === headBytes) {
					this.#begin();
				}
			} else {
				const end = Math.min(chunk.length, at + this.#left);
				this.#tail = [...this.#tail, ...chunk.subarray(Math.max(at, end - 2), end)].slice(-2);
				this.#left -= end - at;
				at = end;
			}

			if (this.#headLength === headBytes && this.#left === 0) {
				this.#end();
			}
		}
	}

	#begin(): void {
		const length = this.#head.readInt32BE(1);
		if (length < shortest) {
			throw new Error(`a message of ${length} bytes`);
		}

		this.#left = length - shortest;
		this.#isReport = reports.has(this.#head[0] ?? 0);
		// A report without any field is its last zero alone.
		this.#tail = [1, this.#left === 1 ? 0 : 1];
	}

	#end(): void {
		const [before, last] = this.#tail;
		if (this.#isReport && (before !== 0 || last !== 0)) {
			throw new Error('an error report without an end');
		}

		this.#headLength = 0;
	}
}
