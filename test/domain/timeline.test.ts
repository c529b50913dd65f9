import {describe, expect, it} from 'vitest';
import type {DcsValue} from '../../source/domain/dcs.ts';
import type {Fact} from '../../source/domain/events.ts';
import {snapshotFact, suites} from '../support/captures.ts';
import {healthySession, type Session} from '../support/session.ts';

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
	it.each(suites)('has nothing to tell of what was so before the console came (%s)', suite => {
		expect(texts(healthySession(suite))).toEqual([]);
	});

	it('tells a switchover, with the time that nobody led', () => {
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
			'1000 news: switchover asked for: pgdb1 → pgdb2',
			"2000 worse: leader key gone, it was pgdb1's",
			'2700 better: leader key: pgdb1 → pgdb2, nobody for 0.7 s',
			'2800 worse: sync standby: pgdb2 → none',
		]);
	});

	it('tells nothing twice when the polled read confirms what a watch told', () => {
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

	it('tells when the VIP moves, and when it moved unseen', () => {
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
			'9000 worse: VIP left pgdb2 while it was out of sight',
			'9000 better: pgdb2: SSH in sight again after 4 s',
		]);
	});

	it('tells a lost etcd member by its name, once however often it is asked', () => {
		const lost: Fact = {
			type: 'source.lost',
			source: 'etcd:http://10.73.0.171:2379',
			reason: 'connection refused',
		};
		expect(texts(healthySession('trixie').at(1, lost).at(2, lost))).toEqual([
			'1000 worse: etcd etcd1 lost: connection refused',
		]);
	});
});
