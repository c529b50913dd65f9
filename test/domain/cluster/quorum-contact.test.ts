/** What proves that a member is in touch with etcd's quorum, what proves that it is not, and what is a silence. */
import {describe, expect, it} from 'vitest';
import {etcdNodes, quorum} from '../../../source/domain/cluster/etcd.ts';
import type {Event} from '../../../source/domain/events.ts';
import type {ErrorCode} from '../../../source/domain/facts.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {snapshotJson} from '../../../source/snapshot/json.ts';
import {etcdPane} from '../../../source/state/view/etcd.ts';
import {endpoints, etcdFacts, healthyFacts} from '../../support/captures.ts';
import {healthySession, type Session} from '../../support/session.ts';

const [pgdb1 = '', pgdb2 = '', etcd1 = ''] = endpoints;

/** The endpoint's own status; without a raft leader where it is out of touch. */
function status(endpoint: string, {leader = true} = {}): Event {
	const fact = etcdFacts('trixie').find(one => one.type === 'etcd.status' && one.endpoint === endpoint);
	if (fact?.type !== 'etcd.status') throw new Error(`no status of ${endpoint} in the captures`);
	return leader ? fact : {...fact, status: {...fact.status, raftLeader: undefined}};
}

const reads = (endpoint: string): Event => ({type: 'source.alive', source: `dcs:${endpoint}`});

const unread = (endpoint: string, code: ErrorCode = 'timeout'): Event => ({
	type: 'source.lost',
	source: `dcs:${endpoint}`,
	reason: code === 'refused' ? 'connection refused' : 'no answer in time',
	code,
});

const gone = (endpoint: string, code: ErrorCode): Event[] => [
	{...unread(endpoint, code), source: `etcd:${endpoint}`} as Event,
	unread(endpoint, code),
];

const others = (): Event[] => healthyFacts('trixie').filter(fact => !/^(etcd|dcs):/.test(fact.source));

function seen({state}: Session) {
	const {cluster, target, now} = state;
	const pane = etcdPane(state);
	const lines = pane.lines.map(cells => cells.map(({text}) => text).join(''));
	const first = lines.findIndex(text => /^Quorum/.test(text));
	const more = lines.slice(first + 1).filter(text => text.startsWith(' '));
	return {
		state: quorum(etcdNodes(cluster, target, now)).state,
		line: [lines[first]?.replace(/^Quorum\s+/, ''), ...more.map(text => text.trim())].join('; '),
		health: Object.fromEntries((pane.table?.rows ?? []).map(({id, cells}) => [id, cells[1]?.text])),
		findings: findFindings(cluster, target, now)
			.filter(({id}) => id.startsWith('etcd.'))
			.map(({severity, text}) => `${severity}: ${text}`),
	};
}

