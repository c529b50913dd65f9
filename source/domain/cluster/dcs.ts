/** What Patroni keeps in the DCS (etcd) below `{namespace}/{scope}/`, as typed values, each under its own key. */

/** A member's own key `members/NAME`: what the node's Patroni last published about itself. */
export type MemberKey = {
	/** Host and port out of `conn_url`, where clients and replicas reach PostgreSQL. */
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
	/** After a promotion: no checkpoint yet, which pg_rewind of the others waits for. */
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
	/** What follows a recording of an older version does not say. Without a synchronous standby writes wait. */
	synchronousModeStrict?: boolean;
	/** A synchronous standby that is further behind is replaced; 0 and below: never. */
	maximumLagOnSyncnode?: number | undefined;
	/** A member on an older timeline may not lead. */
	checkTimeline?: boolean;
	/** Without the DCS the leader continues as long as it reaches all members. */
	failsafeMode?: boolean;
	/** How long a leader may take to start before another one takes over; 0: none waits. */
	primaryStartTimeout?: number | undefined;
	/** After that PostgreSQL is killed when it does not stop; in synchronous mode only; 0 and below: never. */
	primaryStopTimeout?: number | undefined;
};

/** What Patroni takes where the dynamic configuration does not say (its `global_config.py`). */
export const patroniDefaults = {
	ttl: 30,
	loopWait: 10,
	retryTimeout: 10,
	maximumLagOnFailover: 1_048_576,
	primaryStartTimeout: 300,
} as const;

/** Bytes that a member may be behind and still take over. */
export function maximumLag({maximumLagOnFailover}: DynamicConfig): number {
	return maximumLagOnFailover ?? patroniDefaults.maximumLagOnFailover;
}

/** One line of `history`: the timeline that ended, where, why, when and who led afterwards. */
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
	/** A key that this console does not use, or whose value could not be read (`problem`: why). */
	| {kind: 'other'; problem: string | undefined};

/** One key with etcd's own bookkeeping; `path` is relative to the scope (`leader`, `members/pgdb1`). */
export type DcsEntry = {
	path: string;
	value: DcsValue;
	/** etcd revisions: of the key's creation and of its last change. */
	createRevision: number;
	modRevision: number;
	/** Id of the lease that keeps the key alive; undefined for a key that stays. */
	lease: string | undefined;
};
