/** Splits output into lines, and batches them into events at a rate that the console can process. */
import {isAscii} from 'node:buffer';
import type {LogLine} from '../../domain/logs/log-buffer.ts';

/** ms between two events: the screen's rate. */
const interval = 50;
/** Lines of one event: 100,000 a second from one node, which arrive in bursts. */
const linesMax = 5000;
/** ms that a node is paused before lines are skipped, so that the burst of a boot is kept. */
const holdMaxMs = 5000;

export class LineBatcher {
	readonly #emit: (lines: readonly LogLine[], skipped: number) => void;
	readonly #now: () => number;
	#lines: LogLine[] = [];
	#skipped = 0;
	#timer: NodeJS.Timeout | undefined;
	#fullSince: number | undefined;
	#leavingOut = false;
	readonly #waiting = new Set<() => void>();

	/** @param now a monotonic clock, ms */
	constructor(emit: (lines: readonly LogLine[], skipped: number) => void, now = () => performance.now()) {
		this.#emit = emit;
		this.#now = now;
	}

	/** The present event has no room for more lines. */
	get isFull(): boolean {
		return this.#lines.length >= linesMax;
	}

	/** Further lines are counted instead of waited for. */
	get leavesOut(): boolean {
		return this.#leavingOut && this.isFull;
	}

	add(line: LogLine): void {
		this.#lines.push(line);
		this.#arm();
	}

	skip(): void {
		this.#skipped++;
		this.#arm();
	}

	/** Calls back when there is room. */
	wait(resume: () => void): void {
		this.#waiting.add(resume);
		this.#arm();
	}

	/** Emits the batch. */
	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const full = this.isFull;
		const [lines, skipped] = [this.#lines, this.#skipped];
		this.#lines = [];
		this.#skipped = 0;
		this.#fullSince = full ? (this.#fullSince ?? this.#now()) : undefined;
		this.#leavingOut = this.#fullSince !== undefined && this.#now() - this.#fullSince > holdMaxMs;
		if (lines.length > 0 || skipped > 0) {
			this.#emit(lines, skipped);
		}

		const waiting = [...this.#waiting];
		this.#waiting.clear();
		for (const resume of waiting) {
			resume();
		}
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#waiting.clear();
	}

	#arm(): void {
		this.#timer ??= setTimeout(() => {
			this.flush();
		}, interval);
	}
}

/** ms of work in one turn of the event loop. */
const turn = 4;

const waiting: (() => void)[] = [];

let isPlanned = false;

/** Runs queued work in order, in this turn or a later one. */
export function runCooperatively(work: () => void): void {
	waiting.push(work);
	plan();
}

function plan(): void {
	if (!isPlanned && waiting.length > 0) {
		isPlanned = true;
		setImmediate(take);
	}
}

function take(): void {
	isPlanned = false;
	const end = performance.now() + turn;
	try {
		do {
			waiting.shift()?.();
		} while (waiting.length > 0 && performance.now() < end);
	} finally {
		plan();
	}
}

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

			take(Buffer.concat(this.#kept).toString(), this.#bytes + 1, this.#bytes > this.#lineMaxBytes);
			this.#kept = [];
			this.#keptBytes = 0;
			this.#bytes = 0;
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
