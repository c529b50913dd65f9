import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../../source/domain/cluster/cluster.ts';
import type {DcsValue} from '../../../source/domain/cluster/dcs.ts';
import {etcdNodes} from '../../../source/domain/cluster/etcd.ts';
import {type LeaderChange, noLeaderChanges} from '../../../source/domain/cluster/loss.ts';
import type {Fact} from '../../../source/domain/events.ts';
import {lossEntries} from '../../../source/domain/timeline/losses.ts';
import {endpoints, healthyFacts, snapshotFact, suites, unitsFact} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {healthySession, Session} from '../../support/session.ts';
import {acknowledged, probedTarget, unacknowledged} from '../../support/write-probe.ts';

const texts = ({state}: Session) =>
	state.timeline.map(({at, turn, text}) => `${at - state.startedAt} ${turn}: ${text}`);

const put = (path: string, value: DcsValue, revision: number): Fact => ({
	type: 'dcs.put',
	source: 'watch:http://10.73.0.160:2379',
	entry: {path, value, createRevision: path === 'leader' ? revision : 1, modRevision: revision, lease: '1'},
});

const gone = (path: string, revision: number): Fact => ({
	type: 'dcs.deleted',
	source: 'watch:http://10.73.0.160:2379',
	path,
	revision,
});

