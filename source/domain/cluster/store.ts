/** Which store of etcd the keys come from: revisions count within one store, and a rebuilt or restored etcd is another one; pure. */

import type {Event} from '../events.ts';
import type {SourceId} from '../facts.ts';
import type {Cluster, Foreign, Known, Store, StoreContent} from './cluster.ts';
import type {DcsValue} from './dcs.ts';
import {freshForMs} from './source-kinds.ts';

type Snapshot = Event & {type: 'dcs.snapshot'};

/**
 * What a linearizable read is to the store that is known. `first`: nothing was read before; `news`: it is of this store;
 * `overtaken`: a newer one is known; `late`: asked before another store was found, so that it may be of either; `other`: it is
 * of another store; `former`: it is of the one before, which is still there; `foreign`: of another one, and this one still answers.
 */
export type Judgement = 'first' | 'news' | 'overtaken' | 'late' | 'other' | 'former' | 'foreign';

/** Both stores of a split answer within this; ms. */
const splitWithin = 2 * freshForMs;

export function classifyRead({store, ...cluster}: Cluster, read: Snapshot, at: number): Judgement {
	if (cluster.read === undefined) {
		return 'first';
	}

	if (!isOfStore(store, read.began)) {
		return 'late';
	}

	const {former, reached = {revision: cluster.read.value, ended: Number.POSITIVE_INFINITY}} = store;
	// Of this store too, a read that overlaps a later one shows keys as they were, perhaps as they were restored: that proves nothing.
	const isOlder =
		read.clusterId === cluster.clusterId &&
		read.revision < reached.revision &&
		!(reached.ended < (read.began ?? 0));
	if (
		former !== undefined &&
		!isOlder &&
		!contradicts(former, read) &&
		countSame(former, read) > countSame(cluster, read) &&
		store.served.some(served => at - served.at <= freshForMs)
	) {
		return 'former';
	}

	const endpoint = endpointOf(read.source);
	// An endpoint that held another store has to show a key that is known, or it may only have grown past the revisions of this one.
	const isFree = !isForeign(store, endpoint) || countSame(cluster, read) > 0;
	if (isFree && !contradicts({...cluster, reached}, read)) {
		return read.revision < cluster.read.value ? 'overtaken' : 'news';
	}

	const isSplit =
		store.foreign.some(one => one.endpoint === endpoint) ||
		(former !== undefined && at - former.leftAt <= splitWithin);
	return isSplit && otherServers(store, endpoint, at).length > 0 ? 'foreign' : 'other';
}

/** Other endpoints that just served this store; also the endpoint itself, if it alternates between stores. */
function otherServers({served, foreign}: Store, endpoint: string, at: number): readonly unknown[] {
	const alternates = foreign.some(one => one.endpoint === endpoint);
	return served.filter(one => (alternates || one.endpoint !== endpoint) && at - one.at <= freshForMs);
}

/**
 * Whether a linearizable read cannot be of the store that is known. Reads never go back: one that began after another one had ended has
 * no lower revision. And at one revision a key is what it is: its own revisions only grow, and it is created once. At one revision
 * the store is what it is, too: the last read was of all keys, so that one which it did not show was created later, and one which it
 * showed needs a later revision to go. A read that passed for one of the known store in spite of that would not be taken for the
 * first of the new store: an answer of the old one that comes after it would then not be late, but a third store.
 */
function contradicts(
	{clusterId, read: last, keys, gone, forgottenRevision, reached}: StoreContent,
	read: Snapshot,
): boolean {
	if (read.clusterId !== clusterId) {
		return true;
	}

	if (read.began === undefined || read.ended === undefined) {
		// Recorded by an older console, without the order of its requests.
		return false;
	}

	if (read.revision < reached.revision) {
		return reached.ended < read.began;
	}

	const lastRead = last?.value ?? 0;
	if (read.revision === lastRead) {
		const paths = new Set(read.entries.map(({path}) => path));
		if ([...keys.keys()].some(path => !paths.has(path))) {
			return true;
		}
	}

	// Of a read of an earlier revision, keys were left out that may have gone since.
	const wholeAt = lastRead < forgottenRevision ? 0 : lastRead;
	return read.entries.some(entry => {
		const known = keys.get(entry.path);
		const end = gone.get(entry.path)?.revision;
		if (end !== undefined && entry.createRevision <= end) {
			return true;
		}

		if (known === undefined) {
			return entry.createRevision <= wholeAt;
		}

		if (known.modRevision > read.revision) {
			return false;
		}

		if (entry.modRevision === known.modRevision) {
			return (
				entry.createRevision !== known.createRevision ||
				entry.lease !== known.lease ||
				!isSameValue(entry.value, known.value)
			);
		}

		return (
			entry.modRevision < known.modRevision ||
			(entry.createRevision !== known.createRevision && entry.createRevision <= known.modRevision)
		);
	});
}

