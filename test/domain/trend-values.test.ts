import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {appendRun, lastValues, type Runs} from '../../source/domain/trend-values.ts';

const values = fc.option(fc.integer({min: 0, max: 2}), {nil: undefined});
const rule = {max: 20, isSame: Object.is};

describe('a column of runs', () => {
	it('holds the last values, as a plain list does', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.integer({min: 1, max: 30}), values), {maxLength: 40}), appended => {
				let runs: Runs<number> = [];
				let plain: (number | undefined)[] = [];
				for (const run of appended) {
					runs = appendRun(runs, run, rule);
					plain = [...plain, ...new Array<number | undefined>(run[0]).fill(run[1])].slice(-rule.max);
				}

				const padded = [...new Array<undefined>(rule.max - plain.length).fill(undefined), ...plain];
				expect(lastValues(runs, rule.max)).toEqual(padded);
				expect(lastValues(runs, 5)).toEqual(padded.slice(-5));
				expect(runs.reduce((sum, [count]) => sum + count, 0)).toBeLessThanOrEqual(rule.max);
				// No two neighbours are the same, and none of what is not known comes first: there is one way to write it.
				expect(runs.every(([, value], index) => index === 0 || !Object.is(value, runs[index - 1]?.[1]))).toBe(
					true,
				);
				expect(runs.length === 0 || runs[0]?.[1] !== undefined).toBe(true);
			}),
		);
	});
});
