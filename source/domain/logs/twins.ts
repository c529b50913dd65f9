/** Equal lines of HAProxy, which it writes both to its standard error and to syslog: one line that counts them. */
import type {Chunk, LogBuffer, LogLine} from './log-buffer.ts';

/** HAProxy writes a line to its standard error and to syslog: two equal lines within a moment, µs. */
const twinWithin = 1_000_000;

/** The lines without those that repeat an earlier one of HAProxy: that one counts them, with the worst level. */
export function foldTwins(
	ring: LogBuffer,
	lines: readonly LogLine[],
): {ring: LogBuffer; lines: readonly LogLine[]} {
	if (!lines.some(({service}) => service === twinService)) {
		return {ring, lines};
	}

	let {chunks} = ring;
	const kept: LogLine[] = [];
	for (const line of lines) {
		const isTwin = (other: LogLine) =>
			line.service === twinService &&
			other.service === twinService &&
			other.node === line.node &&
			other.text === line.text &&
			Math.abs(other.order - line.order) <= twinWithin;
		const index = kept.findLastIndex(isTwin);
		const known = kept[index];
		if (known !== undefined) {
			kept[index] = countTwin(known, line);
			continue;
		}

		const next = line.service === twinService ? withTwin(chunks, line, isTwin) : undefined;
		chunks = next ?? chunks;
		if (next === undefined) {
			kept.push(line);
		}
	}

	return {
		ring: chunks === ring.chunks ? ring : {...ring, chunks},
		lines: kept,
	};
}

const twinService = 'haproxy';

function countTwin(known: LogLine, line: LogLine): LogLine {
	const worst = line.level < known.level ? line : known;
	return {...known, level: worst.level, word: worst.word, times: (known.times ?? 1) + (line.times ?? 1)};
}

/** The chunks with the line counted by its twin; undefined without one. */
function withTwin(
	chunks: readonly Chunk[],
	line: LogLine,
	isTwin: (other: LogLine) => boolean,
): readonly Chunk[] | undefined {
	for (let index = chunks.length - 1; index >= 0; index--) {
		const chunk = chunks[index] as Chunk;
		if ((chunk.lines.at(-1)?.order ?? 0) < line.order - twinWithin) {
			return undefined;
		}

		const at = chunk.lines.findLastIndex(isTwin);
		const known = chunk.lines[at];
		if (known !== undefined) {
			return chunks.with(index, {...chunk, lines: chunk.lines.with(at, countTwin(known, line))});
		}
	}

	return undefined;
}
