/** Splits a stream of bytes into lines of a limited length; characters that two chunks share stay whole. */
import {isAscii} from 'node:buffer';

/**
 * @param bytes of the line with its line end
 * @param isCut the line was cut at the limit
 */
export type Take = (line: string, bytes: number, isCut: boolean) => void;

const newline = 10;

export class LineSplitter {
	readonly #lineMaxBytes: number;
	#kept: Buffer[] = [];
	#keptBytes = 0;
	/** All bytes of the incomplete line, including its kept beginning. */
	#bytes = 0;

	/** @param lineMaxBytes bytes of a line that are kept */
	constructor(lineMaxBytes: number) {
		this.#lineMaxBytes = lineMaxBytes;
	}

	/** @param take gets each complete line */
	push(chunk: Buffer, take: Take): void {
		let start = 0;
		if (this.#bytes > 0) {
			const end = chunk.indexOf(newline);
			this.#keep(end < 0 ? chunk : chunk.subarray(0, end));
			if (end < 0) {
				return;
			}

			take(Buffer.concat(this.#kept).toString(), this.#bytes + 1, this.isOverLimit);
			this.#clear();
			start = end + 1;
		}

		const end = chunk.lastIndexOf(newline) + 1;
		if (end > start) {
			const lines = chunk.subarray(start, end);
			if (isAscii(lines)) {
				// The usual case: decoded at once, which costs a third less.
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
			const isCut = end - start > this.#lineMaxBytes;
			take(lines.slice(start, isCut ? start + this.#lineMaxBytes : end), end - start + 1, isCut);
			start = end + 1;
		}
	}

	#takeEach(lines: Buffer, take: Take): void {
		let start = 0;
		for (let end = lines.indexOf(newline); end >= 0; end = lines.indexOf(newline, start)) {
			const isCut = end - start > this.#lineMaxBytes;
			take(lines.toString('utf8', start, isCut ? start + this.#lineMaxBytes : end), end - start + 1, isCut);
			start = end + 1;
		}
	}

	/** The incomplete line is longer than the limit: the rest of it is not kept. */
	get isOverLimit(): boolean {
		return this.#bytes > this.#lineMaxBytes;
	}

	/** The last line, without its line end; empty if there is none. */
	takeRest(): string {
		const rest = Buffer.concat(this.#kept).toString();
		this.#clear();
		return rest;
	}

	#clear(): void {
		this.#kept = [];
		this.#keptBytes = 0;
		this.#bytes = 0;
	}

	#keep(part: Buffer): void {
		this.#bytes += part.length;
		const room = this.#lineMaxBytes - this.#keptBytes;
		if (room > 0) {
			// A copy, since the chunk's buffer may be large.
			this.#kept.push(Buffer.from(part.subarray(0, room)));
			this.#keptBytes += Math.min(room, part.length);
		}
	}
}
