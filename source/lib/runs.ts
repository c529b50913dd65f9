/** Run-length encoded values, the newest last: `[[118, 0], [2, 4096]]`. Undefined: not known. */

/** Number of repetitions, and the value. */
export type Run<T> = readonly [count: number, value: T | undefined];

/** Unknown values at the beginning are dropped. */
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
