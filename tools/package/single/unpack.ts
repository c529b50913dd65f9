/** Unpacks the program out of the single executable: once for each user, into the user's cache. */
import fs from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import path from 'node:path';
import {deserialize} from 'node:v8';
import {zstdDecompressSync} from 'node:zlib';

/** Paths within the program's folder, with `/`. */
export type Packed = ReadonlyArray<readonly [file: string, content: Uint8Array]>;

export type Program = {
	/** Identifies its content: each build has its own. */
	id: string;
	/** Each file with its size in bytes. */
	sizes: Readonly<Record<string, number>>;
	/** Serialized `Packed`, compressed with Zstandard. */
	read: () => Uint8Array;
};

export type Unpacked = {
	folder: string;
	/** The cache cannot be used: the folder is for this run alone, and must be removed at its end. */
	isTemporary: boolean;
};

/** What runs from here may be read and written by this user alone. */
const ownOnly = 0o700;

/** @throws Error of the system if neither the cache nor the folder of temporary files can be written */
export function unpack(program: Program, env: NodeJS.ProcessEnv = process.env): Unpacked {
	const cache = ownCache(env);
	if (cache !== undefined) {
		const folder = path.join(cache, `app-${program.id}`);
		if (isComplete(folder, program) || unpackInto(cache, folder, program)) {
			return {folder, isTemporary: false};
		}
	}

	const folder = fs.mkdtempSync(path.join(tmpdir(), 'pgha-top-'));
	write(folder, program);
	return {folder, isTemporary: true};
}

/** The cache's folder, made if its parent is this user's; undefined if another user could write there, or this one cannot. */
function ownCache({XDG_CACHE_HOME: caches}: NodeJS.ProcessEnv): string | undefined {
	const home = homedir();
	const parent = caches && path.isAbsolute(caches) ? caches : path.join(home, '.cache');
	if (!path.isAbsolute(parent) || !isSafeParent(fs.existsSync(parent) ? parent : path.dirname(parent))) {
		return undefined;
	}

	const cache = path.join(parent, 'pgha-top');
	try {
		fs.mkdirSync(cache, {recursive: true, mode: ownOnly});
		if (!isOwn(cache)) {
			return undefined;
		}

		// The cache of compiled code may have made it before, with the user's umask.
		fs.chmodSync(cache, ownOnly);
		return cache;
	} catch {
		return undefined;
	}
}

/** With sudo the home may still be the one of the user who called it; in /tmp only the sticky bit keeps others from renaming. */
function isSafeParent(folder: string): boolean {
	const stat = fs.statSync(folder, {throwIfNoEntry: false});
	return stat?.uid === process.getuid?.() && ((stat?.mode ?? 0) & 0o1002) !== 0o0002;
}

/** A folder, no link to one, that belongs to this user. */
function isOwn(folder: string): boolean {
	const stat = fs.lstatSync(folder, {throwIfNoEntry: false});
	return stat?.isDirectory() === true && stat.uid === process.getuid?.();
}

/** A cleaner of caches may have removed some of it; the disk may have been full. */
function isComplete(folder: string, {sizes}: Program): boolean {
	return (
		isOwn(folder) &&
		(fs.statSync(folder).mode & 0o777) === ownOnly &&
		Object.entries(sizes).every(
			([file, size]) => fs.statSync(path.join(folder, file), {throwIfNoEntry: false})?.size === size,
		)
	);
}

/** Into a folder of its own, which gets its name when it is complete. @returns whether the program is there */
function unpackInto(cache: string, folder: string, program: Program): boolean {
	let partial: string | undefined;
	try {
		partial = fs.mkdtempSync(path.join(cache, 'partial-'));
		write(partial, program);
		if (fs.existsSync(folder) && !isComplete(folder, program)) {
			fs.renameSync(folder, path.join(partial, 'incomplete'));
		}

		fs.renameSync(partial, folder);
		fs.rmSync(path.join(folder, 'incomplete'), {recursive: true, force: true});
		return true;
	} catch {
		if (partial !== undefined) {
			fs.rmSync(partial, {recursive: true, force: true});
		}

		// Another start may have unpacked it meanwhile.
		return isComplete(folder, program);
	}
}

function write(folder: string, program: Program): void {
	const files: Packed = deserialize(zstdDecompressSync(program.read()));
	for (const [file, content] of files) {
		const place = path.join(folder, file);
		fs.mkdirSync(path.dirname(place), {recursive: true});
		fs.writeFileSync(place, content);
	}
}
