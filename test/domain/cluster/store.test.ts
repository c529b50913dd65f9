import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type Cluster, emptyCluster} from '../../../source/domain/cluster/cluster.ts';
import type {DcsEntry} from '../../../source/domain/cluster/dcs.ts';
import {raftLeader} from '../../../source/domain/cluster/etcd.ts';
import {dcsIsRead, leaderKey} from '../../../source/domain/cluster/keys.ts';
import {foldCluster} from '../../../source/domain/cluster/reducer.ts';
import type {ClusterEvent, Fact} from '../../../source/domain/events.ts';
import {foldTimeline} from '../../../source/domain/timeline/timeline.ts';
import {target} from '../../support/session.ts';

type Content = ReadonlyMap<string, DcsEntry>;

/** One history of an etcd: its keys at each revision, the first one first. */
type History = {
	first: number;
	contents: readonly Content[];
	/** The revision that it was restored at, and served from. */
	served: number;
};

type Change = {path: string; member: string; kind: 'put' | 'delete'};

const paths = ['leader', 'members/pgdb1', 'members/pgdb2', 'config', 'failover'] as const;

const changes = (minLength: number) =>
	fc.array(
		fc.record({
			path: fc.constantFrom(...paths),
			member: fc.constantFrom('pgdb1', 'pgdb2'),
			kind: fc.constantFrom('put' as const, 'put' as const, 'delete' as const),
		}),
		{minLength, maxLength: 15},
	);

/** Each change makes a revision; deleting a missing key makes none in etcd, and is left out here. */
function grow(from: Omit<History, 'served'>, all: readonly Change[], lease: string): History {
	const contents = [...from.contents];
	for (const {path, member, kind} of all) {
		const before = contents.at(-1) ?? new Map<string, DcsEntry>();
		const revision = from.first + contents.length;
		const next = new Map(before);
		if (kind === 'put') {
			const createRevision = before.get(path)?.createRevision ?? revision;
			next.set(path, {
				path,
				value: {kind: 'leader', member},
				createRevision,
				modRevision: revision,
				lease: `${lease}${createRevision}`,
			});
		} else if (!next.delete(path)) {
			continue;
		}

		contents.push(next);
	}

	return {first: from.first, contents, served: from.first + from.contents.length - 1};
}

function newHistory(all: readonly Change[], lease: string): History {
	return grow({first: 1, contents: [new Map()]}, all, lease);
}

const lastOf = ({first, contents}: History) => first + contents.length - 1;
const at = ({first, contents}: History, revision: number): Content =>
	contents[revision - first] ?? new Map<string, DcsEntry>();

function read(
	history: History,
	revision: number,
	{began, ended, endpoint = 'a'}: {began: number; ended: number; endpoint?: string},
): Fact {
	return {
		type: 'dcs.snapshot',
		source: `dcs:http://${endpoint}:2379`,
		clusterId: 'same',
		revision,
		entries: [...at(history, revision).values()],
		began,
		ended,
	};
}

/** The watch event of the change that made a revision. */
function watched(history: History, revision: number, {began, ended}: {began: number; ended: number}): Fact[] {
	const [before, after] = [at(history, revision - 1), at(history, revision)];
	const source = 'watch:http://a:2379';
	const put = [...after.values()].filter(({modRevision}) => modRevision === revision);
	const gone = [...before.keys()].filter(path => !after.has(path));
	return [
		...put.map((entry): Fact => ({type: 'dcs.put', source, entry, began, ended})),
		...gone.map((path): Fact => ({type: 'dcs.deleted', source, path, revision, began, ended})),
	];
}

const fold = (events: readonly ClusterEvent[], from: Cluster = emptyCluster, time = 0) =>
	events.reduce((cluster, event, index) => foldCluster(cluster, event, time + index), from);

const held = ({keys}: Cluster) =>
	[...keys.values()]
		.map(({path, modRevision, value}) => `${path} ${modRevision} ${JSON.stringify(value)}`)
		.sort();
const inStore = (content: Content) =>
	[...content.values()]
		.map(({path, modRevision, value}) => `${path} ${modRevision} ${JSON.stringify(value)}`)
		.sort();

