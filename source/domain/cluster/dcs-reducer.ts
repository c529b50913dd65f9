/** Applies events of the DCS to the cluster: snapshots, changed and deleted keys. */
import {withEntry, withoutEntry} from '../../lib/json.ts';
import type {Asked, Event} from '../events.ts';
import type {Cluster, Gone, KnownKey, Store} from './cluster.ts';
import {clockTime, emptyCluster, keyOf} from './cluster.ts';
import type {DcsEntry, DcsValue} from './dcs.ts';
import {latenessOf} from './freshness.ts';
import {classifyRead, foldStore, keepIfOfStore, reach} from './store.ts';

/** The cluster without any data of the previous store. */
export function withoutStore(before: Cluster, store: Store): Cluster {
	const members = keepIfOfStore(store, before.etcd.members);
	return {
		...before,
		store,
		lease: undefined,
		dropped: undefined,
		droppedRestarts: new Map(),
		etcd: {...before.etcd, members, alarms: members === undefined ? [] : before.etcd.alarms},
	};
}

export function reachRevision(cluster: Cluster, revision: number, {ended}: Asked): Cluster {
	const store = reach(cluster.store, revision, ended);
	return store === cluster.store ? cluster : {...cluster, store};
}

export function putKey(cluster: Cluster, entry: DcsEntry, at: number, live: boolean): Cluster {
	const known = cluster.keys.get(entry.path);
	const gone = cluster.gone.get(entry.path);
	if ((known && known.modRevision >= entry.modRevision) || (gone && gone.revision >= entry.modRevision)) {
		return cluster;
	}

	const same =
		known !== undefined &&
		known.createRevision === entry.createRevision &&
		sameHolder(known.value, entry.value);
	const key = {
		...entry,
		since: same ? known.since : at,
		live: same ? known.live : live,
		heldFrom: same ? known.heldFrom : undefined,
		// What a watch reports may have waited; a whole read of before did not have it.
		changed: live && cluster.read !== undefined ? {at, after: cluster.read.at} : undefined,
	};
	const next = {
		...cluster,
		keys: withEntry(cluster.keys, entry.path, key),
		gone: withoutEntry(cluster.gone, entry.path),
	};
	return withDropped(cluster, withSystemId(next, entry), entry.path, at);
}

/** The key `initialize` is empty while a cluster is being initialized. */
function withSystemId(cluster: Cluster, {path, value}: DcsEntry): Cluster {
	return path === 'initialize' && value.kind === 'initialize' && value.systemId !== ''
		? {...cluster, systemId: value.systemId}
		: cluster;
}

export function deleteKey(
	cluster: Cluster,
	path: string,
	revision: number,
	at: number,
	live: boolean,
): Cluster {
	const known = cluster.keys.get(path);
	const gone = cluster.gone.get(path);
	if ((known && known.modRevision > revision) || (gone && gone.revision >= revision)) {
		return cluster;
	}

	const next = withBoundedGone({
		...cluster,
		keys: withoutEntry(cluster.keys, path),
		gone: withEntry(cluster.gone, path, goneOf(known, gone, {revision, since: at, live})),
	});
	return withDropped(cluster, next, path, at);
}

/** A bound on memory: Patroni deletes a handful of keys, but another writer may delete any number. */
const goneMax = 1000;

/** Drops the deleted keys with the lowest revisions first. */
function withBoundedGone(cluster: Cluster): Cluster {
	if (cluster.gone.size <= goneMax) {
		return cluster;
	}

	const [[path, oldest] = [undefined, undefined]] = [...cluster.gone].sort(
		([, a], [, b]) => a.revision - b.revision,
	);
	return path === undefined
		? cluster
		: {
				...cluster,
				gone: withoutEntry(cluster.gone, path),
				forgottenRevision: Math.max(cluster.forgottenRevision, oldest?.revision ?? 0),
			};
}

/** Whether the key may have been deleted and dropped from `gone` since. Not after a read of a later revision. */
export function isForgotten(
	{keys, gone, forgottenRevision}: Cluster,
	entry: DcsEntry,
	readAt: number,
): boolean {
	return (
		entry.modRevision <= forgottenRevision &&
		readAt < forgottenRevision &&
		!keys.has(entry.path) &&
		!gone.has(entry.path)
	);
}

