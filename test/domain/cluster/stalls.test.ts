import {describe, expect, it} from 'vitest';
import {isFresh, unavailableReason} from '../../../source/domain/cluster/freshness.ts';
import {ongoingOutage} from '../../../source/domain/cluster/probe.ts';
import type {Event} from '../../../source/domain/events.ts';
import {findFindings, verdict} from '../../../source/domain/findings/findings.ts';
import {update} from '../../../source/state/update.ts';
import {healthyFacts} from '../../support/captures.ts';
import {healthySession, type Session, start} from '../../support/session.ts';

const stalled = (milliseconds: number, port?: number): Event => ({
	type: 'console.stalled',
	milliseconds,
	...(port === undefined ? {} : {port}),
});

function found({state: {cluster, target, now}}: Session): string[] {
	return findFindings(cluster, target, now).map(({id, severity}) => `${severity}: ${id}`);
}

function called({state: {cluster, target, now}}: Session): string {
	return verdict(findFindings(cluster, target, now));
}

it('of a silence only what this console could hear is counted, and it is named beside it', () => {
	const session = healthySession('trixie');
	for (let second = 1; second <= 20; second++) {
		session.at(second, {...stalled(900), brief: true} as Event);
	}

	const {cluster, now} = session.state;
	const reason = () =>
		unavailableReason(
			session.state.cluster.sourceStatuses.get('patroni:pgdb2'),
			'patroni:pgdb2',
			session.state.now,
		);
	expect(now - start).toBe(20_000);
	expect(cluster.sourceStatuses.get('patroni:pgdb2')).toMatchObject({unheard: 18_000});
	expect(reason()).toBe('this console was stalled for 18.0 s');
	session.at(26);
	expect(reason()).toBe('silent for 8 s, and this console was stalled for 18.0 s');
});

describe('a stall of the console', () => {
	it('is an entry, and a notice for a minute', () => {
		const session = healthySession('trixie');
		const before = found(session);
		session.at(1.3, stalled(1234));
		expect(session.state.timeline.at(-1)).toMatchObject({
			kind: 'sight',
			turn: 'news',
			text: 'this console was stalled for 1.2 s',
		});
		expect(found(session)).toEqual([...before, 'notice: console.stalled']);
		expect(called(session)).toBe('healthy');
		session.at(62, ...healthyFacts('trixie'));
		expect(found(session)).toEqual(before);
	});

	it('of a minute makes everything unknown, and blames no source, until the sources report again', () => {
		const session = healthySession('trixie').at(61, stalled(60_000));
		expect(found(session)).toEqual(['unknown: console.stalled']);
		expect(called(session)).toBe('unknown');
		const {cluster, now} = session.state;
		const silent = [...cluster.sourceStatuses].filter(([source]) =>
			/^(etcd|dcs|patroni|haproxy|vip):/.test(source),
		);
		expect(silent.length).toBeGreaterThan(5);
		for (const [source, sight] of silent) {
			expect(unavailableReason(sight, source, now)).toBe('this console was stalled for 60.0 s');
		}

		session.at(62, ...healthyFacts('trixie'));
		expect(called(session)).toBe('healthy');
		expect(session.state.timeline.filter(({turn}) => turn === 'worse')).toEqual([]);
	});

	it('makes what was live old at once, also where the next tick is late', () => {
		const session = healthySession('trixie');
		const [state] = update(session.state, {at: start + 9000, event: stalled(8500)});
		expect(state.now).toBe(start + 9000);
		expect(isFresh(state.cluster.sourceStatuses.get('haproxy:pgdb1'), 'haproxy:pgdb1', state.now)).toBe(
			false,
		);
	});

	it('in many short pieces is no entry and no notice, and what it did not hear is unknown all the same', () => {
		const session = healthySession('trixie');
		const before = found(session);
		for (let second = 1; second <= 10; second++) {
			session.at(second, {...stalled(700), brief: true} as Event);
		}

		expect(session.state.timeline.filter(({text}) => text.includes('stalled'))).toEqual([]);
		expect(found(session).filter(one => !before.includes(one))).toEqual([]);
		const {cluster, now} = session.state;
		expect(unavailableReason(cluster.sourceStatuses.get('patroni:pgdb1'), 'patroni:pgdb1', now)).toBe(
			'this console was stalled for 7.0 s',
		);
	});

	it('makes an answer as old as it waited: it is fresh no longer than that leaves', () => {
		const session = healthySession('trixie').at(2, ...healthyFacts('trixie'));
		const late = (lateMs: number) =>
			healthyFacts('trixie').flatMap((fact): Event[] =>
				fact.type === 'patroni.status' ? [{...fact, lateMs}] : [],
			);
		const isSeen = () => {
			const {cluster, now} = session.state;
			return isFresh(cluster.sourceStatuses.get('patroni:pgdb1'), 'patroni:pgdb1', now);
		};
		session.at(11, stalled(8900), ...late(8900));
		expect(isSeen()).toBe(false);
		const {cluster, now} = session.state;
		expect(unavailableReason(cluster.sourceStatuses.get('patroni:pgdb1'), 'patroni:pgdb1', now)).toBe(
			'this console was stalled for 8.9 s',
		);
		expect(cluster.patroni.get('pgdb1')?.at).toBe(start + 2100);
		session.at(12, ...late(3000));
		expect(isSeen()).toBe(true);
		session.at(16.5);
		expect(isSeen()).toBe(false);
	});

	it('does not excuse a source that stays silent after it', () => {
		const session = healthySession('trixie').at(61, stalled(60_000)).at(68);
		expect(found(session)).not.toContain('unknown: console.stalled');
		expect(called(session)).not.toBe('healthy');
	});

	it('is counted once if several threads report it', () => {
		const session = healthySession('trixie').at(5, stalled(4000, 5000), stalled(4010), stalled(4005, 5001));
		expect(session.state.timeline.filter(({text}) => text.includes('stalled'))).toHaveLength(1);
	});
});