/** A read is asked, done at some moment in between, and answered; each moment is a number of one order. */
type Moments = {began: number; done: number; ended: number};

const moments = (from: number, to: number): fc.Arbitrary<Moments> =>
	fc
		.uniqueArray(fc.integer({min: from, max: to}), {minLength: 3, maxLength: 3})
		.map(all => all.sort((a, b) => a - b))
		.map(([began = 0, done = 0, ended = 0]) => ({began, done, ended}));

/** The store's revision at a moment: it grows with time, and linearizable reads see it as it is when they are done. */
const revisionAt = (history: History, moment: number, span: number) =>
	history.served + Math.floor(((lastOf(history) - history.served) * moment) / span);

const span = 1000;

describe('one history of etcd', () => {
	it('is never mistaken for two, whatever the overlap and the order of answers', () => {
		fc.assert(
			fc.property(
				changes(1),
				fc.array(fc.record({when: moments(0, span), watch: fc.boolean(), late: fc.nat(3 * span)}), {
					minLength: 2,
					maxLength: 25,
				}),
				(all, asked) => {
					const history = newHistory(all, 'l');
					const arrived = asked
						.flatMap(({when, watch, late}) => {
							const revision = revisionAt(history, when.done, span);
							const facts = watch ? watched(history, revision, when) : [read(history, revision, when)];
							return facts.map(fact => ({fact, turn: when.ended + late}));
						})
						.sort((a, b) => a.turn - b.turn)
						.map(({fact}) => fact);
					const cluster = fold(arrived);
					expect(cluster.store.generation).toBe(0);
					expect(cluster.store.foreign).toEqual([]);
					const last = lastOf(history);
					const after = fold([read(history, last, {began: 2 * span, ended: 2 * span + 1})], cluster);
					expect(after.store.generation).toBe(0);
					expect(held(after)).toEqual(inStore(at(history, last)));
				},
			),
			{numRuns: 500},
		);
	});
});

describe('a watch that is slower than a read of all keys', () => {
	it('does not restore a key that was deleted before that read', () => {
		const history = newHistory(
			[
				{path: 'failover', member: 'pgdb1', kind: 'put'},
				{path: 'failover', member: 'pgdb1', kind: 'delete'},
			],
			'l',
		);
		const cluster = fold([
			read(history, 3, {began: 1, ended: 3}),
			...watched(history, 2, {began: 2, ended: 4}),
		]);
		expect(cluster.keys.has('failover')).toBe(false);
	});
});

