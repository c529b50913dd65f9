/** A recording without an end: its files follow each other without a gap, are bounded, and survive a disk that refuses. */
import {renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {open} from 'node:fs/promises';
import path from 'node:path';
import {setImmediate as immediate} from 'node:timers/promises';
import {afterEach, expect, it, vi} from 'vitest';
import {LiveRecording} from '../../source/recording/read/live-recording.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {watchFiles} from '../../source/recording/watch-files.ts';
import {healthyFacts} from '../support/captures.ts';
import {expectEqual, withoutRing} from '../support/equal-states.ts';
import {temporaryFolder} from '../support/folder.ts';
import {Watched} from '../support/watched.ts';

afterEach(() => {
	vi.restoreAllMocks();
});

const folder = temporaryFolder('rotating');
let folders = 0;
const fresh = () => path.join(folder, String(++folders));
const facts = healthyFacts('trixie');

it('has every event once, in files that name the one before', async () => {
	const place = fresh();
	const watched = await Watched.begin(place, {fileMaxMs: 10_000});
	for (let second = 0; second < 45; second++) {
		await watched.at(1, ...facts);
	}

	await watched.recorder.end();
	const names = watchFiles(place).map(({name}) => name);
	expect(names.length).toBe(5);
	const states = [];
	let before: string | undefined;
	for (const name of names) {
		const recording = await openRecording(path.join(place, name));
		expect(recording.cutShort).toBe(false);
		expect(recording.header.continues).toBe(before);
		states.push(...[...recording.replay()].map(moment => moment.before));
		recording.close();
		before = name;
	}

	expect(states.length).toBe(watched.befores.length);
	for (const [index, state] of states.entries()) {
		expectEqual(withoutRing(state), withoutRing(watched.befores[index] ?? state));
	}

	const whole = await LiveRecording.open(place);
	expect(whole.events).toBe(watched.befores.length);
	expect(whole.isClosed).toBe(true);
	expect(whole.places.some(({isNewSession}) => isNewSession)).toBe(false);
	whole.close();
	expect(watched.reports).toEqual([]);
});

it('stays within its size, of files of earlier sessions too, and numbers go on', async () => {
	const place = fresh();
	const keepBytes = 30_000;
	let last = 0;
	for (let session = 0; session < 3; session++) {
		const retention = {keepBytes, keepMs: 3_600_000};
		const watched = await Watched.begin(place, {fileMaxMs: 5000, retention});
		for (let second = 0; second < 40; second++) {
			await watched.at(1, ...facts);
			const bytes = watchFiles(place).reduce((sum, {name}) => sum + statSync(path.join(place, name)).size, 0);
			// What was written since the last look at the sizes.
			expect(bytes).toBeLessThan(keepBytes * 1.3);
		}

		await watched.recorder.end();
		const numbers = watchFiles(place).map(({number}) => number);
		expect(numbers[0]).toBeGreaterThan(1);
		expect(numbers.at(-1)).toBeGreaterThan(last);
		last = numbers.at(-1) ?? 0;
	}
});

it('deletes what is older than its age', async () => {
	const place = fresh();
	const watched = await Watched.begin(place, {
		fileMaxMs: 5000,
		retention: {keepBytes: 1024 ** 3, keepMs: 20_000},
	});
	for (let second = 0; second < 60; second++) {
		await watched.at(1, ...facts);
	}

	await watched.recorder.end();
	// Those of the last 20 s, the present one, and one that has just begun.
	expect(watchFiles(place).length).toBeLessThanOrEqual(6);
	expect(watchFiles(place)[0]?.number).toBeGreaterThan(4);
});

it('goes on when the folder cannot be used for a while, and says so once', async () => {
	const place = fresh();
	const watched = await Watched.begin(place, {fileMaxMs: 5000});
	await watched.at(1, ...facts);
	renameSync(place, `${place}.away`);
	// A file in the place of the folder refuses root, too.
	writeFileSync(place, '');
	for (let second = 0; second < 30; second++) {
		await watched.at(1, ...facts);
	}

	const lost = watched.reports.filter(({tone}) => tone === 'lost').map(({text}) => text);
	expect(lost.length).toBeGreaterThan(0);
	for (const text of lost) {
		expect(text).toMatch(
			/^cannot begin the next file, so this one continues: .*part of its path is not a folder/,
		);
	}

	rmSync(place);
	renameSync(`${place}.away`, place);
	const before = watchFiles(place).length;
	for (let second = 0; second < 30; second++) {
		await watched.at(1, ...facts);
	}

	await watched.recorder.end();
	expect(watchFiles(place).length).toBeGreaterThan(before);
	const whole = await LiveRecording.open(place);
	expect(whole.events).toBe(watched.befores.length);
	whole.close();
});

it('refuses to begin where it cannot write', async () => {
	const place = fresh();
	writeFileSync(place, '');
	await expect(Watched.begin(path.join(place, 'below'))).rejects.toThrow();
});

it('on a full disk says so once, leaves nothing of its tries, and records again when there is room', async () => {
	const place = fresh();
	const watched = await Watched.begin(place);
	await watched.at(1, ...facts);
	let isFull = true;
	vi.spyOn(Object.getPrototypeOf(await handle()), 'appendFile').mockImplementation(async function (
		this: unknown,
		bytes: unknown,
	) {
		if (isFull) {
			throw Object.assign(new Error('full'), {code: 'ENOSPC'});
		}

		await (this as {write: (bytes: unknown) => Promise<unknown>}).write(bytes);
	});
	for (let second = 0; second < 45; second++) {
		await watched.at(1, ...facts);
		await immediate();
	}

	expect(watched.reports).toEqual([
		{text: expect.stringContaining('no space is left on the disk; tries again every 10 s'), tone: 'lost'},
	]);
	await expect.poll(() => watchFiles(place).map(({number}) => number), {timeout: 20_000}).toEqual([1]);
	expect(watched.recorder.problem).toContain('no space is left');
	isFull = false;
	for (let second = 0; second < 20; second++) {
		await watched.at(1, ...facts);
		await immediate();
	}

	expect(watched.reports.slice(1)).toEqual([
		{text: expect.stringContaining('recording again, to'), tone: 'back'},
	]);
	await watched.recorder.end();
	const last = watchFiles(place).at(-1);
	const recording = await openRecording(path.join(place, last?.name ?? ''));
	expect(recording.cutShort).toBe(false);
	expect(recording.events).toBeGreaterThan(0);
	recording.close();
});

async function handle() {
	const file = path.join(folder, `handle-${++folders}`);
	const one = await open(file, 'w');
	await one.close();
	return one;
}
