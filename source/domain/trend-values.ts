/** How trends store values: run-length encoded, and answers counted by latency class and minute. */

/** Number of repetitions, and the value. */
export type Run<T> = readonly [count: number, value: T | undefined];

/** The newest last: `[[118, 0], [2, 4096]]`. Undefined: not known; unknown values at the beginning are dropped. */
export type Runs<T> = readonly Run<T>[];

/** Appends a value `count` times; keeps the last `max` values. */
export function appendRun<T>(
	runs: Runs<T>,
	[count, value]: Run<T>,
	{max, isSame}: {max: number; isSame: (a: T, b: T) => boolean},
): Runs<T> {
	const last = runs.at(-1);
	const joins =
		last !== undefined &&
		(last[1] === undefined || value === undefined ? last[1] === value : isSame(last[1], value));
	const all: Run<T>[] = joins
		? [...runs.slice(0, -1), [last[0] + count, last[1]]]
		: [...runs, [count, value]];
	return withoutUnknownStart(lastOf(all, max));
}

function lastOf<T>(runs: readonly Run<T>[], max: number): Runs<T> {
	let over = runs.reduce((sum, [count]) => sum + count, 0) - max;
	let first = 0;
	while (over > 0 && over >= (runs[first]?.[0] ?? 0)) {
		over -= runs[first]?.[0] ?? over;
		first++;
	}

	return runs
		.slice(first)
		.map((run, index): Run<T> => (index === 0 && over > 0 ? [run[0] - over, run[1]] : run));
}

function withoutUnknownStart<T>(runs: Runs<T>): Runs<T> {
	return runs[0]?.[1] === undefined ? runs.slice(1) : runs;
}

/** The last `count` values, the newest last; undefined before the beginning. */
export function lastValues<T>(runs: Runs<T>, count: number): (T | undefined)[] {
	const values = new Array<T | undefined>(count).fill(undefined);
	let end = count;
	for (let index = runs.length - 1; index >= 0 && end > 0; index--) {
		const [times, value] = runs[index] ?? [end, undefined];
		const from = Math.max(0, end - times);
		values.fill(value, from, end);
		end = from;
	}

	return values;
}

/** Classes are 6 % wide on each side of their latency. */
const classesPerDecade = 20;

/** From 0.1 ms to 100 s. */
const classesRange = {min: -classesPerDecade, max: 5 * classesPerDecade};

/** Counts of one minute. `minute`: Unix time / 60 s; `counts`: sorted by `latencyClass`. */
export type Minute = {minute: number; counts: readonly (readonly [latencyClass: number, count: number])[]};

export function latencyClass(milliseconds: number): number {
	// Just below 1 ms it is -0, which a recording reads as 0.
	const exact = Math.round(classesPerDecade * Math.log10(Math.max(milliseconds, Number.MIN_VALUE))) || 0;
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
