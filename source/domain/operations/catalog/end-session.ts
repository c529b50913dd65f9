/** Ends a client session with pg_terminate_backend: the one that was selected, never one that got its pid later. */
import {age} from '../../../lib/format.ts';
import {isSameSession, sessionId} from '../../cluster/client-sessions.ts';
import {clientName} from '../../cluster/clients.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {dcsIsRead, leaderKey} from '../../cluster/keys.ts';
import {type SessionRow, sessionNamed, sessionRows} from '../../cluster/session-list.ts';
import {inOrder, sqlRequest} from '../request.ts';
import type {ClusterContext, OperationContext, Precondition, StepDefinition} from '../types.ts';
import {blocking, ok, warning} from '../types.ts';
import type {OperationDefinition, OperationOf} from './definition.ts';

type EndSession = OperationOf<'session.end'>;

export const endSession: OperationDefinition<'session.end'> = {
	describe: ({pid, client, member}) => `end session ${pid} of ${client} on ${member}`,
	requests: ({member, pid, startedAt}, context) =>
		inOrder(sqlRequest(context, member, statementOf({pid, startedAt}))),
	preconditions: checkSession,
	steps: stepsOf,
	offers: ({session}) =>
		session === undefined ? [] : [{label: 'end the session', operation: operationOf(session)}],
	appliesTo: 'session',
	command: 'operation.end',
	confirmationName: ({pid}) => `${pid}`,
	isBeside: true,
	comparesRevisions: false,
	whyNotDone: value =>
		value === 'true'
			? undefined
			: value === undefined
				? 'the session had ended before; nothing was ended'
				: 'PostgreSQL could not signal the process; its log says why',
};

function operationOf({member, session}: SessionRow): EndSession {
	const {pid, startedAt} = session;
	return {kind: 'session.end', member, pid, startedAt, client: clientName(session)};
}

/** Both parts were checked where the answer was parsed; a replay of an odd recording sends nothing. */
function statementOf({pid, startedAt}: Pick<EndSession, 'pid' | 'startedAt'>): string {
	return `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ${pid} AND backend_start = '${startedAt}'`;
}

function checkSession({member, pid, startedAt}: EndSession, context: OperationContext): Precondition[] {
	const {cluster, target, now} = context;
	const source = `sessions:${member}` as const;
	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	if (reason !== undefined) {
		return [blocking(`the sessions on ${member} are not known now: ${reason}`)];
	}

	const row = sessionNamed(cluster, target, now, sessionId(member, {pid, startedAt}));
	if (row === undefined) {
		return [blocking('the session has ended')];
	}

	const {session} = row;
	const {transactionMs, state, mayEnd} = session;
	const waiting = sessionRows(cluster, target, now).filter(
		one => one.member === member && one.session.blockedBy.includes(pid),
	).length;
	return [
		mayEnd
			? ok(`${target.monitor?.user ?? 'the login'} may end it`)
			: blocking(
					`${target.monitor?.user ?? 'the login'} may not end it: that needs pg_signal_backend, and for a superuser's session a superuser`,
					'pg_terminate_backend: permission denied (42501)',
				),
		checkRole(member, context),
		transactionMs === undefined
			? ok(`no transaction is open; it is ${state}`)
			: warning(`its transaction of ${age(transactionMs)} is rolled back (${state})`),
		...(waiting === 0
			? []
			: [ok(`${waiting} ${waiting === 1 ? 'session waits' : 'sessions wait'} for a lock that it holds`)]),
		warning('its client gets an error, and may connect again at once'),
	];
}

/** Whose sessions these are: of the leader, of a standby, or of a PostgreSQL that should not take writes. */
function checkRole(member: string, {cluster, now}: OperationContext): Precondition {
	return cluster.sessions.get(member)?.value.inRecovery
		? ok(`${member} is a standby`)
		: !dcsIsRead(cluster, now)
			? warning(`${member} takes writes; whether it is the leader is not known now`)
			: leaderKey(cluster)?.member === member
				? ok(`${member} is the leader`)
				: warning(`${member} takes writes, and is not the leader`);
}

function stepsOf({member, pid, startedAt}: EndSession, _: ClusterContext): StepDefinition[] {
	return [
		{
			id: 'gone',
			text: `session ${pid} is gone from ${member}`,
			essential: true,
			seen({confirmedAt}, {cluster}) {
				const known = cluster.sessions.get(member);
				if (known === undefined || known.askedAt <= confirmedAt) {
					return false;
				}

				const {sessions, total} = known.value;
				// Of more sessions than one answer has, a missing one proves nothing.
				return (
					sessions !== undefined &&
					(total ?? sessions.length) <= sessions.length &&
					!sessions.some(one => isSameSession(one, {pid, startedAt}))
				);
			},
		},
	];
}
