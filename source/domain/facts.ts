/** What sources report, as plain types that every room may use. */

/** `sourceKinds` in `source/domain/cluster/source-kinds.ts` describes each kind. */
export type SourceKind =
	| 'etcd'
	| 'dcs'
	| 'watch'
	| 'patroni'
	| 'view'
	| 'vip'
	| 'haproxy'
	| 'units'
	| 'disk'
	| 'probe'
	| 'processes'
	| 'sql'
	| 'details'
	| 'sessions'
	| 'logs'
	| 'said';

/** A source: its kind, and a node, member, endpoint or port. */
export type SourceId = `${SourceKind}:${string}`;

export type LogsId = `logs:${string}`;

export type SaidId = `said:${string}`;

export type EtcdStatus = {
	memberId: string;
	version: string;
	/** Size of the backend database, bytes, physically allocated. */
	dbSize: number;
	/** Id of the member that this one reports as raft leader; undefined without one. */
	raftLeader: string | undefined;
	raftTerm: number;
	revision: number;
};

export type EtcdMember = {
	id: string;
	/** Empty until the member has started for the first time. */
	name: string;
	clientUrls: readonly string[];
	learner: boolean;
};

export type EtcdAlarm = {memberId: string; alarm: string};

export type Address = {ip: string; interface: string};

export type HaproxyServer = {
	backend: string;
	server: string;
	/** `ADDRESS:PORT`; only with HAProxy's `stats show-legends`. */
	address: string | undefined;
	/** HAProxy's status: `UP`, `UP 1/3`, `DOWN`, `DOWN 1/2`, `MAINT`, `DRAIN`, `NOLB`, `no check`, … */
	status: string;
	/** The server gets new connections. */
	up: boolean;
	/** The server is used only if no other one is up. */
	backup: boolean;
	/** `L7OK`, `L7STS`, `L4CON`, `L4TOUT`, …; without the asterisk of a check in progress. */
	checkStatus: string;
	/** The code of the check, such as the HTTP status. */
	checkCode: number | undefined;
	checkDescription: string;
	/** Seconds since the status last changed. */
	lastChange: number | undefined;
	sessions: number | undefined;
};

/** A frontend. `ports`: only with HAProxy's `option socket-stats`. */
export type HaproxyFrontend = {
	name: string;
	ports: readonly number[];
	status: string;
	sessions: number | undefined;
	/** The frontend's `maxconn`, else HAProxy's global one; undefined in older recordings. */
	limit?: number;
};

export type HaproxyStats = {servers: readonly HaproxyServer[]; frontends: readonly HaproxyFrontend[]};

/** The members that clients reach through one of HAProxy's ports. */
export type HaproxyRole = 'primary' | 'replicas' | 'synchronous' | 'asynchronous';

/** `write`: the port of the primary; `read`: the port of the replicas. */
export type ProbePurpose = 'write' | 'read';

export type ProbeAnswer = {
	/** The server's own address, `ADDRESS:PORT`. */
	server: string;
	/** When that PostgreSQL started, by its own clock, Unix ms; undefined in recordings of older consoles. */
	serverStartedAt?: number;
	inRecovery: boolean;
	/** Time from the request to the answer, ms. */
	latency: number;
	/** Whether a durable write was acknowledged, not only a query answered. */
	write: boolean;
	/** Of a write: a WAL location before its commit, bytes; undefined in recordings of older consoles. */
	location?: number;
};

/** Why a request failed, for decisions; texts are for display only. `missing`: the requested object does not exist. */
export type ErrorCode =
	| 'refused'
	| 'unreachable'
	| 'unknown-host'
	| 'reset'
	| 'closed'
	| 'unconnected'
	| 'timeout'
	| 'silent'
	| 'tls'
	| 'denied'
	| 'missing'
	| 'no-leader';

export type Problem = {node: string; text: string; remedy: string | undefined};

/** A log of a node, and the name that its lines get. */
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

/** Of what was read from a log, not seen by this console. */
export type LogMark = {
	/** `journal of pgdb1` */
	from: string;
	/** The true time is within this of the one that is given, ms. */
	uncertainMs: number;
	/** Of a line that may be the cause of what follows: the deeper the smaller. */
	depth?: number;
};

export type Entry = {
	/** Unix ms. */
	at: number;
	kind: EntryKind;
	/** `better` and `worse` relative to a healthy cluster; `news` for neither. */
	turn: 'better' | 'worse' | 'news';
	text: string;
	/** Length of the write outage that ended, ms. */
	outage?: number;
	/** The outage is known by bounds: `outage` is the upper one, this the lower one, ms. */
	outageAtLeast?: number;
	/** An operation of this console, and whether it stops nothing itself; undefined in recordings of older consoles. */
	operation?: {
		name: string;
		phase: 'begun' | 'ended' | 'refused';
		outcome?: 'done' | 'elsewhere' | 'refused' | 'failed' | 'unknown';
		isBeside?: true;
		/** The member that takes over at once, if it succeeds. */
		newLeader?: string;
	};
	/** What it says, so that nothing reads its text; undefined in recordings of older consoles. */
	about?: EntryAbout;
	/** Whether the write probe reported at that time; undefined where that was not asked. */
	isProbed?: boolean;
	/** The entry was read from a log, not seen by this console; undefined in recordings of older consoles. */
	log?: LogMark;
	/** It is of the time before this console started, and was read then; undefined in recordings of older consoles. */
	isEarlier?: true;
};

