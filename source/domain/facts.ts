/** What sources report, as plain types that every room may use. */

/** The table `sourceKinds` in `source/domain/cluster/source-kinds.ts` says what each is. */
export type SourceKind =
	| 'etcd'
	| 'dcs'
	| 'watch'
	| 'patroni'
	| 'vip'
	| 'haproxy'
	| 'units'
	| 'disk'
	| 'probe'
	| 'logs';

/** The source that reports: its kind and a node, member, endpoint or port. */
export type SourceId = `${SourceKind}:${string}`;

export type LogsId = `logs:${string}`;

export type EtcdStatus = {
	memberId: string;
	version: string;
	/** Bytes, physically allocated. */
	dbSize: number;
	/** Id of the member that this one takes for the raft leader; undefined when it knows none. */
	raftLeader: string | undefined;
	raftTerm: number;
	revision: number;
};

export type EtcdMember = {
	id: string;
	/** Empty until the member has started once. */
	name: string;
	clientUrls: readonly string[];
	learner: boolean;
};

export type EtcdAlarm = {memberId: string; alarm: string};

export type Address = {ip: string; interface: string};

export type HaproxyServer = {
	backend: string;
	server: string;
	/** `ADDRESS:PORT`, where the statistics show it (HAProxy's `stats show-legends`). */
	address: string | undefined;
	/** HAProxy's words: `UP`, `UP 1/3`, `DOWN`, `DOWN 1/2`, `MAINT`, `DRAIN`, `NOLB`, `no check`, … */
	status: string;
	/** It is sent new connections. */
	up: boolean;
	/** Used only when no other is up. */
	backup: boolean;
	/** `L7OK`, `L7STS`, `L4CON`, `L4TOUT`, …; without the star of a check that is under way. */
	checkStatus: string;
	/** The check's own code, such as the HTTP status. */
	checkCode: number | undefined;
	checkDescription: string;
	/** Seconds since the status last changed. */
	lastChange: number;
	sessions: number;
};

/** Where clients come in; `ports` only where the statistics show them (`option socket-stats`). */
export type HaproxyFrontend = {
	name: string;
	ports: readonly number[];
	status: string;
	sessions: number;
	/** Its `maxconn`, else that of all of HAProxy; older recordings do not have it. */
	limit?: number;
};

export type HaproxyStats = {servers: readonly HaproxyServer[]; frontends: readonly HaproxyFrontend[]};

/** What clients look for behind each of HAProxy's ports. */
export type HaproxyRole = 'primary' | 'replicas' | 'synchronous' | 'asynchronous';

/** `write`: the port of the primary; `read`: the port of the replicas. */
export type ProbePurpose = 'write' | 'read';

export type ProbeAnswer = {
	/** The server that answered, as it reports itself: `ADDRESS:PORT`. */
	server: string;
	inRecovery: boolean;
	/** Milliseconds from the question to the answer. */
	latency: number;
	/** A durable write was acknowledged, and not only a question answered. */
	write: boolean;
};

/** Why a request failed, for decisions; texts are for people. `missing`: the requested thing does not exist. */
export type ErrorCode =
	| 'refused'
	| 'unreachable'
	| 'unknown-host'
	| 'reset'
	| 'unconnected'
	| 'timeout'
	| 'silent'
	| 'tls'
	| 'denied'
	| 'missing'
	| 'no-leader';

export type Problem = {node: string; text: string; remedy: string | undefined};

/** What to read of a node's logs, under which name. */
export type LogSource = {name: string} & ({unit: string} | {file: string});

export type EntryKind =
	| 'leader'
	| 'vip'
	| 'member'
	| 'timeline'
	| 'sync'
	| 'etcd'
	| 'operation'
	| 'drill'
	| 'sight'
	| 'path'
	| 'service';

export type Entry = {
	/** Unix ms. */
	at: number;
	kind: EntryKind;
	/** `better` and `worse` as seen from a healthy cluster; `news` for what is neither. */
	turn: 'better' | 'worse' | 'news';
	text: string;
	/** At the end of a write outage: how long it was, ms. */
	outage?: number;
};

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
