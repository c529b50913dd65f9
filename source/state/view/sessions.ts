/** The client sessions of all members, one by one or by application, and who is back after a change of leader. */

import type {Session} from '../../domain/cluster/client-sessions.ts';
import type {Returning} from '../../domain/cluster/clients.ts';
import {dcsIsRead} from '../../domain/cluster/keys.ts';
import {
	isCut,
	type MemberSessions,
	memberSessions,
	type SessionGroup,
	type SessionRow,
	sessionGroups,
	sessionRows,
} from '../../domain/cluster/session-list.ts';
import {keyOfCommand} from '../../keymap/keymap.ts';
import {age, forAge} from '../../lib/format.ts';
import {selectedInList} from '../selection.ts';
import {type ClusterSnapshot, type Overlay, type State, shownSnapshot} from '../state.ts';
import {type Cell, type Column, cell, field, type Line, type PaneRows, type Tone} from './cells.ts';
import {changeLines} from './sessions-returning.ts';

export function sessionsPane(state: State, overlay: Overlay & {kind: 'sessions'}): PaneRows {
	const shown = shownSnapshot(state);
	const {cluster, target, now} = shown;
	const all = memberSessions(cluster, target, now);
	const selected = selectedInList(state, overlay);
	const key = keyOfCommand('sessions.group');
	return {
		title: overlay.grouped ? 'Sessions by application' : 'Sessions',
		status: cell(
			key === undefined
				? 'by SQL'
				: `${key} shows ${overlay.grouped ? 'each session' : 'them by application'}`,
			'dim',
		),
		lines:
			target.monitor === undefined
				? [[cell('PostgreSQL is not asked by SQL: set monitor.user', 'warn')]]
				: [
						...all.map(one => memberLine(one, shown)),
						...changeLines(shown, all, overlay.grouped),
						...(overlay.grouped ? [] : selectedLines(shown, overlay, selected)),
					],
		wraps: true,
		table: overlay.grouped ? groupTable(shown) : sessionTable(shown),
	};
}

/** The leader's name is followed by a question mark where the leader key cannot be read now. */
function roleOf({isLeader}: {isLeader: boolean}, {cluster, now}: ClusterSnapshot): string {
	return isLeader ? (dcsIsRead(cluster, now) ? ' leader' : ' leader?') : '';
}

function memberLine(one: MemberSessions, shown: ClusterSnapshot): Line {
	const {member, known, at, isFresh, why} = one;
	const name = `${member}${roleOf(one, shown)}  `;
	if (known?.sessions === undefined) {
		return [cell(name, 'strong'), cell(why ?? 'connecting', why === 'connecting' ? 'dim' : 'warn')];
	}

	const {sessions, total = sessions.length} = known;
	const count = (test: (session: Session) => boolean) => sessions.filter(test).length;
	const mark = isFresh ? '' : '?';
	const least = isCut(known) ? '≥ ' : '';
	const parts = [
		[count(({state}) => state === 'active'), 'active'],
		[count(({state}) => state.startsWith('idle in transaction')), 'idle in transaction'],
		[count(({blockedBy}) => blockedBy.length > 0), 'wait for a lock'],
	] as const;
	const words = [
		`${total}${mark} ${total === 1 ? 'session' : 'sessions'}`,
		...(isCut(known) ? [`the ${sessions.length} with the oldest transactions are shown`] : []),
		...parts.flatMap(([number, what]) => (number === 0 ? [] : [`${least}${number}${mark} ${what}`])),
		...(known.inRecovery ? ['standby'] : []),
	];
	return [
		cell(name, 'strong'),
		cell(words.join(', '), isFresh ? 'plain' : 'dim'),
		...(isFresh || at === undefined ? [] : [cell(`  LOST ${forAge(at, shown.now)}: ${why ?? ''}`, 'bad')]),
	];
}

/** The query of the selected session in full, as the table has little room for it. */
function selectedLines(
	{cluster, target, now}: ClusterSnapshot,
	overlay: Overlay & {kind: 'sessions'},
	selected: string | undefined,
): Line[] {
	const rows = sessionRows(cluster, target, now);
	const row = rows.find(({id}) => id === selected);
	if (row === undefined) {
		return overlay.selected === undefined || rows.length === 0
			? []
			: [field('', cell('the selected session has ended, or the filter hides it', 'warn'))];
	}

	const {pid, query, blockedBy} = row.session;
	const blockers = blockedBy.map(blocker => {
		const of = rows.find(one => one.member === row.member && one.session.pid === blocker)?.session;
		return of === undefined ? `${blocker}` : `${blocker} (${of.application || of.user}, ${of.state})`;
	});
	return [
		[
			cell(`${pid} on ${row.member}: `, 'strong'),
			...(blockers.length === 0 ? [] : [cell(`waits for ${blockers.join(', ')}; `, 'warn')]),
			cell(query === '' ? 'no query' : query, row.isFresh ? 'plain' : 'dim'),
		],
	];
}

