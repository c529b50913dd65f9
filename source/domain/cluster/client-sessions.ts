/** The client sessions of a member's PostgreSQL, as SQL gives them while a layer shows them. */
import type {SqlGap} from './postgres.ts';

export type Session = {
	pid: number;
	/**
	 * `backend_start` in UTC to the microsecond (`2026-11-27 08:05:05.123456+00`): with the pid it names this session alone,
	 * whatever gets the pid later.
	 */
	startedAt: string;
	user: string;
	database?: string | undefined;
	/** Empty if the client gave none. */
	application: string;
	/** The client's address; undefined of a Unix socket. */
	address?: string | undefined;
	/** `active`, `idle`, `idle in transaction`, … */
	state: string;
	/** Ages by the server's clock, ms: of the session, of its transaction, of its query, or in `idle` since the last one. */
	sessionMs: number;
	transactionMs?: number | undefined;
	queryMs?: number | undefined;
	/** `Lock: transactionid`; undefined if it does not wait. */
	wait?: string | undefined;
	/** Processes that hold the lock it waits for, by pg_blocking_pids(). */
	blockedBy: readonly number[];
	/** The query, or the last one, masked. */
	query: string;
	/** The login may end it: a superuser any, pg_signal_backend those of others but superusers. */
	mayEnd: boolean;
};

export type Sessions = {
	/** The server is a standby. */
	inRecovery: boolean;
	/** All client sessions but those of consoles; undefined as `sessions`. */
	total?: number | undefined;
	/** The oldest transactions first, at most `sessionsMax`; undefined where the login does not see those of others. */
	sessions?: readonly Session[] | undefined;
	gaps: readonly SqlGap[];
};

/** Rows of one answer. */
export const sessionsMax = 500;

/** Names a session among all members'. */
export function sessionId(member: string, {pid, startedAt}: Pick<Session, 'pid' | 'startedAt'>): string {
	return `${member} ${pid} ${startedAt}`;
}

/** Not another one with the same pid. */
export function isSameSession(
	one: Pick<Session, 'pid' | 'startedAt'>,
	other: Pick<Session, 'pid' | 'startedAt'>,
): boolean {
	return one.pid === other.pid && one.startedAt === other.startedAt;
}
