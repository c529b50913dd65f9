/** The cluster as its sources report it: each value with its time and source. */

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
import type {LastWords} from '../history/words.ts';
import type {Sessions} from './client-sessions.ts';
import type {ClusterView} from './cluster-view.ts';
import type {DcsEntry, DcsValue, DynamicConfig, HistoryLine} from './dcs.ts';
import type {SourceStatuses} from './freshness.ts';
import {type LeaderChanges, noLeaderChanges} from './loss.ts';
import type {Clients, SqlDetails, SqlStatus} from './postgres.ts';
import type {Probes} from './probe.ts';
import type {ServerProcesses} from './processes.ts';
import type {Filesystem, ServiceUnit} from './services.ts';

/** A value, when it was last confirmed (Unix ms), and its source. */
export type Known<T> = {value: T; at: number; source: SourceId};

/** Bounds of how far a member's clock is ahead of the session's time, ms. */
export type ClockBounds = {minMs: number; maxMs: number};

/** A WAL location that a member had received when its answer arrived, Unix ms. */
export type Received = {location: number; at: number};

/** A member's answer to GET /patroni, with what is kept of earlier answers. */
export type KnownStatus = Known<PatroniStatus> & {
	/** When this console first saw the member in its present state, Unix ms. */
	stateSince?: number;
	/** When the request was sent, Unix ms: what the answer says is of a later moment. */
	askedAt?: number;
	/** What the last two answers before this one had received, on the same timeline; the newest first. */
	receivedEarlier?: readonly Received[] | undefined;
	/** The last list of WAL receivers before PostgreSQL stopped; Patroni reports none after it. */
	lastReplication?: {list: readonly Replication[]; at: number} | undefined;
	/** Undefined in recordings of older programs. */
	clock?: ClockBounds;
	/**
	 * Time of the answer by this machine's clock, Unix ms; only while the session's time is ahead of a clock that was
	 * set back.
	 */
	clockAt?: number;
};

/**
 * HAProxy's statistics. `askedAt`: when the request was sent, Unix ms; `by`: the page's URL, or `socket`. Undefined in
 * recordings of older programs.
 */
export type KnownHaproxy = Known<HaproxyStats> & {askedAt?: number; by?: string};

/** A member's view of the cluster, with its last answers to GET /config and GET /history. */
export type KnownView = Known<ClusterView> & {
	config: {value: DynamicConfig; at: number} | undefined;
	history: {value: readonly HistoryLine[]; at: number} | undefined;
};

/** Of a node. `glibc`: the version of its C library; undefined where it does not say so. */
export type KnownDisks = Known<readonly Filesystem[]> & {glibc?: string | undefined};

/** What systemd reports. `stopsSince`: when Patroni's unit was first seen as `deactivating`, Unix ms. */
export type KnownUnits = Known<readonly ServiceUnit[]> & {stopsSince?: number | undefined};

/**
 * A key of the DCS. `since`: when this console first saw this holder's key; `live`: whether it saw the key being
 * created.
 */
export type KnownKey = DcsEntry & {
	since: number;
	live: boolean;
	/**
	 * When this console saw its last change, and after which moment that happened; Unix ms. Undefined of what it did not see change;
	 * recordings of older programs do not have it.
	 */
	changed?: {at: number; after: number} | undefined;
	heldFrom?: HeldFrom | undefined;
};

/** Since when by the logs, where this console did not see it; Unix ms, ± `uncertainMs`. Undefined in recordings of older programs. */
export type HeldFrom = {at: number; uncertainMs: number};

/**
 * An address on a node. `live`: the console saw it arrive, so `since` is exact; otherwise it was there at least since
 * then.
 */
export type KnownAddress = Address & {since: number; live: boolean; heldFrom?: HeldFrom};

/** The order number of the request; see `Asked`. */
type Ordered = {began: number | undefined};

/** A deleted key. `host`: of a member, where PostgreSQL was reached; undefined in recordings of older programs. */
export type Gone = {revision: number; since: number; live: boolean; host?: string};

/** `former`: addresses that left the node, and when; undefined in recordings of older programs. */
export type KnownAddresses = Known<readonly KnownAddress[]> & {
	former?: readonly {ip: string; at: number}[];
};