describe('the quorum of etcd', () => {
	it('says how many more may fail without the members that are not read', () => {
		const session = healthySession('trixie').at(
			8,
			...others(),
			...endpoints.map(url => status(url)),
			reads(pgdb1),
			reads(pgdb2),
			unread(etcd1),
		);
		expect(seen(session).line).toBe('2/3 healthy, 1 not read; none may fail without it');
		session.at(
			16,
			...others(),
			...endpoints.map(url => status(url)),
			reads(pgdb1),
			unread(pgdb2),
			unread(etcd1),
		);
		expect(seen(session)).toMatchObject({
			state: 'held',
			line: '1/3 healthy, 2 not read; it is lost without them',
		});
	});

	it('is not known while reads are silent, though all members answer', () => {
		const session = healthySession('trixie')
			.at(8, ...others(), ...endpoints.map(url => unread(url)))
			.at(9, ...endpoints.map(url => status(url)));
		expect(seen(session)).toEqual({
			state: 'unknown',
			line: 'unknown: not read for 9s',
			health: {etcd1: 'not read for 9s', pgdb1: 'not read for 9s', pgdb2: 'not read for 9s'},
			findings: ['unknown: etcd cannot be read: 3 of 3 answer, no linearizable read since 00:00:00'],
		});
		expect(snapshotJson(session.state).etcd).toMatchObject({
			quorum: {state: 'unknown', healthy: 0},
			members: endpoints.map(() => ({reads_linearizably: false, quorum_contact: 'unknown'})),
		});
	});

	it('is lost by the word of members that have no raft leader, and held as soon as one read is served', () => {
		const session = healthySession('trixie').at(
			3,
			...others(),
			...gone(pgdb2, 'refused'),
			...gone(etcd1, 'refused'),
			unread(pgdb1),
			status(pgdb1, {leader: false}),
		);
		expect(seen(session)).toMatchObject({
			state: 'lost',
			line: 'LOST: 0/3 healthy, 2 needed',
			health: {pgdb1: 'no raft leader'},
			findings: ['critical: etcd has no quorum: 1 of 3 answer, none reaches a majority of 2'],
		});
		session.at(4, status(pgdb1), reads(pgdb1));
		expect(seen(session).state).toBe('held');
	});

	it('is not called lost where the others may be on the other side of a broken network', () => {
		const session = healthySession('trixie').at(
			9,
			...others(),
			...gone(pgdb1, 'timeout'),
			...gone(pgdb2, 'timeout'),
			unread(etcd1),
			status(etcd1, {leader: false}),
		);
		expect(seen(session)).toMatchObject({
			state: 'unknown',
			line: 'none seen: no raft leader on 1 of 3',
			findings: ['critical: no etcd quorum seen: no raft leader on etcd1; no answer: pgdb1, pgdb2'],
		});
	});

	it('is held by one read, though the others do not answer here', () => {
		const session = healthySession('trixie').at(
			9,
			...others(),
			...gone(pgdb1, 'timeout'),
			...gone(pgdb2, 'timeout'),
			status(etcd1),
			reads(etcd1),
		);
		expect(seen(session)).toMatchObject({
			state: 'held',
			line: '1/3 healthy, 2 not read; it is lost without them',
		});
		expect(seen(session).findings).toEqual([
			expect.stringMatching(/^degraded: etcd pgdb1 does not answer/),
			expect.stringMatching(/^degraded: etcd pgdb2 does not answer/),
		]);
	});

	it('is not asked of a member that has just returned', () => {
		const session = healthySession('trixie')
			.at(20, ...healthyFacts('trixie'), ...gone(etcd1, 'refused'))
			.at(21, status(etcd1));
		expect(seen(session)).toMatchObject({state: 'held', health: {etcd1: 'not read yet'}, findings: []});
		// One that answers and does not serve reads is reported, once it takes longer than a read that works.
		session.at(24, ...healthyFacts('trixie').filter(fact => !fact.source.endsWith(etcd1)), status(etcd1));
		session.at(29, ...healthyFacts('trixie').filter(fact => !fact.source.endsWith(etcd1)), status(etcd1));
		expect(seen(session)).toMatchObject({
			health: {etcd1: 'not read for 8s'},
			findings: [
				expect.stringMatching(/^degraded: etcd etcd1 answers, but no linearizable read since 00:00:21/),
			],
		});
	});

	it('is not judged by an old status that the member list keeps in sight', () => {
		const session = healthySession('trixie').at(
			1,
			...endpoints.flatMap(url => [unread(url), status(url, {leader: false})]),
		);
		expect(seen(session).state).toBe('lost');
		session.at(9, ...etcdFacts('trixie').filter(({type}) => type === 'etcd.members'));
		expect(seen(session).state).toBe('unknown');
	});

	it('names its own stall where it did not hear the answer', () => {
		const session = healthySession('trixie')
			.at(8, {type: 'console.stalled', milliseconds: 7000})
			.at(8, ...endpoints.map(url => status(url)));
		expect(seen(session)).toMatchObject({
			state: 'unknown',
			health: {etcd1: 'this console was stalled for 7.0 s'},
			findings: [],
		});
	});
});
