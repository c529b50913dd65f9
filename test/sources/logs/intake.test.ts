import fc from 'fast-check';
import {afterEach, describe, expect, it, vi} from 'vitest';
import type {LogLine} from '../../../source/domain/logs/log-buffer.ts';
import {LineBatcher, LineSplitter, runCooperatively} from '../../../source/sources/logs/line-batcher.ts';

describe('lines out of chunks', () => {
	const split = (chunks: readonly Buffer[], longest = 1e6) => {
		const splitter = new LineSplitter(longest);
		const lines: [string, number, boolean][] = [];
		for (const chunk of chunks) {
			splitter.push(chunk, (...line) => {
				lines.push(line);
			});
		}

		return lines;
	};

	it('are the same for any chunks', () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({unit: 'grapheme', maxLength: 30})),
				fc.array(fc.nat(40)),
				(texts, cuts) => {
					const lines = texts.map(text => text.replaceAll('\n', ''));
					const whole = Buffer.from(lines.map(line => `${line}\n`).join(''));
					const chunks: Buffer[] = [];
					let at = 0;
					for (const cut of cuts) {
						chunks.push(whole.subarray(at, at + cut));
						at += cut;
					}

					chunks.push(whole.subarray(at));
					expect(split(chunks)).toEqual(lines.map(line => [line, Buffer.byteLength(line) + 1, false]));
				},
			),
		);
	});

	it('without an end keep their beginning, and all bytes are counted', () => {
		const chunk = Buffer.alloc(64 * 1024, 'x');
		const lines = split([...Array.from({length: 160}, () => chunk), Buffer.from('\nnext\n')], 1000);
		expect(lines).toEqual([
			['x'.repeat(1000), 160 * 64 * 1024 + 1, true],
			['next', 5, false],
		]);
	});

	it('are cut at the same place for any chunks', () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({maxLength: 30}).map(text => text.replaceAll('\n', ''))),
				fc.nat(12),
				(lines, longest) => {
					const whole = Buffer.from(lines.map(line => `${line}\n`).join(''));
					const pieces = [...whole].map(byte => Buffer.from([byte]));
					const cut = lines.map(line => [line.slice(0, longest), line.length + 1, line.length > longest]);
					expect(split([whole], longest)).toEqual(cut);
					expect(split(pieces, longest)).toEqual(cut);
				},
			),
		);
	});
});

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
