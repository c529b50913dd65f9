/** What a member's own REST API says of itself: GET /patroni, of Patroni 3.0 to 4.1. */

export type Replication = {
	application: string;
	/** The role that it logged in with; a recording of an older version does not say. */
	user?: string | undefined;
	address: string | undefined;
	/** `startup`, `catchup`, `streaming`, `backup`, `stopping`, as in pg_stat_replication. */
	state: string;
	syncState: string;
};

export type PatroniStatus = {
	/** `running`, `starting`, `stopping`, `stopped`, `restarting`, `creating replica`, …; open-ended. */
	state: string;
	/** `master` up to 3.x, `primary` from 4.0, `replica`, `standby_leader`, `demoted`, `uninitialized`, … */
	role: string;
	/** PostgreSQL's version number as `server_version_num`, e.g. 170012. */
	serverVersion: number | undefined;
	timeline: number | undefined;
	/** WAL locations in bytes. A primary has `location`; a standby `received` and `replayed`. */
	location: number | undefined;
	received: number | undefined;
	replayed: number | undefined;
	/** Replay of WAL is paused (pg_is_wal_replay_paused()); on a standby. */
	replayPaused?: boolean;
	/** Commit time of the last transaction that was replayed, as PostgreSQL writes it. */
	replayedTimestamp?: string | undefined;
	replicationState: string | undefined;
	/** Standbys connected to this server, as pg_stat_replication shows them. */
	replication: readonly Replication[];
	syncStandby: boolean;
	quorumStandby: boolean;
	pause: boolean;
	/** There is no leader key, as this member sees it. */
	clusterUnlocked: boolean;
	failsafeModeIsActive: boolean;
	/** Unix seconds of this member's last successful contact with the DCS. */
	dcsLastSeen: number | undefined;
	/** A watchdog is required by the configuration and cannot be used: the member may not lead. */
	watchdogFailed?: boolean;
	/** Lines of Patroni's log that wait to be written, and how many were lost, where there are too many. */
	logQueue?: number | undefined;
	logLost?: number | undefined;
	pendingRestart: boolean;
	scheduledRestart: string | undefined;
	tags: Readonly<Record<string, string>>;
	/** Patroni's version; its name only from 3.2. */
	version: string | undefined;
	name: string | undefined;
	/** The cluster that it is a member of. */
	scope?: string | undefined;
	systemId: string | undefined;
	postmasterStartTime: string | undefined;
	/** The node's own time when it answered (the answer's Date header, whole seconds), Unix ms. */
	serverTime: number | undefined;
};

/** PostgreSQL's version as people write it (170012 → `17.12`). */
export function postgresVersion(serverVersion: number): string {
	return serverVersion >= 100_000
		? `${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`
		: `${Math.floor(serverVersion / 10_000)}.${Math.floor((serverVersion % 10_000) / 100)}.${serverVersion % 100}`;
}

/** True for the roles that accept writes: `master` up to Patroni 3.x, `primary` from 4.0. */
export function isPrimaryRole(role: string): boolean {
	return role === 'master' || role === 'primary';
}
