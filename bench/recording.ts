/** What recording costs, and what replaying takes, of an eight-hour night that is made of a real cluster's answers. */
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Stamped} from '../source/domain/events.ts';
import {openRecording} from '../source/recording/open.ts';
import {Playhead} from '../source/recording/playhead.ts';
import {Recorder} from '../source/recording/recorder.ts';
import type {State} from '../source/state/state.ts';
import {update} from '../source/state/update.ts';
import {header} from '../test/support/recorded.ts';
import {healthySession, start} from '../test/support/session.ts';
import type {Figure} from './report.ts';
import {percentile} from './statistics.ts';
import {eventsOfSecond} from './updates.ts';

const seconds = 8 * 3600;
const jumps = 100;
/** Probes, as many as a console with one gets in a second. */
const probes = 10;

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
			// As its timer does, once in a second.
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
		// Far from each other, and never the same.
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
	];
}

type Moment = {stamped: Stamped; before: State};

/** Goes through the night, second by second; resolves with the state at its end. */
async function night(take: (moments: readonly Moment[], end: State) => Promise<unknown>): Promise<State> {
	let {state} = healthySession('trixie');
	const minute = Array.from({length: 60}, (_, second) => eventsOfSecond(second));
	for (let second = 0; second < seconds; second++) {
		const at = start + second * 1000;
		const [tick, ...facts] = minute[second % 60] ?? [];
		const moments: Moment[] = [];
		const events = [
			...(tick === undefined ? [] : [tick]),
			// Polled every two seconds.
			...(second % 2 === 0 ? facts : []),
			...Array.from({length: probes}, (_, probe): Stamped['event'] => ({
				type: 'probe.answered',
				source: 'probe:5000',
				port: 5000,
				purpose: 'write',
				startedAt: at + probe * 100,
				latency: 2 + ((second * 7 + probe * 3) % 5) / 3,
				server: '10.73.0.160:5432',
				inRecovery: false,
				write: true,
			})),
			// Now and then something happens.
			...(second % 300 === 299
				? [{type: 'source.lost' as const, source: 'patroni:pgdb2' as const, reason: 'no answer in time'}]
				: []),
		];
		for (const event of events) {
			const stamped = {at, event};
			moments.push({stamped, before: state});
			[state] = update(state, stamped);
		}

		await take(moments, state);
	}

	return state;
}

/** Milliseconds of all threads. */
async function cpu(run: () => Promise<unknown>): Promise<number> {
	const before = process.cpuUsage();
	await run();
	const {user, system} = process.cpuUsage(before);
	return (user + system) / 1000;
}
