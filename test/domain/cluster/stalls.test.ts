import {describe, expect, it} from 'vitest';
import {unavailableReason} from '../../../source/domain/cluster/freshness.ts';
import {ongoingOutage} from '../../../source/domain/cluster/probe.ts';
import type {Event} from '../../../source/domain/events.ts';
import {findFindings, verdict} from '../../../source/domain/findings/findings.ts';
import {healthyFacts} from '../../support/captures.ts';
import {healthySession, type Session} from '../../support/session.ts';

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
});
