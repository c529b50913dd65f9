/** Where the program may be unpacked: only where nobody but this user and root can change what will run. */
import fs from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import {errorCode} from '../../../source/lib/faults.ts';
import {isSticky, user as known, strangerOf} from '../../../source/lib/owner.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Place = {
	/** For messages. */
	name: string;
	/**
	 * Makes the folder, if it is missing. @returns its path without links
	 * @throws Error with the reason why the place is not used
	 */
	prepare: () => string;
};

/** What runs from here may be read and written by this user alone. */
export const ownOnly = 0o700;

export const user = known ?? -1;

/**
 * The user's cache, then a folder of this user among the temporary files. Not `XDG_RUNTIME_DIR`: it is emptied when the
 * user logs out, under a console that runs on in tmux.
 * @param shared folders of temporary files, after `TMPDIR`
 */
export function placesFor(environment: Environment, shared: readonly string[]): Place[] {
	const {XDG_CACHE_HOME: given, TMPDIR: own} = environment;
	const caches = given && path.isAbsolute(given) ? given : path.join(environment.HOME ?? homedir(), '.cache');
	const temporary = [...(own && path.isAbsolute(own) ? [path.resolve(own)] : []), ...shared];
	return [
		...(path.isAbsolute(caches)
			? [{name: path.join(caches, 'pgha-top'), prepare: () => prepareCache(caches)}]
			: []),
		...[...new Set(temporary)].map(folder => ({
			name: path.join(folder, `pgha-top-${user}`),
			prepare: () => prepareTemporary(folder),
		})),
	];
}

/** Does not make a home. */
function prepareCache(caches: string): string {
	const isMade = fs.existsSync(caches);
	const parent = checkParent(isMade ? caches : path.dirname(caches));
	const cache = path.join(parent, ...(isMade ? [] : [path.basename(caches)]), 'pgha-top');
	if (fs.lstatSync(cache, {throwIfNoEntry: false}) === undefined) {
		fs.mkdirSync(cache, {recursive: true, mode: ownOnly});
	}

	if (!isOwnFolder(cache)) {
		throw new Error('it is not a folder of this user');
	}

	closeFolder(cache);
	return cache;
}

/** One folder, under another name where another user has taken the first one. */
function prepareTemporary(temporary: string): string {
	const first = path.join(checkParent(temporary), `pgha-top-${user}`);
	const folder = makeFolder(first) ?? otherOwn(first) ?? fs.mkdtempSync(`${first}.`);
	closeFolder(folder);
	return folder;
}

/** Undefined if another user has taken the name. */
function makeFolder(folder: string): string | undefined {
	try {
		fs.mkdirSync(folder, {mode: ownOnly});
		return folder;
	} catch (error) {
		if (errorCode(error) !== 'EEXIST') {
			throw error;
		}

		return isOwnFolder(folder) ? folder : undefined;
	}
}

function otherOwn(first: string): string | undefined {
	return fs
		.readdirSync(path.dirname(first))
		.filter(name => name.startsWith(`${path.basename(first)}.`))
		.sort()
		.map(name => path.join(path.dirname(first), name))
		.find(isOwnFolder);
}

/**
 * As sshd checks the folders above authorized_keys: who can rename one of them decides what is in it.
 * @returns the path without links
 */
function checkParent(folder: string): string {
	const real = fs.realpathSync(folder);
	for (let at = real; ; at = path.dirname(at)) {
		const stat = fs.statSync(at);
		const stranger = strangerOf(stat);
		if (stranger === 'owner') {
			throw new Error(`${at} belongs to another user`);
		}

		// With the sticky bit, nobody renames what others own.
		if (stranger === 'writers' && !isSticky(stat)) {
			throw new Error(`others may write into ${at}`);
		}

		if (at === path.dirname(at)) {
			return real;
		}
	}
}

/** A folder, no link to one. */
function isOwnFolder(folder: string): boolean {
	const stat = fs.lstatSync(folder, {throwIfNoEntry: false});
	return stat?.isDirectory() === true && stat.uid === user;
}

/** The cache of compiled code may have made it before, with the user's umask. */
function closeFolder(folder: string): void {
	if ((fs.statSync(folder).mode & 0o077) !== 0) {
		fs.chmodSync(folder, ownOnly);
	}
}
