import {clockDifference, clockOffset} from '../../domain/cluster/clocks.ts';
import {type ClockBounds, type Cluster, type KnownStatus, keyOf} from '../../domain/cluster/cluster.ts';
import type {MemberKey} from '../../domain/cluster/dcs.ts';
import {machines, members} from '../../domain/cluster/members.ts';
import {postgresVersion} from '../../domain/facts.ts';
import {age, lsn, scheduledTime} from '../../lib/format.ts';
import {ownValue} from '../../lib/json.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, type Column, cell, type PaneRows} from './cells.ts';
import {type Field, filled, sqlRows} from './details-sql.ts';
import {deathLines, readinessLine, wordLines} from './readiness.ts';

/** `published`: where the member's key is read from; `live`: what the member itself says. */
const columnsOf = (published: string, live: string): readonly Column[] => [
	{title: 'Field', align: 'left', rank: 0},
	{title: published, align: 'left', rank: 0},
	{title: 'Age', align: 'right', rank: 0},
	{title: live, align: 'left', rank: 0},
	{title: 'Age', align: 'right', rank: 0},
];

/** A field once, with the value of the member's key in etcd and that of its REST API side by side. */
export function detailsPane(shown: ClusterSnapshot, name: string): PaneRows {
	const {cluster, target, now} = shown;
	const one = members(cluster, now).find(member => member.name === name);
	const machine = machines(cluster, target, now).find(({member}) => member === name);
	const key = one?.key?.data;
	const rest = one?.rest;
	const slot = ownValue(keyOf(cluster, 'status', 'status')?.value.slots ?? {}, name);
	const sides: Sides = {
		etcd: {old: ageOf(cluster, now), sees: one?.dcsSees ?? false},
		rest: {old: rest === undefined ? '' : age(now - rest.at), sees: one?.restSees ?? false},
	};
	const sql = target.monitor === undefined ? [] : sqlRows(cluster, now, name);
	const rows = mergeFields(
		key === undefined ? [] : fromKey(key, slot, now),
		rest === undefined ? [] : fromRest(rest, now),
	).map(({field, etcd, rest}) => cellsOf(field, etcd, rest, sides));
	return {
		title: `Member ${name}`,
		status: cell('Esc closes', 'dim'),
		lines:
			one === undefined
				? [[cell('this member is no longer known', 'warn')]]
				: [readinessLine(one, shown), ...wordLines(name, shown), ...deathLines(machine?.name ?? name, shown)],
		wraps: true,
		indent: 8,
		table: {
			ruled: true,
			columns: columnsOf(
				target.rest === undefined ? 'etcd' : 'List',
				target.monitor === undefined ? 'REST' : 'REST, SQL',
			),
			rows: [...rows, ...sql].map((cells, index) => ({id: String(index), cells})),
		},
	};
}

/** Age of the keys, which is that of the last linearizable read: it would have shown a change. */
function ageOf(cluster: Cluster, now: number): string {
	return cluster.read === undefined ? 'not read' : age(now - cluster.read.at);
}

type Side = {old: string; sees: boolean};

type Sides = {etcd: Side; rest: Side};

type Merged = {field: string; etcd: string | undefined; rest: string | undefined};

/** In the order of the REST API, each field of the key alone after the one that precedes it in the key. */
function mergeFields(key: readonly Field[], rest: readonly Field[]): Merged[] {
	const merged: Merged[] = filled(rest).map(([field, text]) => ({field, etcd: undefined, rest: text}));
	let next = 0;
	for (const [field, text] of filled(key)) {
		const at = merged.findIndex(one => one.field === field && one.etcd === undefined);
		const same = merged[at];
		if (same === undefined) {
			merged.splice(next, 0, {field, etcd: text, rest: undefined});
			next++;
		} else {
			same.etcd = text;
			next = at + 1;
		}
	}

	return merged;
}

/** They move between the two readings, so a difference is expected. */
const movingFields: ReadonlySet<string> = new Set(['WAL location', 'WAL received', 'WAL replayed']);

