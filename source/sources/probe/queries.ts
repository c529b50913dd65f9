/** Options of a probe, its intervals and limits, its SQL, and the check of the answer. */
import {type PostgresAccess, PostgresError} from '../../connections/postgres-access.ts';
import type {Event} from '../../domain/events.ts';
import {sanitize} from '../../lib/sanitize.ts';

export type ProbeContext = {
	emit: (event: Event) => void;
	signal: AbortSignal;
	/** The session's time, Unix ms. */
	now: () => number;
	/** ms after an answer without a query; default: none. A second without an answer would be an outage. */
	restMs?: number;
};

/** Shorter losses do not change what is measured, ms. */
const lossMinMs = 50;

/**
 * Marks the first report of a probe, and emits before each report how long its thread did not run since the last one.
 *
 * @param shortLosses ms since its last call
 */
export function emitWithLosses(emit: ProbeContext['emit'], shortLosses: () => number): ProbeContext['emit'] {
	let isFirst = true;
	return event => {
		if (event.type !== 'probe.answered' && event.type !== 'probe.failed') {
			emit(event);
			return;
		}

		const milliseconds = Math.round(shortLosses());
		if (milliseconds >= lossMinMs) {
			emit({type: 'console.stalled', milliseconds, port: event.port, brief: true});
		}

		emit(isFirst ? {...event, first: true} : event);
		isFirst = false;
	};
}

export type ProbeOptions = PostgresAccess & {
	write: boolean;
	/** Whether the writes belong to a drill. */
	drill: boolean;
	/** Inserts rows into this table, with the drill's id. */
	rows?: {table: string; drill: string};
	/** ms until a query counts as unanswered. */
	deadline: number;
};

/** At a VIP on the server itself, its address is the VIP: then the time of its start identifies it. */
const where =
	'pg_is_in_recovery() AS recovery, host(inet_server_addr()) AS address, inet_server_port() AS port, (extract(epoch FROM pg_postmaster_start_time()) * 1000)::float8 AS started';

/**
 * An autocommit transaction, acknowledged when durable, with synchronous replication also on the standby. Rows can be
 * verified afterwards. `location`: where WAL was before the commit: if a new timeline begins there or before, the write
 * is lost.
 */
export function writeQuestion(number: number, rows: ProbeOptions['rows']): string {
	return rows === undefined
		? `SELECT ${where}, pg_logical_emit_message(true, 'pgha-top', '${number}') AS location`
		: `WITH written AS (INSERT INTO ${rows.table} (drill, number) VALUES ('${rows.drill}', ${number})) SELECT ${where}, pg_current_wal_insert_lsn() AS location`;
}

export function readQuestion(): string {
	return `SELECT ${where}`;
}

/** Also asks whether one of these server processes is busy, i.e. whether its query still runs. */
export function busyQuestion(pids: readonly number[]): string {
	const busy = `EXISTS (SELECT FROM pg_stat_activity WHERE pid IN (0, ${pids.join(', ')}) AND pid <> pg_backend_pid() AND state = 'active') AS busy`;
	return `SELECT ${where}, ${busy}`;
}

/** @throws if the row does not match the query: neither the server nor the outcome is known then */
export function checkRow({recovery, address, port}: Readonly<Record<string, unknown>>): void {
	const isSocket = address === null && port === null;
	if (
		typeof recovery !== 'boolean' ||
		!(isSocket || (typeof address === 'string' && typeof port === 'number'))
	) {
		throw new PostgresError('not an answer of PostgreSQL', false);
	}
}

export function serverOf(row: Readonly<Record<string, unknown>>): string {
	return sanitize(`${row.address ?? 'socket'}:${row.port ?? ''}`);
}

/** When the server started, Unix ms. */
export function startOf({started}: Readonly<Record<string, unknown>>): number | undefined {
	return typeof started === 'number' && Number.isFinite(started) ? Math.floor(started) : undefined;
}

/** The WAL location of a write, bytes; PostgreSQL writes it as two hexadecimal halves (`16/B374D848`). */
export function locationOf({location}: Readonly<Record<string, unknown>>): number | undefined {
	const [, high, low] =
		(typeof location === 'string' ? /^([\da-f]{1,8})\/([\da-f]{1,8})$/i.exec(location) : undefined) ?? [];
	const bytes =
		high === undefined || low === undefined ? Number.NaN : parseInt(high, 16) * 2 ** 32 + parseInt(low, 16);
	return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** ms between two queries; a drill's are twice as frequent. */
export const intervalMs = {drill: 50, write: 100, question: 200} as const;

/**
 * ms until the next multiple of the step by the wall clock, so that probes in several processes query at the same times
 * and see the same outage. A timer that fires slightly early counts as on time.
 */
export function untilNext(step: number, now: number): number {
	return (Math.floor((now + step / 4) / step) + 1) * step - now;
}

/**
 * ms that an attempt waits before a parallel one starts: the first answer proves the path open. Slightly
 * less than a drill's interval, or three intervals of other writes, so that a late start does not cost one more.
 */
export const besideMs = {connecting: 37, asked: 275} as const;

/** The attempts of a drill within two seconds, until the first time out. */
export const attemptsMax = 40;

/** ms; longer than for a connection, since the server may wait for its standby. */
export const attemptMaxMs = 10_000;

/** ms; a refused login is not retried several times a second. */
export const refusedRetryMs = 4000;
