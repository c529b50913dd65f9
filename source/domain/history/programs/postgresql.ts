/** What the lines of PostgreSQL's log say, in English: another `lc_messages` is not understood. */
import {matchSaid, type Said, type SaidKind, type SaidPattern, saidTextMax} from '../said.ts';

const every = 'PostgreSQL 15 to 18';

const lsn = '(?<lsn>[\\dA-F]{1,8}/[\\dA-F]{1,8})';
const segment = '(?<object>[\\dA-F]{24})';
const anyText = '.{1,8192}';

function row(kind: SaidKind, pattern: string, fields?: Omit<Said, 'kind'>, seen = every): SaidPattern {
	return {
		kind,
		pattern: new RegExp(`^${pattern}`, 's'),
		...(fields === undefined ? {} : {fields}),
		seen,
	};
}

/** Life of the server. */
const server: readonly SaidPattern[] = [
	row('postgres.starting', 'starting PostgreSQL \\d'),
	row('postgres.ready', 'database system is ready to accept connections$'),
	row('postgres.ready-standby', 'database system is ready to accept read-only connections$'),
	row(
		'postgres.crash-recovery',
		'database system (?<why>was not properly shut down; automatic recovery in progress|was interrupted(?: while in recovery)?|shutdown was interrupted)',
	),
	row('postgres.stop-requested', 'received (?<why>smart|fast|immediate) shutdown request$'),
	row('postgres.stopped', 'database system is shut down$'),
	row('postgres.promote-requested', 'received promote request$'),
	row('postgres.new-timeline', 'selected new timeline ID: (?<timeline>\\d{1,10})$'),
	row(
		'postgres.crashed',
		'(?<why>(?<object>[a-zA-Z][^()]{0,80}) \\(PID (?<pid>\\d{1,10})\\) was terminated by signal \\d{1,3}.{0,40})',
	),
	row(
		'postgres.crashed',
		'(?<why>(?<object>server process|startup process|checkpointer process|WAL writer process) \\(PID (?<pid>\\d{1,10})\\) exited with exit code \\d{1,3})$',
	),
	row('postgres.crashed', '(?<why>terminating any other active server processes)$'),
	row('postgres.crashed', '(?<why>all server processes terminated); reinitializing$'),
	row(
		'postgres.crashed',
		'(?<why>shutting down because "?restart_after_crash"? is off|aborting startup due to startup process failure|shutting down due to startup process failure)$',
	),
	row('postgres.crashed', 'terminating connection because of (?<why>crash of another server process)$'),
];

/** A process notices that its postmaster is gone, which wrote nothing itself. */
const orphaned: readonly SaidPattern[] = [
	row(
		'postgres.crashed',
		'terminating (?:connection|walreceiver process) due to (?<why>unexpected postmaster exit)$',
	),
];

const diskFull: readonly SaidPattern[] = [
	row('postgres.disk-full', `(?<why>could not .{1,300}: No space left on device)$`),
	row('postgres.disk-full', `(?<why>could not .{1,300}: Disk quota exceeded)$`),
];

/** Whom commits wait for, in the primary's log. */
const synchronous: readonly SaidPattern[] = [
	row('postgres.sync-names', 'parameter "synchronous_standby_names" changed to "(?<object>.{0,1000})"$'),
	row(
		'postgres.sync-names',
		'parameter "synchronous_standby_names" removed from configuration file, reset to default$',
	),
	row(
		'postgres.sync-joined',
		'standby "(?<object>[^"]{1,255})" is now a (?:candidate for quorum synchronous standby|synchronous standby with priority \\d{1,10})$',
	),
];

