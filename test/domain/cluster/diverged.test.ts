/** WAL that only a member has: claimed only where no order of the samples explains it. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {members} from '../../../source/domain/cluster/members.ts';
import {foldCluster} from '../../../source/domain/cluster/reducer.ts';
import type {ClusterEvent, Event} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {healthyFacts, patroniFact} from '../../support/captures.ts';
import {Session} from '../../support/session.ts';

const written = 50_331_784;
const healthy = () => new Session().at(0, ...healthyFacts('trixie'));

const facts = {
	pgdb1: patroniFact('trixie', 'pgdb1', 'pgdb1-patroni'),
	pgdb2: patroniFact('trixie', 'pgdb2', 'pgdb2-patroni'),
};
const {cluster: before, now} = healthy().state;

function answer(member: 'pgdb1' | 'pgdb2', changed: object, tookMs: number): ClusterEvent {
	const fact = facts[member];
	return {...fact, status: {...fact.status, ...changed}, tookMs};
}

/** What is claimed after each answer, in the order in which they arrive. */
function claims(all: ReturnType<typeof polls>): {at: number; ahead: number | undefined}[] {
	let cluster = before;
	return all.map(({at, event}) => {
		cluster = foldCluster(cluster, event, now + at);
		return {at, ahead: members(cluster, now + at).find(({name}) => name === 'pgdb2')?.ahead};
	});
}

function diverged({state: {cluster, target, now}}: Session): string[] {
	return findFindings(cluster, target, now)
		.filter(({id}) => id === 'member.diverged')
		.map(({text}) => text);
}

/** A poll of both members: ms from its start until each member took its sample, and from there until its answer arrived. */
const anyPoll = fc.record({
	leader: fc.record({sampled: fc.nat(900), arrived: fc.nat(900)}),
	replica: fc.record({sampled: fc.nat(900), arrived: fc.nat(900)}),
});

/** The events of polls every 2 s, in the order in which the answers arrive; @param locationAt by ms since the start */
function polls(
	all: readonly {leader: Delays; replica: Delays}[],
	locationAt: {leader: (ms: number) => number; replica: (ms: number) => number},
): {at: number; event: ClusterEvent}[] {
	return all
		.flatMap((poll, index) =>
			(['leader', 'replica'] as const).map(role => {
				const {sampled, arrived} = poll[role];
				const sampledAt = 1000 + index * 2000 + sampled;
				const location = locationAt[role](sampledAt);
				return {
					at: sampledAt + arrived,
					event:
						role === 'leader'
							? answer('pgdb1', {location}, sampled + arrived)
							: answer('pgdb2', {received: location, replayed: location}, sampled + arrived),
				};
			}),
		)
		.sort((one, other) => one.at - other.at);
}

type Delays = {sampled: number; arrived: number};

describe('WAL that only a member has', () => {
	it('is never claimed of a replica that follows at once, whatever the answers are delayed by', () => {
		fc.assert(
			fc.property(
				fc.array(anyPoll, {minLength: 2, maxLength: 6}),
				fc.integer({min: 1, max: 100_000}),
				(all, rate) => {
					const locationAt = (ms: number) => written + ms * rate;
					for (const {ahead} of claims(polls(all, {leader: locationAt, replica: locationAt}))) {
						expect(ahead).toBeUndefined();
					}
				},
			),
			{numRuns: 300},
		);
	});

	it('is claimed after two polls, and does not flap while the leader is behind it', () => {
		fc.assert(
			fc.property(fc.array(anyPoll, {minLength: 3, maxLength: 6}), all => {
				const locationAt = {leader: () => written, replica: () => written + 800};
				for (const {at, ahead} of claims(polls(all, locationAt))) {
					if (at >= 1000 + 2 * 2000) {
						expect(ahead).toBe(800);
					}
				}
			}),
			{numRuns: 300},
		);
	});

	it('is not claimed where it is not known when the leader was asked', () => {
		const {tookMs, ...unknown} = answer('pgdb1', {location: written}, 0) as Event & {tookMs: number};
		const session = healthy()
			.at(1, answer('pgdb2', {received: written + 800}, 10))
			.at(3, unknown as Event);
		expect(tookMs).toBe(0);
		expect(diverged(session)).toEqual([]);
	});
});

describe('WAL of an older timeline beyond its end', () => {
	const history: Event = {
		type: 'dcs.put',
		source: 'dcs:etcd1',
		entry: {
			path: 'history',
			version: 1,
			createRevision: 1,
			revision: 40,
			lease: undefined,
			value: {
				kind: 'history',
				lines: [
					{timeline: 1, location: written, reason: 'no recovery target', at: undefined, leader: 'pgdb1'},
				],
			},
		},
	} as unknown as Event;
	const afterFailover = (replica: object, list: readonly object[] = []) =>
		healthy()
			.at(1, history, answer('pgdb1', {timeline: 2, location: written + 5000, replication: list}, 10))
			.at(1, answer('pgdb2', replica, 10))
			.at(3, answer('pgdb1', {timeline: 2, location: written + 5000, replication: list}, 10))
			.at(3, answer('pgdb2', replica, 10));

	it('is claimed of a member that streams from none', () => {
		expect(diverged(afterFailover({timeline: 1, received: written + 120, replayed: written + 120}))).toEqual([
			'pgdb2 has 120 B of WAL on timeline 1 that the leader does not have',
		]);
	});

	it('is not claimed of one that stopped before the end, or has not answered twice', () => {
		expect(diverged(afterFailover({timeline: 1, received: written, replayed: written}))).toEqual([]);
		const once = healthy()
			.at(1, history, answer('pgdb1', {timeline: 2, location: written + 5000, replication: []}, 10))
			.at(1.5, answer('pgdb2', {timeline: 2, replayed: written + 120}, 10))
			.at(3, answer('pgdb2', {timeline: 1, replayed: written + 120}, 10));
		expect(diverged(once)).toEqual([]);
	});

	it('is not claimed of one that streams, and reports the older timeline for a loop', () => {
		const fact = patroniFact('trixie', 'pgdb1', 'pgdb1-patroni');
		const list = fact.status.replication;
		expect(list).not.toEqual([]);
		expect(
			diverged(afterFailover({timeline: 1, received: written + 120, replayed: written + 120}, list)),
		).toEqual([]);
	});
});
