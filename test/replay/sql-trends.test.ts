/** The trends of SQL in a replay: the same after a jump as in the console, and in a recording whose snapshots lack them. */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {beforeAll, describe, expect, it} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import {Playhead} from '../../source/replay/playhead.ts';
import {healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import type {Happening} from '../support/random-events.ts';
import {happening, type Live, live, record} from '../support/recorded.ts';
import {Session, start} from '../support/session.ts';
import {monitored, statusOf} from '../support/sessions.ts';

const folder = temporaryFolder('sql-trends');
const file = path.join(folder, 'new.ndjson');
let moments: Live[];

beforeAll(async () => {
	const facts = healthyFacts('trixie');
	const happened = Array.from({length: 150}, (_, second): Happening[] => [
		...(second % 3 === 0 ? facts.map(fact => happening(fact)) : []),
		...(second % 2 === 0
			? [
					happening(
						statusOf('pgdb2', [], {
							serverTime: start + second * 1010,
							received: second ** 3,
							replayLagMs: second * 3,
						}),
					),
				]
			: []),
		...(second === 70
			? [happening({type: 'source.lost', source: 'sql:pgdb2', reason: 'no answer in time'})]
			: []),
		happening({type: 'tick'}, 1),
	]).flat();
	moments = [...live(new Session(monitored).state, happened)];
	await record(file, moments, {target: monitored});
});

const liveAt = (time: number) => moments.findLast(({stamped}) => stamped.at <= time)?.after.trends.sql;

describe('a jump', () => {
	it('leads to the trends that the console had', async () => {
		const recording = await openRecording(file);
		expect(recording.places.length).toBeGreaterThan(3);
		const head = new Playhead(recording);
		for (const time of [140, 20, 100, 65, 149].map(second => start + second * 1000)) {
			head.toTime(recording.endedAt);
			head.toTime(time);
			expect(head.state.trends.sql).toEqual(liveAt(time));
		}

		const {lag, wal} = head.state.trends.sql?.get('pgdb2')?.measures ?? {};
		expect(lag?.whole.runs.length).toBeGreaterThan(20);
		expect(wal?.whole.runs.length).toBeGreaterThan(20);
		recording.close();
	});
});

describe('a recording whose snapshots have no trends of SQL', () => {
	it('is played, and has them from where it was entered', async () => {
		const old = path.join(folder, 'old.ndjson');
		const lines = readFileSync(file, 'utf8').split('\n');
		const end = lines.findIndex(line => line.startsWith('{"index":'));
		const stripped = lines.slice(0, end).map(line => {
			if (!line.startsWith('{"segment":')) {
				return line;
			}

			const snapshot = JSON.parse(line) as {state: {trends: {sql?: unknown}}};
			delete snapshot.state.trends.sql;
			return JSON.stringify(snapshot);
		});
		writeFileSync(old, `${stripped.join('\n')}\n`);
		const recording = await openRecording(old);
		const head = new Playhead(recording);
		head.playTo(recording.endedAt);
		expect(head.state.trends.sql).toEqual(liveAt(recording.endedAt));
		const jumped = new Playhead(recording);
		jumped.toTime(recording.endedAt);
		const entered = recording.places.at(-1)?.at ?? 0;
		const {lag} = jumped.state.trends.sql?.get('pgdb2')?.measures ?? {};
		expect(lag?.since).toBeGreaterThanOrEqual(entered);
		recording.close();
	});
});
