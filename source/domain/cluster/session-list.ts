/** The client sessions of all members as one list: whose they are, how old, and what is known of them now. Pure. */
import type {Target} from '../target.ts';
import {type Session, type Sessions, sessionId} from './client-sessions.ts';
import {afterChangeOfLeader, type Returning} from './clients.ts';
import type {Cluster} from './cluster.ts';
import {isFresh, unavailableReason} from './freshness.ts';
import {leaderKey} from './keys.ts';
import {memoByCluster} from './memo.ts';
import {sqlAddresses} from './trust.ts';

/** What is known of the sessions on one member. */
export type MemberSessions = {
	member: string;
	/** It has the leader key, as last read. */
	isLeader: boolean;
	/** The last answer; undefined without one. */
	known: Sessions | undefined;
	/** Time of that answer, Unix ms. */
	at: number | undefined;
	isFresh: boolean;
	/** Why nothing is known, or why it is not of now. */
	why: string | undefined;
};

export type SessionRow = {id: string; member: string; isLeader: boolean; isFresh: boolean; session: Session};

export const memberSessions = memoByCluster((cluster, target, now): MemberSessions[] =>
	sqlAddresses(cluster, target).map(({member, why: whyNotAsked}) => {
		const source = `sessions:${member}` as const;
		const status = cluster.sourceStatuses.get(source);
		const answer = cluster.sessions.get(member);
		return {
			member,
			isLeader: leaderKey(cluster)?.member === member,
			known: answer?.value,
			at: answer?.at,
			isFresh: answer !== undefined && isFresh(status, source, now),
			why:
				whyNotAsked ??
				unavailableReason(status, source, now) ??
				(answer !== undefined && answer.value.sessions === undefined
					? answer.value.gaps.find(({part}) => part === 'sessions')?.reason
					: undefined),
		};
	}),
);

/** The oldest transaction first, then the oldest session. */
export const sessionRows = memoByCluster((cluster, target, now): SessionRow[] =>
	memberSessions(cluster, target, now)
		.flatMap(({member, isLeader, isFresh: fresh, known}) =>
			(known?.sessions ?? []).map(session => ({
				id: sessionId(member, session),
				member,
				isLeader,
				isFresh: fresh,
				session,
			})),
		)
		.toSorted(
			(a, b) =>
				(b.session.transactionMs ?? -1) - (a.session.transactionMs ?? -1) ||
				b.session.sessionMs - a.session.sessionMs,
		),
);

/** What a filter looks in. */
export function wordsOfSession({member, isLeader, session}: SessionRow): string {
	const {pid, user, database, application, address, state, wait, query} = session;
	return [
		member,
		isLeader ? 'leader' : '',
		pid,
		user,
		database,
		application,
		address,
		state,
		wait,
		query,
	].join('\n');
}

export function sessionNamed(
	cluster: Cluster,
	target: Target,
	now: number,
	id: string,
): SessionRow | undefined {
	return sessionRows(cluster, target, now).find(row => row.id === id);
}

/** Sessions of one application, user and address on one member. */
export type SessionGroup = {
	id: string;
	member: string;
	isLeader: boolean;
	isFresh: boolean;
	application: string;
	user: string;
	address: string | undefined;
	sessions: number;
	active: number;
	inTransaction: number;
	/** Age of the oldest transaction, ms. */
	oldestMs: number | undefined;
	/** On a leader: how many there were before the change, and who is back of them; undefined where that is not known. */
	returning: Returning | undefined;
};

type Named = {application: string; user: string; address?: string | undefined};

function groupId(member: string, {application, user, address}: Named): string {
	return JSON.stringify([member, application, user, address ?? '']);
}

/** What a filter looks in. */
export function wordsOfGroup({member, isLeader, application, user, address}: SessionGroup): string {
	return [member, isLeader ? 'leader' : '', application, user, address].join('\n');
}

/** The leader's first, the most sessions first. */
export const sessionGroups = memoByCluster((cluster, target, now): SessionGroup[] => {
	const groups = new Map<string, SessionGroup>();
	for (const {member, isLeader, isFresh: fresh, session} of sessionRows(cluster, target, now)) {
		const id = groupId(member, session);
		const {application, user, address, state, transactionMs} = session;
		const before = groups.get(id);
		groups.set(id, {
			id,
			member,
			isLeader,
			isFresh: fresh,
			application,
			user,
			address,
			sessions: (before?.sessions ?? 0) + 1,
			active: (before?.active ?? 0) + (state === 'active' ? 1 : 0),
			inTransaction: (before?.inTransaction ?? 0) + (transactionMs === undefined ? 0 : 1),
			oldestMs:
				transactionMs === undefined ? before?.oldestMs : Math.max(before?.oldestMs ?? 0, transactionMs),
			returning: undefined,
		});
	}

	// Also those that have no session any more.
	const change = afterChangeOfLeader(cluster, now);
	for (const returning of change?.returning ?? []) {
		const to = memberSessions(cluster, target, now).find(({member}) => member === change?.to);
		if (to === undefined) {
			break;
		}

		const {application, user, address} = returning;
		const {member, isLeader, isFresh: fresh} = to;
		const id = groupId(member, returning);
		const none = {sessions: 0, active: 0, inTransaction: 0, oldestMs: undefined};
		const group = groups.get(id) ?? {
			id,
			member,
			isLeader,
			isFresh: fresh,
			application,
			user,
			address,
			...none,
		};
		groups.set(id, {...group, returning});
	}

	return [...groups.values()].toSorted(
		(a, b) => Number(b.isLeader) - Number(a.isLeader) || b.sessions - a.sessions || (a.id < b.id ? -1 : 1),
	);
});
