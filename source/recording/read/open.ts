/** Opens a recording by its index, so that a long one opens at once; without one, by scanning it. */

import {closeSync, fstatSync, openSync} from 'node:fs';
import {errnoWords} from '../../lib/faults.ts';
import type {Compression, IndexLine} from '../schema.ts';
import {RecordingError} from '../schema.ts';
import {beginnings, compressionOf, decode, readAt, TooLarge, textMaxBytes} from './compressed-members.ts';
import {headerOf, indexOf, isIndex} from './lines.ts';
import {Recording} from './reader.ts';
import {type Place, scan} from './scan.ts';

/** Bytes of the compressed index. */
const tailMaxBytes = 8 * 1024 * 1024;
/** Bytes of the index's text. */
const indexMaxBytes = 64 * 1024 * 1024;
/** Bytes of a file that must be scanned. */
const fileMaxBytes = 1024 * 1024 * 1024;
/** Compressed bytes may contain what looks like a beginning; an index contains few of these. */
const triesMax = 16;

/**
 * @param maxBytes of the text of one part of the file
 * @throws RecordingError that names the file, and the line if there is one
 */
export async function openRecording(file: string, maxBytes = textMaxBytes): Promise<Recording> {
	let fd: number;
	try {
		fd = openSync(file, 'r');
	} catch (error) {
		throw new RecordingError(`${file}: ${errnoWords(error)}`);
	}

	try {
		return await recordingOf(file, fd, maxBytes);
	} catch (error) {
		closeSync(fd);
		const why = error instanceof TooLarge ? error.message : errnoWords(error);
		throw error instanceof RecordingError ? error : new RecordingError(`${file}: ${why}`);
	}
}

async function recordingOf(file: string, fd: number, maxBytes: number): Promise<Recording> {
	const {size} = fstatSync(fd);
	const compression = compressionOf(readAt(fd, 0, Math.min(size, 4)));
	const end = indexAt(fd, size, compression);
	const parts = end && recordingByIndex(fd, compression, end);
	if (parts !== undefined) {
		return new Recording({file, fd, compression, ...parts});
	}

	if (size > fileMaxBytes) {
		throw new RecordingError(
			`${file}: larger than ${fileMaxBytes / 1024 / 1024} MiB, and has no index to read it by`,
		);
	}

	const scanned = await scan(file, readAt(fd, 0, size), compression, maxBytes);
	return new Recording({file, fd, compression, ...scanned});
}

type End = {offset: number; index: IndexLine['index']};

/** The index at the file's end, if there is one. */
function indexAt(fd: number, size: number, compression: Compression): End | undefined {
	const length = Math.min(size, tailMaxBytes);
	const tail = readAt(fd, size - length, length);
	const starts =
		compression === 'none'
			? [tail.lastIndexOf(0x0a, -2) + 1]
			: [...beginnings(tail, compression)].slice(-triesMax).reverse();
	for (const start of starts) {
		try {
			const text = decode(tail.subarray(start), compression, indexMaxBytes).toString();
			const index = isIndex(text) && text.endsWith('\n') ? indexOf(text) : undefined;
			if (index !== undefined) {
				return {offset: size - length + start, index};
			}
		} catch {
			// Not the index: the file is scanned instead.
		}
	}

	return undefined;
}

/** Undefined if the index does not match the file, which was compressed again since. */
function recordingByIndex(fd: number, compression: Compression, {offset: end, index}: End) {
	const {segments, events, endedAt} = index;
	const first = segments[0]?.offset ?? end;
	if (
		segments.some(({offset}, number) => offset < first || offset >= (segments[number + 1]?.offset ?? end))
	) {
		return undefined;
	}

	try {
		const header = headerOf(decode(readAt(fd, 0, first), compression).toString());
		const places = segments.map(({at, line, offset, events: before}, number): Place => {
			const next = segments[number + 1];
			const length = (next?.offset ?? end) - offset;
			const block = {offset, length};
			return {
				at,
				line,
				events: before,
				count: (next?.events ?? events) - before,
				block,
				from: 0,
				to: Infinity,
			};
		});
		return {header, places, endedAt, index};
	} catch {
		// The scan of the file reports the problem of the header, and its place.
		return undefined;
	}
}
