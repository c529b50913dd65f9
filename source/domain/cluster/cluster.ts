/** The cluster as its sources report it: each value with its time and source. */

import type {Event} from '../events.ts';
import type {
	Address,
	EtcdAlarm,
	EtcdMember,
	EtcdStatus,
	HaproxyStats,
	PatroniStatus,
	Replication,
	SourceId,
} from '../facts.ts';
import type {DcsEntry, DcsValue} from './dcs.ts';
import type {SourceStatuses} from './freshness.ts';
import type {Probes} from './probe.ts';
import type {Filesystem, ServiceUnit} from './services.ts';

/** A value, when it was last confirmed (Unix ms), and its source. */
export type Known<T> = {value: T; at: number; source: SourceId};

/** A member's clock is ahead of the session's time by no less and no more than this, ms. */
export type ClockBounds = {minMs: number; maxMs: number};

/** What a member itself reports. */
export type KnownStatus = Known<PatroniStatus> & {
	/** Since when this console has seen it in its state, Unix ms. */
	stateSince?: number;
	/** What it had received at the poll before: at most what it has now. */
	receivedBefore?: {location: number; at: number} | undefined;
	/** The WAL receivers it last reported: without PostgreSQL it reports none. */
	lastReplication?: {list: readonly Replication[]; at: number} | undefined;
	/** Recordings of older programs do not have it. */
	clock?: ClockBounds;
	/** When it came by this machine's clock (Unix ms), where that was set back and the session's time is ahead of it. */
	clockAt?: number;
};

/** What systemd reports; `stopsSince`: Patroni's unit is `deactivating`, and was first seen so, Unix ms. */
export type KnownUnits = Known<readonly ServiceUnit[]> & {stopsSince?: number | undefined};

/** A key of the DCS; `since` is when this console first saw this holder's creation of it, `live` whether it saw it happen. */
export type KnownKey = DcsEntry & {since: number; live: boolean};

/** An address on a node; `live`: the console saw it arrive, so that `since` is exact and not "at least". */
export type KnownAddress = Address & {since: number; live: boolean};

/** When it was requested, by the order numbers of `Asked`. */
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
	/** etcd's cluster id; a different id means another store. */
	clusterId: string | undefined;
	/** When the DCS was last read completely by a linearizable read, and the source. */
	read: Known<number> | undefined;
	keys: ReadonlyMap<string, KnownKey>;
	/** If the scope has no keys: the scopes of the namespace. */
	scopes: readonly string[];
	/** Deleted keys: at which revision, and when this console learnt of it. */
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
	droppedRestarts: ReadonlyMap<string, MissedRestart>;
	/** PostgreSQL's system identifier as last read: it outlives its key, which is gone until a cluster is initialized again. */
	systemId: string | undefined;
	sourceStatuses: SourceStatuses;
	/** When this program itself last did not run for a while, and how long, ms. */
	stall: {at: number; milliseconds: number} | undefined;
	/** When this machine's clock was last set (Unix ms), by how much, and how far the session's time is ahead of it since, ms. */
	clockSet: {at: number; milliseconds: number; aheadMs: number} | undefined;
};

/** What this machine's clock says at a moment of the session: times that are sent to others, or come from them, are by it. */
export function clockTime({clockSet}: Pick<Cluster, 'clockSet'>, at: number): number {
	return at - (clockSet?.aheadMs ?? 0);
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

export type MissedRestart = {
	scheduledAt: string;
	/** When the schedule went, Unix ms. */
	at: number;
	/** PostgreSQL's start, as the member reported it before: another one means that it was restarted. */
	startedBefore: string;
};

/** What a store was last known to hold: enough to know whether a later read can be of it. */
export type StoreContent = Pick<Cluster, 'clusterId' | 'read' | 'keys' | 'gone' | 'forgottenRevision'> & {
	/** The highest revision that it is known to have reached, and the order number at which that was known. */
	reached: {revision: number; ended: number};
};

export type Store = {
	/** 0 for the store that was read first; one more each time that the console turned to another one. */
	generation: number;
	/** Order number: an answer to an earlier request may still be of another store. */
	since: number;
	/** Order number of the read that showed this store first. */
	firstRead: number | undefined;
	reached: StoreContent['reached'] | undefined;
	/** When it took the place of another one (Unix ms), and the revisions of both; undefined for the one that was read first. */
	rebuilt: {at: number; from: number; to: number} | undefined;
	/** The one before, and when it was left (Unix ms): should it answer again, both are there at the same time. */
	former: (StoreContent & {leftAt: number}) | undefined;
	/** When each endpoint last answered for this store, Unix ms. */
	served: readonly {endpoint: string; at: number}[];
	/** Endpoints that serve another store at the same time, and their last such answer. */
	foreign: readonly Foreign[];
};

export type Foreign = {endpoint: string; at: number; revision: number};

export const firstStore: Store = {
	generation: 0,
	since: 0,
	firstRead: undefined,
	reached: undefined,
	rebuilt: undefined,
	former: undefined,
	served: [],
	foreign: [],
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
	sourceStatuses: new Map(),
	stall: undefined,
	clockSet: undefined,
};

/** The Date header has whole seconds. */
const dateStepMs = 1000;

/** An answer of which a recording does not say how long it took came within this time, but for stalls; ms. */
const answerMaxMs = 3000;

/** Two clocks drift apart by less, ms a second. */
const driftMs = 1;

/** Its clock showed the answer's second at some moment between the question and now: no delay, of ours or of the network, is in it. */
export function measureClock(
	before: KnownStatus | undefined,
	{status: {serverTime}, tookMs = answerMaxMs}: Event & {type: 'patroni.status'},
	at: number,
): ClockBounds | undefined {
	if (serverTime === undefined) {
		return undefined;
	}

	const minMs = serverTime - at;
	const maxMs = serverTime + dateStepMs - (at - tookMs);
	const last = before?.clock;
	if (before === undefined || last === undefined) {
		return {minMs, maxMs};
	}

	// Each answer narrows it, until a clock is set.
	const driftedMs = (Math.max(0, at - before.at) / 1000) * driftMs;
	const both = {
		minMs: Math.max(minMs, last.minMs - driftedMs),
		maxMs: Math.min(maxMs, last.maxMs + driftedMs),
	};
	return both.minMs <= both.maxMs ? both : {minMs, maxMs};
}

/** How far a member's clock is ahead of this machine's; undefined when it has not reported. */
export function clockDifference(known: KnownStatus | undefined): ClockBounds | undefined {
	const bounds = clockBounds(known);
	// The session's time is ahead of a clock that was set back.
	const aheadMs = known === undefined ? 0 : known.at - (known.clockAt ?? known.at);
	return bounds && {minMs: bounds.minMs + aheadMs, maxMs: bounds.maxMs + aheadMs};
}

/** How far a member's clock is likely to be ahead of the session's time, ms; undefined when it has not reported. */
export function clockOffset(known: KnownStatus | undefined): number | undefined {
	const bounds = clockBounds(known);
	// Most answers are prompt: wide bounds are those of one that was taken in late.
	return bounds && bounds.minMs + Math.min(dateStepMs, bounds.maxMs - bounds.minMs) / 2;
}

export function clockBounds(known: KnownStatus | undefined): ClockBounds | undefined {
	const serverTime = known?.value.serverTime;
	return (
		known?.clock ??
		// As kept by an older program.
		(known === undefined || serverTime === undefined
			? undefined
			: {minMs: serverTime - known.at, maxMs: serverTime + dateStepMs + answerMaxMs - known.at})
	);
}
