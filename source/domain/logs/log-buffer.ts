/** The ring of log lines: ordered by time, bounded in lines and memory. */
export type Chunk = {lines: readonly LogLine[]; bytes: number};

export type LogBuffer = {
	/** No chunk is empty; lines are ordered within and across chunks. */
	chunks: readonly Chunk[];
	lines: number;
	bytes: number;
	/** Number of older lines that were dropped for newer ones. */
	gone: number;
};

export type LogBounds = {lines: number; bytes: number};

export const emptyLogBuffer: LogBuffer = {chunks: [], lines: 0, bytes: 0, gone: 0};

/** Lines in a new chunk; a chunk may grow to twice as many. */
const chunkSize = 512;

/** Inserts lines at their places; lines of the same order keep their sequence. */
export function insertLines(ring: LogBuffer, lines: readonly LogLine[], bounds: LogBounds): LogBuffer {
	if (lines.length === 0) {
		return ring;
	}

	const batch = isOrdered(lines) ? lines : lines.toSorted((a, b) => a.order - b.order);
	const {chunks} = ring;
	const [first, end] = chunkRange(chunks, batch);
	const merged = merge(
		chunks.slice(first, end).flatMap(chunk => chunk.lines),
		batch,
	);
	return cut(
		{
			chunks: [...chunks.slice(0, first), ...inChunks(merged), ...chunks.slice(end)],
			lines: ring.lines + batch.length,
			bytes: ring.bytes + batch.reduce((sum, line) => sum + bytesOf(line), 0),
			gone: ring.gone,
		},
		bounds,
	);
}

/** Index of the first chunk with a line after `order`; `chunks.length` without one. */
export function chunkAfter(chunks: readonly Chunk[], order: number): number {
	let [low, high] = [0, chunks.length];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((chunks[middle]?.lines.at(-1)?.order ?? 0) > order) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}

	return low;
}

/** Index of the first line after `order`. */
export function lineAfter(lines: readonly LogLine[], order: number): number {
	let [low, high] = [0, lines.length];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((lines[middle]?.order ?? 0) > order) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}

	return low;
}

/** The range of chunks that the batch overlaps; at the end, the last chunk if it is small. */
function chunkRange(chunks: readonly Chunk[], batch: readonly LogLine[]): [number, number] {
	const first = chunkAfter(chunks, batch[0]?.order ?? 0);
	if (first === chunks.length) {
		return [(chunks.at(-1)?.lines.length ?? chunkSize) < chunkSize ? first - 1 : first, first];
	}

	const last = batch.at(-1)?.order ?? 0;
	let end = first + 1;
	while (end < chunks.length && (chunks[end]?.lines[0]?.order ?? 0) <= last) {
		end++;
	}

	return [first, end];
}

/** Merges by order, and makes orders unique, so that an order identifies a line. */
function merge(a: readonly LogLine[], b: readonly LogLine[]): LogLine[] {
	const merged: LogLine[] = [];
	let [i, j] = [0, 0];
	let last = Number.NEGATIVE_INFINITY;
	while (i < a.length || j < b.length) {
		const [left, right] = [a[i], b[j]];
		let next: LogLine;
		if (left !== undefined && (right === undefined || left.order <= right.order)) {
			next = left;
			i++;
		} else {
			next = right as LogLine;
			j++;
		}

		if (next.order <= last) {
			next = {...next, order: last + tick};
		}

		last = next.order;
		merged.push(next);
	}

	return merged;
}

function inChunks(lines: readonly LogLine[]): Chunk[] {
	const count = Math.max(1, Math.round(lines.length / chunkSize));
	const size = Math.ceil(lines.length / count);
	return Array.from({length: Math.ceil(lines.length / size)}, (_, index) =>
		chunkOf(lines.slice(index * size, (index + 1) * size)),
	);
}

function chunkOf(lines: readonly LogLine[]): Chunk {
	return {lines, bytes: lines.reduce((sum, line) => sum + bytesOf(line), 0)};
}

