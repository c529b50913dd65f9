/** The members pane: the columns of `patronictl list`, and the sources of each row. */

import {keyOf} from '../../domain/cluster/cluster.ts';
import {dcsSources} from '../../domain/cluster/etcd.ts';
import {unavailableReason} from '../../domain/cluster/freshness.ts';
import {dcsIsRead, dynamicConfig} from '../../domain/cluster/keys.ts';
import {isGone, isRoleNow, type Member, type Role} from '../../domain/cluster/member.ts';
import {members} from '../../domain/cluster/members.ts';
import {serversOutside} from '../../domain/cluster/outside.ts';
import {restartOf} from '../../domain/cluster/published.ts';
import {postgresVersion} from '../../domain/facts.ts';
import type {Severity} from '../../domain/findings/finding.ts';
import {age, bytes, forAge, scheduledTime} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {viewSources} from './beliefs.ts';
import {
	type Cell,
	type Column,
	cell,
	isOff,
	offCell,
	type PaneRows,
	row,
	sourceCell,
	type Tone,
} from './cells.ts';
import {readinessCell} from './readiness.ts';
import {lagSparkline} from './trends.ts';
import {judgeCluster, severityTones} from './verdict.ts';

/** In a pane of the full width only. */
const takeoverColumn: Column = {title: 'Takeover', align: 'left', rank: 5, whole: true};

const columns: readonly Column[] = [
	{title: 'Member', align: 'left', rank: 0, names: true},
	{title: 'Host', align: 'left', rank: 4, whole: true},
	{title: 'Role', align: 'left', rank: 0},
	{title: 'State', align: 'left', rank: 0},
	{title: 'TL', align: 'right', rank: 1},
	{title: 'Lag', align: 'right', rank: 1},
	{title: 'Lag 10 min', align: 'left', rank: 3, whole: true},
	{title: 'Sources', align: 'left', rank: 2},
	takeoverColumn,
	{title: 'Restart', align: 'left', rank: 2},
	{title: 'PostgreSQL', align: 'left', rank: 6},
	{title: 'Patroni', align: 'left', rank: 7},
	{title: 'Tags', align: 'left', rank: 8},
];

/** Role names as in patronictl. */
export const roleNames: Record<Role, string> = {
	leader: 'Leader',
	standby_leader: 'Standby Leader',
	sync_standby: 'Sync Standby',
	quorum_standby: 'Quorum Standby',
	replica: 'Replica',
};

/** From this screen width on, each lag bar covers half a minute; below it, a minute. */
const wideFrom = 120;

/** @param width of the pane with its borders */
export function membersPane(shown: ClusterSnapshot, width = wideFrom): PaneRows {
	const {cluster, target, now} = shown;
	const all = members(cluster, now);
	const systemId = keyOf(cluster, 'initialize', 'initialize')?.value.systemId;
	const paused = dynamicConfig(cluster)?.pause ?? false;
	const scheduled = keyOf(cluster, 'failover', 'failover')?.value;
	const [mark, tone] = dcsIsRead(cluster, now) ? (['', 'warn'] as const) : (['?', 'dim'] as const);
	return {
		title: 'Members',
		status:
			target.rest === undefined
				? sourceCell(cluster, dcsSources(cluster, target), 'etcd', now)
				: sourceCell(cluster, viewSources(shown), shown.target.isByLogs ? 'logs' : 'REST', now),
		lines: [
			...(all.length === 0 ? [[cell('no members known yet', 'dim')]] : []),
			...(paused ? [[cell(`PAUSED${mark}: no automatic failover`, tone)]] : []),
			...(scheduled?.scheduledAt === undefined
				? []
				: [
						[
							cell(
								`SWITCHOVER SCHEDULED${mark} at ${scheduledTime(scheduled.scheduledAt, now)}: ${scheduled.leader ?? 'the leader'} → ${scheduled.candidate ?? 'any'}`,
								tone,
							),
						],
					]),
			...(systemId === undefined && all.length > 0 && cluster.read !== undefined
				? [[cell('cluster not initialized yet', 'warn')]]
				: []),
		],
		table: {
			columns: width < wideFrom ? columns.filter(one => one !== takeoverColumn) : columns,
			rows: all.map(one => row(one.name, () => memberCells(one, shown, width))),
		},
	};
}

