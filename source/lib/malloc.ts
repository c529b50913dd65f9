/**
 * How glibc's malloc keeps little that is free: one arena for all threads; blocks from 16 kB on, as V8 takes them to compile and to
 * collect, have pages of their own, which go back at once. Without the first, 9 MB more in an idle console, without the others 16 MB;
 * CPU time and the time of a start are the same within what they vary. What is set already stays.
 */
const settings = [
	['MALLOC_ARENA_MAX', 1],
	['MALLOC_MMAP_THRESHOLD_', 16_384],
	['MALLOC_TRIM_THRESHOLD_', 65_536],
] as const;

/** A command of sh. */
export const exportMalloc = `export ${settings.map(([name, value]) => `${name}="\${${name}-${value}}"`).join(' ')}`;
