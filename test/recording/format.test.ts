/** Recordings are read as they were written: any session, each compression, truncated anywhere; other files are refused. */
import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {open} from 'node:fs/promises';
import path from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import {execa} from 'execa';
import fc from 'fast-check';
import {describe, expect, it, vi} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import type {Recording} from '../../source/recording/read/reader.ts';
import {RecordingError} from '../../source/recording/schema.ts';
import {Recorder} from '../../source/recording/write/recorder.ts';
import type {State} from '../../source/state/state.ts';
import {healthyFacts} from '../support/captures.ts';
import {expectEqual, withoutRing} from '../support/equal-states.ts';
import {temporaryFolder} from '../support/folder.ts';
import {Operator} from '../support/operator.ts';
import {type Happening, storms} from '../support/random-events.ts';
import {happening, header, type Live, live, record} from '../support/recorded.ts';
import {Session, start} from '../support/session.ts';

const folder = temporaryFolder('recording');
let files = 0;

const fresh = (end: string) => path.join(folder, `${++files}.${end}`);

/** States are immutable, so all tests begin with the same one. */
const healthy = new Session().at(0, ...healthyFacts('trixie')).state;

const sessions = new Map<number, readonly Live[]>();

/** A session of some minutes, so that there are several segments. */
function minutes(count: number): readonly Live[] {
	const known = sessions.get(count) ?? play(count);
	sessions.set(count, known);
	return known;
}

function play(count: number): Live[] {
	const facts = healthyFacts('trixie');
	return [
		...live(
			new Session().state,
			Array.from({length: count * 60}, (_, second): Happening[] => [
				...(second % 10 === 0 ? facts.map(fact => happening(fact)) : []),
				...(second % 45 === 44
					? [
							happening({
								type: 'source.lost',
								source: 'patroni:pgdb2',
								reason: 'no answer in time',
							}),
						]
					: []),
				happening({type: 'tick'}, 1),
			]).flat(),
		),
	];
}

function expectSame(recording: Recording, moments: readonly Live[]): void {
	const replayed = [...recording.replay()];
	expectEqual(
		replayed.map(({stamped}) => stamped),
		moments.map(({stamped}) => stamped),
	);
	for (const [index, {after}] of replayed.entries()) {
		expectEqual(withoutRing(after), withoutRing(moments[index]?.after as State));
	}
}

/** The events and the snapshots; that these lead to the same states is tested with plain text. */
function expectBeginningOf(recording: Recording, moments: readonly Live[]): void {
	for (const [number, place] of recording.places.entries()) {
		const {state, events} = recording.segment(number);
		expectEqual(withoutRing(state), withoutRing(moments[place.events]?.before as State));
		expectEqual(
			events,
			moments.slice(place.events, place.events + place.count).map(({stamped}) => stamped),
		);
	}
}

