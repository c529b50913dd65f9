/** The cluster as its witnesses told it: each value with when and by whom, newest revision first; pure folding of facts. */

import type {DcsEntry, DcsValue} from './dcs.ts';
import {type DroppedRestart, droppedRestarts, droppedSwitchover} from './dropped.ts';
import {withEntry, withoutEntry} from './entries.ts';
import type {Address, Asked, EtcdAlarm, EtcdMember, EtcdStatus, Event, SourceId} from './events.ts';
import type {HaproxyStats} from './haproxy.ts';
import type {PatroniStatus, Replication} from './patroni.ts';
import {foldProbes, type Probes} from './probes.ts';
import {foldSights, type Sights} from './sight.ts';
import {firstStore, foldStore, isFromStore, judge, keepIfOfStore, reach, type Store} from './store.ts';
import type {Filesystem, Unit} from './units.ts';

/** A value, when it was last confirmed (Unix ms) and by whom. */
export type Known<T> = {value: T; at: number; source: SourceId};

/** A member's own word. */
export type KnownStatus = Known<PatroniStatus> & {
	/** Since when it calls its state so, as far as this console has seen, Unix ms. */
	stateSince?: number;
	/** What it had received when it was asked before: known to be no more than it has now. */
	receivedBefore?: {location: number; at: number} | undefined;
	/** What it last said of who receives WAL from it: one whose PostgreSQL does not answer does not say. */
	lastReplication?: {list: readonly Replication[]; at: number} | undefined;
	/** When it came by this machine's clock (Unix ms), where that was set back and the session's time is ahead of it. */
	clockAt?: number;
};

/** What systemd says; `stopsSince`: Patroni's unit is `deactivating`, and was first seen so, Unix ms. */
export type KnownUnits = Known<readonly Unit[]> & {stopsSince?: number | undefined};

/** A key of the DCS; `since` is when this console first saw this holder's creation of it, `live` whether it saw it happen. */
export type KnownKey = DcsEntry & {since: number; live: boolean};

/** An address on a node; `live` tells that the console saw it arrive, so that `since` is exact and not "at least". */
export type KnownAddress = Address & {since: number; live: boolean};

/** When it was asked for, by the order numbers of `Asked`. */
type Ordered = {began: number | undefined};

/** `host`: of a member, where PostgreSQL was reached; recordings of older programs do not have it. */
export type Gone = {revision: number; since: number; live: boolean; host?: string};

/** `former`: addresses that were seen on the node and left it, and when; recordings of older programs do not have it. */
export type KnownAddresses = Known<readonly KnownAddress[]> & {
	former?: readonly {ip: string; at: number}[];
};

export type Cluster = {
	/** All revisions are of this store. */
	store: Store;
	/** etcd's cluster id; another one means another store. */
	clusterId: string | undefined;
	/** When the DCS was last read whole by a linearizable read, and by whom. */
	read: Known<number> | undefined;
	keys: ReadonlyMap<string, KnownKey>;
	/** Where the scope has no keys: those that the namespace does hold. */
	scopes: readonly string[];
	/** Keys that are known to be gone: at which revision, and when this console learnt of it. */
	gone: ReadonlyMap<string, Gone>;
	/** The highest revision of a key that was gone and is forgotten: what a watch reports of that time and before may be of it. */
	forgottenRevision: number;
	lease: Known<{lease: string; ttl: number; grantedTtl: number}> | undefined;
	etcd: {
		status: ReadonlyMap<string, Known<EtcdStatus> & Ordered>;
		members: (Known<readonly EtcdMember[]> & Ordered) | undefined;
		alarms: readonly EtcdAlarm[];
	};
	patroni: ReadonlyMap<string, KnownStatus>;
	addresses: ReadonlyMap<string, KnownAddresses>;
	/** By node. */
	haproxy: ReadonlyMap<string, Known<HaproxyStats>>;
	units: ReadonlyMap<string, KnownUnits>;
	disks: ReadonlyMap<string, Known<readonly Filesystem[]>>;
	/** By port. */
	probes: Probes;
	/** The last scheduled switchover that Patroni let go without doing it. */
	dropped: {leader: string; scheduledAt: string; at: number} | undefined;
	/** By member: its last scheduled restart that Patroni let go, perhaps without doing it. */
	droppedRestarts: ReadonlyMap<string, DroppedRestart>;
	/** PostgreSQL's system identifier as last read: it outlives its key, which is gone until a cluster is initialized again. */
	systemId: string | undefined;
	sights: Sights;
	/** When this program itself last did not run for a while, and how long, ms. */
	stall: {at: number; milliseconds: number} | undefined;
	/** When this machine's clock was last set (Unix ms), by how much, and how far the session's time is ahead of it since, ms. */
	clockSet: {at: number; milliseconds: number; aheadMs: number} | undefined;
};

