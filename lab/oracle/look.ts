/** The oracle's file: one header, then one line for each node and sample. */

export const oracleVersion = 1;
export const intervalMs = 100;

export type Header = {
	oracle: typeof oracleVersion;
	/** Unix ms. All times are of the host's clock: the nodes have no other one. */
	startedAt: number;
	suite: string;
	profile: string;
	intervalMs: number;
	scope: string;
	vip: string;
	nodes: {name: string; address: string; roles: string[]}[];
	/** Seconds, as Patroni's configuration had them when the cluster was made. */
	patroni: {ttl: number; loop_wait: number; retry_timeout: number};
	/** Milliseconds. */
	haproxy: {inter: number; fastinter: number; fall: number; rise: number};
};

/** A part that could not be sampled: the reason, and never an old value. */
export type Unseen = {error: string};

export type PostgresLook = {
	/** The postmaster runs. */
	running: boolean;
	/** It was sent SIGSTOP. */
	stopped?: boolean;
	/** The postmaster's word: starting, ready, standby, stopping. */
	status?: string;
	/** By SQL on the node's loopback. */
	sql?:
		| {
				inRecovery: boolean;
				readOnly: boolean;
				/** Null on a standby that receives nothing: none of SQL's functions has it then. */
				timeline: number | null;
				lsn: string | null;
				/** Of the WAL receiver; null where there is none. */
				receiver: string | null;
				/** Its WAL receivers. */
				senders: {name: string; state: string; sync: string}[];
				/** `synchronous_standby_names`. */
				syncNames: string;
		  }
		| Unseen;
};

/** As this node's etcd serves it without asking the others. */
export type EtcdLook = {
	leader: {member: string; lease: string; createRevision: number; modRevision: number} | null;
	sync: {leader: string | null; standbys: string[]} | null;
	paused: boolean;
	revision: number;
	clusterId: string;
	memberId: string;
	raftTerm: number;
};

/** By backend: server → HAProxy's word for its status. */
export type HaproxyLook = Record<string, Record<string, string>>;

/** By systemd's ActiveState and SubState: `active/running`. */
export type UnitsLook = Record<string, string>;

export type Look = {
	node: string;
	/** When it began, Unix ms. */
	at: number;
	/** How long it took. */
	ms: number;
	on: boolean;
	/** Nothing of this node could be sampled: the reason. */
	error?: string;
	frozen?: boolean;
	cable?: 'in' | 'out';
	addresses?: string[];
	units?: UnitsLook | Unseen;
	postgres?: PostgresLook | Unseen;
	etcd?: EtcdLook | Unseen;
	/** It served a linearizable read, so it has a quorum. */
	quorum?: true | Unseen;
	haproxy?: HaproxyLook | Unseen;
};
