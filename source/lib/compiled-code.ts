/** The compiled code that Node.js keeps for the next start (`cacheCompiledCode` in source/main.ts). */
import {readdir, rm, rmdir, stat} from 'node:fs/promises';
import {getCompileCacheDir} from 'node:module';
import path from 'node:path';
import {errorCode} from './faults.ts';

/** ms. Each version of this program and of Node.js leaves some 2 MB, and nothing else removes them. Code in use is made again. */
const keptMs = 30 * 24 * 3600 * 1000;

/** Removes what is older. Node.js' folder in use is one of several beside each other; in a folder of another name nothing is removed. */
export async function forgetOldCode(inUse = getCompileCacheDir(), now = Date.now()): Promise<void> {
	const all = inUse === undefined ? '' : path.dirname(inUse);
	if (path.basename(all) !== 'pgha-top') {
		return;
	}

	for (const folder of await childrenOf(all, one => one.isDirectory() && /^v\d/.test(one.name))) {
		for (const file of await childrenOf(folder, one => one.isFile())) {
			await unlessGone(async () => {
				if ((await stat(file)).mtimeMs < now - keptMs) {
					await rm(file);
				}
			});
		}

		await unlessGone(async () => rmdir(folder));
	}
}

async function childrenOf(
	folder: string,
	isWanted: (one: {name: string; isDirectory: () => boolean; isFile: () => boolean}) => boolean,
): Promise<string[]> {
	const children = (await unlessGone(async () => readdir(folder, {withFileTypes: true}))) ?? [];
	return children.filter(isWanted).map(({name}) => path.join(folder, name));
}

/** Another console may do the same now, or use the folder; and one that cannot be written stays as it is. */
const harmless: ReadonlySet<string | undefined> = new Set([
	'ENOENT',
	'ENOTEMPTY',
	'EEXIST',
	'EACCES',
	'EPERM',
	'EROFS',
]);

async function unlessGone<T>(act: () => Promise<T>): Promise<T | undefined> {
	try {
		return await act();
	} catch (error) {
		if (!harmless.has(errorCode(error))) {
			throw error;
		}

		return undefined;
	}
}
