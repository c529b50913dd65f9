/** Unpacks the program out of the single executable: once for each user and build. */
import {hash, randomUUID} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {deserialize} from 'node:v8';
import {zstdDecompressSync} from 'node:zlib';
import {errnoWords, isFault} from '../../../source/lib/faults.ts';
import {readFileBytes} from '../../../source/lib/files.ts';
import {clean, remove} from './clean.ts';
import {type Environment, ownOnly, placesFor, user} from './places.ts';

/** Paths within the program's folder, with `/`. */
export type Packed = ReadonlyArray<readonly [file: string, content: Uint8Array]>;

export type Program = {
	/** Identifies its content: each build has its own. */
	id: string;
	/** Each file with its SHA-256, in hexadecimal. */
	digests: Readonly<Record<string, string>>;
	/** Serialized `Packed`, compressed with Zstandard. */
	read: () => Uint8Array;
};

export type Unpacked = {
	folder: string;
	/** Of the folder: while it is open, no other start removes it. */
	descriptor: number;
};

const temporaryFolders = ['/tmp', '/var/tmp'];

/** @throws Error with the reason of each place, if none can be used */
export function unpack(
	program: Program,
	environment: Environment = process.env,
	shared: readonly string[] = temporaryFolders,
): Unpacked {
	const problems: string[] = [];
	for (const {name, prepare} of placesFor(environment, shared)) {
		try {
			const base = prepare();
			clean(base, program.id);
			return unpackInto(base, program);
		} catch (error) {
			if (isFault(error)) {
				throw error;
			}

			problems.push(`${name}: ${errnoWords(error)}`);
		}
	}

	throw new Error(problems.join('; '));
}

/** Cleaners of temporary files, such as systemd-tmpfiles, remove what has an old time. */
export function touch(folder: string, {digests}: Program): void {
	const now = new Date();
	for (const file of ['.', ...Object.keys(digests)]) {
		try {
			fs.utimesSync(path.join(folder, file), now, now);
		} catch {
			// Where nothing can be written, nothing cleans either.
		}
	}
}

/** Into a folder of its own, which gets its name when it is complete. */
function unpackInto(base: string, program: Program): Unpacked {
	const folder = path.join(base, `app-${program.id}`);
	const known = openComplete(folder, program);
	if (known !== undefined) {
		return known;
	}

	const partial = partialIn(base);
	fs.mkdirSync(partial, {mode: ownOnly});
	const descriptor = openFolder(partial);
	let isPlaced = false;
	try {
		write(partial, program);
		const theirs = openComplete(folder, program);
		if (theirs !== undefined) {
			return theirs;
		}

		const damaged = moveAway(folder);
		fs.renameSync(partial, folder);
		isPlaced = true;
		remove(damaged);
		return {folder, descriptor};
	} catch (error) {
		// Another start may have unpacked it meanwhile.
		const theirs = openComplete(folder, program);
		if (theirs === undefined) {
			throw error;
		}

		return theirs;
	} finally {
		if (!isPlaced) {
			fs.closeSync(descriptor);
			remove(partial);
		}
	}
}

function partialIn(base: string): string {
	return path.join(base, `partial-${randomUUID()}`);
}

/** @returns its new name, which is cleaned later if this start is killed now */
function moveAway(folder: string): string {
	const away = partialIn(path.dirname(folder));
	if (fs.lstatSync(folder, {throwIfNoEntry: false}) !== undefined) {
		fs.renameSync(folder, away);
	}

	return away;
}

/** Opened before it is checked: from then on no other start removes it. */
function openComplete(folder: string, program: Program): Unpacked | undefined {
	// A link, or a mode that keeps its own user out, is replaced.
	if (!isFolder(folder) || (fs.statSync(folder).mode & 0o777) !== ownOnly) {
		return undefined;
	}

	const descriptor = openFolder(folder);
	touch(folder, program);
	if (isComplete(folder, program)) {
		return {folder, descriptor};
	}

	fs.closeSync(descriptor);
	return undefined;
}

function openFolder(folder: string): number {
	return fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
}

/** A cleaner may have removed some of it; the power may have failed before the content was on the disk. */
function isComplete(folder: string, {digests}: Program): boolean {
	const files = Object.entries(digests);
	const folders = new Set(files.flatMap(([file]) => foldersAbove(file)));
	return (
		[...folders].every(below => isFolder(path.join(folder, below))) &&
		files.every(([file, digest]) => hasDigest(path.join(folder, file), digest))
	);
}

function foldersAbove(file: string): string[] {
	const parent = path.dirname(file);
	return parent === '.' ? [] : [...foldersAbove(parent), parent];
}

function isFolder(folder: string): boolean {
	const stat = fs.lstatSync(folder, {throwIfNoEntry: false});
	return stat?.isDirectory() === true && isOwn(stat);
}

function isOwn({uid, mode}: fs.Stats): boolean {
	return uid === user && (mode & 0o022) === 0;
}

/** False, too, if it cannot be read: it is unpacked again then. */
function hasDigest(file: string, digest: string): boolean {
	const stat = fs.lstatSync(file, {throwIfNoEntry: false});
	try {
		return stat?.isFile() === true && isOwn(stat) && hash('sha256', readFileBytes(file)) === digest;
	} catch {
		return false;
	}
}

function write(folder: string, program: Program): void {
	const files: Packed = deserialize(zstdDecompressSync(program.read()));
	for (const [file, content] of files) {
		const place = path.join(folder, file);
		fs.mkdirSync(path.dirname(place), {recursive: true, mode: ownOnly});
		fs.writeFileSync(place, content, {mode: 0o600});
	}
}