describe('an etcd that was rebuilt or restored', () => {
	const twice = fc
		.record({all: changes(1), again: changes(0), restoredAt: fc.option(fc.nat(15), {nil: undefined})})
		.map(({all, again, restoredAt}) => {
			const old = newHistory(all, 'old');
			if (restoredAt === undefined) {
				return {old, next: newHistory(again, 'new')};
			}

			const first = Math.min(restoredAt, old.contents.length - 1);
			return {old, next: grow({first: 1, contents: old.contents.slice(0, first + 1)}, again, 'new')};
		});

	it('keeps the keys of the new store, whatever answers of the old one arrive late', () => {
		fc.assert(
			fc.property(
				twice,
				fc.array(fc.record({when: moments(0, span), watch: fc.boolean()}), {maxLength: 12}),
				fc.array(moments(span + 1, 2 * span), {maxLength: 8}),
				// Requested before the store was replaced and answered after it, by either store.
				fc.array(
					fc.record({
						began: fc.integer({min: 1, max: span}),
						ended: fc.integer({min: span + 1, max: 2 * span}),
						old: fc.boolean(),
					}),
					{maxLength: 4},
				),
				({old, next}, before, after, across) => {
					const [oldEnd, newEnd] = [lastOf(old), lastOf(next)];
					const arrived = [
						...before.flatMap(({when, watch}) => {
							const revision = revisionAt(old, when.done, span);
							const facts = watch ? watched(old, revision, when) : [read(old, revision, when)];
							return facts.map(fact => ({fact, turn: when.ended}));
						}),
						// All of the old store was read once, and then it was replaced.
						{fact: read(old, oldEnd, {began: span - 0.5, ended: span}), turn: span},
						...across.map(({began, ended, old: isOld}) => ({
							fact: isOld ? read(old, oldEnd, {began, ended}) : read(next, next.served, {began, ended}),
							turn: ended,
						})),
						// A connection to the old store delivers its last events late.
						...across.flatMap(({began, ended}) =>
							watched(old, oldEnd, {began: Math.min(began, span - 0.5), ended}).map(fact => ({
								fact,
								turn: ended,
							})),
						),
						...after.map(when => ({
							fact: read(next, revisionAt(next, when.done - span, span), when),
							turn: when.ended,
						})),
					]
						.sort((a, b) => a.turn - b.turn)
						.map(({fact}) => fact);
					// No request to the old store is open: the first read finds the new one, if none did before, the second one reads it.
					const cluster = fold(
						[
							read(next, newEnd, {began: 2 * span + 1, ended: 2 * span + 2}),
							read(next, newEnd, {began: 2 * span + 3, ended: 2 * span + 4}),
						],
						fold(arrived),
						100_000,
					);
					expect(held(cluster)).toEqual(inStore(at(next, newEnd)));
					expect(cluster.read?.value).toBe(newEnd);
					expect(cluster.store.generation).toBeLessThanOrEqual(1);
					expect(cluster.store.foreign).toEqual([]);
				},
			),
			{numRuns: 500},
		);
	});

	const entry = (path: string, member: string, revision: number, createRevision = revision): DcsEntry => ({
		path,
		value: {kind: 'leader', member},
		createRevision,
		modRevision: revision,
		lease: `${createRevision}`,
	});
	const snapshot = (
		revision: number,
		entries: readonly DcsEntry[],
		began: number,
		endpoint = 'a',
		ended = began + 1,
	): Fact & {type: 'dcs.snapshot'} => ({
		type: 'dcs.snapshot',
		source: `dcs:http://${endpoint}:2379`,
		clusterId: 'same',
		revision,
		entries,
		began,
		ended,
	});
	const old = [snapshot(120, [entry('leader', 'pgdb1', 100)], 1)];

	it('is recognized by a lower revision: the store is reset, with an entry', () => {
		const lease: Fact = {
			type: 'lease.read',
			source: 'etcd:http://a:2379',
			lease: '100',
			ttl: 18,
			grantedTtl: 20,
		};
		const before = fold([
			...old,
			{...lease, began: 2},
			{
				type: 'dcs.deleted',
				source: 'watch:http://a:2379',
				path: 'failover',
				revision: 121,
				began: 1,
				ended: 5,
			},
		]);
		expect(before.lease?.value.ttl).toBe(18);
		const after = foldCluster(before, snapshot(7, [entry('leader', 'pgdb2', 5)], 10), 10);
		expect(leaderKey(after)).toMatchObject({member: 'pgdb2', since: 10, live: false});
		expect(after.lease).toBeUndefined();
		expect(after.gone.size).toBe(0);
		expect(after.read?.value).toBe(7);
		expect(foldTimeline([], before, after, target, 10).map(({text}) => text)).toEqual([
			'etcd was rebuilt or restored: revision 120 → 7',
			'leader key: pgdb1 → pgdb2',
		]);
	});

	it('with the same keys makes one entry', () => {
		const before = fold(old);
		const after = foldCluster(before, snapshot(110, [entry('leader', 'pgdb1', 100)], 10), 10);
		expect(foldTimeline([], before, after, target, 10).map(({text}) => text)).toEqual([
			'etcd was rebuilt or restored: revision 120 → 110',
		]);
	});

	it.each<[string, number, DcsEntry]>([
		['a key whose last change is older than it was', 150, entry('leader', 'pgdb1', 5)],
		['a key with another value at the same revision', 150, {...entry('leader', 'pgdb2', 100)}],
		['a key with another lease at the same revision', 150, {...entry('leader', 'pgdb1', 100), lease: '7'}],
		['a key that was created before it was known to be another one', 150, entry('leader', 'pgdb1', 140, 90)],
		['the same revision', 120, entry('leader', 'pgdb2', 60)],
	])('is recognized by %s, though its revision is not lower', (_, revision, one) => {
		const after = fold([...old, snapshot(revision, [one], 10)]);
		expect(after.store.generation).toBe(1);
		expect(after.keys.get('leader')?.modRevision).toBe(one.modRevision);
	});

	it('is recognized by other keys at the same revision', () => {
		const all: Fact[] = [
			snapshot(2, [entry('failover', 'pgdb1', 2)], 999, 'a', 1000),
			snapshot(2, [entry('leader', 'pgdb1', 2)], 1001, 'a', 1251),
			// Of the old store: its answer arrives after the new one was found.
			snapshot(2, [entry('failover', 'pgdb1', 2)], 1, 'b', 1252),
			snapshot(3, [entry('leader', 'pgdb1', 3, 2)], 1432, 'a', 1434),
		];
		expect(all.map((_, index) => fold(all.slice(0, index + 1)).store.generation)).toEqual([0, 1, 1, 1]);
		expect([...fold(all).keys.keys()]).toEqual(['leader']);
	});

	it.each<[string, number, readonly DcsEntry[]]>([
		[
			'a key that was not there when it was created',
			150,
			[entry('leader', 'pgdb1', 100), entry('config', 'x', 140, 90)],
		],
		['a key that is not there at the revision at which it was', 120, []],
	])('is recognized by %s', (_, revision, entries) => {
		expect(fold([...old, snapshot(revision, entries, 10)]).store.generation).toBe(1);
	});

	it('is recognized by a key that was deleted before it was created', () => {
		const gone: Fact = {
			type: 'dcs.deleted',
			source: 'watch:http://a:2379',
			path: 'leader',
			revision: 121,
			began: 1,
			ended: 4,
		};
		const after = fold([...old, gone, snapshot(150, [entry('leader', 'pgdb1', 100)], 10)]);
		expect(after.store.generation).toBe(1);
		expect(leaderKey(after)?.member).toBe('pgdb1');
	});

	it('is recognized by the revision that a watch reported before it was lost', () => {
		const put: Fact = {
			type: 'dcs.put',
			source: 'watch:http://a:2379',
			entry: entry('config', 'x', 130),
			began: 1,
			ended: 3,
		};
		const after = fold([...old, put, snapshot(125, [entry('leader', 'pgdb1', 100)], 10)]);
		expect(after.store).toMatchObject({generation: 1, rebuilt: {from: 120, to: 125}});
		expect([...after.keys.keys()]).toEqual(['leader']);
	});

	it('is not assumed for an older answer of a slower endpoint', () => {
		const after = fold([...old, snapshot(90, [], 1.5)]);
		expect(after.store.generation).toBe(0);
		expect(leaderKey(after)?.member).toBe('pgdb1');
	});

	it('is kept: no late read, watch or lease of the old store reverts it', () => {
		const rebuilt = fold([...old, snapshot(7, [entry('leader', 'pgdb2', 5)], 10, 'a', 12)]);
		const late: Fact[] = [
			snapshot(121, [entry('leader', 'pgdb1', 100)], 11, 'b', 13),
			{
				type: 'dcs.put',
				source: 'watch:http://b:2379',
				entry: entry('leader', 'pgdb1', 122),
				began: 8,
				ended: 14,
			},
			{
				type: 'dcs.deleted',
				source: 'watch:http://b:2379',
				path: 'leader',
				revision: 123,
				began: 8,
				ended: 15,
			},
			{type: 'lease.read', source: 'etcd:http://b:2379', lease: '5', ttl: -1, grantedTtl: 0, began: 9},
			{
				type: 'etcd.members',
				source: 'etcd:http://b:2379',
				members: [],
				alarms: [{memberId: '1', alarm: 'NOSPACE'}],
				began: 9,
			},
		];
		const after = fold(late, rebuilt, 50);
		expect(leaderKey(after)?.member).toBe('pgdb2');
		expect(after.store).toEqual(rebuilt.store);
		expect(after.lease).toBeUndefined();
		expect(after.etcd).toEqual(rebuilt.etcd);
	});

	it('is kept against a slower read of the store that it was restored from', () => {
		const config = entry('config', 'x', 90);
		const cluster = fold([
			snapshot(120, [config, entry('leader', 'pgdb1', 100)], 1),
			snapshot(110, [config, entry('leader', 'pgdb1', 100)], 10),
			snapshot(130, [entry('config', 'y', 128, 90), entry('leader', 'pgdb2', 130)], 20, 'a', 30),
			snapshot(125, [config, entry('leader', 'pgdb2', 121)], 21, 'b', 31),
		]);
		expect(cluster.store.generation).toBe(1);
		expect(leaderKey(cluster)?.member).toBe('pgdb2');
	});

	it('is watched at once by the connection that found it', () => {
		const put: Fact = {
			type: 'dcs.put',
			source: 'watch:http://a:2379',
			entry: entry('leader', 'pgdb1', 8),
			began: 10,
			ended: 15,
		};
		expect(leaderKey(fold([...old, snapshot(7, [], 10), put]))?.member).toBe('pgdb1');
	});

	it('has its own raft terms: a higher one of the old store does not count', () => {
		const status = (endpoint: string, raftTerm: number, raftLeader: string, began: number): Fact => ({
			type: 'etcd.status',
			source: `etcd:http://${endpoint}:2379`,
			endpoint: `http://${endpoint}:2379`,
			status: {memberId: endpoint, version: '3.5.16', dbSize: 1, raftLeader, raftTerm, revision: 1},
			began,
		});
		const cluster = fold([...old, status('b', 9, 'b', 2), snapshot(7, [], 10), status('a', 2, 'a', 10)]);
		expect(raftLeader(cluster)).toBe('a');
	});

	it('stays as it is when an older recording has no times of requests', () => {
		const {began: _, ended: __, ...unordered} = snapshot(7, [], 10);
		const {began: ___, ended: ____, ...first} = snapshot(120, [entry('leader', 'pgdb1', 100)], 1);
		expect(leaderKey(fold([first, unordered]))?.member).toBe('pgdb1');
	});

	describe('while another endpoint still has the old store', () => {
		const second = snapshot(7, [entry('leader', 'pgdb2', 5)], 10, 'c');
		const back = snapshot(121, [entry('leader', 'pgdb1', 100)], 20, 'b');

		it('is a split: the store that was read first stays, without flapping', () => {
			let cluster = fold([...old, second, back]);
			expect(cluster.store.foreign.map(({endpoint}) => endpoint)).toEqual(['http://c:2379']);
			const {generation} = cluster.store;
			for (let order = 30; order < 130; order += 10) {
				cluster = fold(
					[
						snapshot(7 + order, [entry('leader', 'pgdb2', 5)], order, 'c'),
						snapshot(121 + order, [entry('leader', 'pgdb1', 100)], order + 2, 'b'),
						{
							type: 'lease.read',
							source: 'etcd:http://c:2379',
							lease: '100',
							ttl: -1,
							grantedTtl: 0,
							began: order + 3,
						},
						{
							type: 'dcs.put',
							source: 'watch:http://c:2379',
							entry: entry('leader', 'pgdb2', 900),
							began: order,
							ended: order + 4,
						},
					],
					cluster,
					(order - 30) * 200 + 1000,
				);
				expect(leaderKey(cluster)?.member).toBe('pgdb1');
			}

			expect(cluster.store.generation).toBe(generation);
			expect(cluster.store.rebuilt).toBeUndefined();
			expect(cluster.lease).toBeUndefined();
		});

		it('is shown once the old store stops answering, and not before', () => {
			const split = fold([...old, second, back]);
			const onlyForeign = fold([snapshot(8, [entry('leader', 'pgdb2', 5)], 30, 'c')], split, 9000);
			expect(leaderKey(onlyForeign)?.member).toBe('pgdb2');
			const soon = fold([snapshot(8, [entry('leader', 'pgdb2', 5)], 30, 'c')], split, 3000);
			expect(leaderKey(soon)?.member).toBe('pgdb1');
			// Its endpoint answers, from another store.
			const blind = fold(
				[
					{type: 'source.lost', source: 'dcs:http://b:2379', reason: 'gone'},
					{type: 'source.lost', source: 'dcs:http://a:2379', reason: 'gone'},
				],
				soon,
				3500,
			);
			expect(dcsIsRead(blind, 3600)).toBe(false);
		});

		it('ends when the endpoint has the same store as the others', () => {
			const split = fold([...old, second, back]);
			const joined = fold([snapshot(130, [entry('leader', 'pgdb1', 100)], 40, 'c')], split, 30_000);
			expect(joined.store.foreign).toEqual([]);
		});

		it('shows one of three stores, without flapping', () => {
			const own = (endpoint: string, order: number) =>
				snapshot(
					{a: 120, b: 60, c: 7}[endpoint] ?? 0,
					[entry('leader', endpoint, {a: 100, b: 50, c: 5}[endpoint] ?? 0)],
					order,
					endpoint,
				);
			let cluster = emptyCluster;
			let turns = 0;
			for (let order = 1; order < 200; order += 2) {
				const next = foldCluster(
					cluster,
					own(['a', 'b', 'c'][((order - 1) / 2) % 3] ?? 'a', order),
					order * 300,
				);
				turns += next.store.generation === cluster.store.generation ? 0 : 1;
				cluster = next;
			}

			expect(turns).toBeLessThanOrEqual(2);
			expect(cluster.store.foreign).toHaveLength(2);
		});

		it('does not flap behind one address that alternates between the stores', () => {
			let cluster = emptyCluster;
			let turns = 0;
			for (let order = 1; order < 100; order += 2) {
				const isOld = ((order - 1) / 2) % 2 === 0;
				const next = foldCluster(
					cluster,
					isOld
						? snapshot(120, [entry('leader', 'pgdb1', 100)], order)
						: snapshot(7, [entry('leader', 'pgdb2', 5)], order),
					order * 1000,
				);
				turns += next.store.generation === cluster.store.generation ? 0 : 1;
				cluster = next;
			}

			expect(turns).toBeLessThanOrEqual(2);
		});
	});
});