const sessionColumns: readonly Column[] = [
	{title: 'Member', align: 'left', rank: 0, names: true},
	{title: 'PID', align: 'right', rank: 0},
	{title: 'Trans.', align: 'right', rank: 0, minWidth: 7},
	{title: 'Application', align: 'left', rank: 1},
	{title: 'State', align: 'left', rank: 2},
	{title: 'Waits for', align: 'left', rank: 3},
	{title: 'User', align: 'left', rank: 4, whole: true},
	{title: 'Client', align: 'left', rank: 5, whole: true},
	{title: 'Database', align: 'left', rank: 6, whole: true},
	{title: 'Query for', align: 'right', rank: 7, whole: true},
	{title: 'Session', align: 'right', rank: 8, whole: true},
	{title: 'Query', align: 'left', rank: 9},
];

function sessionTable(shown: ClusterSnapshot) {
	const {cluster, target, now} = shown;
	return {
		columns: sessionColumns,
		rows: sessionRows(cluster, target, now).map(one => ({id: one.id, cells: sessionCells(one, shown)})),
	};
}

function sessionCells(one: SessionRow, shown: ClusterSnapshot): Cell[] {
	const {session, isFresh} = one;
	const {pid, transactionMs, sessionMs, queryMs, application, state, wait, blockedBy} = session;
	const mark = isFresh ? '' : '?';
	const tone = (usual: Tone): Tone => (isFresh ? usual : 'dim');
	const ageCell = (ms: number | undefined) =>
		cell(ms === undefined ? '' : `${age(ms)}${mark}`, tone('plain'));
	const isIdle = state.startsWith('idle in transaction');
	return [
		cell(`${one.member}${roleOf(one, shown)}`, tone(one.isLeader ? 'strong' : 'plain')),
		cell(`${pid}${mark}`, tone('plain')),
		ageCell(transactionMs),
		cell(application, tone('plain')),
		cell(`${state}${mark}`, tone(isIdle ? 'warn' : state === 'active' ? 'strong' : 'dim')),
		cell(
			[wait ?? '', ...(blockedBy.length === 0 ? [] : [blockedBy.join(' ')])].filter(Boolean).join(' by '),
			tone(blockedBy.length > 0 ? 'warn' : 'plain'),
		),
		cell(session.user, tone('plain')),
		cell(session.address ?? 'local', tone('plain')),
		cell(session.database ?? '', tone('plain')),
		ageCell(queryMs),
		ageCell(sessionMs),
		cell(session.query, 'dim'),
	];
}

const groupColumns: readonly Column[] = [
	{title: 'Member', align: 'left', rank: 0, names: true},
	{title: 'Application', align: 'left', rank: 0},
	{title: 'User', align: 'left', rank: 1},
	{title: 'Client', align: 'left', rank: 2},
	{title: 'Sessions', align: 'right', rank: 0},
	{title: 'Before', align: 'right', rank: 0},
	{title: 'Back', align: 'left', rank: 0},
	{title: 'Active', align: 'right', rank: 5, whole: true},
	{title: 'In trans.', align: 'right', rank: 4, whole: true},
	{title: 'Oldest', align: 'right', rank: 6, whole: true},
];

function groupTable(shown: ClusterSnapshot) {
	const {cluster, target, now} = shown;
	return {
		columns: groupColumns,
		rows: sessionGroups(cluster, target, now).map(one => ({id: one.id, cells: groupCells(one, shown)})),
	};
}

function groupCells(one: SessionGroup, shown: ClusterSnapshot): Cell[] {
	const {isFresh, returning, oldestMs} = one;
	const mark = isFresh ? '' : '?';
	const tone = (usual: Tone): Tone => (isFresh ? usual : 'dim');
	const number = (count: number) =>
		cell(`${one.isCut ? '≥ ' : ''}${count}${mark}`, tone(count === 0 ? 'dim' : 'plain'));
	return [
		cell(`${one.member}${roleOf(one, shown)}`, tone(one.isLeader ? 'strong' : 'plain')),
		cell(one.application === '' ? '-' : one.application, tone('plain')),
		cell(one.user, tone('plain')),
		cell(one.address ?? 'local', tone('plain')),
		number(one.sessions),
		cell(returning === undefined ? '' : `${returning.sessions}`),
		returningCell(returning),
		number(one.active),
		number(one.inTransaction),
		cell(oldestMs === undefined ? '' : `${age(oldestMs)}${mark}`, tone('plain')),
	];
}

function returningCell(returning: Returning | undefined): Cell {
	if (returning === undefined) {
		return cell('');
	}

	const {now, missing, fromElsewhere} = returning;
	return now === undefined
		? cell('not known', 'warn')
		: missing > 0
			? cell(`${missing} not`, 'warn')
			: fromElsewhere > 0
				? cell('elsewhere', 'good')
				: cell('all', 'good');
}
