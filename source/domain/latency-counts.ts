/** How many answers had which latency: counted in classes, by the minute, for percentiles. */

/** Each latency is known to within 6 %. */
const classesPerDecade = 20;
/** 0.1 ms and 100 s. */
const classesRange = {least: -classesPerDecade, most: 5 * classesPerDecade};

/** `minute`: Unix time / 60 s; `counts`: answers by `latencyClass`, in order. */
export type Minute = {minute: number; counts: readonly (readonly [latencyClass: number, count: number])[]};

export function latencyClass(milliseconds: number): number {
	const exact = Math.round(classesPerDecade * Math.log10(Math.max(milliseconds, Number.MIN_VALUE)));
	return Math.min(classesRange.most, Math.max(classesRange.least, exact));
}

/** The middle of a class, ms. */
function latencyOf(latencyClass: number): number {
	return 10 ** (latencyClass / classesPerDecade);
}

/** @param classes of the answers of one minute, not earlier than those before */
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

/** The latency that this share of the answers did not exceed, ms; undefined without an answer. */
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