function cellsOf(
	field: string,
	etcd: string | undefined,
	rest: string | undefined,
	sides: Sides,
): readonly Cell[] {
	const differs = etcd !== undefined && rest !== undefined && etcd !== rest;
	const warns = differs && sides.etcd.sees && sides.rest.sees && !movingFields.has(field);
	const value = (text: string | undefined, {sees}: Side, mark = '') =>
		text === undefined
			? cell('')
			: cell(`${mark}${text}${sees ? '' : '?'}`, warns ? 'warn' : sees ? 'strong' : 'dim');
	const old = (text: string | undefined, side: Side) =>
		text === undefined ? cell('') : cell(side.old, side.sees ? 'dim' : 'warn');
	return [
		cell(field),
		value(etcd, sides.etcd),
		old(etcd, sides.etcd),
		value(rest, sides.rest, differs ? '≠ ' : ''),
		old(rest, sides.rest),
	];
}

function fromKey(key: MemberKey, slot: number | undefined, now: number): Field[] {
	const reasons = Object.entries(key.pendingRestartReason).map(
		([parameter, [from, to]]) => `${parameter} ${from} → ${to}`,
	);
	return [
		['state', key.state],
		['role', key.role],
		['replication state', key.replicationState],
		['host', key.host],
		['port', key.port],
		['REST API', key.apiUrl],
		['timeline', key.timeline],
		['WAL location', maybeLsn(key.location)],
		['WAL received', maybeLsn(key.received)],
		['WAL replayed', maybeLsn(key.replayed)],
		['promoted, no checkpoint yet', key.awaitsCheckpoint || undefined],
		['slot on the leader', maybeLsn(slot)],
		['restart pending', key.pendingRestart],
		['restart reason', reasons.join(', ')],
		['restart scheduled', key.scheduledRestart && scheduledTime(key.scheduledRestart, now)],
		['pause', key.pause],
		['Patroni', key.version],
		['tags', tagsText(key.tags)],
	];
}

function fromRest(known: KnownStatus, now: number): Field[] {
	const status = known.value;
	const offset = clockOffset(known) ?? 0;
	return [
		['state', status.state],
		['role', status.role],
		['PostgreSQL', status.serverVersion === undefined ? undefined : postgresVersion(status.serverVersion)],
		['started', status.postmasterStartTime],
		['timeline', status.timeline],
		['WAL location', maybeLsn(status.location)],
		['WAL received', maybeLsn(status.received)],
		['WAL replayed', maybeLsn(status.replayed)],
		['replayed up to', status.replayedTimestamp],
		['replay paused', status.replayPaused || undefined],
		['replication state', status.replicationState],
		['sync standby', status.syncStandby || status.quorumStandby],
		...status.replication.map(
			({application, user, state, syncState, address}): Field => [
				'standby',
				`${application} ${state}, ${syncState}, ${user === undefined ? '' : `${user} `}from ${address ?? 'a socket'}`,
			],
		),
		['restart pending', status.pendingRestart],
		['restart scheduled', status.scheduledRestart && scheduledTime(status.scheduledRestart, now)],
		['pause', status.pause],
		['sees no leader', status.clusterUnlocked],
		['failsafe mode active', status.failsafeModeIsActive],
		['watchdog failed', status.watchdogFailed || undefined],
		['log lines waiting', status.logQueue],
		['log lines lost', status.logLost],
		[
			'last saw the DCS',
			status.dcsLastSeen === undefined
				? undefined
				: `${age(known.at + offset - status.dcsLastSeen * 1000)} before this answer`,
		],
		['clock', clockText(clockDifference(known))],
		['system id', status.systemId],
		['Patroni', status.version],
		['tags', tagsText(status.tags)],
	];
}

/** A smaller difference has no effect, ms. */
const clockShownFromMs = 2000;

/** Undefined unless the bounds prove that the clocks differ. */
function clockText(bounds: ClockBounds | undefined): string | undefined {
	if (bounds === undefined) {
		return undefined;
	}

	return bounds.minMs >= clockShownFromMs
		? `≥ ${age(bounds.minMs)} ahead of this console's`
		: bounds.maxMs <= -clockShownFromMs
			? `≥ ${age(-bounds.maxMs)} behind this console's`
			: undefined;
}

function tagsText(tags: Readonly<Record<string, string>>): string {
	return Object.entries(tags)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([tag, value]) => `${tag}=${value}`)
		.join(' ');
}

/** A WAL location as PostgreSQL prints it: `0/3000088`. */
function maybeLsn(location: number | undefined): string | undefined {
	return location === undefined ? undefined : lsn(location);
}
