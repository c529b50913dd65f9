import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {defaultLogFilter, FilteredLines} from '../../../source/domain/logs/filtered-lines.ts';
import {
	bytesOf,
	emptyLogBuffer,
	insertLines,
	type LogBuffer,
	type LogLine,
} from '../../../source/domain/logs/log-buffer.ts';

const line = (order: number, text = 'x', node = 'pgdb1'): LogLine => ({
	at: order,
	order,
	node,
	service: 'patroni',
	level: 6,
	word: 'INFO',
	text,
});
const linesOf = ({chunks}: LogBuffer) => chunks.flatMap(chunk => chunk.lines);
const roomy = {lines: 1e6, bytes: 1e9};
const batches = fc.array(
	fc.array(fc.integer({min: 1, max: 3000}), {maxLength: 900}).map(orders => orders.sort((a, b) => a - b)),
	{maxLength: 12},
);

describe('the log buffer', () => {
	it('has all lines of all batches in one order, each at its own index', () => {
		fc.assert(
			fc.property(batches, all => {
				const ring = all.reduce(
					(sum, batch, index) =>
						insertLines(
							sum,
							batch.map((order, position) => line(order, `${index}.${position}`)),
							roomy,
						),
					emptyLogBuffer,
				);
				const lines = linesOf(ring);
				expect(lines.length).toBe(all.flat().length);
				expect(ring.lines).toBe(lines.length);
				expect(new Set(lines.map(({text}) => text)).size).toBe(lines.length);
				expect(lines.every(({order}, index) => index === 0 || order > (lines[index - 1]?.order ?? 0))).toBe(
					true,
				);
				// Within a batch, which comes from one node, the order does not change.
				for (const index of all.keys()) {
					const own = lines
						.filter(({text}) => text.startsWith(`${index}.`))
						.map(({text}) => Number(text.split('.')[1]));
					expect(own).toEqual(own.toSorted((a, b) => a - b));
				}
			}),
			{numRuns: 60},
		);
	});

	it('never exceeds its lines and bytes, drops the oldest first, and counts the dropped ones', () => {
		fc.assert(
			fc.property(
				batches,
				fc.integer({min: 1, max: 2000}),
				fc.integer({min: 200, max: 200_000}),
				(all, count, bytes) => {
					let ring = emptyLogBuffer;
					for (const batch of all) {
						ring = insertLines(
							ring,
							batch.map(order => line(order, 'y'.repeat(order % 50))),
							{lines: count, bytes},
						);
						const lines = linesOf(ring);
						expect(lines.length).toBeLessThanOrEqual(count);
						expect(lines.reduce((sum, one) => sum + bytesOf(one), 0)).toBe(ring.bytes);
						expect(ring.bytes).toBeLessThanOrEqual(bytes);
					}

					expect(ring.gone + ring.lines).toBe(all.flat().length);
				},
			),
			{numRuns: 60},
		);
	});

	it('does not change the buffer that it was made from', () => {
		const before = insertLines(emptyLogBuffer, [line(1), line(5)], roomy);
		insertLines(before, [line(3)], roomy);
		expect(linesOf(before).map(({order}) => order)).toEqual([1, 5]);
	});
});

describe('filtered lines', () => {
	const ring = insertLines(
		emptyLogBuffer,
		Array.from({length: 5000}, (_, index) =>
			line(index + 1, `${index + 1}`, index % 3 === 0 ? 'pgdb1' : 'pgdb2'),
		),
		roomy,
	);

	it('are walked in both directions from any index, like a plain list', () => {
		const plain = linesOf(ring).filter(({node}) => node === 'pgdb1');
		const all = new FilteredLines(ring, {...defaultLogFilter, nodes: ['pgdb1']});
		fc.assert(
			fc.property(fc.integer({min: -5, max: 5010}), fc.integer({min: 1, max: 1500}), (place, count) => {
				const before = plain.filter(({order}) => order <= place);
				const after = plain.filter(({order}) => order > place);
				expect(all.before(place, count)).toEqual(before.slice(-count));
				expect(all.after(place, count)).toEqual(after.slice(0, count));
				expect(all.count(place)).toEqual({lines: after.length, complete: true});
			}),
		);
	});

	it('are matched within the budget, the newest first', () => {
		const all = new FilteredLines(ring, {...defaultLogFilter, filter: '/^4\\d*$/'});
		const budget = {chunks: 2};
		const seen = all.count(Number.NEGATIVE_INFINITY, budget);
		expect(seen.complete).toBe(false);
		expect(budget.chunks).toBe(0);
		expect(all.count(Number.NEGATIVE_INFINITY)).toEqual({lines: 1111, complete: true});
	});
});