/** Drops whole chunks, the oldest first; lines one by one from the last chunk. */
function cut(ring: LogBuffer, bounds: LogBounds): LogBuffer {
	let {lines, bytes} = ring;
	let first = 0;
	const over = () => lines > bounds.lines || bytes > bounds.bytes;
	while (over() && first < ring.chunks.length - 1) {
		const chunk = ring.chunks[first] as Chunk;
		lines -= chunk.lines.length;
		bytes -= chunk.bytes;
		first++;
	}

	let chunks = first === 0 ? ring.chunks : ring.chunks.slice(first);
	const [only] = chunks;
	if (over() && only !== undefined) {
		let skip = 0;
		while (over() && skip < only.lines.length) {
			bytes -= bytesOf(only.lines[skip] as LogLine);
			lines--;
			skip++;
		}

		chunks = skip < only.lines.length ? [chunkOf(only.lines.slice(skip))] : [];
	}

	return {chunks, lines, bytes, gone: ring.gone + ring.lines - lines};
}

/** Orders of the first and last line of a node: marks outside are not shown. */
export function extentOf(ring: LogBuffer): {first: number; last: number} {
	const known = extents.get(ring);
	if (known !== undefined) {
		return known;
	}

	const isLine = ({node}: LogLine) => node !== undefined;
	const first = ring.chunks.find(({lines}) => lines.some(isLine))?.lines.find(isLine);
	const last = ring.chunks.findLast(({lines}) => lines.some(isLine))?.lines.findLast(isLine);
	const extent = {
		first: first?.order ?? Number.POSITIVE_INFINITY,
		last: last?.order ?? Number.NEGATIVE_INFINITY,
	};
	extents.set(ring, extent);
	return extent;
}

const extents = new WeakMap<LogBuffer, {first: number; last: number}>();

function isOrdered(lines: readonly LogLine[]): boolean {
	for (let index = 1; index < lines.length; index++) {
		if ((lines[index] as LogLine).order < (lines[index - 1] as LogLine).order) {
			return false;
		}
	}

	return true;
}

export type LogLine = {
	/** Time by the node's own clock, µs since 1970. */
	at: number;
	/** Place among the lines of all nodes: `at`, corrected by a noticeable offset of the node's clock, µs. */
	order: number;
	/** Undefined for a mark: a timeline entry between the lines. The console's lines on a node's stream have the node. */
	node: string | undefined;
	service: string;
	/** syslog's level: 0 emergency, 3 error, 4 warning, 6 information, 7 debug. */
	level: number;
	/** The service's own name of the level. */
	word: string;
	/** Safe for a terminal except for tabs, which are displayed as spaces. */
	text: string;
	/** Where the message begins in `text`, after the process, user and database of the line's prefix; undefined: at 0. */
	messageAt?: number;
	/** Where it ends, before other fields of JSON or CSV; undefined: at the end. */
	messageEnd?: number;
	/** How many equal lines this one stands for; undefined: one. */
	times?: number;
	/** The process that wrote the line, if the line names it. */
	pid?: number;
	/** The line has no time: `at` is of the line before, or when it was read. */
	isTimeAssumed?: boolean;
};

/** Distance between the orders of two lines of one time, µs; larger than the precision of doubles at this magnitude. */
export const tick = 0.5;

/** The service name of the console's own lines. */
export const consoleService = 'pgha-top';

/** HAProxy's lines about requests for its statistics; most requests are from this console. */
export const statisticsService = 'haproxy-stats';

/** Level names by syslog's number. */
export const levelWords = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

export const levels = {crit: 2, err: 3, warning: 4, notice: 5, info: 6, debug: 7} as const;

/** Level names of PostgreSQL, Python's logging, zap and HAProxy. */
const words: ReadonlyMap<string, number> = new Map(
	Object.entries({
		PANIC: levels.crit,
		FATAL: levels.err,
		ERROR: levels.err,
		WARNING: levels.warning,
		NOTICE: levels.notice,
		LOG: levels.info,
		INFO: levels.info,
		DEBUG: levels.debug,
		CRITICAL: levels.crit,
		ALERT: 1,
		EMERG: 0,
		DPANIC: levels.crit,
		WARN: levels.warning,
	}),
);

/** The level of a service's name for it; DEBUG1 to DEBUG5 are PostgreSQL's. */
export function levelOf(word: string): number | undefined {
	const upper = word.toUpperCase();
	return words.get(upper.startsWith('DEBUG') ? 'DEBUG' : upper);
}

/** Approximate memory of a line besides its text, bytes. */
const overhead = 160;

export function bytesOf({text}: LogLine): number {
	return text.length + overhead;
}