/** Keys that have not changed: two stores hold the same one only where one was restored from the other. */
function countSame({keys}: Pick<StoreContent, 'keys'>, {entries}: Snapshot): number {
	return entries.filter(({path, createRevision, modRevision, lease}) => {
		const known = keys.get(path);
		return (
			known?.modRevision === modRevision && known.createRevision === createRevision && known.lease === lease
		);
	}).length;
}

/** As JSON: what is undefined is not there in an event that was written down. */
function isSameValue(a: DcsValue, b: DcsValue): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

/** The store after a read that was judged. */
export function foldStore(cluster: Cluster, read: Snapshot, judgement: Judgement, at: number): Store {
	const {store} = cluster;
	const endpoint = endpointOf(read.source);
	switch (judgement) {
		case 'first':
		case 'news':
		case 'overtaken': {
			const former =
				store.former !== undefined && at - store.former.leftAt <= splitWithin ? store.former : undefined;
			return {
				...reach(store, read.revision, read.ended),
				firstRead: store.firstRead ?? read.began,
				former,
				served: serve(store.served, endpoint, at),
				// An endpoint that alternates between stores stays on the list.
				foreign: store.foreign.filter(one => one.endpoint !== endpoint || at - one.at <= splitWithin),
			};
		}

		case 'late': {
			return store;
		}

		case 'foreign': {
			return {...store, foreign: withForeign(store.foreign, [{endpoint, at, revision: read.revision}])};
		}

		case 'other': {
			const from = cluster.read?.value ?? 0;
			return {
				...begin(store, read, at),
				rebuilt: {at, from, to: read.revision},
				former: {
					clusterId: cluster.clusterId,
					read: cluster.read,
					keys: cluster.keys,
					gone: cluster.gone,
					forgottenRevision: cluster.forgottenRevision,
					reached: store.reached ?? {revision: from, ended: Number.POSITIVE_INFINITY},
					leftAt: at,
				},
				foreign: store.foreign.filter(one => one.endpoint !== endpoint),
			};
		}

		case 'former': {
			const revision = cluster.read?.value ?? 0;
			return {
				...begin(store, read, at),
				rebuilt: undefined,
				former: undefined,
				foreign: withForeign(
					store.foreign,
					store.served.map(served => ({endpoint: served.endpoint, at: served.at, revision})),
				),
			};
		}
	}
}

function begin(store: Store, {source, revision, began, ended}: Snapshot, at: number): Store {
	return {
		...store,
		generation: store.generation + 1,
		since: ended ?? store.since,
		firstRead: began,
		reached: {revision, ended: ended ?? Number.POSITIVE_INFINITY},
		served: [{endpoint: endpointOf(source), at}],
	};
}

/** The store is known to have reached a revision: by a read, or by what a watch reports. */
export function reach(store: Store, revision: number, ended = Number.POSITIVE_INFINITY): Store {
	const {reached} = store;
	const isKnown =
		reached !== undefined &&
		(reached.revision > revision || (reached.revision === revision && reached.ended <= ended));
	return isKnown ? store : {...store, reached: {revision, ended}};
}

/** The answer to a request sent at `began` cannot be of a store that was left before; without `began` it counts as current. */
export function isOfStore({since, firstRead}: Store, began: number | undefined): boolean {
	return began === undefined || began >= since || began === firstRead;
}

/** The endpoint behind a source serves the store that is shown. */
export function isFromStore(store: Store, source: SourceId, began: number | undefined): boolean {
	return isOfStore(store, began) && !isForeign(store, endpointOf(source));
}

export function describeRebuilt({from, to}: NonNullable<Store['rebuilt']>): string {
	return `etcd was rebuilt or restored: revision ${from} → ${to}`;
}

/** The endpoint serves another store than the one shown. */
export function isForeign({foreign}: Store, endpoint: string): boolean {
	return foreign.some(one => one.endpoint === endpoint);
}

/** What was read of etcd's own state, unless it may be of a store that was left. */
export function keepIfOfStore<T extends Known<unknown> & {began?: number | undefined}>(
	store: Store,
	known: T | undefined,
): T | undefined {
	return known !== undefined && isOfStore(store, known.began) ? known : undefined;
}

/** `http://10.73.0.160:2379` of `dcs:http://10.73.0.160:2379`. */
function endpointOf(source: SourceId): string {
	return source.slice(source.indexOf(':') + 1);
}

function serve(served: Store['served'], endpoint: string, at: number): Store['served'] {
	return [...served.filter(one => one.endpoint !== endpoint), {endpoint, at}];
}

function withForeign(foreign: readonly Foreign[], added: readonly Foreign[]): readonly Foreign[] {
	return [...foreign.filter(one => !added.some(({endpoint}) => endpoint === one.endpoint)), ...added];
}
