/** A recording is read while it grows: at any moment it is the same as what was recorded until then. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {describe, expect, it, vi} from 'vitest';
import type {ClusterIdentity} from '../../source/domain/target.ts';
import {GrowingFile} from '../../source/recording/read/growing-file.ts';
import {LiveRecording} from '../../source/recording/read/live-recording.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {recentHistory} from '../../source/recording/read/watch-history.ts';
import {
	makeWatchFolder,
	privateModes,
	watchFiles,
	writeDescription,
} from '../../source/recording/watch-files.ts';
import {clusterFolder, findWatches} from '../../source/recording/watch-folders.ts';
import {WatchLock, watchState} from '../../source/recording/watch-lock.ts';
import {Playhead} from '../../source/replay/playhead.ts';
import {healthyFacts} from '../support/captures.ts';
import {expectEqual, withoutRing} from '../support/equal-states.ts';
import {temporaryFolder} from '../support/folder.ts';
import {storms} from '../support/random-events.ts';
import {live, record} from '../support/recorded.ts';
import {Session, start} from '../support/session.ts';
import {Watched} from '../support/watched.ts';

const folder = temporaryFolder('live');
let folders = 0;
const fresh = () => path.join(folder, String(++folders));
const facts = healthyFacts('trixie');
const program = fileURLToPath(new URL('../support/recording-child.ts', import.meta.url));

/** What is recorded is in the file some moments later. */
async function caughtUp(recording: LiveRecording, events: number): Promise<void> {
	await expect
		.poll(
			async () => {
				await recording.read();
				return recording.events;
			},
			{interval: 2, timeout: 20_000},
		)
		.toBe(events);
}

async function opened(place: string): Promise<LiveRecording> {
	return vi.waitFor(async () => LiveRecording.open(place), {interval: 2, timeout: 20_000});
}

describe('a file that grows', () => {
	it('cut anywhere, and read on from there, has what the whole file has', async () => {
		const healthy = new Session().at(0, ...facts).state;
		await fc.assert(
			fc.asyncProperty(
				storms,
				fc.array(fc.double({min: 0, max: 1, noNaN: true}), {minLength: 1, maxLength: 6}),
				async (storm, cuts) => {
					const whole = `${fresh()}.ndjson.gz`;
					await record(whole, [...live(healthy, storm)]);
					const bytes = readFileSync(whole);
					const part = `${fresh()}.ndjson.gz`;
					writeFileSync(part, '');
					const growing = new GrowingFile(part);
					let events = 0;
					for (const cut of [...cuts].sort((a, b) => a - b)) {
						writeFileSync(part, bytes.subarray(0, Math.floor(cut * bytes.length)));
						await growing.read();
						expect(growing.events).toBeGreaterThanOrEqual(events);
						events = growing.events;
						const last = growing.places.length - 1;
						if (last >= 0) {
							expect(growing.segment(last).events.length).toBe(growing.places[last]?.count);
						}
					}

					writeFileSync(part, bytes);
					await growing.read();
					const recording = await openRecording(whole);
					expect(growing.isClosed).toBe(true);
					expect(growing.events).toBe(recording.events);
					expect(growing.endedAt).toBe(recording.endedAt);
					for (const [number] of recording.places.entries()) {
						expect(growing.segment(number).events).toEqual(recording.segment(number).events);
					}

					recording.close();
					growing.close();
				},
			),
			{numRuns: 25},
		);
	});
});

describe('a watch', () => {
	it('is followed from file to file: the last state is always that of the session', async () => {
		const place = fresh();
		const watched = await Watched.begin(place, {fileMaxMs: 10_000});
		await watched.at(1, ...facts);
		const recording = await opened(place);
		const head = new Playhead(recording);
		for (let second = 0; second < 40; second++) {
			await watched.at(1, ...facts);
			await caughtUp(recording, watched.befores.length);
			head.playTo(recording.endedAt);
			expect(recording.endedAt).toBe(watched.now);
			expectEqual(withoutRing(head.state), withoutRing(watched.state));
		}

		expect(watchFiles(place).length).toBe(5);
		// Back to the first file, also when the watch has deleted it meanwhile.
		head.toTime(start + 2000);
		expect(head.state.now).toBe(start + 2000);
		await watched.recorder.end();
		await recording.read();
		await recording.read();
		expect(recording.isClosed).toBe(true);
		recording.close();
	});

	it('that is started again begins with a state of its own', async () => {
		const place = fresh();
		const first = await Watched.begin(place);
		await first.at(1, ...facts, {type: 'source.lost', source: 'patroni:pgdb2', reason: 'no route to host'});
		await first.at(1);
		// Killed: it has no end.
		const recording = await opened(place);
		await caughtUp(recording, first.befores.length);
		const head = new Playhead(recording);
		head.playTo(recording.endedAt);
		const second = await Watched.begin(place, {}, start + 60_000);
		await second.at(1, ...facts);
		await caughtUp(recording, first.befores.length + second.befores.length);
		head.playTo(recording.endedAt);
		expectEqual(withoutRing(head.state), withoutRing(second.state));
		expect(recording.events).toBe(first.befores.length + second.befores.length);
		await second.recorder.end();
		await first.recorder.end();
		recording.close();
	});

	it('that is killed leaves all but the last second, and what follows it is read on', async () => {
		const place = fresh();
		const watched = await Watched.begin(place);
		await watched.recorder.end();
		const file = path.join(place, '000002-20261123T000000Z.ndjson.gz');
		const child = spawn(process.execPath, [program, file], {stdio: ['ignore', 'pipe', 'inherit']});
		const samples: {taken: number; at: number}[] = [];
		let recording: LiveRecording | undefined;
		for await (const line of createInterface({input: child.stdout})) {
			const [taken = 0, at = 0] = line.split(' ').map(Number);
			samples.push({taken, at});
			const ms = at - (samples[0]?.at ?? at);
			if (ms > 1500 && recording === undefined) {
				recording = await LiveRecording.open(place);
			}

			if (ms > 3000) {
				break;
			}
		}

		const killed = Date.now();
		child.kill('SIGKILL');
		await once(child, 'exit');
		const safe = samples.findLast(({at}) => at < killed - 1000);
		await recording?.read();
		expect(safe?.taken).toBeGreaterThan(0);
		expect(recording?.events).toBeGreaterThanOrEqual(safe?.taken ?? 0);
		expect(recording?.isClosed).toBe(false);
		recording?.close();
	});
});

