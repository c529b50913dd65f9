/** A cluster whose members are asked by SQL: their sessions, and the clients that are counted. */

import type {Session as ClientSession, Sessions} from '../../source/domain/cluster/client-sessions.ts';
import type {Application, SqlStatus} from '../../source/domain/cluster/postgres.ts';
import type {Fact} from '../../source/domain/events.ts';
import {Operator} from './operator.ts';
import {start, target} from './session.ts';

export const monitored = {...target, monitor: {user: 'monitor', database: 'postgres'}};

export function monitoredOperator(): Operator {
	return new Operator('trixie', monitored);
}

export function clientSession(given: Partial<ClientSession> & {pid: number}): ClientSession {
	return {
		startedAt: `2026-11-22 23:00:00.${`${given.pid}`.padStart(6, '0')}+00`,
		user: 'app',
		database: 'shop',
		application: 'shop-web',
		address: '10.73.0.21',
		state: 'idle',
		sessionMs: 3_600_000,
		queryMs: 4000,
		blockedBy: [],
		query: 'SELECT ?',
		mayEnd: true,
		...given,
	};
}

export function sessionsOf(
	member: string,
	sessions: readonly ClientSession[] | undefined,
	more: Partial<Sessions> = {},
): Fact & {type: 'sql.sessions'} {
	return {
		type: 'sql.sessions',
		source: `sessions:${member}`,
		member,
		sessions: {inRecovery: member !== 'pgdb1', total: sessions?.length, sessions, gaps: [], ...more},
		tookMs: 3,
	};
}

export function statusOf(
	member: string,
	applications: readonly Application[] | undefined,
	more: Partial<SqlStatus> = {},
): Fact {
	return {
		type: 'sql.status',
		source: `sql:${member}`,
		member,
		status: {
			version: 170_006,
			inRecovery: member !== 'pgdb1',
			startedAt: start - 3_600_000,
			serverTime: start,
			seesAll: applications !== undefined,
			mayCheckpoint: false,
			applications,
			gaps: [],
			...more,
		},
		tookMs: 3,
	};
}
