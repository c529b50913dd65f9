/** Shrinks a list that fails in the same way, by leaving out halves and smaller parts, within a budget. */

/** Tries for one failure; their total time is limited, too. */
const triesMax = 400;
const shrinkMaxMs = 3000;

export function shrink<T>(whole: readonly T[], fails: (part: readonly T[]) => boolean): readonly T[] {
	const end = performance.now() + shrinkMaxMs;
	let least = whole;
	let tries = 0;
	for (let size = Math.ceil(least.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let at = 0; at < least.length; ) {
			if (++tries > triesMax || performance.now() > end) {
				return least;
			}

			const part = [...least.slice(0, at), ...least.slice(at + size)];
			if (fails(part)) {
				least = part;
			} else {
				at += size;
			}
		}
	}

	return least;
}
