/** The memory of a long session. */
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import {expect, it} from 'vitest';
import {growthFactor} from '../../source/lib/heap.ts';

const megabyte = 1024 * 1024;

it.each([
	[1, 0, 2],
	[2, 0.29, 2],
	[4, 0, 1],
	[16, 0.1, 1],
	[4, 0.3, 2],
	[8, 1, 2],
	[16, 1, 1],
] as const)('%s MB for new objects, and %s of the time used: times %s', (size, share, factor) => {
	expect(growthFactor(size * megabyte, share)).toBe(factor);
});

it('gives back what the start needed, and keeps the space for new objects small', () => {
	const heap = path.join(import.meta.dirname, '../../source/lib/heap.ts');
	// Much at once, as at the start; then objects that live for a moment, with pauses, as answers of a cluster do.
	const script = `
		import {getHeapSpaceStatistics} from 'node:v8';
		import {setTimeout as pause} from 'node:timers/promises';
		import {keepHeapSmall} from ${JSON.stringify(heap)};
		const objects = count => Array.from({length: count}, (_, index) => ({index}));
		let kept = Array.from({length: 400}, () => objects(2000));
		if (process.argv[1] === 'small') keepHeapSmall({mayPause: () => true, isCalm: () => false}, {afterMs: 1, everyMs: 20});
		kept = [];
		for (let round = 0; round < 100; round++) {
			kept.push(objects(1000));
			if (kept.length > 5) kept.shift();
			await pause(10);
		}
		const spaces = Object.fromEntries(getHeapSpaceStatistics().map(one => [one.space_name, one.space_size]));
		console.log(JSON.stringify({young: spaces.new_space, old: spaces.old_space}));
	`;
	const [usual, small] = ['usual', 'small'].map(
		how =>
			JSON.parse(
				execFileSync(process.execPath, ['--input-type=module', '--eval', script, how], {encoding: 'utf8'}),
			) as {young: number; old: number},
	);
	expect(usual?.young).toBeGreaterThan(9 * megabyte);
	expect(small?.young).toBeLessThan(9 * megabyte);
	expect(small?.old).toBeLessThan(usual?.old ?? 0);
});

it('makes the space for new objects small again when nothing happens any more', () => {
	const heap = path.join(import.meta.dirname, '../../source/lib/heap.ts');
	const script = `
		import {getHeapSpaceStatistics} from 'node:v8';
		import {setTimeout as pause} from 'node:timers/promises';
		import {keepHeapSmall} from ${JSON.stringify(heap)};
		let isCalm = false;
		let looks = 0;
		keepHeapSmall({mayPause: () => ++looks > 0, isCalm: () => isCalm}, {afterMs: 1, everyMs: 20});
		const young = () => getHeapSpaceStatistics().find(({space_name: name}) => name === 'new_space').space_size;
		const untilLooks = async count => {
			for (const before = looks; looks < before + count; ) await pause(20);
		};
		await untilLooks(5);
		// Much is done at once: objects live for some rounds.
		for (let kept = [], round = 0; round < 3000 && young() < 16e6; round++) {
			kept.push(Array.from({length: 2000}, (_, index) => ({index})));
			if (kept.length > 30) kept.shift();
			if (round % 10 === 0) await pause(0);
		}
		const busy = young();
		isCalm = true;
		await untilLooks(5);
		console.log(JSON.stringify({busy, calm: young()}));
	`;
	const {busy, calm} = JSON.parse(
		execFileSync(process.execPath, ['--input-type=module', '--eval', script], {encoding: 'utf8'}),
	) as {busy: number; calm: number};
	expect(busy).toBeGreaterThan(9 * megabyte);
	expect(calm).toBeLessThan(5 * megabyte);
});

it('collects what a thread no longer needs when calm begins, and again only if much was added', () => {
	const heap = path.join(import.meta.dirname, '../../source/lib/heap.ts');
	const script = `
		import {getHeapStatistics} from 'node:v8';
		import {collectInCalm} from ${JSON.stringify(heap)};
		const size = () => getHeapStatistics().total_heap_size;
		const objects = count => Array.from({length: count}, (_, index) => ({index}));
		const follow = collectInCalm();
		const sizes = [];
		for (const [kept, isCalm] of [[20, false], [20, true], [1, true], [20, true]]) {
			let garbage = Array.from({length: kept}, () => objects(10_000));
			garbage = undefined;
			const before = size();
			follow(isCalm);
			sizes.push([before, size()]);
		}
		console.log(JSON.stringify(sizes));
	`;
	const sizes = JSON.parse(
		execFileSync(process.execPath, ['--input-type=module', '--eval', script], {encoding: 'utf8'}),
	) as [number, number][];
	expect(sizes.map(([before, after]) => after < before - 2 * megabyte)).toEqual([false, true, false, true]);
});
