/**
 * Reads small files that the operator names: never blocks on a pipe or device, limits the size, decodes strict UTF-8.
 * The user's folders, by the XDG base directory specification.
 */
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import {errnoWords, errorCode, isMissing} from './faults.ts';

/** Bytes; files of settings, keys or certificates are far smaller. */
export const fileMaxBytes = 16 * 1024 * 1024;

/** The file exists but cannot be read; the message has the reason. */
export class UnreadableFile extends Error {
	override name = 'UnreadableFile';
}

/** The reason why a file cannot be opened, and whether it is missing; undefined if it can. Does not read it. */
export function findUnreadable(file: string): {why: string; isMissing: boolean} | undefined {
	try {
		closeSync(openFile(file).descriptor);
		return undefined;
	} catch (error) {
		return {why: errnoWords(error), isMissing: isMissing(error)};
	}
}

/** @throws UnreadableFile, or a system error; `errnoWords` formats both */
export function readFileBytes(file: string, maxBytes = fileMaxBytes): Buffer {
	const {descriptor, size} = openFile(file, maxBytes);
	try {
		// Files in /proc have a size of 0, and a file may grow during the read.
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

/** Decodes UTF-8 and removes a byte order mark. @throws like `readFileBytes`, and for invalid UTF-8 */
export function readFileText(file: string, maxBytes = fileMaxBytes): string {
	return textIn(readFileBytes(file, maxBytes));
}

function textIn(bytes: Buffer): string {
	try {
		return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
	} catch {
		const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
		throw new UnreadableFile(isUtf16 ? 'it is UTF-16: save it as UTF-8' : 'it is not UTF-8 text');
	}
}

/** A pipe from the shell (`-c <(pass show …)`), under the names that shells use. */
const shellPipe = /^\/(?:dev\/fd|proc\/self\/fd)\/\d{1,9}$|^\/dev\/stdin$/;
const pipeMaxMs = 5000;
const pipePollMs = 10;

/** Like `readFileText`, but also accepts a pipe from the shell, which can be read once. */
export function readFileOrPipe(
	file: string,
	{maxMs = pipeMaxMs, maxBytes = fileMaxBytes}: {maxMs?: number; maxBytes?: number} = {},
): string {
	if (!shellPipe.test(file)) {
		return readFileText(file, maxBytes);
	}

	// Opened again, since a read would move the offset of the shared descriptor.
	const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	try {
		return fstatSync(descriptor).isFIFO()
			? textIn(readPipe(descriptor, maxMs, maxBytes))
			: readFileText(file, maxBytes);
	} finally {
		closeSync(descriptor);
	}
}

/** Synchronous, since it runs before the event loop. */
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

/** Undefined while there is no data. */
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

/** O_NONBLOCK: without it, opening a pipe without a writer blocks forever. */
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

type Environment = Readonly<Record<string, string | undefined>>;

export function homeFolder(environment: Environment = process.env): string {
	return environment.HOME || homedir();
}

/** `$XDG_CONFIG_HOME`, by default `~/.config`, as patronictl finds it. */
export function configFolder(environment: Environment = process.env): string {
	return environment.XDG_CONFIG_HOME || path.join(homeFolder(environment), '.config');
}

/** `$XDG_STATE_HOME/pgha-top`, by default below `~/.local/state`: audit log, recordings, drills, saved logs. */
export function stateFolder(environment: Environment = process.env): string {
	const state = environment.XDG_STATE_HOME;
	const base =
		state !== undefined && path.isAbsolute(state)
			? state
			: path.join(homeFolder(environment), '.local', 'state');
	return path.join(base, 'pgha-top');
}

/** Expands `~` and `~/…`; other paths are unchanged. */
export function expandHome(file: string): string {
	return file === '~' || file.startsWith('~/') ? path.join(homedir(), file.slice(1)) : file;
}
