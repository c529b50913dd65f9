/** How glibc's malloc keeps little that is free: it reads this from its environment, which what starts Node.js must set. */

/**
 * One arena for all threads; blocks from 8 kB on, as V8 takes them to compile and to collect, have pages of their own, which go back
 * at once. Without the first, 9 MB more in an idle console, without the others 24 MB, 8 of them if only blocks from 16 kB on. A start
 * takes some 20 ms more for it.
 */
const settings = [
	['MALLOC_ARENA_MAX', '1'],
	['MALLOC_MMAP_THRESHOLD_', '8192'],
	['MALLOC_TRIM_THRESHOLD_', '65536'],
] as const;

/** A command of sh, which leaves what is set already. */
export const exportMalloc = `export ${settings.map(([name, value]) => `${name}="\${${name}-${value}}"`).join(' ')}`;

/** For this program alone: not for the editor, ssh and the commands that it starts. */
export function dropMalloc(environment: NodeJS.ProcessEnv): void {
	for (const [name, value] of settings) {
		if (environment[name] === value) {
			delete environment[name];
		}
	}
}
