/** Lines out of chunks of bytes; of a line without end only its beginning is kept. */
import {isAscii} from 'node:buffer';

/**
 * @param bytes how many it had, its end included
 * @param isCut what it had beyond the longest is not in it
 */
export type Take = (line: string, bytes: number, isCut: boolean) => void;

const newline = 10;

export class LineSplitter {
	readonly #longest: number;
	#kept: Buffer[] = [];
	#keptBytes = 0;
	/** All bytes of the unfinished line, its kept beginning included. */
	#bytes = 0;

	/** @param longest bytes of a line that are kept */
	constructor(longest: number) {
		this.#longest = longest;
	}

	/** @param take is given each finished line */
	push(chunk: Buffer, take: Take): void {
		let start = 0;
		if (this.#bytes > 0) {
			const end = chunk.indexOf(newline);
			this.#keep(end < 0 ? chunk : chunk.subarray(0, end));
			if (end < 0) {
				return;
			}

			take(Buffer.concat(this.#kept).toString(), this.#bytes + 1, this.#bytes > this.#longest);
			this.#kept = [];
			this.#keptBytes = 0;
			this.#bytes = 0;
			start = end + 1;
		}

		const end = chunk.lastIndexOf(newline) + 1;
		if (end > start) {
			const lines = chunk.subarray(start, end);
			if (isAscii(lines)) {
				// Nearly always: decoded once for all of them, which costs a third less.
				this.#takeAscii(lines.toString('latin1'), take);
			} else {
				this.#takeEach(lines, take);
			}

			start = end;
		}

		if (start < chunk.length) {
			this.#keep(chunk.subarray(start));
		}
	}

	#takeAscii(lines: string, take: Take): void {
		let start = 0;
		for (let end = lines.indexOf('\n'); end >= 0; end = lines.indexOf('\n', start)) {
			const isCut = end - start > this.#longest;
			take(lines.slice(start, isCut ? start + this.#longest : end), end - start + 1, isCut);
			start = end + 1;
		}
	}

	#takeEach(lines: Buffer, take: Take): void {
		let start = 0;
		for (let end = lines.indexOf(newline); end >= 0; end = lines.indexOf(newline, start)) {
			const isCut = end - start > this.#longest;
			take(lines.toString('utf8', start, isCut ? start + this.#longest : end), end - start + 1, isCut);
			start = end + 1;
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
