/** Reads small files that the operator names: no pipe or device that waits, a limit of size, whole UTF-8 characters. */
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';
import {errnoWords, errorCode, isMissing} from './faults.ts';

/** A file of settings, keys or certificates is far smaller. */
export const fileMaxBytes = 16 * 1024 * 1024;

/** The file exists and cannot be read; the message says why. */
export class UnreadableFile extends Error {
	override name = 'UnreadableFile';
}

/** Why it cannot be read, and whether it is just not there; undefined where it can. It is not read. */
export function findUnreadable(file: string): {why: string; isMissing: boolean} | undefined {
	try {
		closeSync(openFile(file).descriptor);
		return undefined;
	} catch (error) {
		return {why: errnoWords(error), isMissing: isMissing(error)};
	}
}

/** @throws UnreadableFile, or what Node.js throws; `errnoWords` has the words for both. */
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
	return textIn(readFileBytes(file, maxBytes));
}

function textIn(bytes: Buffer): string {
	try {
		return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
	} catch {
		throw new UnreadableFile('it is not UTF-8 text');
	}
}

/** A pipe that a shell made for us (`-c <(pass show …)`), under the names that shells give it. */
const shellPipe = /^\/(?:dev\/fd|proc\/self\/fd)\/\d{1,9}$|^\/dev\/stdin$/;
const pipeMaxMs = 5000;
const pipePollMs = 10;

/** As `readFileText`, and out of a pipe of the shell, which can be read once. */
export function readFileOrPipe(
	file: string,
	{maxMs = pipeMaxMs, maxBytes = fileMaxBytes}: {maxMs?: number; maxBytes?: number} = {},
): string {
	if (!shellPipe.test(file)) {
		return readFileText(file, maxBytes);
	}

	// Opened again, so that the shared descriptor keeps its place.
	const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	try {
		return fstatSync(descriptor).isFIFO()
			? textIn(readPipe(descriptor, maxMs, maxBytes))
			: readFileText(file, maxBytes);
	} finally {
		closeSync(descriptor);
	}
}

/** Before anything else runs: there is no event loop to wait in. */
function readPipe(descriptor: number, maxMs: number, maxBytes: number): Buffer {
	const end = performance.now() + maxMs;
	const wait = new Int32Array(new SharedArrayBuffer(4));
	const chunks: Buffer[] = [];
	let length = 0;
	for (;;) {
		const chunk = Buffer.alloc(64 * 1024);
		const read = readNow(descriptor, chunk);
		if (read === 0) {
			return Buffer.concat(chunks, length);
		}

		if (performance.now() > end) {
			throw new UnreadableFile(`its writer did not end within ${maxMs / 1000} s`);
		}

		if (read === undefined) {
			Atomics.wait(wait, 0, 0, pipePollMs);
			continue;
		}

		length += read;
		if (length > maxBytes) {
			throw tooLarge(maxBytes);
		}

		chunks.push(chunk.subarray(0, read));
	}
}

/** undefined while nothing is there. */
function readNow(descriptor: number, chunk: Buffer): number | undefined {
	try {
		return readSync(descriptor, chunk);
	} catch (error) {
		if (errorCode(error) === 'EAGAIN') {
			return undefined;
		}

		throw error;
	}
}

/** `O_NONBLOCK`: opening a pipe without a writer would wait for ever. */
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