export const emptyCluster: Cluster = {
	store: firstStore,
	clusterId: undefined,
	read: undefined,
	keys: new Map(),
	scopes: [],
	gone: new Map(),
	forgottenRevision: 0,
	lease: undefined,
	etcd: {status: new Map(), members: undefined, alarms: []},
	patroni: new Map(),
	addresses: new Map(),
	haproxy: new Map(),
	units: new Map(),
	disks: new Map(),
	probes: new Map(),
	dropped: undefined,
	droppedRestarts: new Map(),
	systemId: undefined,
	sights: new Map(),
	stall: undefined,
	clockSet: undefined,
};

/** The cluster after one more event. Facts that are older than what is known change nothing but the sight of their source. */
export function foldCluster(before: Cluster, event: Event, at: number): Cluster {
	if (event.type === 'probe.answered' || event.type === 'probe.failed') {
		// Many a second, and its own witness: it leaves all else as it is, so that nothing else is judged or drawn anew.
		// It answers again where it was lost by a fault of ours.
		const {sights} = before.sights.has(event.source)
			? {sights: withoutEntry(before.sights, event.source)}
			: before;
		return {...before, sights, probes: foldProbes(before.probes, event, at)};
	}

	const cluster = {...before, sights: foldSights(before.sights, event, at)};
	switch (event.type) {
		case 'dcs.snapshot': {
			return foldSnapshot(cluster, event, at);
		}

		case 'dcs.put': {
			const {entry} = event;
			// A read of all keys has shown since what became of it: a slower watch does not bring back what was deleted meanwhile.
			const isOvertaken = cluster.read !== undefined && entry.modRevision <= cluster.read.value;
			return !isOvertaken &&
				isFromStore(cluster.store, event.source, event.began) &&
				!isForgotten(cluster, entry, 0)
				? putKey(reached(cluster, entry.modRevision, event), entry, at, true)
				: cluster;
		}

		case 'dcs.deleted': {
			const {path, revision} = event;
			return isFromStore(cluster.store, event.source, event.began)
				? deleteKey(reached(cluster, revision, event), path, revision, at, true)
				: cluster;
		}

		case 'lease.read': {
			const {lease, ttl, grantedTtl, source} = event;
			return isFromStore(cluster.store, source, event.began)
				? {...cluster, lease: {value: {lease, ttl, grantedTtl}, at, source}}
				: cluster;
		}

		case 'etcd.status': {
			const known = {value: event.status, at, source: event.source, began: event.began};
			const status = withEntry(cluster.etcd.status, event.endpoint, known);
			return {...cluster, etcd: {...cluster.etcd, status}};
		}

		case 'etcd.members': {
			const {members: value, alarms, source, began} = event;
			return isFromStore(cluster.store, source, began)
				? {...cluster, etcd: {...cluster.etcd, members: {value, at, source, began}, alarms}}
				: cluster;
		}

		case 'patroni.status': {
			const status = foldStatus(before.patroni.get(event.member), event, at, clockTime(before, at));
			return {...cluster, patroni: withEntry(cluster.patroni, event.member, status)};
		}

		case 'addresses.snapshot':
		case 'addresses.added':
		case 'addresses.removed': {
			const value = foldAddresses(before, event, at);
			const former = formerOf(before.addresses.get(event.node), value, at);
			const addresses = {value, at, source: event.source, ...(former.length === 0 ? {} : {former})};
			return {...cluster, addresses: withEntry(cluster.addresses, event.node, addresses)};
		}

		case 'haproxy.stats': {
			const {node, source, servers, frontends} = event;
			const stats = {value: {servers, frontends}, at, source};
			return {...cluster, haproxy: withEntry(cluster.haproxy, node, stats)};
		}

		case 'units.snapshot': {
			const stops = event.units.some(
				({service, active}) => service === 'patroni' && active === 'deactivating',
			);
			const stopsSince = stops ? (before.units.get(event.node)?.stopsSince ?? at) : undefined;
			const units = {value: event.units, at, source: event.source, stopsSince};
			return {...cluster, units: withEntry(cluster.units, event.node, units)};
		}

		case 'disk.snapshot': {
			const disk = {value: event.filesystems, at, source: event.source};
			return {...cluster, disks: withEntry(cluster.disks, event.node, disk)};
		}

		case 'console.stalled': {
			return foldStall(cluster, event, at);
		}

		case 'clock.set': {
			return {...cluster, clockSet: {at, milliseconds: event.milliseconds, aheadMs: event.aheadMs}};
		}

		case 'source.closed': {
			// Nobody looks at this member any more (it is known under another name): what it said goes with the source.
			return event.source.startsWith('patroni:')
				? {...cluster, patroni: withoutEntry(cluster.patroni, event.source.slice('patroni:'.length))}
				: cluster;
		}

		default: {
			return cluster;
		}
	}
}

