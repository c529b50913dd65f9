/** How far a member's clock is ahead: bounds that no delay, of the network or of this program, can make wrong. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {clockDifference} from '../../../source/domain/cluster/clocks.ts';
import {emptyCluster} from '../../../source/domain/cluster/cluster.ts';
import {foldCluster} from '../../../source/domain/cluster/reducer.ts';
import type {ClusterEvent} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {patroniFact} from '../../support/captures.ts';
import {healthySession, start} from '../../support/session.ts';

const fact = patroniFact('trixie', 'pgdb2', 'pgdb2-patroni');

function answer(serverTime: number, tookMs: number): ClusterEvent {
	return {...fact, status: {...fact.status, serverTime}, tookMs};
}

const wholeSecond = (time: number) => Math.floor(time / 1000) * 1000;

/** Asked, answered by the member's clock, taken in: each some time after the one before. */
const exchange = fc.record({
	pauseMs: fc.nat(5000),
	wayMs: fc.nat(20_000),
	waitMs: fc.nat(60_000),
});

describe("a member's clock", () => {
	it('is always within its bounds', () => {
		fc.assert(
			fc.property(
				fc.integer({min: -100_000, max: 100_000}),
				fc.array(exchange, {minLength: 1, maxLength: 8}),
				(aheadMs, exchanges) => {
					let now = start;
					let cluster = emptyCluster;
					for (const {pauseMs, wayMs, waitMs} of exchanges) {
						now += pauseMs;
						const serverTime = wholeSecond(now + wayMs + aheadMs);
						now += wayMs + waitMs;
						cluster = foldCluster(cluster, answer(serverTime, wayMs + waitMs), now);
						const bounds = clockDifference(cluster.patroni.get('pgdb2'));
						expect(bounds?.minMs).toBeLessThanOrEqual(aheadMs);
						expect(bounds?.maxMs).toBeGreaterThanOrEqual(aheadMs);
					}
				},
			),
		);
	});

	it('is known the better the more it has answered, and afresh once it is set', () => {
		let cluster = emptyCluster;
		const width = () => {
			const bounds = clockDifference(cluster.patroni.get('pgdb2'));
			return bounds === undefined ? Infinity : bounds.maxMs - bounds.minMs;
		};
		for (let count = 0; count < 10; count++) {
			const at = start + count * 2130;
			cluster = foldCluster(cluster, answer(wholeSecond(at), 10), at);
		}

		expect(width()).toBeLessThan(200);
		cluster = foldCluster(cluster, answer(wholeSecond(start + 90_000), 10), start + 30_000);
		expect(clockDifference(cluster.patroni.get('pgdb2'))?.minMs).toBeGreaterThan(59_000);
	});

	it('is no finding where the answer waited in the queue of a starved console', () => {
		const session = healthySession('trixie');
		// Asked at once, answered at once, and taken in nine seconds later.
		const late = {...answer(start + 20_000, 9000), lateMs: 8900} as ClusterEvent;
		const texts = () => {
			const {cluster, target, now} = session.state;
			return findFindings(cluster, target, now).map(({text}) => text);
		};
		session.at(29, late);
		expect(texts().filter(text => text.includes('clock'))).toEqual([]);
		session.at(40, answer(start + 20_000, 10));
		expect(texts()).toContain("pgdb2: its clock is 19 s behind this machine's");
	});
});
