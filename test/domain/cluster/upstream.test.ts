/** Which member streams from which: cascades, loops, names that identify no member, and the laws that hold for any cluster. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {isPrimary, isRunningState} from '../../../source/domain/cluster/health.ts';
import type {Member} from '../../../source/domain/cluster/member.ts';
import {members} from '../../../source/domain/cluster/members.ts';
import {missingRedundancy} from '../../../source/domain/drill/preconditions.ts';
import type {Event} from '../../../source/domain/events.ts';
import type {Replication} from '../../../source/domain/facts.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {preconditionsOf} from '../../../source/domain/operations/operation.ts';
import {successors} from '../../../source/domain/operations/preconditions/successors.ts';
import {operationContext} from '../../../source/state/selection.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {membersPane} from '../../../source/state/view/members.ts';
import {Session, target} from '../../support/session.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';

type Made = Parameters<typeof madeFacts>[0];

const made = (scene: Made) => new Session({...target, vip: undefined, nodes: []}).at(0, ...madeFacts(scene));
const all = ({state}: Session) => members(state.cluster, state.now);
const one = (session: Session, name: string) => all(session).find(member => member.name === name);
const connection = (application: string, state = 'streaming', address?: string): Replication => ({
	application,
	address,
	state,
	syncState: 'async',
});
const lists = (...names: readonly string[]) => ({replication: names.map(name => connection(name))});
const follows = (name: string, from: string, rest: object = {}) => ({
	name,
	key: {tags: {replicatefrom: from}},
	rest,
});

describe('a standby that is listed, but says itself that it does not stream', () => {
	const cut = (version: string) =>
		made({
			members: [
				{name: 'a', rest: lists('b')},
				{name: 'b', key: {version}, rest: {version, replicationState: undefined}},
			],
		});

	it('is believed: pg_stat_replication keeps a cut connection until wal_sender_timeout', () => {
		expect(one(cut('4.0.7'), 'b')).toMatchObject({
			health: 'unwell',
			upstream: {state: 'none', text: 'a lists it, but it reports that it does not stream'},
		});
	});

	it('has no such field before Patroni 3.0.4: there the list decides', () => {
		expect(one(cut('3.0.2'), 'b')).toMatchObject({health: 'well', upstream: {state: 'streaming', from: 'a'}});
	});
});

describe('a cascade', () => {
	it('streams if each of its links does', () => {
		const session = made({
			members: [
				{name: 'a', rest: lists('b')},
				{name: 'b', rest: lists('c')},
				follows('c', 'b', lists('d')),
				follows('d', 'c'),
			],
		});
		expect(all(session).map(({health}) => health)).toEqual(['well', 'well', 'well', 'well']);
		expect(one(session, 'd')?.upstream).toEqual({state: 'streaming', from: 'c'});
	});

	it('is broken below a link that streams from no member', () => {
		const session = made({
			members: [
				{name: 'a', rest: lists()},
				{name: 'b', rest: lists('c')},
				follows('c', 'b', lists('d')),
				follows('d', 'c'),
			],
		});
		expect(all(session).map(({health}) => health)).toEqual(['well', 'unwell', 'unwell', 'unwell']);
		expect(one(session, 'd')?.upstream).toMatchObject({
			state: 'none',
			text: expect.stringContaining('a does not list it'),
		});
	});

	it('is unknown below an unknown link', () => {
		const session = made({
			members: [
				{name: 'a', rest: undefined},
				{name: 'b', key: {version: '3.0.2'}, rest: {...lists('c'), replicationState: undefined}},
				follows('c', 'b'),
			],
		});
		expect(one(session, 'c')).toMatchObject({health: 'unknown', upstream: {state: 'unknown'}});
	});

	it('in a ring has no WAL to pass on', () => {
		const session = made({
			members: [{name: 'a', rest: lists()}, follows('b', 'c', lists('c')), follows('c', 'b', lists('b'))],
		});
		for (const name of ['b', 'c']) {
			expect(one(session, name)).toMatchObject({
				health: 'unwell',
				upstream: {state: 'none', text: expect.stringContaining('stream from each other')},
			});
		}
	});

	it('from a name that is not a member is from the leader', () => {
		const session = made({members: [{name: 'a', rest: lists('b')}, follows('b', 'nowhere')]});
		expect(one(session, 'b')?.upstream).toEqual({state: 'streaming', from: 'a'});
		const alone = made({members: [{name: 'a', rest: lists()}, follows('b', 'nowhere')]});
		expect(one(alone, 'b')?.upstream).toMatchObject({state: 'none', text: 'a does not list it'});
	});

	it('from the member itself is from the leader', () => {
		const session = made({members: [{name: 'a', rest: lists('b')}, follows('b', 'b')]});
		expect(one(session, 'b')?.upstream).toEqual({state: 'streaming', from: 'a'});
	});

	it("below a lost upstream is judged by the standby's own report", () => {
		const session = made({
			members: [{name: 'a', rest: lists('b')}, {name: 'b', rest: undefined}, follows('c', 'b')],
		});
		expect(one(session, 'c')?.upstream).toEqual({state: 'streaming', from: undefined});
	});
});

describe('the judgement of a standby', () => {
	const state = (replication: readonly Replication[], rest: object = {}, key: object = {}) =>
		one(
			made({
				members: [
					{name: 'a', rest: {replication}},
					{name: 'b', key, rest},
				],
			}),
			'b',
		)?.upstream?.state;

	it.each([
		['streaming', 'streaming'],
		['catchup', 'streaming'],
		// No WAL is sent yet, or any more.
		['startup', 'none'],
		['stopping', 'none'],
		['backup', 'none'],
		['of a later version', 'unknown'],
	])('that its upstream lists as %s: %s', (listed, expected) => {
		expect(state([connection('b', listed)])).toBe(expected);
	});

	it.each<[string, string]>([
		['B', 'streaming'],
		['walreceiver', 'streaming'],
		['pg_receivewal', 'none'],
	])('with the name %s, from its host: %s', (application, expected) => {
		expect(state([connection(application, 'streaming', '10.73.1.2')])).toBe(expected);
	});

	it('that its upstream does not list, whatever it reports itself', () => {
		expect(state([], {replicationState: 'streaming'})).toBe('none');
	});

	it('uses its REST answer, not its older key', () => {
		const key = {tags: {nostream: 'true'}, replicationState: 'in archive recovery'};
		expect(state([connection('b')], {tags: {}, replicationState: 'streaming'}, key)).toBe('streaming');
		expect(state([], {tags: {nostream: 'true'}}, {tags: {}})).toBe('archive');
	});

	it('that is tagged nostream and lost is unknown', () => {
		const session = made({
			members: [{name: 'a'}, {name: 'b', key: {tags: {nostream: 'true'}}, rest: undefined}],
		});
		expect(one(session, 'b')).toMatchObject({health: 'unknown', upstream: {state: 'unknown'}});
	});
});

/** Clusters of up to four members, in any mix of states, lists, tags, versions and lost sources; `a` holds the key. */
const names = ['a', 'b', 'c', 'd'] as const;
const anyReplication = fc.array(
	fc.record({
		application: fc.constantFrom(...names, 'walreceiver', 'debezium', ''),
		address: fc.constantFrom(undefined, '10.73.1.2', '10.73.1.3', '10.73.0.9'),
		state: fc.constantFrom('streaming', 'catchup', 'startup', 'backup', 'stopping', 'odd'),
		syncState: fc.constant('async'),
	}),
	{maxLength: 4},
);
const anyTags = fc.oneof(
	fc.constant({}),
	fc.record({replicatefrom: fc.constantFrom(...names, 'nowhere')}),
	fc.record({nostream: fc.constant('true')}),
	fc.record({nofailover: fc.constant('true')}),
	fc.record({failover_priority: fc.constantFrom('0', '1', '5')}),
);
const anyReplicationState = fc.constantFrom(undefined, 'streaming', 'in archive recovery');
const anyState = fc.constantFrom(
	'running',
	'running',
	'running',
	'starting',
	'stopped',
	'stopping',
	'creating replica',
);
const anyRest = fc.record({
	state: anyState,
	role: fc.constantFrom('replica', 'replica', 'replica', 'primary'),
	replicationState: anyReplicationState,
	replication: anyReplication,
	tags: anyTags,
	timeline: fc.constantFrom(3, 3, 2, undefined),
	received: fc.constantFrom(50_331_784, 50_331_784, 40_000_000, undefined),
});
const anyMember = fc.record({
	key: fc.record({
		state: anyState,
		replicationState: anyReplicationState,
		version: fc.constantFrom('3.0.2', '3.3.2', '4.0.7', undefined),
		tags: anyTags,
	}),
	rest: fc.option(anyRest, {nil: undefined}),
});
const anyCluster = fc.tuple(fc.array(anyMember, {minLength: 1, maxLength: 4}), fc.boolean()).map(
	([some, leader]): Made => ({
		members: some.map((member, index) => ({
			...member,
			name: names[index] ?? '',
			rest:
				member.rest && index === 0 && leader
					? {...member.rest, role: 'primary', replicationState: undefined}
					: member.rest,
		})),
		leader,
	}),
);
const lost = (name: string): Event => ({
	type: 'source.lost',
	source: `patroni:${name}`,
	reason: 'no answer in time',
});

