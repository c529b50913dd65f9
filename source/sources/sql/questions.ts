/**
 * The SQL questions to a member: parts that are asked together as one JSON object, so that one answer is of one moment. A part
 * that the server refuses is left out.
 */

import {sessionsMax} from '../../domain/cluster/client-sessions.ts';
import {comparedSettings, sqlRowsMax as rowsMax} from '../../domain/cluster/postgres.ts';

export type Part = {
	/** The field of the answer. */
	name: string;
	/** For the operator, if the part is missing. */
	label: string;
	/** An expression of type json or jsonb. */
	sql: string;
	/** The first `server_version_num` that has it. */
	since?: number;
};

const textMax = 200;

/** `to_jsonb` of a whole row fits every version: what a version does not have is missing in the answer. */
const rowsOf = (from: string, row = 'to_jsonb(t)') =>
	`(SELECT coalesce(jsonb_agg(${row}), '[]') FROM (${from} LIMIT ${rowsMax}) t)`;

const ms = (interval: string) => `round(extract(epoch FROM ${interval}) * 1000)::float8`;
const at = (time: string) => `round(extract(epoch FROM ${time}) * 1000)::float8`;
const bytes = (location: string) => `pg_wal_lsn_diff(${location}, '0/0')::float8`;

/** What the WAL positions of others are compared with: of a standby what it has replayed. */
const current = 'CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END';

/** Sessions of clients, but for those of consoles. */
const clients =
	"backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> 'pgha-top'";

const text = (column: string) => `left(${column}, ${textMax})`;

export const statusParts: readonly Part[] = [
	{
		name: 'server',
		label: 'server',
		sql: `jsonb_build_object(
			'recovery', pg_is_in_recovery(),
			'started', ${at('pg_postmaster_start_time()')},
			'now', ${at('clock_timestamp()')},
			'connections', current_setting('max_connections')::int,
			'archiving', current_setting('archive_mode') <> 'off',
			'superuser', current_setting('is_superuser') = 'on',
			'all', pg_has_role('pg_read_all_stats', 'USAGE'))`,
	},
	{
		name: 'wal',
		label: 'WAL positions',
		sql: `CASE WHEN pg_is_in_recovery() THEN jsonb_build_object(
			'received', ${bytes('pg_last_wal_receive_lsn()')},
			'replayed', ${bytes('pg_last_wal_replay_lsn()')},
			'timeline', (SELECT received_tli FROM pg_stat_wal_receiver),
			'behind', ${ms('clock_timestamp() - pg_last_xact_replay_timestamp()')})
		ELSE jsonb_build_object(
			'location', ${bytes('pg_current_wal_lsn()')},
			'timeline', ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int) END`,
	},
	{
		name: 'system',
		label: 'system identifier',
		sql: '(SELECT to_jsonb(system_identifier::text) FROM pg_control_system())',
	},
	{
		name: 'checkpoint',
		label: 'last checkpoint',
		sql: `(SELECT jsonb_build_object('at', ${at('checkpoint_time')}, 'since', pg_wal_lsn_diff(${current}, redo_lsn)::float8,
			'timeline', timeline_id) FROM pg_control_checkpoint())`,
	},
	{
		name: 'checkpointer',
		label: 'pg_checkpoint',
		since: 150_000,
		sql: "to_jsonb(pg_has_role('pg_checkpoint', 'USAGE'))",
	},
	{
		name: 'sessions',
		label: 'sessions',
		sql: `(SELECT jsonb_build_object(
			'total', count(*),
			'active', count(*) FILTER (WHERE state IN ('active', 'fastpath function call')),
			'idle', count(*) FILTER (WHERE state = 'idle'),
			'idleInTransaction', count(*) FILTER (WHERE state LIKE 'idle in transaction%'),
			'waiting', count(*) FILTER (WHERE wait_event_type = 'Lock'),
			'untracked', count(*) FILTER (WHERE state = 'disabled'))
		FROM pg_stat_activity WHERE ${clients})`,
	},
	{
		name: 'applications',
		label: 'applications',
		sql: rowsOf(`SELECT ${text('application_name')} AS application, usename AS "user", host(client_addr) AS address, count(*) AS sessions
			FROM pg_stat_activity WHERE ${clients} GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`),
	},
	{
		name: 'transactions',
		label: 'oldest transactions',
		sql: rowsOf(`SELECT pid, usename AS "user", ${text('application_name')} AS application, host(client_addr) AS address, state,
			${ms('clock_timestamp() - xact_start')} AS "ageMs"
			FROM pg_stat_activity WHERE ${clients} AND xact_start IS NOT NULL ORDER BY xact_start`),
	},
	{
		name: 'prepared',
		label: 'prepared transactions',
		sql: `(SELECT jsonb_build_object('count', count(*), 'oldestMs', ${ms('clock_timestamp() - min(prepared)')}) FROM pg_prepared_xacts)`,
	},
	{
		name: 'senders',
		label: 'WAL senders',
		sql: rowsOf(`SELECT ${text('application_name')} AS application, usename AS "user", host(client_addr) AS address, state,
			sync_state AS "syncState", pg_wal_lsn_diff(${current}, replay_lsn)::float8 AS lag, ${ms('replay_lag')} AS "lagMs"
			FROM pg_stat_replication ORDER BY application_name, pid`),
	},
	{
		name: 'slots',
		label: 'replication slots',
		sql: rowsOf(
			'SELECT * FROM pg_replication_slots ORDER BY slot_name',
			`to_jsonb(t) || jsonb_build_object('held', pg_wal_lsn_diff(${current}, t.restart_lsn)::float8)`,
		),
	},
	{
		name: 'archiver',
		label: 'archiver',
		sql: `(SELECT jsonb_build_object('lastAt', ${at('last_archived_time')}, 'lastWal', last_archived_wal,
			'failedAt', ${at('last_failed_time')}, 'failedWal', last_failed_wal) FROM pg_stat_archiver)`,
	},
];