/** Threads that stalled together, as those of a stopped process do, report it within a moment: that is one stall. */
const together = 2000;

function foldStall(before: Cluster, event: Event & {type: 'console.stalled'}, at: number): Cluster {
	const {milliseconds} = event;
	const probes = foldProbes(before.probes, event, at);
	const {stall} = before;
	const isKnown =
		stall !== undefined && at - stall.at <= together && milliseconds <= stall.milliseconds + together;
	return {...before, probes, stall: isKnown ? stall : {at, milliseconds}};
}

function foldStatus(
	before: KnownStatus | undefined,
	{status, source}: Event & {type: 'patroni.status'},
	at: number,
	clockAt: number,
): KnownStatus {
	const last = before && {list: before.value.replication, at: before.at};
	return {
		value: status,
		at,
		source,
		stateSince: before?.value.state === status.state ? (before.stateSince ?? before.at) : at,
		receivedBefore:
			before?.value.received === undefined || before.value.timeline !== status.timeline
				? undefined
				: {location: before.value.received, at: before.at},
		lastReplication:
			status.state === 'running'
				? undefined
				: before?.value.state === 'running'
					? last
					: before?.lastReplication,
		...(clockAt === at ? {} : {clockAt}),
	};
}

function foldSnapshot(before: Cluster, event: Event & {type: 'dcs.snapshot'}, at: number): Cluster {
	const judgement = judge(before, event, at);
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

/** Nothing that the store before said is left. */
function withoutStore(before: Cluster, store: Store): Cluster {
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

/** All keys as one read has them, but for what a watch has said since. */
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
		read: {value: event.revision, at, source: event.source},
	};
}

function reached(cluster: Cluster, revision: number, {ended}: Asked): Cluster {
	const store = reach(cluster.store, revision, ended);
	return store === cluster.store ? cluster : {...cluster, store};
}

function putKey(cluster: Cluster, entry: DcsEntry, at: number, live: boolean): Cluster {
	const known = cluster.keys.get(entry.path);
	const gone = cluster.gone.get(entry.path);
	if ((known && known.modRevision >= entry.modRevision) || (gone && gone.revision >= entry.modRevision)) {
		return cluster;
	}

	const same =
		known !== undefined &&
		known.createRevision === entry.createRevision &&
		sameHolder(known.value, entry.value);
	const key = {...entry, since: same ? known.since : at, live: same ? known.live : live};
	const next = {
		...cluster,
		keys: withEntry(cluster.keys, entry.path, key),
		gone: withoutEntry(cluster.gone, entry.path),
	};
	return withDropped(cluster, withSystemId(next, entry), entry.path, at);
}

