/**
 * Faults (bugs) of this program: their texts; each is assigned to the source whose work threw, else ends the session.
 */
import {AsyncLocalStorage} from 'node:async_hooks';
import type {EventEmitter} from 'node:events';

/** @returns whether the source handles the fault: it still runs */
type Take = (error: unknown) => boolean;

const working = new AsyncLocalStorage<Take>();

/** Runs the work of one source: errors thrown in any callback that it starts go to `take`. */
export function runAsSource<T>(take: Take, work: () => T): T {
	return working.run(take, work);
}

/** Runs work outside the source that starts it. */
export function runOutsideSources<T>(work: () => T): T {
	return working.exit(work);
}

const last: ((error: unknown) => void)[] = [];

function caught(error: unknown): void {
	if (working.getStore()?.(error) !== true) {
		last.at(-1)?.(error);
	}
}

/**
 * @param end gets every fault that no source handles, instead of the previous handler. @returns a function that
 * restores the previous one
 */
export function catchFaults(end: (error: unknown) => void): () => void {
	if (last.length === 0) {
		process.on('uncaughtException', caught).on('unhandledRejection', caught);
	}

	last.push(end);
	return () => {
		last.splice(last.lastIndexOf(end), 1);
		if (last.length === 0) {
			process.off('uncaughtException', caught).off('unhandledRejection', caught);
		}
	};
}

/** Errors that no peer can cause; Node.js's own errors of these classes have a code. */
export function isFault(error: unknown): boolean {
	return (
		(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) &&
		!('code' in error)
	);
}

/** The message with the fault's file and line. */
export function faultWords(error: unknown): string {
	const [, file, line] =
		(error instanceof Error && /\n\s+at .*?((?:[^/\s(]+\/)?[^/\s(]+):(\d+):\d+\)?/.exec(error.stack ?? '')) ||
		[];
	const place = file === undefined ? '' : ` (${file}:${line})`;
	return `a fault of pgha-top, please report it: ${error instanceof Error ? error.message : String(error)}${place}`;
}

/**
 * Passes errors thrown by the emitter's listeners to `lose`, instead of ending the program.
 * @param onEvent gets each event before the listeners; its errors go to `lose`, too
 */
export function guardEmitter(
	emitter: EventEmitter,
	lose: (error: unknown) => void,
	onEvent: (event: string | symbol, first: unknown) => void = () => undefined,
): void {
	const emit = emitter.emit.bind(emitter);
	emitter.emit = (event: string | symbol, ...args: unknown[]) => {
		try {
			onEvent(event, args[0]);
			return emit(event, ...args);
		} catch (error) {
			lose(error);
			return true;
		}
	};
}

const words: Readonly<Record<string, string>> = {
	EACCES: 'permission denied',
	EDQUOT: 'the disk quota is used up',
	EEXIST: 'the file already exists; name another one',
	EIO: 'the disk fails (EIO)',
	EISDIR: 'it is a directory',
	ELOOP: 'too many symbolic links',
	ENAMETOOLONG: 'the name is too long',
	ENOENT: 'no such file',
	ENOSPC: 'no space is left on the disk',
	ENOTDIR: 'part of its path is not a folder',
	ENXIO: 'it is not a regular file',
	EPERM: 'permission denied',
	ERR_INVALID_ARG_VALUE: 'the name contains a NUL',
	EROFS: 'the file system is read-only',
};

/** `ENOENT`; undefined if not an error of the system or Node.js. */
export function errorCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Whether the error means that no such file or folder exists. */
export function isMissing(error: unknown): boolean {
	const code = errorCode(error);
	return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The text of a system error, without the path and system call of Node's message; other errors keep their message. */
export function errnoWords(error: unknown): string {
	const code = errorCode(error);
	return code === undefined
		? error instanceof Error
			? error.message
			: String(error)
		: (words[code] ?? code);
}