function memberCells(one: Member, shown: ClusterSnapshot, width: number): Cell[] {
	const {now, trends} = shown;
	// Stale values get a question mark, not only a tone. The role comes from the DCS; other published values may be as
	// old as the lease, so only a fresh REST answer confirms them.
	const mark =
		(sure: boolean) =>
		(text: string, tone: Tone = 'plain') =>
			sure ? cell(text, tone) : cell(text === '' ? '' : `${text}?`, 'dim');
	const role = mark(isRoleNow(one));
	const value = mark(one.restSees);
	const {key, rest} = one;
	const gone = isGone(one);
	const isUnread = one.state === 'unread';
	const version = key?.data.version ?? rest?.value.version;
	return [
		nameCell(one.name, worstOf(shown, one.name)),
		cell(key?.data.host ?? ''),
		gone || isUnread
			? cell(isUnread ? '' : '-', 'dim')
			: role(
					roleNames[one.role],
					one.role === 'leader' || one.role === 'standby_leader' ? 'strong' : 'plain',
				),
		serversOutside(shown.cluster, shown.target, now).some(({member}) => member === one.name)
			? cell('takes writes', 'bad')
			: gone
				? cell(shown.target.rest === undefined ? 'no key in etcd' : 'not listed', 'bad')
				: isOff(shown, one.name, 'member')
					? offCell
					: isUnread
						? cell('not read yet', 'dim')
						: value(stateText(one), stateTone(one)),
		gone ? cell('-', 'dim') : value(one.timeline === undefined ? '' : String(one.timeline)),
		gone ? cell('-', 'dim') : lagCell(one),
		cell(lagSparkline(one, trends, width < wideFrom ? 10 : 20), 'dim'),
		sourcesCell(one, shown),
		...(width < wideFrom ? [] : [gone ? cell('-', 'dim') : readinessCell(one, shown)]),
		value(pending(one, now), 'warn'),
		value(rest?.value.serverVersion === undefined ? '' : postgresVersion(rest.value.serverVersion)),
		value(version ?? ''),
		cell(
			Object.entries(key?.data.tags ?? {})
				.map(([tag, content]) => `${tag}=${content}`)
				.join(' '),
		),
	];
}

/** The worst severity of findings that hold about this name: the member, or a node of the same name. */
function worstOf(shown: ClusterSnapshot, name: string): Severity | undefined {
	const severities = judgeCluster(shown).findings.flatMap(({about, severity, until}) =>
		about === name && until === undefined ? [severity] : [],
	);
	return (['critical', 'degraded', 'unknown'] as const).find(severity => severities.includes(severity));
}

/** The name, marked if there is a finding. */
function nameCell(name: string, worst: Severity | undefined): Cell {
	return worst === undefined ? cell(name, 'strong') : cell(`${name} !`, severityTones[worst]);
}

/** Patroni's state, unless it hides that nothing is replicated. */
function stateText({state, upstream}: Member): string {
	return upstream?.state !== 'none'
		? state
		: upstream.from === undefined
			? 'running, streams from none'
			: 'streaming, not from the leader';
}

function stateTone({health, state}: Member): Tone {
	return health === 'well'
		? 'good'
		: health === 'unknown'
			? 'plain'
			: /fail|crash|stopped/.test(state)
				? 'bad'
				: 'warn';
}

function lagCell({lag, lagIsNow}: Member): Cell {
	if (lag === undefined) {
		return cell('');
	}

	return lag === 'unknown'
		? cell('unknown', 'warn')
		: lagIsNow
			? cell(bytes(lag))
			: cell(`${bytes(lag)}?`, 'dim');
}

/** A pending restart, with its reason (from Patroni 3.3), and a scheduled one. */
function pending(one: Member, now: number): string {
	const {isPending, reasons, scheduledAt} = restartOf(one);
	const words = Object.entries(reasons).map(([parameter, [from, to]]) => `${parameter} ${from} → ${to}`);
	return [
		...(isPending ? [['pending', ...words].join(' ')] : []),
		...(scheduledAt === undefined ? [] : [`at ${scheduledTime(scheduledAt, now)}`]),
	].join(', ');
}

/**
 * `etcd+rest` if both are fresh; otherwise the lost one, and since when. Without etcd `list+rest`: the members' list, and its
 * own answer.
 */
function sourcesCell(one: Member, {cluster, target, now}: ClusterSnapshot): Cell {
	const [source, none] = target.rest === undefined ? ['etcd', 'no key'] : ['list', 'not listed'];
	const etcd =
		one.key === undefined && cluster.read !== undefined
			? none
			: one.dcsSees
				? source
				: `${source} ${ago(cluster.read?.at, now)}`;
	if (one.restSees) {
		return cell(`${etcd}+rest`, one.dcsSees && one.key !== undefined ? 'good' : 'warn');
	}

	const reason =
		unavailableReason(cluster.sourceStatuses.get(`patroni:${one.name}`), `patroni:${one.name}`, now) ??
		'not polled';
	const last = one.rest === undefined ? '' : ` ${forAge(one.rest.at, now)}`;
	return cell(`${etcd}, rest lost${last}: ${reason}`, 'warn');
}

function ago(at: number | undefined, now: number): string {
	return at === undefined ? 'not read' : `${age(now - at)} ago`;
}
