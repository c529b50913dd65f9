import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {healthyFacts, patroniFact, suites} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {healthySession, Session, start} from '../../support/session.ts';

const found = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now).map(({severity, id, about}) =>
		[severity, id, ...(about === undefined ? [] : [about])].join(' '),
	);

describe('findings', () => {
	it.each(suites)('are empty for a healthy cluster of %s, whatever the order of its facts', suite => {
		fc.assert(
			fc.property(
				fc.shuffledSubarray([...healthyFacts(suite)], {minLength: healthyFacts(suite).length}),
				facts => {
					expect(found(new Session().at(0, ...facts))).toEqual([]);
				},
			),
			{numRuns: 30},
		);
	});

	it('call no silent cluster healthy', () => {
		const session = healthySession('trixie').at(60, {type: 'tick'});
		expect(found(session)[0]).toBe('unknown console.blind');
	});

	it('does not call a silence of reads a lost quorum', () => {
		const session = healthySession('trixie');
		for (const endpoint of session.state.target.endpoints) {
			session.at(1, {type: 'source.lost', source: `dcs:${endpoint}`, reason: 'no answer in time'});
		}

		expect(found(session.at(4))[0]).toBe('unknown etcd.unreachable');
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

		expect(found(session)[0]).toBe('unknown etcd.refused');
	});

	it('name a member that reports itself as primary while etcd has another leader', () => {
		const session = healthySession('trixie').at(1, {
			...patroniFact('trixie', 'pgdb2', 'pgdb1-patroni'),
			tookMs: 50,
		});
		expect(found(session)).toContain('critical leader.denied pgdb2');
		expect(found(session)).toContain('critical leader.two');
	});

	it('do not name the former leader by an answer that was asked for before the leader key moved', () => {
		const operator = new Operator('trixie');
		const asked = (seconds: number, name: string, role: string, tookMs: number) =>
			operator.after(seconds, {...operator.says(name, {role}), tookMs} as Event);
		const ids = () => found(operator).filter(text => /leader\.(two|denied)/.test(text));
		operator.after(1, operator.leads('pgdb2'));
		asked(1.2, 'pgdb2', 'primary', 50);
		expect(ids()).toEqual([]);
		asked(1.3, 'pgdb1', 'primary', 400);
		expect(ids()).toEqual([]);
		asked(1.4, 'pgdb1', 'primary', 50);
		expect(ids()).toEqual(['critical leader.two', 'critical leader.denied pgdb1']);
	});

	it('name a node whose clock is an hour off, and do not date the leader by its history', () => {
		const fact = patroniFact('trixie', 'pgdb2', 'pgdb2-patroni');
		const ahead = {...fact, status: {...fact.status, serverTime: start + 3_600_000}};
		expect(found(healthySession('trixie').at(0, ahead))).toEqual(['degraded clock.apart pgdb2']);
	});

	it('report two holders of the VIP, and none', () => {
		const vip = {ip: '10.73.0.172', interface: 'host0'};
		const two = healthySession('trixie').at(1, {
			type: 'addresses.added',
			source: 'vip:pgdb2',
			node: 'pgdb2',
			address: vip,
		});
		expect(found(two)).toEqual(['critical vip.two']);
		const none = healthySession('trixie').at(1, {
			type: 'addresses.removed',
			source: 'vip:pgdb1',
			node: 'pgdb1',
			address: vip,
		});
		expect(found(none)).toEqual(['critical vip.none']);
	});

	it('report an unknown holder of the VIP when its node is lost', () => {
		const session = healthySession('trixie').at(1, {
			type: 'source.lost',
			source: 'vip:pgdb1',
			reason: 'connection lost',
		});
		expect(found(session)).toContain('unknown vip.unknown');
	});
});
