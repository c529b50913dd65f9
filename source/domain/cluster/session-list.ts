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

/** There are more sessions than the answer has. */
export function isCut(known: Sessions | undefined): boolean {
	return known?.sessions !== undefined && (known.total ?? 0) > known.sessions.length;
}

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
	/** The list of the member was cut: there are at least as many. */
	isCut: boolean;
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
	const all = memberSessions(cluster, target, now);
	const cut = new Set(all.flatMap(({member, known}) => (isCut(known) ? [member] : [])));
	const emptyOf = (
		{member, isLeader, isFresh: fresh}: Pick<SessionRow, 'member' | 'isLeader' | 'isFresh'>,
		{application, user, address}: Named,
	): SessionGroup => ({
		id: groupId(member, {application, user, address}),
		member,
		isLeader,
		isFresh: fresh,
		application,
		user,
		address,
		isCut: cut.has(member),
		sessions: 0,
		active: 0,
		inTransaction: 0,
		oldestMs: undefined,
		returning: undefined,
	});
	for (const row of sessionRows(cluster, target, now)) {
		const {state, transactionMs} = row.session;
		const empty = emptyOf(row, row.session);
		const group = groups.get(empty.id) ?? empty;
		groups.set(empty.id, {
			...group,
			sessions: group.sessions + 1,
			active: group.active + (state === 'active' ? 1 : 0),
			inTransaction: group.inTransaction + (transactionMs === undefined ? 0 : 1),
			oldestMs: transactionMs === undefined ? group.oldestMs : Math.max(group.oldestMs ?? 0, transactionMs),
		});
	}

	// Also those that have no session any more.
	const change = afterChangeOfLeader(cluster, now);
	const to = all.find(({member}) => member === change?.to);
	if (to !== undefined) {
		for (const returning of change?.returning ?? []) {
			const empty = emptyOf(to, returning);
			groups.set(empty.id, {...(groups.get(empty.id) ?? empty), returning});
		}
	}

	return [...groups.values()].toSorted(
		(a, b) => Number(b.isLeader) - Number(a.isLeader) || b.sessions - a.sessions || (a.id < b.id ? -1 : 1),
	);
});
