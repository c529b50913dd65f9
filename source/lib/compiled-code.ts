/** The compiled code that Node.js keeps for the next start (`cacheCompiledCode` in source/main.ts). */
import {readdir, rm, rmdir, stat} from 'node:fs/promises';
import {getCompileCacheDir} from 'node:module';
import path from 'node:path';
import {errorCode} from './faults.ts';

/** ms. Each version of this program and of Node.js leaves some 2 MB, and nothing else removes them. Code in use is made again. */
const keptMs = 30 * 24 * 3600 * 1000;

/**
 * Removes what is older. What cannot be read or removed stays: another console may do the same now, and code is only kept to start
 * faster. Node.js' folder in use is one of several beside each other; in a folder of another name nothing is
 * removed. An empty folder may be in use: Node.js makes it at the start, and writes into it at the end.
 */
export async function forgetOldCode(inUse = getCompileCacheDir(), now = Date.now()): Promise<void> {
	const all = inUse === undefined ? '' : path.dirname(inUse);
	if (path.basename(all) !== 'pgha-top') {
		return;
	}

	for (const folder of await childrenOf(all, one => one.isDirectory() && /^v\d/.test(one.name))) {
		const isOld = async (one: string) => (await stat(one)).mtimeMs < now - keptMs;
		const isUnused = folder !== inUse && (await ifPossible(async () => isOld(folder))) === true;
		for (const file of await childrenOf(folder, one => one.isFile())) {
			await ifPossible(async () => {
				if (await isOld(file)) {
					await rm(file);
				}
			});
		}

		if (isUnused) {
			await ifPossible(async () => rmdir(folder));
		}
	}
}

async function childrenOf(
	folder: string,
	isWanted: (one: {name: string; isDirectory: () => boolean; isFile: () => boolean}) => boolean,
): Promise<string[]> {
	const children = (await ifPossible(async () => readdir(folder, {withFileTypes: true}))) ?? [];
	return children.filter(isWanted).map(({name}) => path.join(folder, name));
}

/** A system's error is no answer. */
async function ifPossible<T>(act: () => Promise<T>): Promise<T | undefined> {
	try {
		return await act();
	} catch (error) {
		if (errorCode(error) === undefined) {
			throw error;
		}

		return undefined;
	}
}
