/** Small files that the operator names, read without a surprise: never a pipe or device that waits, never more than fits, never half a character. */
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';

/** A file of settings, keys or certificates is far smaller. */
export const fileMaxBytes = 16 * 1024 * 1024;

/** The file is there, and is nothing that could be read; the message says why, in words. */
export class UnreadableFile extends Error {
	override name = 'UnreadableFile';
}

const words: Readonly<Record<string, string>> = {
	ENOENT: 'no such file',
	ENOTDIR: 'no such file',
	EACCES: 'permission denied',
	EPERM: 'permission denied',
	EISDIR: 'it is a directory',
	ELOOP: 'too many symbolic links',
	ENAMETOOLONG: 'the name is too long',
	ENXIO: 'it is not a regular file',
	ERR_INVALID_ARG_VALUE: 'the name has a NUL in it',
};

/** In words; Node's message would repeat the path and the system call. */
export function whyNotRead(error: unknown): string {
	if (error instanceof UnreadableFile) {
		return error.message;
	}

	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return words[code] ?? (code === '' ? 'unknown error' : code);
}

/** Why it cannot be read; undefined where it can. It is not read. */
export function whyUnreadable(file: string): string | undefined {
	try {
		closeSync(openFile(file).descriptor);
		return undefined;
	} catch (error) {
		return whyNotRead(error);
	}
}

/** @throws UnreadableFile, or what Node.js throws; `whyNotRead` has the words for both. */
export function readFileBytes(file: string, maxBytes = fileMaxBytes): Buffer {
	const {descriptor, size} = openFile(file, maxBytes);
	try {
		// Files in /proc and the like have a size of 0, and a file may grow while it is read.
		const chunks: Buffer[] = [];
		let length = 0;
		for (;;) {
			const chunk = Buffer.alloc(Math.min(Math.max(size - length, 4096) + 1, maxBytes + 1));
			const read = readSync(descriptor, chunk);
			if (read === 0) {
				return Buffer.concat(chunks, length);
			}

			length += read;
			if (length > maxBytes) {
				throw tooLarge(maxBytes);
			}

			chunks.push(chunk.subarray(0, read));
		}
	} finally {
		closeSync(descriptor);
	}
}

/** As UTF-8, without a byte order mark. @throws as `readFileBytes`, and for what is not UTF-8. */
export function readFileText(file: string, maxBytes = fileMaxBytes): string {
	const bytes = readFileBytes(file, maxBytes);
	try {
		return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
	} catch {
		throw new UnreadableFile('it is not UTF-8 text');
	}
}

/** `O_NONBLOCK`: to open a pipe that nobody writes to would wait for ever. */
function openFile(file: string, maxBytes = fileMaxBytes): {descriptor: number; size: number} {
	const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	const stats = fstatSync(descriptor);
	const problem = stats.isDirectory()
		? new UnreadableFile('it is a directory')
		: !stats.isFile()
			? new UnreadableFile('it is not a regular file')
			: stats.size > maxBytes
				? tooLarge(maxBytes)
				: undefined;
	if (problem !== undefined) {
		closeSync(descriptor);
		throw problem;
	}

	return {descriptor, size: stats.size};
}

function tooLarge(maxBytes: number): UnreadableFile {
	return new UnreadableFile(`it is larger than ${Math.floor(maxBytes / 1024 / 1024)} MiB`);
}
