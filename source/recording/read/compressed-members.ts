/** The members of a compressed file, or the whole of a plain one: where they are, and what they hold, also of a file cut short. */
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

/** Bytes of the file that hold text by themselves; `text`: what could be read of them, where they are not whole. */
export type CompressedMember = {offset: number; length: number; text?: Buffer};

/** Bytes of text in a member: more is none of ours, and would only fill the memory. */
export const textMaxBytes = 256 * 1024 * 1024;
/** Compressed bytes may look like a beginning once in a while: a member that holds more of them is damaged. */
const triesMax = 16;

/** It is not read at all: what is damaged is read up to there. */
export class TooLarge extends Error {
	constructor(maxBytes: number) {
		super(`a part of it holds more than ${maxBytes / 1024 / 1024} MiB`);
	}
}

const magics: Record<Exclude<Compression, 'none'>, Buffer> = {
	// Eight bytes: deflate, no flags, no time, as Node.js writes it.
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

/** @throws TooLarge; Error where it is damaged or not whole */
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

/** As much of it as can be read. */
export async function decodeStart(bytes: Buffer, compression: Compression): Promise<Buffer> {
	if (compression === 'none') {
		return bytes;
	}

	const stream =
		compression === 'gzip'
			? createGunzip({finishFlush: constants.Z_SYNC_FLUSH} satisfies ZlibOptions)
			: createZstdDecompress({finishFlush: constants.ZSTD_e_flush} satisfies ZstdOptions);
	const read: Buffer[] = [];
	let left = textMaxBytes;
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	stream
		.on('data', (chunk: Buffer) => {
			read.push(chunk);
			left -= chunk.length;
			if (left < 0) {
				stream.destroy();
				reject(new TooLarge(textMaxBytes));
			}
		})
		.once('end', resolve)
		// What came before the damage has been read.
		.once('error', () => {
			resolve();
		});
	stream.end(bytes);
	await promise;
	return Buffer.concat(read);
}

/** Places where a member may begin, in order; what looks like one may be none. */
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

/** The members one after the other; `rest` is where the first one begins that is damaged or not whole. */
export function* members(bytes: Buffer, compression: Compression): Generator<Decoded, number> {
	const starts = [...beginnings(bytes, compression), bytes.length];
	let [from, to] = [0, 1];
	while (to < starts.length) {
		const [offset, end] = [starts[from] ?? 0, starts[to] ?? 0];
		const text = attempt(() => decode(bytes.subarray(offset, end), compression));
		// Within compressed bytes there may be what looks like a beginning: then it takes the next one to be whole.
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
	// With `info`, Node.js reports how much it read; the types do not know of it.
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

		// Damaged, or cut: the caller looks further.
		return undefined;
	}
}

/** As many bytes as there are. */
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
