/** Lines out of chunks of bytes; of a line without end only its beginning is kept. */

export type Take = (line: Buffer, bytes: number) => void;

const newline = 10;

export class Splitter {
	readonly #longest: number;
	#kept: Buffer[] = [];
	#keptBytes = 0;
	/** All bytes of the unfinished line, its kept beginning included. */
	#bytes = 0;

	/** @param longest bytes of a line that are kept */
	constructor(longest: number) {
		this.#longest = longest;
	}

	/** @param take is given each finished line and how many bytes it had, its end included */
	push(chunk: Buffer, take: Take): void {
		let start = 0;
		for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
			if (this.#bytes === 0 && end - start <= this.#longest) {
				take(chunk.subarray(start, end), end - start + 1);
			} else {
				this.#keep(chunk.subarray(start, end));
				take(Buffer.concat(this.#kept), this.#bytes + 1);
				this.#kept = [];
				this.#keptBytes = 0;
				this.#bytes = 0;
			}

			start = end + 1;
		}

		if (start < chunk.length) {
			this.#keep(chunk.subarray(start));
		}
	}

	#keep(part: Buffer): void {
		this.#bytes += part.length;
		const room = this.#longest - this.#keptBytes;
		if (room > 0) {
			// A copy: the chunk that it was in may be large.
			this.#kept.push(Buffer.from(part.subarray(0, room)));
			this.#keptBytes += Math.min(room, part.length);
		}
	}
}
