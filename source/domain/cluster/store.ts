/**
 * Which etcd data store the keys come from. Revisions count within one store; a rebuilt or restored etcd is another
 * one. Pure.
 */

import type {Event} from '../events.ts';
import type {SourceId} from '../facts.ts';
import type {Cluster, Foreign, Known, Store, StoreContent} from './cluster.ts';
import type {DcsValue} from './dcs.ts';
import {freshForMs} from './source-kinds.ts';

type Snapshot = Event & {type: 'dcs.snapshot'};

/**
 * How a linearizable read relates to the known store. `first`: nothing was read before; `news`: of this store;
 * `overtaken`: of this store, but older than the last read; `late`: requested before another store was found, so of
 * either one; `other`: of another store; `former`: of the store before, which still exists; `foreign`: of another
 * store, while this one still answers.
 */
export type Judgement = 'first' | 'news' | 'overtaken' | 'late' | 'other' | 'former' | 'foreign';

/** During a split, both stores answer within this time, ms. */
const splitWithin = 2 * freshForMs;

export function classifyRead({store, ...cluster}: Cluster, read: Snapshot, at: number): Judgement {
	if (cluster.read === undefined) {
		return 'first';
	}

	if (!isOfStore(store, read.began)) {
		return 'late';
	}

	const {former, reached = {revision: cluster.read.value, ended: Number.POSITIVE_INFINITY}} = store;
	// A read that overlaps a later one may be older, in this store as well; it proves nothing.
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
	// An endpoint of another store must show a known key: its store may only have grown past this one's revisions.
	const isFree = !isForeign(store, endpoint) || countSame(cluster, read) > 0;
	if (isFree && !contradicts({...cluster, reached}, read)) {
		return read.revision < cluster.read.value ? 'overtaken' : 'news';
	}

	const isSplit =
		store.foreign.some(one => one.endpoint === endpoint) ||
		(former !== undefined && at - former.leftAt <= splitWithin);
	return isSplit && otherServers(store, endpoint, at).length > 0 ? 'foreign' : 'other';
}

/** Other endpoints that just served this store; includes this endpoint if it alternates between stores. */
function otherServers({served, foreign}: Store, endpoint: string, at: number): readonly unknown[] {
	const alternates = foreign.some(one => one.endpoint === endpoint);
	return served.filter(one => (alternates || one.endpoint !== endpoint) && at - one.at <= freshForMs);
}

/**
 * Whether a linearizable read cannot be of the known store. Within one store:
 * - a read that began after another one ended has no lower revision;
 * - a key is created once, and its revisions only grow;
 * - the last read had all keys, so a key that it lacks was created later, and a key that it has needs a later revision
 * to be deleted.
 * A read of a new store that passes as one of the known store would make a later answer of the old store look like a
 * third store.
 */
function contradicts(
	{clusterId, read: last, keys, gone, forgottenRevision, reached}: StoreContent,
	read: Snapshot,
): boolean {
	if (read.clusterId !== clusterId) {
		return true;
	}

	if (read.began === undefined || read.ended === undefined) {
		// Recordings of older consoles do not have the order of requests.
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

	// The read before may have skipped keys that were deleted and dropped from `gone`; then it proves nothing about
	// absent keys.
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

/** Number of unchanged keys. Two stores have the same key only if one was restored from the other. */
function countSame({keys}: Pick<StoreContent, 'keys'>, {entries}: Snapshot): number {
	return entries.filter(({path, createRevision, modRevision, lease}) => {
		const known = keys.get(path);
		return (
			known?.modRevision === modRevision && known.createRevision === createRevision && known.lease === lease
		);
	}).length;
}

/** Compares as JSON: recorded events lack properties that are undefined. */
function isSameValue(a: DcsValue, b: DcsValue): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

/** The store after a read that was classified. */
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
				// An endpoint that alternates between stores stays in the list.
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

/** The store with a revision that it has reached, by a read or a watch. */
export function reach(store: Store, revision: number, ended = Number.POSITIVE_INFINITY): Store {
	const {reached} = store;
	const isKnown =
		reached !== undefined &&
		(reached.revision > revision || (reached.revision === revision && reached.ended <= ended));
	return isKnown ? store : {...store, reached: {revision, ended}};
}

/** Whether the answer to a request sent at `began` can only be of this store; without `began` it counts as such. */
export function isOfStore({since, firstRead}: Store, began: number | undefined): boolean {
	return began === undefined || began >= since || began === firstRead;
}

/** Whether the endpoint behind a source serves the store that is shown. */
export function isFromStore(store: Store, source: SourceId, began: number | undefined): boolean {
	return isOfStore(store, began) && !isForeign(store, endpointOf(source));
}

export function describeRebuilt({from, to}: NonNullable<Store['rebuilt']>): string {
	return `etcd was rebuilt or restored: revision ${from} → ${to}`;
}

/** Whether the endpoint serves another store than the one shown. */
export function isForeign({foreign}: Store, endpoint: string): boolean {
	return foreign.some(one => one.endpoint === endpoint);
}

/** The value, unless it may be of a former store. */
export function keepIfOfStore<T extends Known<unknown> & {began?: number | undefined}>(
	store: Store,
	known: T | undefined,
): T | undefined {
	return known !== undefined && isOfStore(store, known.began) ? known : undefined;
}

/** `http://10.73.0.160:2379` from `dcs:http://10.73.0.160:2379`. */
function endpointOf(source: SourceId): string {
	return source.slice(source.indexOf(':') + 1);
}

function serve(served: Store['served'], endpoint: string, at: number): Store['served'] {
	return [...served.filter(one => one.endpoint !== endpoint), {endpoint, at}];
}

function withForeign(foreign: readonly Foreign[], added: readonly Foreign[]): readonly Foreign[] {
	return [...foreign.filter(one => !added.some(({endpoint}) => endpoint === one.endpoint)), ...added];
}
