import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {healthyFacts, patroniFact, suites} from '../../support/captures.ts';
import {healthySession, Session, start} from '../../support/session.ts';

const texts = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now).map(({severity, text}) => `${severity}: ${text}`);

describe('findings', () => {
	it.each(suites)('are empty for a healthy cluster of %s, whatever the order of its facts', suite => {
		fc.assert(
			fc.property(
				fc.shuffledSubarray([...healthyFacts(suite)], {minLength: healthyFacts(suite).length}),
				facts => {
					expect(texts(new Session().at(0, ...facts))).toEqual([]);
				},
			),
			{numRuns: 30},
		);
	});

	it('call no silent cluster healthy', () => {
		const session = healthySession('trixie').at(60, {type: 'tick'});
		const [first] = texts(session);
		expect(first).toMatch(/^unknown: no source can be reached/);
	});

	it('does not call a silence of reads a lost quorum', () => {
		const session = healthySession('trixie');
		for (const endpoint of session.state.target.endpoints) {
			session.at(1, {type: 'source.lost', source: `dcs:${endpoint}`, reason: 'no answer in time'});
		}

		expect(texts(session.at(4))[0]).toBe(
			'unknown: etcd cannot be read: 3 of 3 answer, no linearizable read since 00:00:00',
		);
	});

	it('do not report a lost quorum when etcd answers and refuses reads', () => {
		const session = healthySession('trixie');
		for (const endpoint of session.state.target.endpoints) {
			session.at(1, {
				type: 'source.lost',
				source: `dcs:${endpoint}`,
				reason: 'the etcd user has no permission for this',
				refused: true,
			});
		}

		expect(texts(session)[0]).toBe(
			'unknown: etcd answers, but cannot be read: the etcd user has no permission for this',
		);
	});

	it('name a member that reports itself as primary while etcd has another leader', () => {
		const session = healthySession('trixie').at(1, {
			...patroniFact('trixie', 'pgdb2', 'pgdb1-patroni'),
		});
		expect(texts(session)).toContain(
			'critical: pgdb2 reports that it is primary, but the leader in etcd is pgdb1',
		);
		expect(texts(session)).toContain('critical: two primaries: pgdb1 and pgdb2');
	});

	it('name a node whose clock is an hour off, and do not date the leader by its history', () => {
		const fact = patroniFact('trixie', 'pgdb2', 'pgdb2-patroni');
		const ahead = {...fact, status: {...fact.status, serverTime: start + 3_600_000}};
		expect(texts(healthySession('trixie').at(0, ahead))).toEqual([
			"degraded: pgdb2: its clock is 3600 s ahead of this machine's",
		]);
	});

	it('report two holders of the VIP, and none', () => {
		const vip = {ip: '10.73.0.172', interface: 'host0'};
		const two = healthySession('trixie').at(1, {
			type: 'addresses.added',
			source: 'vip:pgdb2',
			node: 'pgdb2',
			address: vip,
		});
		expect(texts(two)).toEqual(['critical: two nodes hold the VIP 10.73.0.172: pgdb1 and pgdb2']);
		const none = healthySession('trixie').at(1, {
			type: 'addresses.removed',
			source: 'vip:pgdb1',
			node: 'pgdb1',
			address: vip,
		});
		expect(texts(none)).toEqual(['critical: no node holds the VIP 10.73.0.172']);
	});

	it('report an unknown holder of the VIP when its node is lost', () => {
		const session = healthySession('trixie').at(1, {
			type: 'source.lost',
			source: 'vip:pgdb1',
			reason: 'connection lost',
		});
		expect(texts(session)).toContain('unknown: holder of the VIP 10.73.0.172 not known');
	});
});
