/** Finds and reads the members of a compressed file, or all of a plain one; also of a truncated file. */
import {readSync} from 'node:fs';
import {
	constants,
	createGunzip,
	createZstdDecompress,
	gunzipSync,
	type ZlibOptions,
	type ZstdOptions,
	zstdDecompressSync,
} from 'node:zlib';
import type {Compression} from '../schema.ts';

/** A part of the file that can be decompressed alone; `text`: the readable beginning of a damaged one. */
export type CompressedMember = {offset: number; length: number; text?: Buffer};

/** Bytes of text per member; pgha-top writes smaller ones, and a larger one would fill the memory. */
export const textMaxBytes = 256 * 1024 * 1024;
/** Compressed bytes may contain what looks like a beginning, but rarely: a member with more of these is damaged. */
const triesMax = 16;

/** The member is not read; reading a damaged file ends before it. */
export class TooLarge extends Error {
	constructor(maxBytes: number) {
		super(`a part of it holds more than ${maxBytes / 1024 / 1024} MiB`);
	}
}

const magics: Record<Exclude<Compression, 'none'>, Buffer> = {
	// The eight first bytes that Node.js writes: deflate, no flags, no time.
	gzip: Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]),
	zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
};

export function compressionOf(bytes: Buffer): Compression {
	return bytes.subarray(0, 2).equals(magics.gzip.subarray(0, 2))
		? 'gzip'
		: bytes.subarray(0, 4).equals(magics.zstd)
			? 'zstd'
			: 'none';
}

/** @throws TooLarge; Error if damaged or incomplete */
export function decode(bytes: Buffer, compression: Compression, maxBytes = textMaxBytes): Buffer {
	try {
		switch (compression) {
			case 'gzip': {
				return gunzipSync(bytes, {maxOutputLength: maxBytes});
			}

			case 'zstd': {
				return zstdFrames(bytes, maxBytes);
			}

			case 'none': {
				return bytes;
			}
		}
	} catch (error) {
		throw error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
			? new TooLarge(maxBytes)
			: error;
	}
}

function zstdFrames(bytes: Buffer, maxBytes: number): Buffer {
	const texts: Buffer[] = [];
	let left = maxBytes;
	for (let at = 0; at < bytes.length || texts.length === 0; ) {
		const {text, end} = zstdFrame(bytes.subarray(at), Math.max(1, left));
		texts.push(text);
		left -= text.length;
		at += end;
	}

	return texts.length === 1 && texts[0] !== undefined ? texts[0] : Buffer.concat(texts);
}

/** The readable beginning of the text. */
export async function decodeStart(
	bytes: Buffer,
	compression: Compression,
	maxBytes: number,
): Promise<Buffer> {
	if (compression === 'none') {
		return bytes;
	}

	const stream =
		compression === 'gzip'
			? createGunzip({finishFlush: constants.Z_SYNC_FLUSH} satisfies ZlibOptions)
			: createZstdDecompress({finishFlush: constants.ZSTD_e_flush} satisfies ZstdOptions);
	const read: Buffer[] = [];
	let left = maxBytes;
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	stream
		.on('data', (chunk: Buffer) => {
			read.push(chunk);
			left -= chunk.length;
			if (left < 0) {
				stream.destroy();
				reject(new TooLarge(maxBytes));
			}
		})
		.once('end', resolve)
		// The text before the damage has been collected.
		.once('error', () => {
			resolve();
		});
	stream.end(bytes);
	await promise;
	return Buffer.concat(read);
}

/** Offsets, in order, at which a member may begin; compressed bytes can look like a beginning, too. */
export function* beginnings(bytes: Buffer, compression: Compression): Generator<number> {
	if (compression === 'none') {
		yield 0;
		return;
	}

	const magic = compression === 'gzip' ? magics.gzip : magics.zstd;
	for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) {
		yield at;
	}
}

export type Decoded = CompressedMember & {text: Buffer};

/** Yields the members in order; returns the offset of the first damaged or incomplete one. */
export function* members(
	bytes: Buffer,
	compression: Compression,
	maxBytes: number,
): Generator<Decoded, number> {
	const starts = [...beginnings(bytes, compression), bytes.length];
	let [from, to] = [0, 1];
	while (to < starts.length) {
		const [offset, end] = [starts[from] ?? 0, starts[to] ?? 0];
		const text = attempt(() => decode(bytes.subarray(offset, end), compression, maxBytes));
		// What looks like a beginning may be part of this member: then the next one is tried as its end.
		if (text !== undefined) {
			yield {offset, length: end - offset, text};
			from = to;
		} else if (to - from >= triesMax) {
			return offset;
		}

		to++;
	}

	return starts[from] ?? 0;
}

function zstdFrame(bytes: Buffer, maxBytes: number): {text: Buffer; end: number} {
	// With `info` Node.js reports the number of bytes that it read; its types lack that.
	const {buffer, engine} = zstdDecompressSync(bytes, {
		info: true,
		maxOutputLength: maxBytes,
	} as ZstdOptions) as unknown as {
		buffer: Buffer;
		engine: {bytesWritten: number};
	};
	return {text: buffer, end: engine.bytesWritten};
}

function attempt<T>(make: () => T): T | undefined {
	try {
		return make();
	} catch (error) {
		if (error instanceof TooLarge) {
			throw error;
		}

		// Damaged or truncated: the caller tries the next beginning.
		return undefined;
	}
}

/** Reads up to `length` bytes, fewer at the file's end. */
export function readAt(fd: number, offset: number, length: number): Buffer {
	const bytes = Buffer.alloc(length);
	let read = 0;
	while (read < length) {
		const more = readSync(fd, bytes, read, length - read, offset + read);
		if (more === 0) {
			break;
		}

		read += more;
	}

	return bytes.subarray(0, read);
}
