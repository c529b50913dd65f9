/** Counts answers by latency class and minute, for percentiles. */

/** Classes are 6 % wide on each side of their latency. */
const classesPerDecade = 20;
/** From 0.1 ms to 100 s. */
const classesRange = {min: -classesPerDecade, max: 5 * classesPerDecade};

/** Counts of one minute. `minute`: Unix time / 60 s; `counts`: sorted by `latencyClass`. */
export type Minute = {minute: number; counts: readonly (readonly [latencyClass: number, count: number])[]};

export function latencyClass(milliseconds: number): number {
	const exact = Math.round(classesPerDecade * Math.log10(Math.max(milliseconds, Number.MIN_VALUE)));
	return Math.min(classesRange.max, Math.max(classesRange.min, exact));
}

/** The middle of a class, in ms. */
function latencyOf(latencyClass: number): number {
	return 10 ** (latencyClass / classesPerDecade);
}

/** @param classes of answers within one minute, which is not before the last counted one */
export function countAnswers(
	before: readonly Minute[],
	classes: readonly number[],
	{minute, oldest}: {minute: number; oldest: number},
): readonly Minute[] {
	const kept = before.filter(one => one.minute >= oldest);
	if (classes.length === 0 || minute < oldest) {
		return kept;
	}

	const last = kept.at(-1);
	const counts = new Map(last?.minute === minute ? last.counts : []);
	for (const one of classes) {
		counts.set(one, (counts.get(one) ?? 0) + 1);
	}

	const counted: Minute = {minute, counts: [...counts].sort(([a], [b]) => a - b)};
	return last?.minute === minute ? kept.with(-1, counted) : [...kept, counted];
}

/** The latency that this share of the answers did not exceed, ms; undefined without answers. */
export function percentile(minutes: readonly Minute[], share: number): number | undefined {
	const counts = minutes.flatMap(one => one.counts);
	let rank = Math.ceil(share * counts.reduce((sum, [, count]) => sum + count, 0));
	for (const [latencyClass, count] of counts.toSorted(([a], [b]) => a - b)) {
		rank -= count;
		if (rank <= 0) {
			return latencyOf(latencyClass);
		}
	}

	return undefined;
}