export type Cluster = {
	/** The store that all revisions belong to. */
	store: Store;
	/** etcd's cluster id; another id means another store. */
	clusterId: string | undefined;
	/** Revision, time and source of the last linearizable read of all keys. */
	read: Known<number> | undefined;
	keys: ReadonlyMap<string, KnownKey>;
	/** The scopes of the namespace; set only if this scope has no keys. */
	scopes: readonly string[];
	/** Deleted keys by path: the revision, and when this console saw the deletion. */
	gone: ReadonlyMap<string, Gone>;
	/**
	 * The highest revision of a deleted key that was dropped from `gone`. A watch event of this revision or below may
	 * be of such a key.
	 */
	forgottenRevision: number;
	lease: Known<{lease: string; ttl: number; grantedTtl: number}> | undefined;
	etcd: {
		status: ReadonlyMap<string, Known<EtcdStatus> & Ordered>;
		members: (Known<readonly EtcdMember[]> & Ordered) | undefined;
		alarms: readonly EtcdAlarm[];
	};
	patroni: ReadonlyMap<string, KnownStatus>;
	/**
	 * By origin (`http://HOST:PORT`), where the members are followed by REST alone: then `keys` is put together from
	 * them.
	 */
	views: ReadonlyMap<string, KnownView>;
	addresses: ReadonlyMap<string, KnownAddresses>;
	/** By node name. */
	haproxy: ReadonlyMap<string, KnownHaproxy>;
	units: ReadonlyMap<string, KnownUnits>;
	disks: ReadonlyMap<string, KnownDisks>;
	/** By node. */
	processes: ReadonlyMap<string, Known<readonly ServerProcesses[]> & {askedAt: number}>;
	/** By member; `askedAt`: when the question was sent, Unix ms. */
	sql: ReadonlyMap<string, Known<SqlStatus> & {askedAt: number}>;
	sqlDetails: ReadonlyMap<string, Known<SqlDetails>>;
	/** By member, while something shows them; `askedAt` as of `sql`. */
	sessions: ReadonlyMap<string, Known<Sessions> & {askedAt: number}>;
	/** By node: the last words of its Patroni and its PostgreSQL. */
	lastWords: ReadonlyMap<string, LastWords>;
	/** Sessions on the leader, and on the one before. */
	clients: Clients;
	/** By port. */
	probes: Probes;
	/** Who led, and what was lost with each change; undefined in recordings of older consoles, which did not follow that. */
	leaders: LeaderChanges | undefined;
	/** The last scheduled switchover that Patroni dropped without doing it. */
	dropped: {leader: string; scheduledAt: string; at: number} | undefined;
	/** By member: the last scheduled restart that Patroni dropped, perhaps without doing it. */
	droppedRestarts: ReadonlyMap<string, MissedRestart>;
	/** PostgreSQL's system identifier as last read. It stays when the key `initialize` is deleted. */
	systemId: string | undefined;
	sourceStatuses: SourceStatuses;
	/** The last stall of this program: when it ended (Unix ms), and its length. */
	stall: {at: number; milliseconds: number} | undefined;
	/**
	 * The last time this machine's clock was set (Unix ms), the jump, and how far the session's time is ahead of the
	 * clock since.
	 */
	clockSet: {at: number; milliseconds: number; aheadMs: number} | undefined;
};

/**
 * Converts session time to this machine's clock, Unix ms. Times that are exchanged with other machines use that clock.
 */
export function clockTime({clockSet}: Pick<Cluster, 'clockSet'>, at: number): number {
	return at - (clockSet?.aheadMs ?? 0);
}

/** The key at a path; undefined if it does not exist or has another kind. */
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
	/** When the schedule was removed, Unix ms. */
	at: number;
	/** PostgreSQL's start time before the schedule was removed; another start time proves a restart. */
	startedBefore: string;
};

/** What is known of a store's content, to decide whether a later read is of the same store. */
export type StoreContent = Pick<Cluster, 'clusterId' | 'read' | 'keys' | 'gone' | 'forgottenRevision'> & {
	/** The highest known revision, and the order number of the answer that showed it. */
	reached: {revision: number; ended: number};
};

export type Store = {
	/** 0 for the store that was read first, one higher for each store after it; see the glossary. */
	generation: number;
	/** Order number: an answer to an earlier request may be of another store. */
	since: number;
	/** Order number of the first read of this store. */
	firstRead: number | undefined;
	reached: StoreContent['reached'] | undefined;
	/** When this store replaced another one (Unix ms), and the revisions of both; undefined for the first store. */
	rebuilt: {at: number; from: number; to: number} | undefined;
	/**
	 * The store before this one, and when this console left it (Unix ms). If it answers again, both exist at the same
	 * time.
	 */
	former: (StoreContent & {leftAt: number}) | undefined;
	/** When each endpoint last answered from this store, Unix ms. */
	served: readonly {endpoint: string; at: number}[];
	/** Endpoints that serve another store at the same time, with their last such answer. */
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
	views: new Map(),
	addresses: new Map(),
	haproxy: new Map(),
	units: new Map(),
	disks: new Map(),
	processes: new Map(),
	sql: new Map(),
	sqlDetails: new Map(),
	sessions: new Map(),
	lastWords: new Map(),
	clients: {},
	probes: new Map(),
	leaders: noLeaderChanges,
	dropped: undefined,
	droppedRestarts: new Map(),
	systemId: undefined,
	sourceStatuses: new Map(),
	stall: undefined,
	clockSet: undefined,
};