describe('keys that are gone', () => {
	const put = (path: string, revision: number): ClusterEvent => ({
		type: 'dcs.put',
		source: 'watch:a',
		entry: {
			path,
			value: {kind: 'leader', member: 'x'},
			createRevision: revision,
			modRevision: revision,
			lease: undefined,
		},
	});
	const deleted = (path: string, revision: number): ClusterEvent => ({
		type: 'dcs.deleted',
		source: 'watch:a',
		path,
		revision,
	});

	it('are remembered up to a bound, and a forgotten one is not restored by an older event', () => {
		const all = Array.from({length: 3000}, (_, index) => [
			put(`members/m${index}`, 2 * index + 1),
			deleted(`members/m${index}`, 2 * index + 2),
		]).flat();
		const cluster = all.reduce((known, event, at) => foldCluster(known, event, at), emptyCluster);
		expect(cluster.gone.size).toBe(1000);
		expect(cluster.gone.has('members/m2999')).toBe(true);
		expect(cluster.gone.has('members/m0')).toBe(false);
		expect(foldCluster(cluster, put('members/m0', 1), 9000).keys.size).toBe(0);
		expect(foldCluster(cluster, put('members/m0', 6001), 9000).keys.size).toBe(1);
		const read: ClusterEvent = {
			type: 'dcs.snapshot',
			source: 'dcs:a',
			clusterId: '1',
			revision: 6001,
			entries: [
				{
					path: 'config',
					value: {kind: 'leader', member: 'x'},
					createRevision: 1,
					modRevision: 1,
					lease: undefined,
				},
			],
		};
		// A read of a later revision has it.
		expect([...foldCluster(cluster, read, 9000).keys.keys()]).toEqual(['config']);
		// One of an earlier revision lacks it; that does not make the later one a read of another store.
		const [earlier, later] = [
			{...read, revision: 1500, began: 1, ended: 3},
			{...read, began: 4, ended: 5},
		];
		const after = fold([earlier, later], cluster);
		expect([...after.keys.keys()]).toEqual(['config']);
		expect(after.store.generation).toBe(0);
	});
});