export const detailParts: readonly Part[] = [
	{
		name: 'archiveBacklog',
		label: 'archive backlog',
		since: 120_000,
		sql: "(SELECT to_jsonb(count(*)) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready')",
	},
	{
		name: 'baseBackups',
		label: 'base backups',
		since: 130_000,
		sql: rowsOf('SELECT pid, phase FROM pg_stat_progress_basebackup ORDER BY pid'),
	},
	{
		name: 'conflicts',
		label: 'conflicts with recovery',
		sql: '(SELECT to_jsonb(coalesce(sum(conflicts), 0)) FROM pg_stat_database)',
	},
	{
		name: 'settings',
		label: 'settings',
		sql: `(SELECT coalesce(jsonb_object_agg(name, setting), '{}') FROM pg_settings WHERE name IN (${comparedSettings
			.map(name => `'${name}'`)
			.join(', ')}))`,
	},
	{
		name: 'pendingRestart',
		label: 'pending restarts',
		sql: rowsOf('SELECT name FROM pg_settings WHERE pending_restart ORDER BY name', 'to_jsonb(t.name)'),
	},
	{
		name: 'extensions',
		label: 'extensions',
		sql: "(SELECT coalesce(jsonb_object_agg(extname, extversion), '{}') FROM pg_extension)",
	},
	{
		name: 'available',
		label: 'available extensions',
		sql: "(SELECT coalesce(jsonb_agg(name ORDER BY name), '[]') FROM pg_available_extensions)",
	},
	{
		name: 'collations',
		label: 'collation versions',
		since: 150_000,
		sql: rowsOf(`SELECT datname AS database, datcollversion AS recorded, pg_database_collation_actual_version(oid) AS actual
			FROM pg_database WHERE datallowconn AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)
			ORDER BY datname`),
	},
	{
		name: 'libcDatabases',
		label: 'databases with libc collations',
		// As PostgreSQL itself, which gives no collation version of C and POSIX. Before 15 there is no other provider of a database.
		sql: rowsOf(
			`SELECT datname FROM pg_database d WHERE datallowconn AND coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'c'
			AND datcollate !~* '^(c|posix|c[.].*)$' ORDER BY datname`,
			'to_jsonb(t.datname)',
		),
	},
	{
		name: 'unlogged',
		label: 'unlogged tables',
		sql: "(SELECT to_jsonb(count(*)) FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'm'))",
	},
];

/** Characters of a query, and bytes of all in one answer: what is beyond is left out, and the session stays. */
const queryMax = 400;
const queriesMaxBytes = 300_000;

const oldestFirst = 'xact_start NULLS LAST, state_change, pid';

/** pg_blocking_pids() locks the lock manager, so it is asked for what waits for a lock alone. */
export const sessionParts: readonly Part[] = [
	{
		name: 'server',
		label: 'server',
		sql: `jsonb_build_object(
			'recovery', pg_is_in_recovery(),
			'all', current_setting('is_superuser') = 'on' OR pg_has_role('pg_read_all_stats', 'USAGE'))`,
	},
	{
		name: 'total',
		label: 'number of sessions',
		sql: `(SELECT to_jsonb(count(*)) FROM pg_stat_activity WHERE ${clients})`,
	},
	{
		name: 'sessions',
		label: 'sessions',
		sql: `(SELECT coalesce(jsonb_agg(jsonb_build_object(
			'pid', pid,
			'startedAt', to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00',
			'user', usename, 'database', datname, 'application', application_name, 'address', host(client_addr),
			'state', state,
			'sessionMs', ${ms('clock_timestamp() - backend_start')},
			'transactionMs', ${ms('clock_timestamp() - xact_start')},
			'queryMs', ${ms("clock_timestamp() - CASE WHEN state = 'idle' THEN state_change ELSE query_start END")},
			'waits', wait_event_type, 'event', wait_event,
			'blockedBy', CASE WHEN wait_event_type = 'Lock' THEN to_jsonb(pg_blocking_pids(pid)) END,
			'query', CASE WHEN bytes <= ${queriesMaxBytes} THEN query END,
			'mayEnd', current_setting('is_superuser') = 'on' OR (NOT rolsuper
				AND (pg_has_role('pg_signal_backend', 'USAGE') OR pg_has_role(usesysid, 'USAGE')))
			) ORDER BY n), '[]')
		FROM (SELECT *, row_number() OVER w AS n, sum(octet_length(query)) OVER w AS bytes
			FROM (SELECT pid, backend_start, usename, usesysid, datname, ${text('application_name')} AS application_name, client_addr,
				state, xact_start, query_start, state_change, wait_event_type, wait_event, left(query, ${queryMax}) AS query
				FROM pg_stat_activity WHERE ${clients} ORDER BY ${oldestFirst} LIMIT ${sessionsMax}) s
			WINDOW w AS (ORDER BY ${oldestFirst})) t LEFT JOIN pg_roles ON oid = usesysid)`,
	},
];

/** The question for these parts, as one row with the column `answer`. */
export function questionOf(parts: readonly Part[]): string {
	return `SELECT jsonb_build_object(${parts.map(({name, sql}) => `'${name}', ${sql}`).join(', ')}) AS answer`;
}
