import {afterEach, describe, expect, it, vi} from 'vitest';
import type {LogLine} from '../../../source/domain/logs/log-buffer.ts';
import {LineBatcher, runCooperatively} from '../../../source/sources/logs/line-batcher.ts';

describe('work in slices', () => {
	it('is done in order, in several slices if it takes long', async () => {
		const done: number[] = [];
		let turns = 0;
		const {promise: all, resolve} = Promise.withResolvers<void>();
		const count = 20;
		for (let index = 0; index < count; index++) {
			runCooperatively(() => {
				const end = performance.now() + 1;
				while (performance.now() < end);
				done.push(index);
				if (done.length === count) {
					resolve();
				}
			});
		}

		const watch = () => {
			turns++;
			if (done.length < count) {
				setImmediate(watch);
			}
		};
		setImmediate(watch);
		await all;
		expect(done).toEqual(Array.from({length: count}, (_, index) => index));
		expect(turns).toBeGreaterThan(2);
	});
});

describe('batches', () => {
	afterEach(() => {
		vi.useRealTimers();
	});

	const line = {at: 1, order: 1, node: 'a', service: 's', level: 6, word: '', text: ''} satisfies LogLine;

	it('slow the source down, then skip and count lines, and take all again when it is quiet', () => {
		vi.useFakeTimers();
		let now = 0;
		const batchSizes: [number, number][] = [];
		const batches = new LineBatcher(
			(lines, skipped) => {
				batchSizes.push([lines.length, skipped]);
			},
			() => now,
		);
		const pour = (count: number) => {
			for (let index = 0; index < count; index++) {
				if (batches.leavesOut) {
					batches.skip();
				} else {
					batches.add(line);
				}
			}

			now += 50;
			vi.advanceTimersByTime(50);
		};
		for (let round = 0; round < 101; round++) {
			pour(5000);
		}

		expect(batchSizes.every(([, skipped]) => skipped === 0)).toBe(true);
		expect(batches.leavesOut).toBe(false);
		pour(5000);
		pour(6500);
		expect(batchSizes.at(-1)).toEqual([5000, 1500]);
		pour(10);
		pour(10);
		expect(batchSizes.at(-1)).toEqual([10, 0]);
		expect(batches.leavesOut).toBe(false);
		batches.close();
	});

	it('call back the waiting source once there is room', () => {
		vi.useFakeTimers();
		const batches = new LineBatcher(() => undefined);
		const resumed = vi.fn();
		batches.wait(resumed);
		expect(resumed).not.toHaveBeenCalled();
		vi.advanceTimersByTime(50);
		expect(resumed).toHaveBeenCalledOnce();
	});
});
