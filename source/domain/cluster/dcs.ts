/** What Patroni keeps in the DCS (etcd) below `{namespace}/{scope}/`, as typed values, each under its own key. */
import type {PostgresLogSettings} from '../logs/settings.ts';

/** A member's own key `members/NAME`: what the node's Patroni last published about itself. */
export type MemberKey = {
	/** Host and port from `conn_url`, where clients and replicas reach PostgreSQL. */
	host: string | undefined;
	port: number | undefined;
	/** Patroni's REST endpoint, `http(s)://HOST:8008/patroni`. */
	apiUrl: string | undefined;
	state: string;
	/** `master` up to Patroni 3.x, `primary` from 4.0; `replica`, `standby_leader`, `demoted`, … */
	role: string;
	/** Patroni's version, as the member reports it. */
	version: string | undefined;
	timeline: number | undefined;
	/** WAL location in bytes: written on a leader; on a replica the greater of received and replayed. */
	location: number | undefined;
	/** WAL locations of a standby (from Patroni 4.1). */
	received?: number | undefined;
	replayed?: number | undefined;
	/** No checkpoint after the promotion yet; pg_rewind on other members waits for it. */
	awaitsCheckpoint?: boolean;
	/** `streaming` or `in archive recovery` (from Patroni 3.0.4). */
	replicationState: string | undefined;
	pendingRestart: boolean;
	/** Parameter → [old value, new value] (from Patroni 3.3). */
	pendingRestartReason: Readonly<Record<string, readonly [string, string]>>;
	/** When PostgreSQL will be restarted, ISO 8601 with zone. */
	scheduledRestart: string | undefined;
	tags: Readonly<Record<string, string>>;
	/** The member has applied the pause. */
	pause: boolean;
};

/** The dynamic configuration (`config`), reduced to what the console uses. Times in seconds, sizes in bytes. */
export type DynamicConfig = {
	ttl: number | undefined;
	loopWait: number | undefined;
	retryTimeout: number | undefined;
	maximumLagOnFailover: number | undefined;
	synchronousMode: 'off' | 'on' | 'quorum';
	pause: boolean;
	standbyCluster: boolean;
	/**
	 * From here on: undefined in recordings of older versions. `synchronous_mode_strict`: writes wait without a sync
	 * standby.
	 */
	synchronousModeStrict?: boolean;
	/** A sync standby that is further behind is replaced; never at 0 or below. */
	maximumLagOnSyncnode?: number | undefined;
	/** A member on an older timeline must not lead. */
	checkTimeline?: boolean;
	/** Without the DCS, the leader continues while it reaches all members. */
	failsafeMode?: boolean;
	/** Seconds that a leader may take to start before another member takes over; 0: fails over at once. */
	primaryStartTimeout?: number | undefined;
	/** Seconds until PostgreSQL is killed if it does not stop; in synchronous mode only; never at 0 or below. */
	primaryStopTimeout?: number | undefined;
	/** `postgresql.use_pg_rewind`; undefined where it is not set: a member's own file may set it. */
	usePgRewind?: boolean | undefined;
	/** Names of the permanent replication slots (`slots`). */
	permanentSlots?: readonly string[];
	/** The parameters of PostgreSQL's log, by which its lines are parsed. */
	postgresLog?: PostgresLogSettings;
};

/** Patroni's defaults for settings that the dynamic configuration does not have (its `global_config.py`). */
export const patroniDefaults = {
	ttl: 30,
	loopWait: 10,
	retryTimeout: 10,
	maximumLagOnFailover: 1_048_576,
	primaryStartTimeout: 300,
} as const;

/** Bytes that a member may be behind and still take over (`maximum_lag_on_failover`). */
export function maximumLag({maximumLagOnFailover}: DynamicConfig): number {
	return maximumLagOnFailover ?? patroniDefaults.maximumLagOnFailover;
}

/** One line of `history`: the timeline that ended, where, why and when, and the leader after it. */
export type HistoryLine = {
	timeline: number;
	location: number;
	reason: string;
	at: string | undefined;
	leader: string | undefined;
};

export type DcsValue =
	| {kind: 'leader'; member: string}
	| {kind: 'member'; name: string; data: MemberKey}
	| {kind: 'status'; optime: number | undefined; slots: Readonly<Record<string, number>>}
	| {kind: 'sync'; leader: string | undefined; standbys: readonly string[]; quorum: number}
	| {kind: 'config'; config: DynamicConfig}
	| {kind: 'history'; lines: readonly HistoryLine[]}
	| {kind: 'initialize'; systemId: string}
	| {
			kind: 'failover';
			leader: string | undefined;
			candidate: string | undefined;
			scheduledAt: string | undefined;
	  }
	/** A key that this console does not use, or whose value is invalid (`problem`: why). */
	| {kind: 'other'; problem: string | undefined};

/** One key with etcd's metadata. `path` is relative to the scope (`leader`, `members/pgdb1`). */
export type DcsEntry = {
	path: string;
	value: DcsValue;
	/** etcd revisions of the key's creation and of its last change. */
	createRevision: number;
	modRevision: number;
	/** Id of the key's lease; undefined for a key without one. */
	lease: string | undefined;
};
