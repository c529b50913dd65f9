/** The cost of recording and replaying an eight-hour night, made from a real cluster's answers. */
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {execa} from 'execa';
import {openRecording} from '../source/recording/read/open.ts';
import {Recorder} from '../source/recording/write/recorder.ts';
import {Playhead} from '../source/replay/playhead.ts';
import {header} from '../test/support/recorded.ts';
import {start} from '../test/support/session.ts';
import {night, seconds} from './eight-hours.ts';
import type {Figure} from './report.ts';
import {percentile} from './statistics.ts';

const jumps = 100;

export async function recording(): Promise<Figure[]> {
	const folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-bench-'));
	try {
		return await inFolder(folder);
	} finally {
		rmSync(folder, {recursive: true});
	}
}

async function inFolder(folder: string): Promise<Figure[]> {
	const file = path.join(folder, 'night.ndjson.gz');
	const without = await cpu(async () => night(async () => undefined));
	let events = 0;
	const recorder = await Recorder.begin({
		file,
		header: header(),
		onLost(reason) {
			throw new Error(reason);
		},
	});
	const with_ = await cpu(async () => {
		const last = await night(async (moments, end) => {
			for (const {stamped, before} of moments) {
				recorder.take(stamped, before);
			}

			events += moments.length;
			// The recorder's timer flushes once a second.
			await recorder.flushed();
			return end;
		});
		await recorder.stop(last);
	});
	const opening = performance.now();
	const opened = await openRecording(file);
	const head = new Playhead(opened);
	const openedIn = performance.now() - opening;
	const times: number[] = [];
	for (let jump = 0; jump < jumps; jump++) {
		const began = performance.now();
		// Jumps far apart, none twice (golden ratio sequence).
		head.toTime(start + (((jump * 0.618_034) % 1) * seconds + 1) * 1000);
		times.push(performance.now() - began);
	}

	const began = performance.now();
	let replayed = 0;
	for (const _ of opened.replay()) {
		replayed++;
	}

	const rate = replayed / ((performance.now() - began) / 1000);
	opened.close();
	const report = await measureReport(file, folder);
	const size = statSync(file).size / 1_000_000;
	const note = `8 h, ${events.toLocaleString('en')} events, ${Math.round(size)} MB`;
	return [
		{
			what: 'recording: CPU',
			unit: '% of a core',
			ours: ((with_ - without) / 1000 / seconds) * 100,
			goal: {atMost: 2, of: 'value'},
			note: `${Math.round(events / seconds)} events a second, flushed each second`,
		},
		{what: 'recording opened', unit: 'ms', ours: openedIn, goal: {atMost: 1000, of: 'value'}, note},
		{
			what: 'recording: a jump anywhere, p99',
			unit: 'ms',
			ours: percentile(times, 0.99),
			goal: {atMost: 100, of: 'value'},
			note: `p50 ${percentile(times, 0.5).toFixed(0)} ms of ${jumps}`,
		},
		{what: 'recording: replayed from the file', unit: 'events/s', ours: rate, goal: {atLeast: 100_000}, note},
		{what: 'report of it, a page: wall', unit: 'ms', ours: report.wall, note},
		{what: 'report of it, a page: memory', unit: 'MB', ours: report.memory, note: 'resident, at most'},
		{what: 'report of it, a page: size', unit: 'MB', ours: report.size},
	];
}

/** Runs the program as a user does. */
async function measureReport(
	file: string,
	folder: string,
): Promise<{wall: number; memory: number; size: number}> {
	const page = path.join(folder, 'night.html');
	const telling = "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)))";
	const began = performance.now();
	const {stderr} = await execa(process.execPath, [
		'--import',
		`data:text/javascript,${encodeURIComponent(telling)}`,
		'dist/cli.js',
		'report',
		file,
		'--output',
		page,
	]);
	return {
		wall: performance.now() - began,
		memory: Number(stderr.trim().split('\n').at(-1)) / 1000,
		size: statSync(page).size / 1_000_000,
	};
}

/** CPU time of all threads, ms. */
async function cpu(run: () => Promise<unknown>): Promise<number> {
	const before = process.cpuUsage();
	await run();
	const {user, system} = process.cpuUsage(before);
	return (user + system) / 1000;
}
