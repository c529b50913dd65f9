/** What a console read at its start is in its recording, without secrets, and is no time to jump to. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import {leaderKey} from '../../source/domain/cluster/keys.ts';
import type {EarlierRead} from '../../source/domain/events.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {redactEvent} from '../../source/recording/redact.ts';
import {checkEvent} from '../../source/recording/schema.ts';
import {Player} from '../../source/replay/player.ts';
import {healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import {happening, live, record} from '../support/recorded.ts';
import {Session, start} from '../support/session.ts';

const read: EarlierRead = {
	type: 'history.read',
	by: ['logs'],
	since: start - 3_600_000,
	until: start + 60_000,
	entries: [
		{
			at: start - 1000,
			kind: 'member',
			turn: 'worse',
			text: 'FATAL: password=s3cret-of-logs refused (journal of pgdb1)',
		},
	],
	holds: {vips: [], leader: {node: 'pgdb1', at: start - 5000, uncertainMs: 1}},
	missing: ['pgdb2: password=s3cret-of-logs'],
};

it('plays as it was', async () => {
	const moments = [
		...live(new Session().state, [
			...healthyFacts('trixie').map(fact => happening(fact)),
			happening(read, 1),
			happening({type: 'tick'}, 2),
		]),
	];
	const file = path.join(temporaryFolder('earlier'), 'earlier.ndjson');
	await record(file, moments);
	expect(readFileSync(file, 'utf8')).not.toContain('s3cret-of-logs');
	const recording = await openRecording(file);
	expect(recording.marks).toEqual([]);
	const player = new Player(recording, {asOperator: false, perform: () => undefined});
	player.advance(600_000);
	const {timeline, cluster} = player.state;
	expect(timeline.map(({at, isEarlier, about}) => [at - start, isEarlier ?? false, about?.of])).toEqual([
		[-1000, true, undefined],
		[0, false, 'begin'],
		[0, false, 'begin'],
	]);
	expect(leaderKey(cluster)?.heldFrom).toEqual({at: start - 5000, uncertainMs: 1});
});

it('has no secret', () => {
	expect(JSON.stringify(redactEvent(read, {logs: true}))).not.toContain('s3cret-of-logs');
});

it.each<[string, object]>([
	['entries', {entries: [{at: 'now'}]}],
	['holds.vips', {holds: {vips: [{node: 'a'}]}}],
	['since', {since: 1e20}],
	['missing', {missing: [7]}],
])('is checked: %s', (field, wrong) => {
	checkEvent(start, read);
	expect(() => {
		checkEvent(start, {...read, ...wrong});
	}).toThrow(`history.read is invalid: ${field}`);
});
