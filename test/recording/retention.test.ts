/** Which files of a watch are deleted: whatever there is, the rest fits, and no more than needed is gone. */
import fc from 'fast-check';
import {expect, it} from 'vitest';
import {surplus} from '../../source/recording/write/retention.ts';

const now = Date.UTC(2026, 10, 23);

const files = fc
	.array(fc.record({bytes: fc.integer({min: 0, max: 100}), gapMs: fc.integer({min: 0, max: 100})}), {
		maxLength: 30,
	})
	.map(all => {
		let endedAt = now;
		return all
			.map(({bytes, gapMs}, index) => {
				endedAt -= gapMs;
				return {name: `${all.length - index}`, bytes, endedAt};
			})
			.toReversed();
	});

const limits = fc.record({
	keepBytes: fc.integer({min: 0, max: 1000}),
	keepMs: fc.integer({min: 0, max: 1000}),
});

const sum = (all: readonly {bytes: number}[]) => all.reduce((bytes, file) => bytes + file.bytes, 0);

it('keeps what fits beside the present file and is not too old, and the latest of it', () => {
	fc.assert(
		fc.property(files, fc.integer({min: 0, max: 500}), limits, (closed, present, retention) => {
			const gone = new Set(surplus(closed, present, now, retention));
			const kept = closed.filter(file => !gone.has(file));
			expect(kept.length === 0 || present + sum(kept) <= retention.keepBytes).toBe(true);
			expect(kept.every(file => now - file.endedAt <= retention.keepMs)).toBe(true);
			// The oldest ones go, and no more of them than must.
			expect(closed.slice(gone.size)).toEqual(kept);
			const last = closed[gone.size - 1];
			if (last !== undefined) {
				const isTooOld = now - last.endedAt > retention.keepMs;
				expect(isTooOld || present + sum(kept) + last.bytes > retention.keepBytes).toBe(true);
			}
		}),
	);
});

it('deletes what is too old wherever it stands, as after the clock was set', () => {
	const old = {name: '2', bytes: 1, endedAt: now - 101};
	const closed = [{name: '1', bytes: 1, endedAt: now}, old, {name: '3', bytes: 1, endedAt: now}];
	expect(surplus(closed, 0, now, {keepBytes: 10, keepMs: 100})).toEqual([old]);
});
