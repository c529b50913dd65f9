/** Files of older builds stay for a while: a console that runs loads parts of its own build later. */
import {readdirSync, rmSync, statSync, utimesSync} from 'node:fs';
import path from 'node:path';
import type {Plugin} from 'rolldown';

/** ms after a newer build. */
const keptFor = 24 * 3600 * 1000;

/**
 * @param entry of the build
 * @param folder of its other files
 */
export function keepOlderChunks(entry: string, folder: string): Plugin {
	/** When the last build was written, Unix ms: its chunks are replaced by this one. */
	let builtAt = 0;
	return {
		name: 'chunks of older builds go after a day',
		buildStart() {
			builtAt = statSync(entry, {throwIfNoEntry: false})?.mtimeMs ?? 0;
		},
		writeBundle({dir = ''}, bundle) {
			const now = new Date();
			for (const name of readdirSync(folder)) {
				const file = path.join(folder, name);
				const {mtimeMs} = statSync(file);
				if (path.relative(dir, file) in bundle) {
					continue;
				}

				// Files of one build are written within moments.
				if (mtimeMs > builtAt - 60_000) {
					utimesSync(file, now, now);
				} else if (now.getTime() - mtimeMs > keptFor) {
					rmSync(file);
				}
			}
		},
	};
}
