/** The oracle's file: one header, then one line for each node and sample. */

export const oracleVersion = 1;
export const intervalMs = 100;

export type Header = {
	oracle: typeof oracleVersion;
	/** Unix ms. All times are by the host's clock, which the nodes share. */
	startedAt: number;
	suite: string;
	profile: string;
	intervalMs: number;
	scope: string;
	vip: string;
	nodes: {name: string; address: string; roles: string[]}[];
	/** Seconds, from Patroni's configuration at bootstrap. */
	patroni: {ttl: number; loop_wait: number; retry_timeout: number};
	/** Milliseconds. */
	haproxy: {inter: number; fastinter: number; fall: number; rise: number};
};

/** Why a part could not be sampled; never an old value. */
export type Unseen = {error: string};

export type PostgresLook = {
	/** Whether the postmaster runs. */
	running: boolean;
	/** Stopped by SIGSTOP. */
	stopped?: boolean;
	/** The status in postmaster.pid: starting, ready, standby, stopping. */
	status?: string;
	/** From SQL on the node's loopback. */
	sql?:
		| {
				inRecovery: boolean;
				readOnly: boolean;
				/** Null on a standby that receives nothing: no SQL function reports it then. */
				timeline: number | null;
				lsn: string | null;
				/** Status of the WAL receiver; null without one. */
				receiver: string | null;
				/** Replicas in pg_stat_replication. */
				senders: {name: string; state: string; sync: string}[];
				/** `synchronous_standby_names`. */
				syncNames: string;
		  }
		| Unseen;
};

/** State of this node's etcd, without a quorum. */
export type EtcdLook = {
	leader: {member: string; lease: string; createRevision: number; modRevision: number} | null;
	sync: {leader: string | null; standbys: string[]} | null;
	paused: boolean;
	revision: number;
	clusterId: string;
	memberId: string;
	raftTerm: number;
};

/** By backend: each server with HAProxy's status. */
export type HaproxyLook = Record<string, Record<string, string>>;

/** systemd's ActiveState and SubState by unit: `active/running`. */
export type UnitsLook = Record<string, string>;

export type Look = {
	node: string;
	/** When the sample began, Unix ms. */
	at: number;
	/** Duration of the sample. */
	ms: number;
	on: boolean;
	/** Why nothing of this node could be sampled. */
	error?: string;
	frozen?: boolean;
	cable?: 'in' | 'out';
	addresses?: string[];
	units?: UnitsLook | Unseen;
	postgres?: PostgresLook | Unseen;
	etcd?: EtcdLook | Unseen;
	/** A linearizable read was served, so there is a quorum. */
	quorum?: true | Unseen;
	haproxy?: HaproxyLook | Unseen;
};
