/** Curves and lanes show what is known, and nothing else; and the chart changes once a bucket. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {bucketMs} from '../../../source/domain/trends.ts';
import {latencyText} from '../../../source/lib/format.ts';
import type {Line} from '../../../source/state/view/cells.ts';
import {curveLines, laneCells, type Point} from '../../../source/state/view/chart.ts';
import {chartPane, lagSparkline} from '../../../source/state/view/trends.ts';
import {type Moment, trendsAfter, trendsOverTime, wellAt} from '../../support/trends.ts';

const textOf = (line: Line) => line.map(({text}) => text).join('');
const labelWidth = 8;

const points: fc.Arbitrary<Point> = fc.record({
	value: fc.option(fc.double({min: 0.01, max: 200_000, noNaN: true}), {nil: undefined}),
	failed: fc.boolean(),
});

describe('a curve', () => {
	it('has one stroke where the value is known, × where an attempt failed, and nothing where nothing is known', () => {
		fc.assert(
			fc.property(fc.array(points, {maxLength: 30}), fc.integer({min: 3, max: 12}), (all, rows) => {
				const lines = curveLines(all, rows, labelWidth).map(textOf);
				expect(lines).toHaveLength(rows);
				for (const line of lines) {
					expect(line).toHaveLength(labelWidth + all.length);
				}

				for (const [index, {value, failed}] of all.entries()) {
					const column = lines.map(line => line[labelWidth + index]).join('');
					expect(column).toMatch(failed ? /^×+$/ : value === undefined ? /^ +$/ : /^ *(─|[╭╮]│*[╯╰]) *$/);
				}
			}),
		);
	});

	it('is higher where the answers are slower, and its labels say how slow', () => {
		fc.assert(
			fc.property(fc.double({min: 1, max: 50_000, noNaN: true}), latency => {
				const rows = 12;
				const lines = curveLines(
					[
						{value: 1, failed: false},
						{value: latency, failed: false},
					],
					rows,
					labelWidth,
				);
				const at = lines.findIndex(line => /[─╭]/.test(textOf(line)[labelWidth + 1] ?? ''));
				const near = (row: number) => milliseconds(textOf(lines[row] ?? []).slice(0, labelWidth));
				const labels = [near(at - 1), near(at), near(at + 1)].filter(one => one !== undefined);
				expect(Math.min(...labels) / 6).toBeLessThanOrEqual(latency);
				expect(Math.max(...labels) * 6).toBeGreaterThanOrEqual(latency);
			}),
		);
	});
});

function milliseconds(label: string): number | undefined {
	const [, number, unit] = /([\d.]+) (ms|s)/.exec(label) ?? [];
	return number === undefined ? undefined : Number(number) * (unit === 's' ? 1000 : 1);
}

describe('a lane', () => {
	it.each([
		[[['a']], 8, 'a━━━━━━━'],
		[[['a'], ['b']], 4, 'a━━━┃b━━'],
		[[['a'], [], ['b']], 2, 'a━××b━'],
		[[['a'], undefined, ['b']], 3, 'a━━   b━━'],
		[[['a'], undefined, ['a']], 3, 'a━━   a━━'],
		[[['a'], ['a', 'b'], ['b']], 5, 'a━━━━┃a+b═┃b━━━'],
		[[['pgdb1'], ['pgdb2']], 2, '━━┃━'],
		[[undefined], 4, '    '],
	] as const)('%j, %i columns each: %s', (spans, length, text) => {
		const columns = spans.flatMap(holders => new Array(length).fill(holders === undefined ? [] : [holders]));
		expect(textOf(laneCells(columns))).toBe(text);
	});
});

describe('the chart', () => {
	const size = {width: 120, height: 10};
	const framesOf = (change: (second: number) => Partial<Moment>, from: number, to: number) =>
		[...trendsOverTime(to - 1, at => ({...wellAt(at), ...change(at)}))]
			.slice(from)
			.map(shown => JSON.stringify(chartPane(shown, size)));

	it('changes once a bucket while all is well', () => {
		const frames = framesOf(() => ({}), 600, 660);
		const changes = frames.filter((frame, index) => index > 0 && frame !== frames[index - 1]).length;
		expect(changes).toBeLessThanOrEqual(60_000 / bucketMs);
		expect(changes).toBeGreaterThan(0);
	});

	it('shows at the next tick what fails, and who leads now', () => {
		const bad = (second: number) => (second === 601 ? {writes: []} : {});
		const [before = '', after = ''] = framesOf(bad, 600, 602);
		expect(before).not.toContain('×');
		expect(after).toContain('×');
		const [led = '', leads = ''] = framesOf(second => (second >= 601 ? {leader: 'pgdb2'} : {}), 600, 602);
		expect(led).not.toContain('┃');
		expect(leads).toContain('┃');
	});

	it('shows of a bucket the same when it is over, and later', () => {
		const at = (seconds: number) =>
			chartPane(
				trendsAfter(seconds, second => ({...wellAt(second), ...(second === 602 ? {writes: []} : {})})),
				{width: 132, height: 7},
			).lines.map(line => textOf(line).slice(labelWidth));
		// One column for each bucket at this width: three buckets later all is three columns further left.
		const [early, late] = [at(610), at(625)];
		expect(late.slice(0, 3).map(line => line.slice(0, -3))).toEqual(
			early.slice(0, 3).map(line => line.slice(3)),
		);
	});
});

describe('the lag of a member', () => {
	const sparkline = (lag: (second: number) => number | undefined, columns = 20) =>
		lagSparkline(
			{name: 'pgdb2'},
			trendsAfter(600, second => ({...wellAt(second), lag: lag(second)})).trends,
			columns,
		);

	it('is a bar of always the same height for the same lag', () => {
		const steps = [0, 2 ** 14, 2 ** 18, 2 ** 20, 2 ** 24].map(lag => sparkline(() => lag).at(-1));
		expect(steps.join('')).toBe('▁▂▃▄▅');
	});

	it('is the highest of its column, and blank where it was not known', () => {
		expect(sparkline(second => (second === 301 ? 2 ** 20 : 0))).toBe('▁▁▁▁▁▁▁▁▁▁▄▁▁▁▁▁▁▁▁▁');
		expect(sparkline(second => (second >= 300 && second < 360 ? undefined : 0))).toBe('▁▁▁▁▁▁▁▁▁▁  ▁▁▁▁▁▁▁▁');
		expect(sparkline(() => 0, 10)).toBe('▁▁▁▁▁▁▁▁▁▁');
		expect(sparkline(() => undefined)).toBe('');
	});
});

describe('a latency', () => {
	it.each([
		[0.42, '0.4 ms'],
		[9.94, '9.9 ms'],
		[9.96, '10 ms'],
		[999.4, '999 ms'],
		[999.6, '1.00 s'],
		[1834, '1.83 s'],
		[20_420, '20.4 s'],
	])('%d ms is %s', (latency, text) => {
		expect(latencyText(latency)).toBe(text);
	});
});