const cluster: ClusterIdentity = {
	scope: 'main',
	namespace: '/service',
	group: null,
	addresses: ['http://10.0.0.1:2379', 'http://10.0.0.2:2379'],
};

function describeWatch(
	place: string,
	identity: ClusterIdentity,
	ended: {at: number; why: string} | null = null,
) {
	makeWatchFolder(place, privateModes);
	writeDescription(
		place,
		{version: 1, program: '0.1.0', pid: 1, cluster: identity, startedAt: start, ended},
		privateModes,
	);
}

describe('for a console that starts beside it', () => {
	it('the history of the same cluster is found, by another endpoint of it', async () => {
		const base = fresh();
		const place = clusterFolder(base, cluster);
		describeWatch(place, cluster);
		const other = {...cluster, addresses: ['http://10.9.9.9:2379']};
		describeWatch(clusterFolder(base, other), other);
		const lock = await WatchLock.take(place, privateModes);
		const watched = await Watched.begin(place, {fileMaxMs: 20_000});
		await watched.at(1, ...facts);
		for (let second = 0; second < 50; second++) {
			await watched.at(1, ...facts);
		}

		await watched.at(1, {type: 'source.lost', source: 'patroni:pgdb2', reason: 'no route to host'});
		await watched.at(1);
		const whole = await opened(place);
		await caughtUp(whole, watched.befores.length);
		whole.close();
		const console = {...cluster, addresses: ['http://10.0.0.2:2379', 'http://10.0.0.3:2379']};
		const history = await recentHistory(console, {sinceMs: start + 30_000, folders: [base]});
		expect(history).toMatchObject({
			folder: place,
			watch: 'running',
			from: start + 30_000,
			until: watched.now,
		});
		expectEqual(withoutRing(history?.state ?? watched.state), withoutRing(watched.state));
		const expected = watched.state.timeline.filter(({at}) => at >= start + 30_000);
		expect(expected.length).toBeGreaterThan(0);
		expect(history?.entries).toEqual(expected);
		const all = await recentHistory(console, {sinceMs: 0, folders: [base]});
		expect(all?.from).toBe(start + 1000);
		expect(all?.entries).toEqual(watched.state.timeline);
		expect(await recentHistory(console, {sinceMs: watched.now + 1, folders: [base]})).toBeUndefined();
		const stranger = {...cluster, scope: 'orders'};
		expect(await recentHistory(stranger, {sinceMs: 0, folders: [base]})).toBeUndefined();
		expect(await recentHistory(other, {sinceMs: 0, folders: [base]})).toBeUndefined();
		await watched.recorder.end();
		await lock.release();
		expect((await recentHistory(console, {sinceMs: 0, folders: [base]}))?.watch).toBe('stopped');
	});

	it('a folder that is missing, or no folder, is named', async () => {
		const base = fresh();
		writeFileSync(base, '');
		const {watches, looked} = await findWatches([base, `${base}-missing`]);
		expect(watches).toEqual([]);
		expect(looked).toEqual([expect.stringContaining(`${base} (`), `${base}-missing (no such folder)`]);
	});
});

describe('the lock', () => {
	it('is of one watch at a time, also in a folder with a long name', async () => {
		const place = path.join(fresh(), 'x'.repeat(120));
		makeWatchFolder(place, privateModes);
		expect(await watchState(place)).toBe('stopped');
		const lock = await WatchLock.take(place, privateModes);
		expect(await watchState(place)).toBe('running');
		await expect(WatchLock.take(place, privateModes)).rejects.toThrow(/another watch records there/);
		expect(lock.isHeld()).toBe(true);
		await lock.release();
		expect(await watchState(place)).toBe('stopped');
		const next = await WatchLock.take(place, privateModes);
		expect(lock.isHeld()).toBe(false);
		await next.release();
	});

	it('of a watch that was killed is taken over by one of many', async () => {
		const place = fresh();
		makeWatchFolder(place, privateModes);
		const socket = path.join(place, 'watch.socket');
		const script = `require('net').createServer().listen(process.argv[1], () => console.log('up'))`;
		const child = spawn(process.execPath, ['-e', script, socket], {stdio: ['ignore', 'pipe', 'inherit']});
		await once(child.stdout, 'data');
		await expect(WatchLock.take(place, privateModes)).rejects.toThrow(/another watch/);
		child.kill('SIGKILL');
		await once(child, 'exit');
		expect(await watchState(place)).toBe('stopped');
		const all = await Promise.allSettled(
			Array.from({length: 5}, async () => WatchLock.take(place, privateModes)),
		);
		const taken = all.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
		expect(taken.filter(lock => lock.isHeld()).length).toBe(1);
		await Promise.all(taken.map(async lock => lock.release()));
	});
});
