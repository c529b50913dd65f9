/** Removes what starts that were killed have left half-written, and builds that are no longer used. */
import fs from 'node:fs';
import path from 'node:path';

/** Only what is older is removed: a start may not have opened its folder yet, ms. */
const partialKeptMs = 10_000;

/**
 * Since the last sign of use: a console that runs gives one each day (`touch`), also one of another machine that shares
 * this home, whose open files are not seen here.
 */
const buildKeptMs = 7 * 24 * 3600 * 1000;

export function clean(base: string, id: string): void {
	const old = fs.readdirSync(base).filter(name => name !== `app-${id}` && isOld(path.join(base, name)));
	if (old.length === 0) {
		return;
	}

	const open = openFolders();
	for (const folder of old.map(name => path.join(base, name))) {
		// Looked at again: it may have been used meanwhile.
		const isUsed = open === undefined ? !isOld(folder, buildKeptMs) : open.has(folder) || !isOld(folder);
		if (!isUsed) {
			remove(folder);
		}
	}
}

function isOld(folder: string, keptMs = keptFor(path.basename(folder))): boolean {
	const {mtimeMs} = fs.lstatSync(folder, {throwIfNoEntry: false}) ?? {};
	return mtimeMs !== undefined && Date.now() - mtimeMs > keptMs;
}

function keptFor(name: string): number {
	return name.startsWith('partial-')
		? partialKeptMs
		: name.startsWith('app-')
			? buildKeptMs
			: Number.POSITIVE_INFINITY;
}

/** Paths that processes of this user have open; undefined without /proc. */
function openFolders(): ReadonlySet<string> | undefined {
	const processes = namesIn('/proc').filter(name => /^\d+$/.test(name));
	return processes.length === 0
		? undefined
		: new Set(
				processes.flatMap(pid => {
					const descriptors = `/proc/${pid}/fd`;
					return namesIn(descriptors).map(name => linkAt(path.join(descriptors, name)));
				}),
			);
}

/** None of a process of another user, or that has ended meanwhile. */
function namesIn(folder: string): string[] {
	try {
		return fs.readdirSync(folder);
	} catch {
		return [];
	}
}

function linkAt(file: string): string {
	try {
		return fs.readlinkSync(file);
	} catch {
		return '';
	}
}

export function remove(folder: string): void {
	try {
		fs.rmSync(folder, {recursive: true, force: true});
	} catch {
		// What cannot be written, or is removed by another start, too: the next start tries again.
	}
}