/** What a timeline entry is about, for incidents. */
export type EntryAbout =
	/** `to`: undefined while there is no leader; `isWatched`: by the leader key, of which each change was seen. */
	| {of: 'leader'; from: string | undefined; to: string | undefined; isWatched: boolean}
	/** A switchover, or a failover without a leader, that was asked for and is to be done now. */
	| {of: 'request'; leader: string | undefined; candidate: string | undefined}
	/** What the change of leader with this id has cost. `bytes`: of WAL, at most. */
	| {
			of: 'loss';
			change: number;
			to: string;
			loss: 'nothing' | 'at-most' | 'lost' | 'unknown';
			bytes: number | undefined;
	  }
	/** `holders`: the nodes that have the address after it. */
	| {of: 'vip'; name: string; node: string; has: boolean; holders: readonly string[]}
	/**
	 * Unix ms. `to`: undefined as it begins, and if its end was not seen: the probe itself did not run. `stalled`: ms of it in
	 * which the probe did not run.
	 */
	| {
			of: 'outage';
			port: number;
			write: boolean;
			from: number;
			to: number | undefined;
			isEndUnseen?: true;
			stalled: number | undefined;
	  }
	/** `name`: as entries name it; `isSilent`: it gives no answer, not even a refusal. */
	| {of: 'source'; source: SourceId; name: string; isLost: boolean; isSilent: boolean}
	/** Whether etcd can be read. */
	| {of: 'reads'; isRead: boolean}
	/** `is`: undefined without a key or a place in the list. */
	| {of: 'member'; member: string; was: string | undefined; is: string | undefined; isWorse: boolean}
	| {of: 'service'; node: string; services: readonly string[]; was: string; is: string; isWorse: boolean}
	/** The servers that HAProxy sends writers to. */
	| {of: 'route'; node: string; was: string; is: string}
	/** Names with commas; empty for none. */
	| {of: 'sync'; was: string; is: string}
	/** This console started, and what it could not read: what stands before was read. `since`: from when on, Unix ms. */
	| {of: 'begin'; since: number}
	/** What causes no trouble: settings, schedules, notes. */
	| {of: 'note'};

export type Replication = {
	application: string;
	/** The login role; undefined in recordings of older versions. */
	user?: string | undefined;
	address: string | undefined;
	/** `startup`, `catchup`, `streaming`, `backup`, `stopping`, as in pg_stat_replication. */
	state: string;
	syncState: string;
};

export type PatroniStatus = {
	/** `running`, `starting`, `stopping`, `stopped`, `restarting`, `creating replica`, …; other values are possible. */
	state: string;
	/** `master` up to 3.x, `primary` from 4.0, `replica`, `standby_leader`, `demoted`, `uninitialized`, … */
	role: string;
	/** PostgreSQL's `server_version_num`, e.g. 170012. */
	serverVersion: number | undefined;
	timeline: number | undefined;
	/** WAL locations in bytes. A primary has `location`; a standby `received` and `replayed`. */
	location: number | undefined;
	received: number | undefined;
	replayed: number | undefined;
	/** Whether WAL replay is paused on a standby (pg_is_wal_replay_paused()). */
	replayPaused?: boolean;
	/** Commit time of the last replayed transaction, as PostgreSQL prints it. */
	replayedTimestamp?: string | undefined;
	replicationState: string | undefined;
	/** The standbys connected to this server, from pg_stat_replication. */
	replication: readonly Replication[];
	syncStandby: boolean;
	quorumStandby: boolean;
	pause: boolean;
	/** This member sees no leader key. */
	clusterUnlocked: boolean;
	failsafeModeIsActive: boolean;
	/** When this member last reached the DCS, Unix seconds. */
	dcsLastSeen: number | undefined;
	/** A watchdog is required but unusable: the member must not lead. */
	watchdogFailed?: boolean;
	/** Lines waiting in Patroni's log queue, and the number lost; only if there are many. */
	logQueue?: number | undefined;
	logLost?: number | undefined;
	pendingRestart: boolean;
	scheduledRestart: string | undefined;
	tags: Readonly<Record<string, string>>;
	/** Patroni's version; `name` only from 3.2. */
	version: string | undefined;
	name: string | undefined;
	/** The scope of the member's cluster. */
	scope?: string | undefined;
	systemId: string | undefined;
	postmasterStartTime: string | undefined;
	/** The node's clock in the answer's header Date (whole seconds), Unix ms. */
	serverTime: number | undefined;
};

/** PostgreSQL's version in display form (170012 → `17.12`). */
export function postgresVersion(serverVersion: number): string {
	return serverVersion >= 100_000
		? `${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`
		: `${Math.floor(serverVersion / 10_000)}.${Math.floor((serverVersion % 10_000) / 100)}.${serverVersion % 100}`;
}

/** Whether the role accepts writes: `master` up to Patroni 3.x, `primary` from 4.0. */
export function isPrimaryRole(role: string): boolean {
	return role === 'master' || role === 'primary';
}
