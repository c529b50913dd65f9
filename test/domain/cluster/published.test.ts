import {expect, test} from 'vitest';
import type {MemberKey} from '../../../source/domain/cluster/dcs.ts';
import {members} from '../../../source/domain/cluster/members.ts';
import type {Event, Fact} from '../../../source/domain/events.ts';
import type {PatroniStatus} from '../../../source/domain/facts.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {membersPane} from '../../../source/state/view/members.ts';
import {Session} from '../../support/session.ts';
import {madeFacts, madeSnapshot, memberKey, patroniStatus} from '../../support/synthetic-cluster.ts';

const start = 50_331_784;
const [one, two] = [{name: 'pgdb1'}, {name: 'pgdb2'}];

/** loop_wait is 10 s: what was published within 15 s is of the last loop. */
const begin = () => new Session().at(0, ...madeFacts({members: [one, two]}));

const put = (
	path: string,
	value: (Fact & {type: 'dcs.put'})['entry']['value'],
	modRevision: number,
): Event => ({
	type: 'dcs.put',
	source: 'watch:http://10.73.0.160:2379',
	entry: {path, value, createRevision: 10, modRevision, lease: undefined},
	began: modRevision,
	ended: modRevision,
});
const status = (optime: number, revision: number) =>
	put('status', {kind: 'status', optime, slots: {}}, revision);
const key = (data: Partial<MemberKey>, revision: number) =>
	put('members/pgdb2', {kind: 'member', name: 'pgdb2', data: {...memberKey, ...data}}, revision);
const answers = (member: string, answer: Partial<PatroniStatus>): Event => ({
	type: 'patroni.status',
	source: `patroni:${member}`,
	member,
	status: {
		...patroniStatus,
		...(member === 'pgdb1' ? {role: 'primary', received: undefined, replicationState: undefined} : {}),
		...answer,
	},
});
/** The keys as they were at first: they are read, and do not change. */
const read = (): Event => madeSnapshot({members: [one, two]});
const pgdb2 = ({state}: Session) => members(state.cluster, state.now).find(({name}) => name === 'pgdb2');
const lagCell = ({state}: Session) => {
	const {table} = membersPane(shownSnapshot(state));
	const column = table?.columns.findIndex(({title}) => title === 'Lag') ?? -1;
	return table?.rows.find(({id}) => id === 'pgdb2')?.cells[column]?.text;
};

test('a position that is published and answered alike is of now, however long ago it was published', () => {
	const session = begin();
	for (let second = 2; second <= 60; second += 2) {
		session.at(second, read(), answers('pgdb1', {location: start}), answers('pgdb2', {}));
	}

	expect(pgdb2(session)).toMatchObject({lag: 0, lagFrom: 'dcs', lagIsNow: true});
});

test('positions of the last loop are counted as patronictl does', () => {
	const session = begin().at(2, status(start + 5000, 600), key({location: start + 3000}, 601));
	session.at(
		8,
		read(),
		answers('pgdb1', {location: start + 9000}),
		answers('pgdb2', {received: start + 8800}),
	);
	expect(pgdb2(session)).toMatchObject({lag: 2000, lagFrom: 'dcs', lagIsNow: true});
});

test('a member that no longer reaches etcd has the lag that both members answer, not the published one', () => {
	const session = begin().at(2, status(start + 5000, 600), key({location: start + 5000}, 601));
	for (let second = 4; second <= 24; second += 2) {
		session.at(
			second,
			read(),
			status(start + 100_000 * second, 600 + second),
			answers('pgdb1', {location: start + 100_000 * second}),
			answers('pgdb2', {received: start + 100_000 * second - 10}),
		);
	}

	expect(pgdb2(session)).toMatchObject({lag: 10, lagFrom: 'rest', lagIsNow: true});
	expect(
		findFindings(session.state.cluster, session.state.target, session.state.now).map(({id}) => id),
	).not.toContain('member.lag');
});