describe('the timeline', () => {
	it.each(suites)('has no entry for what was so before the console started (%s)', suite => {
		expect(texts(healthySession(suite))).toEqual([]);
	});

	it('shows a timeline that was not known before without a change', () => {
		const operator = new Operator();
		operator.after(1, operator.member('pgdb2', {timeline: undefined}));
		operator
			.after(2, operator.member('pgdb2', {timeline: 5}))
			.after(3, operator.member('pgdb2', {timeline: 6}));
		expect(texts(operator).filter(text => text.includes('timeline'))).toEqual([
			'2000 news: pgdb2: timeline 5',
			'3000 news: pgdb2: timeline 5 → 6',
		]);
	});

	it('reports a switchover, with the time without a leader', () => {
		const session = healthySession('trixie')
			.at(
				1,
				put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt: undefined}, 100),
			)
			.at(2, gone('leader', 101))
			.at(2.7, put('leader', {kind: 'leader', member: 'pgdb2'}, 102))
			.at(2.8, put('sync', {kind: 'sync', leader: 'pgdb2', standbys: [], quorum: 0}, 103))
			.at(
				3,
				put(
					'failover',
					{kind: 'failover', leader: undefined, candidate: undefined, scheduledAt: undefined},
					104,
				),
			);
		expect(texts(session)).toEqual([
			'1000 news: switchover requested: pgdb1 → pgdb2',
			'2000 worse: leader key gone, held by pgdb1 before',
			'2700 better: leader key: pgdb1 → pgdb2, no leader for 0.7 s',
			'2800 worse: sync standby: pgdb2 → none',
		]);
	});

	it('reports nothing twice when a polled read confirms a watch event', () => {
		const snapshot = snapshotFact('trixie');
		const leader = put('leader', {kind: 'leader', member: 'pgdb2'}, snapshot.revision + 1);
		const session = healthySession('trixie').at(1, leader);
		const confirmed = {
			...snapshot,
			revision: snapshot.revision + 1,
			entries: [
				...snapshot.entries.filter(({path}) => path !== 'leader'),
				...(leader.type === 'dcs.put' ? [leader.entry] : []),
			],
		};
		expect(texts(session.at(2, confirmed, leader))).toEqual(['1000 better: leader key: pgdb1 → pgdb2']);
	});

	it('reports when the VIP moves, seen or unseen', () => {
		const vip = {ip: '10.73.0.172', interface: 'eth0'};
		const session = healthySession('trixie')
			.at(1, {
				type: 'addresses.removed',
				source: 'vip:pgdb1',
				node: 'pgdb1',
				address: {...vip, interface: 'host0'},
			})
			.at(1.2, {type: 'addresses.added', source: 'vip:pgdb2', node: 'pgdb2', address: vip})
			.at(5, {type: 'source.lost', source: 'vip:pgdb2', reason: 'connection lost'})
			.at(9, {type: 'addresses.snapshot', source: 'vip:pgdb2', node: 'pgdb2', addresses: []});
		expect(texts(session)).toEqual([
			'1000 worse: VIP left pgdb1',
			'1200 better: VIP arrived on pgdb2',
			'5000 worse: pgdb2: SSH lost: connection lost',
			'9000 worse: VIP left pgdb2 while it could not be seen',
			'9000 better: pgdb2: SSH back after 4 s',
		]);
	});

	it('does not mark a second VIP holder as better, nor its end as worse', () => {
		const address = {ip: '10.73.0.172', interface: 'host0'};
		const session = healthySession('trixie')
			.at(1, {type: 'addresses.added', source: 'vip:pgdb2', node: 'pgdb2', address})
			.at(2, {type: 'addresses.removed', source: 'vip:pgdb2', node: 'pgdb2', address});
		expect(texts(session)).toEqual([
			'1000 news: VIP arrived on pgdb2; pgdb1 still reports it',
			'2000 news: VIP left pgdb2; pgdb1 has it',
		]);
	});

	it('reports a lost etcd member by name, once', () => {
		const lost: Fact = {
			type: 'source.lost',
			source: 'etcd:http://10.73.0.171:2379',
			reason: 'connection refused',
		};
		expect(texts(healthySession('trixie').at(1, lost).at(2, lost))).toEqual([
			'1000 worse: etcd etcd1 lost: connection refused',
		]);
	});

	it('reports what was scheduled, cancelled or not done at its time', () => {
		const at = '2026-11-23T00:01:00+00:00';
		const none = {kind: 'failover', leader: undefined, candidate: undefined, scheduledAt: undefined} as const;
		const scheduled = {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt: at} as const;
		expect(
			texts(
				healthySession('trixie')
					.at(1, put('failover', scheduled, 100))
					.at(2, put('failover', none, 101)),
			),
		).toEqual([
			`1000 news: switchover scheduled at 2026-11-23 00:01:00 UTC: pgdb1 → pgdb2`,
			`2000 news: switchover scheduled at 2026-11-23 00:01:00 UTC cancelled: pgdb1 → pgdb2`,
		]);
		expect(
			texts(
				healthySession('trixie')
					.at(1, put('failover', scheduled, 100))
					.at(2, gone('failover', 101)),
			).at(-1),
		).toContain('cancelled');
		expect(
			texts(
				healthySession('trixie')
					.at(1, put('failover', scheduled, 100))
					.at(90, put('failover', none, 101)),
			),
		).toContain(`90000 worse: switchover scheduled at 2026-11-23 00:01:00 UTC not done: pgdb1 → pgdb2`);
	});

	it('reports nothing for a schedule that was done', () => {
		const at = '2026-11-23T00:01:00+00:00';
		const session = healthySession('trixie')
			.at(1, put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt: at}, 100))
			.at(61, gone('leader', 101))
			.at(62, put('leader', {kind: 'leader', member: 'pgdb2'}, 102))
			.at(63, gone('failover', 103));
		expect(texts(session).join()).not.toMatch(/cancelled|not done/);
	});

	it('reports restarts that are scheduled and cancelled', () => {
		const at = '2026-11-23T00:01:00+00:00';
		const operator = new Operator().after(10);
		operator.after(11, operator.member('pgdb2', {scheduledRestart: at}));
		operator.after(12, operator.member('pgdb2', {scheduledRestart: undefined}));
		operator.after(13, operator.member('pgdb2', {scheduledRestart: at}));
		operator.after(70, operator.member('pgdb2', {scheduledRestart: undefined}));
		expect(texts(operator)).toEqual([
			`11000 news: pgdb2: restart scheduled at 2026-11-23 00:01:00 UTC`,
			`12000 news: pgdb2: restart scheduled at 2026-11-23 00:01:00 UTC cancelled`,
			`13000 news: pgdb2: restart scheduled at 2026-11-23 00:01:00 UTC`,
		]);
	});

	it('reports changes of the dynamic configuration, those of unknown keys included', () => {
		const operator = new Operator().after(10);
		operator.after(11, operator.configured({ttl: 33}));
		operator.after(12, operator.configured({}));
		operator.after(13, operator.configured({pause: true}));
		operator.after(14, operator.configured({pause: false, ttl: 20}));
		expect(texts(operator)).toEqual([
			expect.stringMatching(/^11000 news: dynamic configuration changed: ttl \d+ → 33$/),
			'12000 news: dynamic configuration changed',
			'13000 worse: paused',
			'14000 better: resumed',
			'14000 news: dynamic configuration changed: ttl 33 → 20',
		]);
	});
});

const loss = {kind: 'unknown', beyond: undefined, since: undefined} as const;

const change: Omit<LeaderChange, 'fork' | 'loss'> = {
	id: 1,
	at: 0,
	from: {
		leader: 'pgdb1',
		store: 0,
		revision: 1,
		timeline: 3,
		begin: 1,
		positions: [],
		published: undefined,
		released: undefined,
	},
	to: 'pgdb2',
	store: 0,
	revision: 2,
	isSync: false,
	servers: [],
	end: undefined,
};

function unitsOf(...made: Parameters<typeof unitsFact>) {
	const fact = unitsFact(...made);
	return fact.type === 'units.snapshot' ? fact.units : [];
}