const replication: readonly SaidPattern[] = [
	row('postgres.wal-removed', `requested WAL segment ${segment} has already been removed$`, {
		why: 'a standby asked for it',
	}),
	row(
		'postgres.wal-removed',
		`could not receive data from WAL stream: ERROR:  requested WAL segment ${segment} has already been removed`,
	),
	row(
		'postgres.wal-removed',
		`could not start WAL streaming: ERROR:  (?<why>can no longer (?:get changes from|access) replication slot "[^"]{1,80}")`,
	),
	row(
		'postgres.diverged',
		`(?<why>new timeline \\d{1,10} (?:is not a child of database system timeline \\d{1,10}|forked off current database system timeline \\d{1,10} before current recovery point [\\dA-F/]{3,17}))$`,
	),
	row('postgres.diverged', "(?<why>requested timeline \\d{1,10} is not a child of this server's history)$"),
	row(
		'postgres.diverged',
		'(?<why>highest timeline \\d{1,10} of the primary is behind recovery timeline \\d{1,10})$',
	),
	row('postgres.diverged', '(?<why>database system identifier differs between the primary and standby)$'),
	row(
		'postgres.diverged',
		"could not start WAL streaming: ERROR:  (?<why>requested starting point [\\dA-F/]{3,17} (?:on timeline \\d{1,10} is not in this server's history|is ahead of the WAL flush position of this server [\\dA-F/]{3,17}))",
	),
	row(
		'postgres.streaming-began',
		`(?:started streaming WAL from primary|restarted WAL streaming) at ${lsn} on timeline (?<timeline>\\d{1,10})$`,
	),
	row(
		'postgres.streaming-lost',
		'(?<why>could not connect to the primary server: .{1,8000}|could not receive data from WAL stream: .{1,8000}|could not start WAL streaming: .{1,8000}|could not send end-of-streaming message to primary: .{1,8000}|could not send data to WAL stream: .{1,8000}|replication terminated by primary server|terminating walreceiver due to timeout|invalid standby message type .{1,40})$',
	),
	row(
		'postgres.streaming-lost',
		'streaming replication receiver "[^"]{1,255}" (?<why>could not connect to the primary server: .{1,8000})$',
		undefined,
		'PostgreSQL 18',
	),
];

const refused: readonly SaidPattern[] = [
	row('postgres.refused', 'sorry, (?<why>too many clients) already$'),
	row('postgres.refused', 'remaining connection slots are reserved for .{1,120}$', {why: 'too many clients'}),
	row('postgres.refused', '(?<why>too many connections for (?:role|database) "[^"]{1,80}")$'),
	row('postgres.refused', 'number of requested standby connections exceeds "?max_wal_senders"? ', {
		why: 'too many WAL senders (max_wal_senders)',
	}),
	row(
		'postgres.refused',
		'the database system is (?<why>starting up|shutting down|in recovery mode|not yet accepting connections|not accepting connections)$',
	),
	row('postgres.refused', '(?<why>[A-Za-z0-9-]{0,20} ?authentication failed for user "[^"]{1,80}")'),
	row('postgres.refused', '(?<why>no pg_hba\\.conf entry for .{1,300}|pg_hba\\.conf rejects .{1,300})$'),
	row('postgres.refused', '(?<why>(?:database|role) "[^"]{1,80}" does not exist)$'),
	row('postgres.refused', '(?<why>role "[^"]{1,80}" is not permitted to log in)$'),
];

/** Rows for PostgreSQL's levels; other words continue a message, or quote a statement of a client. */
const byWord: ReadonlyMap<string, readonly SaidPattern[]> = new Map([
	['LOG', [...server, ...diskFull, ...replication, ...synchronous]],
	['WARNING', server],
	['ERROR', [...diskFull, ...replication]],
	['FATAL', [...orphaned, ...diskFull, ...replication, ...refused]],
	['PANIC', diskFull],
]);

/** An ordinary end of a process, which PostgreSQL logs as FATAL. */
const routine = new RegExp(
	`^(?:terminating (?:connection|walreceiver process|background worker ${anyText}|logical replication worker ${anyText}|autovacuum process|replication slot synchronization worker) ?(?:due to administrator command|due to idle-(?:in-transaction|session) timeout|due to idle-in-transaction timeout|due to conflict with recovery|due to transaction timeout)|connection to client lost|canceling authentication due to timeout)`,
	's',
);

export function readPostgres(word: string, text: string): Said | undefined {
	const said = matchSaid(byWord.get(word) ?? [], text);
	if (said !== undefined) {
		return said;
	}

	const why = text.slice(0, saidTextMax);
	return word === 'PANIC'
		? {kind: 'postgres.panic', why}
		: word === 'FATAL' && !routine.test(text)
			? {kind: 'postgres.fatal', why}
			: undefined;
}