/** Empty while a cluster is being initialized. */
function withSystemId(cluster: Cluster, {path, value}: DcsEntry): Cluster {
	return path === 'initialize' && value.kind === 'initialize' && value.systemId !== ''
		? {...cluster, systemId: value.systemId}
		: cluster;
}

function deleteKey(cluster: Cluster, path: string, revision: number, at: number, live: boolean): Cluster {
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

/** Patroni deletes a handful of names; whoever makes new ones without end does not fill the memory with them. */
const mostGone = 1000;

/** Those that went at the lowest revision are forgotten first. */
function withBoundedGone(cluster: Cluster): Cluster {
	if (cluster.gone.size <= mostGone) {
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

/** A key that is not known may have gone since, and that be forgotten; a read of a later revision knows better. */
function isForgotten({keys, gone, forgottenRevision}: Cluster, entry: DcsEntry, readAt: number): boolean {
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
		return {...after, dropped: droppedSwitchover(before, after, at)};
	}

	return path.startsWith('members/')
		? {...after, droppedRestarts: droppedRestarts(before, after, path, at)}
		: after;
}

function sameHolder(a: DcsValue, b: DcsValue): boolean {
	return a.kind === 'leader' && b.kind === 'leader' ? a.member === b.member : true;
}

function foldAddresses(
	before: Cluster,
	event: Event & {type: `addresses.${'snapshot' | 'added' | 'removed'}`},
	at: number,
): readonly KnownAddress[] {
	const known = before.addresses.get(event.node)?.value ?? [];
	const same = (a: Address) => (b: Address) => a.ip === b.ip && a.interface === b.interface;
	switch (event.type) {
		case 'addresses.added': {
			return known.some(same(event.address)) ? known : [...known, {...event.address, since: at, live: true}];
		}

		case 'addresses.removed': {
			return known.filter(address => !same(event.address)(address));
		}

		case 'addresses.snapshot': {
			// What was not watched without a break may have gone and come back: its "since" starts anew, as "at least".
			const unbroken = before.sights.get(event.source)?.state === 'seen';
			return event.addresses.map(
				address =>
					(unbroken ? known.find(same(address)) : undefined) ?? {...address, since: at, live: unbroken},
			);
		}
	}
}

/** Addresses that a node has had; of one with many containers the last ones. */
const mostFormer = 100;

function formerOf(
	before: KnownAddresses | undefined,
	now: readonly KnownAddress[],
	at: number,
): NonNullable<KnownAddresses['former']> {
	const has = new Set(now.map(({ip}) => ip));
	const left = (before?.value ?? []).flatMap(({ip}) => (has.has(ip) ? [] : [{ip, at}]));
	const former = before?.former ?? [];
	return left.length === 0
		? former
		: [...former.filter(({ip}) => !left.some(one => one.ip === ip)), ...left].slice(-mostFormer);
}

/** What this machine's clock says at a moment of the session: times that are sent to others, or come from them, are by it. */
export function clockTime({clockSet}: Pick<Cluster, 'clockSet'>, at: number): number {
	return at - (clockSet?.aheadMs ?? 0);
}

/** How far a member's clock is ahead of this machine's, ms, to within a second or two; undefined when it has not told. */
export function clockDifference(known: KnownStatus | undefined): number | undefined {
	const offset = clockOffset(known);
	return known === undefined || offset === undefined
		? undefined
		: offset + known.at - (known.clockAt ?? known.at);
}

/** How far a member's clock is ahead of the session's time, ms, to within a second or two; undefined when it has not told. */
export function clockOffset(known: Known<PatroniStatus> | undefined): number | undefined {
	const serverTime = known?.value.serverTime;
	return known === undefined || serverTime === undefined ? undefined : serverTime - known.at;
}

/** The typed value below a path, when the key is there. */
export function keyOf<K extends DcsValue['kind']>(
	cluster: Cluster,
	path: string,
	kind: K,
): (KnownKey & {value: Extract<DcsValue, {kind: K}>}) | undefined {
	const key = cluster.keys.get(path);
	return key?.value.kind === kind ? (key as KnownKey & {value: Extract<DcsValue, {kind: K}>}) : undefined;
}