describe('what is said twice', () => {
	const asked = (operator: Operator) =>
		operator.put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt: undefined});

	it("is the request of this console's own switchover in etcd: its confirmation stands there", () => {
		const operator = new Operator().after(10).select('pgdb2').press('operation.switchover', 'dialog.yes');
		operator.after(11, asked(operator));
		expect(texts(operator)).toEqual(['10000 news: operation confirmed: switchover pgdb1 → pgdb2']);
		expect(operator.state.timeline[0]?.operation).toEqual({
			name: 'switchover pgdb1 → pgdb2',
			phase: 'begun',
			newLeader: 'pgdb2',
		});
	});

	it("is not another one's request, nor a late one", () => {
		const other = new Operator().after(10);
		other.after(11, asked(other));
		expect(texts(other)).toEqual(['11000 news: switchover requested: pgdb1 → pgdb2']);
		const late = new Operator().after(10).select('pgdb2').press('operation.switchover', 'dialog.yes');
		late.after(15.1, asked(late));
		expect(texts(late)).toContain('15100 news: switchover requested: pgdb1 → pgdb2');
	});

	it('is each of the services that a boot starts: one entry has all that changed alike', () => {
		const services = ['patroni', 'etcd', 'haproxy'] as const;
		const session = healthySession('trixie')
			.at(1, unitsFact('pgdb1', services, {invocationId: 'a'}))
			.at(2, unitsFact('pgdb1', services, {invocationId: 'b'}))
			.at(3, {
				type: 'units.snapshot',
				source: 'units:pgdb1',
				node: 'pgdb1',
				units: (['inactive', 'inactive', 'failed'] as const).flatMap((active, index) =>
					unitsOf('pgdb1', services.slice(index, index + 1), {invocationId: 'b', active}),
				),
			});
		expect(texts(session).slice(-3)).toEqual([
			'2000 better: pgdb1: patroni, etcd, haproxy restarted',
			'3000 worse: pgdb1: patroni, etcd active → inactive',
			'3000 worse: pgdb1: haproxy active → failed',
		]);
	});

	it('is a loss of which only the fork is known better, and not what it has cost', () => {
		const session = healthySession('trixie');
		const {cluster} = session.state;
		const changed = (kind: 'line' | 'left', why: 'end' | 'timeline'): Cluster => ({
			...cluster,
			leaders: {
				...noLeaderChanges,
				changes: [{...change, fork: {kind, location: 1}, loss: {...loss, why}}],
			},
		});
		const found = (before: Cluster, after: Cluster) => lossEntries(before, after, 0).map(({text}) => text);
		expect(found(cluster, changed('line', 'timeline'))).toHaveLength(1);
		expect(found(changed('line', 'timeline'), changed('left', 'timeline'))).toEqual([]);
		expect(found(changed('line', 'end'), changed('left', 'end'))).toHaveLength(1);
	});
});

describe('an outage whose end the probe did not see', () => {
	it('is said to have no known end, once', () => {
		const session = new Session(probedTarget)
			.at(0, ...healthyFacts('trixie'))
			.at(1, acknowledged)
			.at(2, unacknowledged())
			.at(40, acknowledged)
			.at(41, acknowledged);
		expect(texts(session).filter(text => text.includes('outage'))).toEqual([
			'2000 worse: write outage through :5000 began at 00:00:01.000: connection refused',
			'40000 news: write outage through :5000: its end was not seen, the probe did not report',
		]);
	});
});

describe("etcd's members", () => {
	const named = ({state}: Session) =>
		etcdNodes(state.cluster, state.target, state.now).map(
			({name, raftLeader}) => `${name}${raftLeader ? ' leads' : ''}`,
		);
	const status = (endpoint: string, memberId: string, raftTerm: number, raftLeader?: string): Fact => ({
		type: 'etcd.status',
		source: `etcd:${endpoint}`,
		endpoint,
		status: {memberId, version: '3.5.16', dbSize: 1, raftLeader, raftTerm, revision: 1},
	});
	const [first, second] = endpoints;

	it("have their machines' names until etcd reports its own", () => {
		expect(named(new Session())).toEqual(['etcd1', 'pgdb1', 'pgdb2']);
		const lost: Fact = {type: 'source.lost', source: `etcd:${first}`, reason: 'connection refused'};
		expect(texts(new Session().at(1, lost))).toEqual(['1000 worse: etcd pgdb1 lost: connection refused']);
	});

	it('have no leader where the one that others name reports none itself', () => {
		const session = new Session().at(1, status(first, 'a', 8, 'b'), status(second, 'b', 8));
		expect(named(session)).toEqual(['etcd1', 'pgdb1', 'pgdb2']);
		expect(named(session.at(2, status(second, 'b', 8, 'b')))).toEqual(['etcd1', 'pgdb1', 'pgdb2 leads']);
	});

	it('have one leader: of two that claim it, the one with the higher term', () => {
		const session = new Session().at(1, status(first, 'a', 7, 'a'), status(second, 'b', 8, 'b'));
		expect(named(session)).toEqual(['etcd1', 'pgdb1', 'pgdb2 leads']);
		expect(texts(session.at(2, status(second, 'b', 9, 'a')))).toEqual([
			'1000 news: etcd raft leader: pgdb1 → pgdb2',
			'2000 news: etcd raft leader: pgdb2 → pgdb1',
		]);
	});
});
