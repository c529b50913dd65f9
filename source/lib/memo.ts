/** Keeps results by text: hosts of URLs, widths, traits of sources. */

/**
 * Calls the function once for each text, and again after `max` other ones: texts come from outside. The result must not be
 * changed.
 */
export function memoByText<K extends string, T>(compute: (text: K) => T, max: number): (text: K) => T {
	const known = new Map<K, T>();
	return text => {
		const before = known.get(text);
		if (before !== undefined || known.has(text)) {
			return before as T;
		}

		const value = compute(text);
		if (known.size >= max) {
			known.clear();
		}

		known.set(text, value);
		return value;
	};
}
