import {
	type ClockBounds,
	type Cluster,
	clockDifference,
	clockOffset,
	type KnownStatus,
	keyOf,
} from '../../domain/cluster/cluster.ts';
import type {MemberKey} from '../../domain/cluster/dcs.ts';
import {members} from '../../domain/cluster/members.ts';
import {postgresVersion} from '../../domain/facts.ts';
import {age, scheduledTime} from '../../lib/format.ts';
import {ownValue} from '../../lib/json.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, type Column, cell, type PaneRows} from './cells.ts';

const columns: readonly Column[] = [
	{title: 'Field', align: 'left', rank: 0},
	{title: 'Value', align: 'left', rank: 0},
	{title: 'Source', align: 'left', rank: 1},
	{title: 'Age', align: 'right', rank: 0},
];

export function detailsPane({cluster, now}: ClusterSnapshot, name: string): PaneRows {
	const one = members(cluster, now).find(member => member.name === name);
	const key = one?.key?.data;
	const rest = one?.rest;
	const slot = ownValue(keyOf(cluster, 'status', 'status')?.value.slots ?? {}, name);
	const rows = [
		...(key === undefined
			? []
			: fromKey(key, slot, {old: ageOf(cluster, now), sees: one?.dcsSees ?? false, now})),
		...(rest === undefined ? [] : fromRest(rest, one?.restSees ?? false, now)),
	];
	return {
		title: `Member ${name}`,
		status: cell('Esc closes', 'dim'),
		lines: one === undefined ? [[cell('this member is no longer known', 'warn')]] : [],
		table: {columns, rows: rows.map((cells, index) => ({id: String(index), cells}))},
	};
}

/** Age of the keys, which is that of the last linearizable read: it would have shown a change. */
function ageOf(cluster: Cluster, now: number): string {
	return cluster.read === undefined ? 'not read' : age(now - cluster.read.at);
}

type Field = readonly [string, string | number | boolean | undefined];

function rowsOf(fields: readonly Field[], source: string, old: string, sees: boolean): Cell[][] {
	return fields.flatMap(([field, value]) =>
		value === undefined || value === ''
			? []
			: [
					[
						cell(field),
						cell(
							`${typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}${sees ? '' : '?'}`,
							sees ? 'strong' : 'dim',
						),
						cell(source, 'dim'),
						cell(old, sees ? 'dim' : 'warn'),
					],
				],
	);
}

function fromKey(
	key: MemberKey,
	slot: number | undefined,
	{old, sees, now}: {old: string; sees: boolean; now: number},
): Cell[][] {
	const reasons = Object.entries(key.pendingRestartReason).map(
		([parameter, [from, to]]) => `${parameter} ${from} → ${to}`,
	);
	const fields: Field[] = [
		['state', key.state],
		['role', key.role],
		['replication state', key.replicationState],
		['host', key.host],
		['port', key.port],
		['REST API', key.apiUrl],
		['timeline', key.timeline],
		['WAL location', lsn(key.location)],
		['WAL received', lsn(key.received)],
		['WAL replayed', lsn(key.replayed)],
		['promoted, no checkpoint yet', key.awaitsCheckpoint || undefined],
		['slot on the leader', lsn(slot)],
		['restart pending', key.pendingRestart],
		['restart reason', reasons.join(', ')],
		['restart scheduled', key.scheduledRestart && scheduledTime(key.scheduledRestart, now)],
		['pause applied', key.pause],
		['Patroni', key.version],
		['tags', tagsText(key.tags)],
	];
	return rowsOf(fields, 'etcd', old, sees);
}

function fromRest(known: KnownStatus, sees: boolean, now: number): Cell[][] {
	const status = known.value;
	const offset = clockOffset(known) ?? 0;
	const fields: Field[] = [
		['state', status.state],
		['role', status.role],
		['PostgreSQL', status.serverVersion === undefined ? undefined : postgresVersion(status.serverVersion)],
		['started', status.postmasterStartTime],
		['timeline', status.timeline],
		['WAL written', lsn(status.location)],
		['WAL received', lsn(status.received)],
		['WAL replayed', lsn(status.replayed)],
		['replayed up to', status.replayedTimestamp],
		['replay paused', status.replayPaused || undefined],
		['replication state', status.replicationState],
		['synchronous standby', status.syncStandby || status.quorumStandby],
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
	return rowsOf(fields, 'REST', age(now - known.at), sees);
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
		.map(([tag, value]) => `${tag}=${value}`)
		.join(' ');
}

/** A WAL location as PostgreSQL prints it: `0/3000088`. */
function lsn(location: number | undefined): string | undefined {
	return location === undefined
		? undefined
		: `${Math.floor(location / 2 ** 32).toString(16)}/${(location % 2 ** 32).toString(16)}`.toUpperCase();
}
