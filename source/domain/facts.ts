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
	/** The server that answered, by its own word: `ADDRESS:PORT`. */
	server: string;
	inRecovery: boolean;
	/** Milliseconds from the question to the answer. */
	latency: number;
	/** A durable write was acknowledged, and not only a question answered. */
	write: boolean;
};

/** Why a peer could not be asked, for decisions; the words beside it are for people. `missing`: what was asked for is not there. */
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