test('without an answer, what a key published is never shown as of now', () => {
	const session = begin().at(2, status(start + 3_000_000, 600), key({location: start}, 601));
	session.at(4, answers('pgdb2', {received: start}));
	session.at(5, {type: 'source.lost', source: 'patroni:pgdb2', reason: 'no answer in time', code: 'timeout'});
	for (let second = 6; second <= 30; second += 2) {
		session.at(second, read(), answers('pgdb1', {location: start + 3_000_000}));
	}

	expect(pgdb2(session)).toMatchObject({lag: 3_000_000, lagFrom: 'dcs', lagIsNow: false});
	expect(lagCell(session)).toBe('2.8 MiB?');
	const found = findFindings(session.state.cluster, session.state.target, session.state.now).find(
		({id}) => id === 'member.lag',
	);
	expect(found).toMatchObject({
		severity: 'unknown',
		about: 'pgdb2',
	});
	expect(found?.evidence.find(({text}) => text === `it publishes: ${start}`)?.fresh).toBe(false);
});

test('a leader that publishes no more leaves no lag of now, unless it answers', () => {
	const session = begin();
	for (let second = 2; second <= 20; second += 2) {
		session.at(second, read(), answers('pgdb2', {received: start + 100 * second}));
	}

	expect(pgdb2(session)).toMatchObject({lag: 0, lagIsNow: false});
});

test('a change that was read after a time without etcd may be as old as that time', () => {
	const session = begin().at(
		2,
		{
			type: 'source.lost',
			source: 'dcs:http://10.73.0.160:2379',
			reason: 'no answer in time',
			code: 'timeout',
		},
		answers('pgdb2', {received: start + 1000}),
	);
	session.at(40, answers('pgdb2', {received: start + 1000}), {
		...madeSnapshot({members: [one, two]}),
		revision: 700,
		entries: (madeSnapshot({members: [one, two]}) as Fact & {type: 'dcs.snapshot'}).entries.map(entry => ({
			...entry,
			modRevision: entry.modRevision + 500,
		})),
	} as Event);
	expect(pgdb2(session)?.lagIsNow).toBe(false);
});

test('its own answer after its key changed is newer: state, timeline, and a restart that waits', () => {
	const session = begin().at(
		2,
		key({state: 'starting', replicationState: undefined, timeline: 2, pendingRestart: true}, 600),
	);
	expect(pgdb2(session)).toMatchObject({state: 'starting', timeline: 2, restIsNewer: false});
	session.at(3, answers('pgdb2', {}));
	expect(pgdb2(session)).toMatchObject({
		state: 'streaming',
		stateFrom: 'rest',
		timeline: 3,
		restIsNewer: true,
	});
	const found = findFindings(session.state.cluster, session.state.target, session.state.now);
	expect(found.map(({id}) => id)).not.toContain('member.pending-restart');
});

test('a standby of a standby that gets no WAL streams, but not from the leader', () => {
	const chain = {pgdb1: {}, pgdb2: {tags: {replicatefrom: 'pgdb3'}}, pgdb3: {}};
	const session = new Session().at(
		0,
		...madeFacts({
			members: Object.entries(chain).map(([name, data]) => ({name, key: data})),
		}),
		answers('pgdb1', {location: start, replication: []}),
		answers('pgdb3', {
			replicationState: undefined,
			replication: [
				{application: 'pgdb2', user: undefined, address: undefined, state: 'streaming', syncState: 'async'},
			],
		}),
	);
	const {table} = membersPane(shownSnapshot(session.state));
	const column = table?.columns.findIndex(({title}) => title === 'State') ?? -1;
	const shown = Object.fromEntries((table?.rows ?? []).map(({id, cells}) => [id, cells[column]?.text]));
	expect(shown).toMatchObject({pgdb2: 'streaming, not from the leader', pgdb3: 'running, streams from none'});
	expect(pgdb2(session)?.health).toBe('unwell');
});
