/** What a member's PostgreSQL says of itself by SQL: a light reading every two seconds, details once a minute. */

/** Applications, transactions, senders and slots of one answer: a list of this length may be cut. */
export const sqlRowsMax = 64;

/** Then what it does not have is not known to be absent. */
export function mayBeCut(list: readonly unknown[]): boolean {
	return list.length >= sqlRowsMax;
}

/** What the login may not ask, or the server's version does not have. */
export type SqlGap = {
	/** A part of the question, such as `archive backlog`. */
	part: string;
	/** The server's words. */
	reason: string;
};

/** Client sessions of one application. */
export type Application = {
	/** Empty if the client gave none. */
	application: string;
	user: string;
	/** The client's address; undefined of a Unix socket. */
	address?: string | undefined;
	sessions: number;
};

/** Sessions on a leader, as its PostgreSQL counted them while it was the primary. */
export type Counted = {member: string; applications: readonly Application[]; at: number};

export type Clients = {
	/** On the present leader, at its last answer. */
	counted?: Counted | undefined;
	/** On the leader before the last change; `to` leads since, `changedAt`: when this console saw it. */
	before?: (Counted & {to: string; changedAt: number}) | undefined;
};

/** A transaction that lasts. */
export type Transaction = {
	pid: number;
	user: string;
	application: string;
	address?: string | undefined;
	/** `active`, `idle in transaction`, … */
	state: string;
	/** Since its begin, ms. */
	ageMs: number;
};

/** A row of pg_stat_replication: a standby, a base backup or another receiver of WAL. */
export type Sender = {
	application: string;
	user: string;
	address?: string | undefined;
	/** `startup`, `catchup`, `streaming`, `backup`, `stopping`. */
	state: string;
	syncState: string;
	/** WAL that it has not replayed, bytes; undefined of one that reports none (a base backup). */
	lag?: number | undefined;
	/** Time until the last WAL was replayed there, ms; undefined when it is idle. */
	lagMs?: number | undefined;
};

/** A row of pg_replication_slots. */
export type Slot = {
	name: string;
	type: 'physical' | 'logical';
	/** Of a logical slot. */
	database?: string | undefined;
	active: boolean;
	/** WAL that it holds, bytes. */
	held?: number | undefined;
	/** From version 13: `reserved`, `extended`, `unreserved`, `lost`. */
	walStatus?: string | undefined;
	/** WAL that may still be written until it is lost, bytes; undefined without max_slot_wal_keep_size. */
	safeSize?: number | undefined;
	/** From version 17: it is meant to exist on standbys, and is a copy made by them. */
	failover: boolean;
	synced: boolean;
	temporary: boolean;
};

export type SqlStatus = {
	/** `server_version_num`. */
	version: number;
	inRecovery: boolean;
	/** From pg_control_system(). */
	systemId?: string | undefined;
	/** Of the WAL that it writes or receives; before its first checkpoint on a new timeline a standby's may be the earlier one. */
	timeline?: number | undefined;
	/** pg_postmaster_start_time(), Unix ms by the server's clock. */
	startedAt: number;
	/** The server's clock at the answer, Unix ms. */
	serverTime: number;
	/** WAL locations in bytes. A primary has `location`; a standby `received` and `replayed`. */
	location?: number | undefined;
	received?: number | undefined;
	replayed?: number | undefined;
	/** Of a standby: age of the last replayed commit while WAL waits for its replay, ms; 0 if none waits. */
	replayLagMs?: number | undefined;
	/** Whether the login sees the sessions of others (`pg_read_all_stats`, as in pg_monitor). */
	seesAll: boolean;
	/** The login may run CHECKPOINT (a superuser, or pg_checkpoint from version 15). */
	mayCheckpoint: boolean;
	/**
	 * Client sessions, consoles' own excluded. As the fields below, undefined where the server or the login's rights do not tell:
	 * then `gaps` says why.
	 */
	sessions?:
		| {
				total: number;
				active: number;
				idle: number;
				idleInTransaction: number;
				/** Sessions that wait for a lock. */
				waiting: number;
				/** max_connections. */
				limit?: number | undefined;
		  }
		| undefined;
	/** The applications with the most sessions. */
	applications?: readonly Application[] | undefined;
	/** The oldest transactions of clients, the oldest first. */
	transactions?: readonly Transaction[] | undefined;
	/** Prepared transactions, and the age of the oldest, ms. */
	prepared?: {count: number; oldestMs?: number | undefined} | undefined;
	senders?: readonly Sender[] | undefined;
	slots?: readonly Slot[] | undefined;
	/** pg_stat_archiver; `off` where archive_mode is. */
	archiver?:
		| {
				lastAt?: number | undefined;
				lastWal?: string | undefined;
				failedAt?: number | undefined;
				failedWal?: string | undefined;
		  }
		| 'off'
		| undefined;
	/** The last checkpoint that the control file knows: Unix ms, and the WAL since its redo location, bytes. */
	checkpoint?: {at: number; since?: number | undefined} | undefined;
	gaps: readonly SqlGap[];
};

export type SqlDetails = {
	/** WAL files that wait to be archived; undefined where it may not be asked. */
	archiveBacklog?: number | undefined;
	/** Base backups that run now (pg_stat_progress_basebackup, from version 13). */
	baseBackups?: readonly {pid: number; phase: string}[] | undefined;
	/** Queries that were cancelled on a standby by a conflict with recovery, of all databases since the last reset. */
	conflicts?: number | undefined;
	/** Settings by name, as `SHOW` gives them. */
	settings?: Readonly<Record<string, string>> | undefined;
	/** Settings that differ from the running value until a restart. */
	pendingRestart?: readonly string[] | undefined;
	/** Installed in the monitor's database, by name with the version. */
	extensions?: Readonly<Record<string, string>> | undefined;
	/** What CREATE EXTENSION finds on this machine. */
	available?: readonly string[] | undefined;
	/** Databases whose recorded collation version differs from the actual one (from version 15). */
	collations?: readonly {database: string; recorded: string; actual: string}[] | undefined;
	/** Databases that sort text by glibc, by their default collation: the same on all members. */
	libcDatabases?: readonly string[] | undefined;
	/** Unlogged tables of the monitor's database, which are empty after a promotion. */
	unlogged?: number | undefined;
	gaps: readonly SqlGap[];
};

/** Whether commits with this `synchronous_commit` wait for a synchronous standby; they may, where it is not known. */
export function mayWaitForStandby(synchronousCommit: string | undefined): boolean {
	return synchronousCommit !== 'off' && synchronousCommit !== 'local';
}

/** Settings that a standby needs at least as high as its primary (PostgreSQL, "Hot Standby": Administrator's overview). */
export const settingsNotLower = [
	'max_connections',
	'max_prepared_transactions',
	'max_locks_per_transaction',
	'max_wal_senders',
	'max_worker_processes',
] as const;

/** Settings that are compared between members. */
export const comparedSettings = [
	...settingsNotLower,
	'archive_library',
	'archive_mode',
	'block_size',
	'data_checksums',
	'fsync',
	'full_page_writes',
	'hot_standby_feedback',
	'max_replication_slots',
	'max_slot_wal_keep_size',
	'shared_preload_libraries',
	'sync_replication_slots',
	'synchronous_commit',
	'wal_keep_size',
	'wal_level',
	'wal_log_hints',
	'wal_segment_size',
] as const;
