import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type Cluster, emptyCluster} from '../../../source/domain/cluster/cluster.ts';
import {leaderKey} from '../../../source/domain/cluster/keys.ts';
import {foldCluster} from '../../../source/domain/cluster/reducer.ts';
import type {ClusterEvent, Fact} from '../../../source/domain/events.ts';
import {snapshotFact} from '../../support/captures.ts';

const fold = (events: readonly ClusterEvent[], from: Cluster = emptyCluster) =>
	events.reduce((cluster, event, index) => foldCluster(cluster, event, index), from);

const leaderPut = (member: string, revision: number): Fact => ({
	type: 'dcs.put',
	source: 'watch:a',
	entry: {
		path: 'leader',
		value: {kind: 'leader', member},
		createRevision: revision,
		modRevision: revision,
		lease: '1',
	},
});
const leaderGone = (revision: number): Fact => ({
	type: 'dcs.deleted',
	source: 'watch:a',
	path: 'leader',
	revision,
});

describe('keys of the DCS', () => {
	it("keeps the newest revision, whatever the order of the watches' events", () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.boolean(), fc.constantFrom('pgdb1', 'pgdb2')), {minLength: 1, maxLength: 12}),
				fc.infiniteStream(fc.nat()),
				(changes, seeds) => {
					const facts = changes.map(([put, member], index) =>
						put ? leaderPut(member, index + 1) : leaderGone(index + 1),
					);
					const doubled = [...facts, ...facts];
					const shuffled = doubled
						.map(fact => ({fact, order: seeds.next().value ?? 0}))
						.sort((a, b) => a.order - b.order)
						.map(({fact}) => fact);
					const last = changes.at(-1);
					expect(leaderKey(fold(shuffled))?.member).toBe(last?.[0] ? last[1] : undefined);
				},
			),
		);
	});

	it('does not let a slower read undo a newer watch event', () => {
		const snapshot = snapshotFact('trixie');
		const later = leaderPut('pgdb2', snapshot.revision + 5);
		const cluster = fold([snapshot, later, snapshot]);
		expect(leaderKey(cluster)?.member).toBe('pgdb2');
	});

	it('removes a key that a newer read lacks, with the time', () => {
		const snapshot = snapshotFact('trixie');
		const without = {
			...snapshot,
			revision: snapshot.revision + 1,
			entries: snapshot.entries.filter(({path}) => path !== 'leader'),
		};
		const cluster = fold([snapshot, without]);
		expect(leaderKey(cluster)).toBeUndefined();
		expect(cluster.gone.get('leader')).toEqual({revision: snapshot.revision + 1, since: 1, live: true});
	});

	it('has an exact time only for a change that a source saw', () => {
		const snapshot = snapshotFact('trixie');
		expect(leaderKey(fold([snapshot]))).toMatchObject({since: 0, live: false});
		const moved = fold([
			snapshot,
			leaderGone(snapshot.revision + 1),
			leaderPut('pgdb2', snapshot.revision + 2),
		]);
		expect(leaderKey(moved)).toMatchObject({member: 'pgdb2', since: 2, live: true});
	});

	it('resets when another etcd cluster answers', () => {
		const snapshot = snapshotFact('trixie');
		const other = {...snapshot, clusterId: 'another', revision: 3, entries: []};
		const cluster = fold([snapshot, other]);
		expect(cluster.keys).toEqual(new Map());
		expect(cluster.read?.value).toBe(3);
	});
});

describe('addresses', () => {
	const vip = {ip: '10.73.0.172', interface: 'host0'};
	const snapshot = (addresses: (typeof vip)[]): Fact => ({
		type: 'addresses.snapshot',
		source: 'vip:pgdb1',
		node: 'pgdb1',
		addresses,
	});

	it('remembers since when an address is there, exactly if its arrival was seen', () => {
		const come: Fact = {type: 'addresses.added', source: 'vip:pgdb1', node: 'pgdb1', address: vip};
		const cluster = fold([snapshot([]), come, snapshot([vip])]);
		expect(cluster.addresses.get('pgdb1')?.value).toEqual([{...vip, since: 1, live: true}]);
	});

	it('says "at least" again after the node was lost', () => {
		const lost: Fact = {type: 'source.lost', source: 'vip:pgdb1', reason: 'gone'};
		const cluster = fold([snapshot([vip]), snapshot([vip]), lost, snapshot([vip])]);
		expect(cluster.addresses.get('pgdb1')?.value).toEqual([{...vip, since: 3, live: false}]);
	});
});