describe('a recording', () => {
	it.each([
		['ndjson', expectSame],
		['ndjson.gz', expectBeginningOf],
		['ndjson.zst', expectBeginningOf],
	] as const)('of any session, as %s, gives the same states', async (end, expectContent) => {
		await fc.assert(
			fc.asyncProperty(storms, async storm => {
				const file = fresh(end);
				const moments = [...live(healthy, storm)];
				await record(file, moments);
				const recording = await openRecording(file);
				try {
					expect(recording.cutShort).toBe(false);
					expect(recording.events).toBe(moments.length);
					expectContent(recording, moments);
				} finally {
					recording.close();
				}
			}),
			{numRuns: 40},
		);
	});

	it.each(['ndjson', 'ndjson.gz', 'ndjson.zst'])(
		'as %s has its segments at the offsets of the index',
		async end => {
			const file = fresh(end);
			const moments = minutes(4);
			await record(file, moments, {reason: 'a test'});
			const recording = await openRecording(file);
			expect(recording.header).toEqual(header({reason: 'a test'}));
			expect(recording.places).toHaveLength(9);
			expect(recording.endedAt).toBe(moments.at(-1)?.stamped.at);
			expect(recording.marks).toEqual(moments.at(-1)?.after.timeline);
			for (const [number, place] of recording.places.entries()) {
				const {state, events} = recording.segment(number);
				expect(withoutRing(state)).toStrictEqual(withoutRing(moments[place.events]?.before as State));
				expect(events).toHaveLength(place.count);
				expect(events[0]).toEqual(moments[place.events]?.stamped);
			}

			recording.close();
		},
	);

	it('is an ordinary file for gzip and zstd', async () => {
		const plain = fresh('ndjson');
		const moments = minutes(2);
		await record(plain, moments);
		const [gz, zst] = [fresh('ndjson.gz'), fresh('ndjson.zst')];
		await record(gz, moments);
		await record(zst, moments);
		// The index differs, since it has the places of the segments.
		const events = (text: string) => text.trimEnd().split('\n').slice(0, -1);
		expect(events(gunzipSync(readFileSync(gz)).toString())).toEqual(events(readFileSync(plain, 'utf8')));
		const {stdout, exitCode} = await execa('zstdcat', [zst], {reject: false});
		if (exitCode === 0) {
			expect(events(stdout)).toEqual(events(readFileSync(plain, 'utf8')));
		}
	});

	it('that was compressed again is read', async () => {
		const file = fresh('ndjson.gz');
		const moments = minutes(2);
		await record(file, moments);
		const again = fresh('ndjson.gz');
		writeFileSync(again, gzipSync(gunzipSync(readFileSync(file))));
		const recording = await openRecording(again);
		expect(recording.cutShort).toBe(false);
		expectSame(recording, moments);
		recording.close();
	});

	it.each(['ndjson', 'ndjson.gz', 'ndjson.zst'])(
		'as %s, truncated at any byte, gives its beginning',
		async end => {
			const file = fresh(end);
			const moments = minutes(2);
			await record(file, moments);
			const whole = readFileSync(file);
			const cut = fresh(end);
			let least = 0;
			for (const length of fc.sample(fc.integer({min: 1, max: whole.length - 1}), 25).sort((a, b) => a - b)) {
				writeFileSync(cut, whole.subarray(0, length));
				let recording: Recording;
				try {
					recording = await openRecording(cut);
				} catch (error) {
					expect(String(error)).toMatch(/its first line is incomplete|no recording of pgha-top/);
					expect(least).toBe(0);
					continue;
				}

				// Without gzip's checksum at its very end the index can be read all the same.
				expect(recording.cutShort || recording.events === moments.length).toBe(true);
				expect(recording.events).toBeGreaterThanOrEqual(least);
				least = recording.events;
				expect(recording.places.reduce((sum, {count}) => sum + count, 0)).toBe(recording.events);
				expectBeginningOf(recording, moments);
				const {after, before} = moments[recording.events - 1] ?? {};
				expect([before?.timeline, after?.timeline]).toContainEqual(
					recording.events === 0 ? undefined : recording.marks,
				);
				recording.close();
			}

			// All but the index is still there.
			writeFileSync(cut, whole.subarray(0, whole.length - 1));
			const recording = await openRecording(cut);
			expect(recording.events).toBe(moments.length);
			recording.close();
		},
	);

	it('that ends in zero bytes counts as truncated', async () => {
		for (const end of ['ndjson', 'ndjson.gz']) {
			const file = fresh(end);
			const moments = minutes(1);
			await record(file, moments);
			const whole = readFileSync(file);
			writeFileSync(file, Buffer.concat([whole.subarray(0, whole.length * 0.6), Buffer.alloc(4096)]));
			const recording = await openRecording(file);
			expect(recording.cutShort).toBe(true);
			expectSame(recording, moments.slice(0, recording.events));
			recording.close();
		}
	});

	it('with damage in the middle is an error with file and line', async () => {
		const file = fresh('ndjson');
		await record(file, minutes(2));
		const lines = readFileSync(file, 'utf8').split('\n');
		writeFileSync(file, lines.with(20, 'garbage').slice(0, -2).join('\n'));
		await expect(openRecording(file)).rejects.toThrow(
			new RecordingError(`${file}, line 21: not a line of a recording`),
		);
		writeFileSync(file, `${lines.with(20, '{"at":1,"event":garbage}').join('\n')}`);
		const recording = await openRecording(file);
		expect(() => [...recording.replay()]).toThrow(`${file}, line 21: not JSON`);
		recording.close();

		const gz = fresh('ndjson.gz');
		await record(gz, minutes(2));
		const bytes = readFileSync(gz);
		const middle = Math.round(bytes.length * 0.3);
		bytes.fill(7, middle, middle + 200);
		writeFileSync(gz, bytes.subarray(0, bytes.length - 10));
		await expect(openRecording(gz)).rejects.toThrow(/line \d+: damaged at byte \d+/);
	});

	it.each([
		['of a newer format', {version: 2}, 'its format is version 2, and this pgha-top reads up to version 1'],
		['that is none', {recording: 'other'}, 'not a recording of pgha-top'],
	])('%s is refused with an error message', async (_, changed, words) => {
		const file = fresh('ndjson');
		writeFileSync(file, `${JSON.stringify({...header(), ...changed})}\n`);
		await expect(openRecording(file)).rejects.toThrow(`${file}, line 1: ${words}`);
	});

	it('that does not exist, or is a folder, is refused with an error message', async () => {
		await expect(openRecording('/nonexistent')).rejects.toThrow('/nonexistent: no such file');
		await expect(openRecording(folder)).rejects.toThrow(`${folder}: `);
	});

	it('is readable by its owner only, and overwrites nothing', async () => {
		const file = fresh('ndjson.gz');
		await record(file, minutes(1));
		expect(statSync(file).mode & 0o777).toBe(0o600);
		const size = statSync(file).size;
		await expect(Recorder.begin({file, header: header(), onLost: () => undefined})).rejects.toThrow(
			`${file}: the file already exists; name another one`,
		);
		expect(statSync(file).size).toBe(size);
	});

	it('on a full disk ends with a message, and the console keeps running', async () => {
		const reasons: string[] = [];
		const recorder = new Recorder(await open('/dev/full', 'w'), {
			file: '/dev/full',
			header: header(),
			onLost: reason => reasons.push(reason),
		});
		for (const {stamped, before} of minutes(1)) {
			recorder.take(stamped, before);
		}

		await vi.waitUntil(() => reasons.length > 0);
		expect(reasons).toEqual(['no space is left on the disk']);
		recorder.take({at: start, event: {type: 'tick'}}, healthy);
		await recorder.stop(healthy);
	});

	it('has no log lines without --record-logs', async () => {
		const line = {
			at: start * 1000,
			order: start * 1000,
			node: 'pgdb1',
			service: 'patroni',
			level: 6,
			word: 'INFO',
			text: 'no action; hunter2 is the leader',
		};
		const lines = happening({
			type: 'logs.lines',
			source: 'logs:pgdb1',
			node: 'pgdb1',
			lines: [line],
			skipped: 0,
		});
		const moments = [
			...live(healthy, [
				happening({type: 'command', command: 'log.open'}),
				lines,
				happening({type: 'command', command: 'log.copy'}),
				happening({type: 'tick'}, 70),
				lines,
			]),
		];
		const [without, withLines] = [fresh('ndjson'), fresh('ndjson')];
		await record(without, moments);
		await record(withLines, moments, {logs: true});
		expect(readFileSync(without, 'utf8')).not.toContain('hunter2');
		const recording = await openRecording(withLines);
		const last = [...recording.replay()].at(-1)?.after;
		expect(last?.logs.ring.lines).toBe(2);
		expect(last?.logs).toEqual(moments.at(-1)?.after.logs);
		recording.close();
	});

	it('has no secret of a configuration change, and replays', async () => {
		const operator = new Operator();
		const patch = {
			ttl: 25,
			postgresql: {
				parameters: {primary_conninfo: 'host=a password=s3cret-one'},
				custom: {password: 's3cret-two'},
			},
		};
		const moments = [
			...live(operator.state, [
				{
					seconds: 1,
					event: ({cluster}) => ({
						type: 'config.edited',
						revision: cluster.keys.get('config')?.modRevision,
						patch,
						difference: ['-ttl: 20', '+ttl: 25'],
					}),
				},
				happening({type: 'tick'}, 70),
				...healthyFacts('trixie').map(fact => happening(fact)),
				happening({type: 'command', command: 'dialog.yes'}),
				happening({type: 'tick'}, 70),
				happening({type: 'tick'}, 1),
			]),
		];
		const file = fresh('ndjson');
		await record(file, moments);
		expect(JSON.stringify(moments)).toContain('s3cret-two');
		expect(moments.at(-1)?.after.runs).toHaveLength(1);
		expect(readFileSync(file, 'utf8')).not.toContain('s3cret');
		const recording = await openRecording(file);
		expect(recording.places.length).toBeGreaterThan(2);
		for (const [index, {after}] of [...recording.replay()].entries()) {
			const {view, runs} = (moments[index] as Live).after;
			expect(after.view.overlays.map(({kind}) => kind)).toEqual(view.overlays.map(({kind}) => kind));
			expect(after.runs.map(({steps, outcome}) => ({steps, outcome}))).toEqual(
				runs.map(({steps, outcome}) => ({steps, outcome})),
			);
		}

		recording.close();
	});

	it('with control sequences does not affect the terminal', async () => {
		const file = fresh('ndjson');
		await record(file, minutes(1));
		const evil = readFileSync(file, 'utf8').replaceAll(
			'no answer in time',
			'\\u001B]0;owned\\u0007\u202Eevil',
		);
		writeFileSync(file, evil.replaceAll('pgdb2', 'pg\\u001B[2Jdb2'));
		const recording = await openRecording(file);
		for (const {after} of recording.replay()) {
			expect(JSON.stringify(after)).not.toMatch(/\\u001b|\u202E/i);
		}

		recording.close();
	});
});