function goneOf(known: KnownKey | undefined, before: Gone | undefined, now: Gone): Gone {
	const host = known?.value.kind === 'member' ? known.value.data.host : before?.host;
	const {since, live} = before ?? now;
	return {revision: now.revision, since, live, ...(host === undefined ? {} : {host})};
}

function withDropped(before: Cluster, after: Cluster, path: string, at: number): Cluster {
	if (path === 'failover' || path === 'leader') {
		return {...after, dropped: findMissedSwitchover(before, after, at)};
	}

	return path.startsWith('members/')
		? {...after, droppedRestarts: findMissedRestarts(before, after, path, at)}
		: after;
}

function sameHolder(a: DcsValue, b: DcsValue): boolean {
	return a.kind === 'leader' && b.kind === 'leader' ? a.member === b.member : true;
}

/** The scheduled switchover that was removed after its time while the same member still leads. */
export function findMissedSwitchover(before: Cluster, after: Cluster, at: number): Cluster['dropped'] {
	const was = keyOf(before, 'failover', 'failover')?.value;
	const is = keyOf(after, 'failover', 'failover')?.value;
	const leader = keyOf(after, 'leader', 'leader')?.value.member;
	// Another member leads: the schedule is done or obsolete.
	const known = leader !== before.dropped?.leader && leader !== undefined ? undefined : before.dropped;
	if (was?.scheduledAt === undefined || is?.scheduledAt !== undefined) {
		return is?.scheduledAt === undefined ? known : undefined;
	}

	const due = Date.parse(was.scheduledAt);
	return leader !== undefined && leader === was.leader && clockTime(after, at) > due
		? {leader, scheduledAt: was.scheduledAt, at}
		: known;
}

/**
 * The scheduled restart that was removed after its time. The member's REST API shows later whether PostgreSQL
 * restarted.
 */
export function findMissedRestarts(
	before: Cluster,
	after: Cluster,
	path: string,
	at: number,
): Cluster['droppedRestarts'] {
	const was = keyOf(before, path, 'member')?.value;
	const is = keyOf(after, path, 'member')?.value;
	const name = was?.name ?? is?.name ?? '';
	if (is?.data.scheduledRestart !== undefined) {
		return withoutEntry(before.droppedRestarts, name);
	}

	const scheduledAt = was?.data.scheduledRestart;
	const startedBefore = before.patroni.get(name)?.value.postmasterStartTime;
	return scheduledAt === undefined ||
		startedBefore === undefined ||
		clockTime(after, at) <= Date.parse(scheduledAt)
		? before.droppedRestarts
		: withEntry(before.droppedRestarts, name, {scheduledAt, at, startedBefore});
}

export function foldSnapshot(before: Cluster, event: Event & {type: 'dcs.snapshot'}, at: number): Cluster {
	const judgement = classifyRead(before, event, at);
	const store = foldStore(before, event, judgement, at);
	switch (judgement) {
		case 'late':
		case 'overtaken':
		case 'foreign': {
			return {...before, store};
		}

		case 'first':
		case 'news': {
			return withEntries({...before, store}, event, at, judgement === 'news');
		}

		case 'other': {
			return withEntries(
				{...withoutStore(before, store), keys: new Map(), gone: new Map(), forgottenRevision: 0},
				event,
				at,
				false,
			);
		}

		case 'former': {
			const {keys, gone} = before.store.former ?? emptyCluster;
			return withEntries({...withoutStore(before, store), keys, gone, forgottenRevision: 0}, event, at, true);
		}
	}
}

/** All keys of one read, except those that a watch reported later. */
function withEntries(
	before: Cluster,
	event: Event & {type: 'dcs.snapshot'},
	at: number,
	live: boolean,
): Cluster {
	let cluster = before;
	for (const entry of event.entries) {
		if (isForgotten(before, entry, event.revision)) {
			continue;
		}

		cluster = putKey(cluster, entry, at, live);
	}

	const present = new Set(event.entries.map(entry => entry.path));
	for (const [path, key] of cluster.keys) {
		if (!present.has(path) && key.modRevision <= event.revision) {
			cluster = deleteKey(cluster, path, event.revision, at, live);
		}
	}

	return {
		...cluster,
		scopes: event.scopes ?? [],
		clusterId: event.clusterId,
		read: {value: event.revision, at: at - latenessOf(event), source: event.source},
	};
}