const isStandby = (member: Member) =>
	member.key !== undefined && member.role === 'replica' && isRunningState(member.state) && !isPrimary(member);

describe('in any cluster', () => {
	it('no member is well without a fresh source', () => {
		fc.assert(
			fc.property(anyCluster, scene => {
				for (const member of all(made(scene))) {
					const listed = all(made(scene)).some(
						other =>
							other.name !== member.name &&
							other.restSees &&
							other.rest?.value.replication.some(
								({application, state}) =>
									application === member.name && (state === 'streaming' || state === 'catchup'),
							),
					);
					expect(member.health !== 'well' || member.restSees || listed).toBe(true);
				}
			}),
		);
	});

	it('losing a source makes no member well', () => {
		fc.assert(
			fc.property(anyCluster, fc.constantFrom(...names), (scene, name) => {
				const before = made(scene);
				const judged = new Map(all(before).map(member => [member.name, member.health]));
				before.at(1, lost(name));
				for (const {name: other, health} of all(before)) {
					expect([other, judged.get(other), health]).not.toEqual([other, 'unwell', 'well']);
					expect([other, judged.get(other), health]).not.toEqual([other, 'unknown', 'well']);
				}
			}),
			{numRuns: 200},
		);
	});

	it('rows, findings, preconditions, successors and drills agree on each member', () => {
		fc.assert(
			fc.property(anyCluster, scene => {
				const session = made(scene);
				const {cluster, now} = session.state;
				const found = findFindings(cluster, session.state.target, now);
				const rows = membersPane(shownSnapshot(session.state)).table?.rows ?? [];
				for (const member of all(session).filter(isStandby)) {
					const {name} = member;
					const checks = preconditionsOf(
						{kind: 'failover', candidate: name},
						operationContext(session.state),
					);
					const isOk = checks.some(
						({level, text}) => level === 'ok' && text.startsWith(`${name} is ${member.state}`),
					);
					const isFound = found.some(
						({id, about}) => about === name && (id === 'member.not-streaming' || id === 'member.diverged'),
					);
					const row = rows.find(({id}) => id === name)?.cells.map(({text}) => text);
					const state = row?.find(text => /^(running|streaming|in archive)/.test(text));
					expect(isOk).toBe(member.health === 'well');
					// A member that does not answer is reported as such.
					expect(isFound).toBe(
						member.health === 'unwell' || (member.health === 'unknown' && member.restSees),
					);
					expect(isOk && isFound).toBe(false);
					expect(/streams from none|not from the leader/.test(state ?? '')).toBe(
						member.upstream?.state === 'none',
					);
					const successor = successors(operationContext(session.state), []).find(
						other => other.member.name === name,
					);
					expect(successor === undefined || successor.concern !== undefined || isOk).toBe(true);
					const cure = preconditionsOf(
						{kind: 'reinitialize', member: name, force: true, fromLeader: false},
						operationContext(session.state),
					);
					expect(cure.some(({text}) => text.endsWith(': it is healthy'))).toBe(isOk);
					const gap = missingRedundancy({cluster, target: session.state.target, now}).some(text =>
						text.includes(name),
					);
					expect(gap || (isOk && member.restSees)).toBe(true);
				}
			}),
			{numRuns: 300},
		);
	});
});