describe('a stall of a probe', () => {
	const common = {source: 'probe:5000', port: 5000, purpose: 'write', startedAt: 0} as const;
	const answered: Event = {
		...common,
		type: 'probe.answered',
		server: '10.73.0.160:5432',
		inRecovery: false,
		latency: 3,
		write: true,
	};
	const failed: Event = {...common, type: 'probe.failed', reason: 'connection refused'};
	const outages = (session: Session) => session.state.cluster.probes.get(5000)?.outages ?? [];

	it('is not a write outage', () => {
		const session = healthySession('trixie').at(1, answered).at(4, stalled(3000, 5000)).at(4.1, answered);
		expect(outages(session)).toEqual([]);
		const without = healthySession('trixie').at(1, answered).at(4.1, answered);
		expect(outages(without)).toHaveLength(1);
	});

	it('within an outage is reported with it', () => {
		const session = healthySession('trixie')
			.at(1, answered)
			.at(1.1, failed)
			.at(3, stalled(1500, 5000))
			.at(3.1, answered);
		expect(outages(session)).toMatchObject([{stalled: 1500}]);
		expect(session.state.timeline.at(-1)?.text).toContain('of which this console was stalled for 1.5 s');
		const probe = session.state.cluster.probes.get(5000);
		expect(probe && ongoingOutage(probe)).toBeUndefined();
	});

	it('in pieces that are too short for a stall is not a write outage, and is reported within one', () => {
		const brief = (milliseconds: number): Event => ({...stalled(milliseconds, 5000), brief: true}) as Event;
		const session = healthySession('trixie')
			.at(1, answered)
			.at(2.4, brief(400), brief(200))
			.at(2.4, answered);
		expect(outages(session)).toEqual([]);
		session.at(4.5, brief(300), answered);
		expect(outages(session)).toMatchObject([{reason: 'slow answer', stalled: 300}]);
		expect(session.state.timeline.at(-1)?.text).toContain('of which this console was stalled for 0.3 s');
		// Without a port, another thread did not run.
		const other = healthySession('trixie').at(1, answered);
		other.at(2.4, {...stalled(600), brief: true} as Event).at(2.4, answered);
		expect(outages(other)).toHaveLength(1);
	});
});

describe('a restart of a probe', () => {
	const common = {source: 'probe:5000', port: 5000, purpose: 'write'} as const;
	const answered = (seconds: number, more: {first?: true; number?: number; write?: false} = {}): Event => ({
		...common,
		type: 'probe.answered',
		startedAt: start + seconds * 1000 - 400,
		answeredAt: start + seconds * 1000,
		server: '10.73.0.160:5432',
		inRecovery: false,
		latency: 3,
		write: true,
		...more,
	});
	const failed = (seconds: number, first?: true): Event => ({
		...common,
		type: 'probe.failed',
		startedAt: start + seconds * 1000 - 100,
		reason: 'connection refused',
		...(first && {first}),
	});
	const outages = (session: Session) => session.state.cluster.probes.get(5000)?.outages ?? [];

	it('is no outage: between the two there was no probe', () => {
		expect(outages(healthySession('trixie').at(1, answered(1)).at(4.96, answered(4.96)))).toHaveLength(1);
		const writes = healthySession('trixie')
			.at(1, answered(1))
			.at(4.96, answered(4.96, {first: true}));
		expect(outages(writes)).toEqual([]);
		// In recordings of older programs only the numbers show it.
		const older = healthySession('trixie')
			.at(1, answered(1, {number: 385}))
			.at(4.96, answered(4.96, {number: 1}))
			.at(5, answered(5, {number: 2}));
		expect(outages(older)).toEqual([]);
	});

	it('does not hide an outage after it, which begins with its first attempt', () => {
		const session = healthySession('trixie')
			.at(1, answered(1))
			.at(4, failed(4, true))
			.at(4.5, failed(4.5))
			.at(5, answered(5));
		expect(outages(session)).toMatchObject([{from: start + 3900, to: start + 5000}]);
	});

	it('does not end an outage, which has the time without a probe in it', () => {
		const session = healthySession('trixie')
			.at(1, answered(1))
			.at(1.5, failed(1.5))
			.at(4, failed(4, true))
			.at(5, answered(5));
		expect(outages(session)).toMatchObject([{from: start + 1000, to: start + 5000, stalled: 2400}]);
	});
});
