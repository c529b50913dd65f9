/** The rows of a member's details that PostgreSQL itself gives by SQL. */
import type {Cluster} from '../../domain/cluster/cluster.ts';
import {unavailableReason} from '../../domain/cluster/freshness.ts';
import type {SqlDetails, SqlStatus} from '../../domain/cluster/postgres.ts';
import {age, bytes, duration} from '../../lib/format.ts';
import {type Cell, cell} from './cells.ts';

export type Field = readonly [string, string | number | boolean | undefined];

/** The fields that have a value, as texts. */
export function filled(fields: readonly Field[]): [string, string][] {
	return fields.flatMap(([field, value]): [string, string][] =>
		value === undefined || value === ''
			? []
			: [[field, typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)]],
	);
}

/** What PostgreSQL says by SQL, below what Patroni says; why it says nothing. */
export function sqlRows(cluster: Cluster, now: number, name: string): (readonly Cell[])[] {
	const row = (field: string, text: string, at: number | undefined, sees: boolean): readonly Cell[] => [
		cell(`SQL: ${field}`),
		cell(''),
		cell(''),
		cell(sees ? text : `${text}?`, sees ? 'strong' : 'dim'),
		cell(at === undefined ? '' : age(now - at), sees ? 'dim' : 'warn'),
	];
	const reason = (kind: 'sql' | 'details') =>
		unavailableReason(cluster.sourceStatuses.get(`${kind}:${name}`), `${kind}:${name}`, now);
	const [why, whyNoDetails] = [reason('sql'), reason('details')];
	const known = cluster.sql.get(name);
	const details = cluster.sqlDetails.get(name);
	return [
		...(why === undefined ? [] : [[cell('SQL'), cell(''), cell(''), cell(why, 'warn'), cell('')]]),
		...(known === undefined
			? []
			: fromSql(known.value, now).map(([field, text]) => row(field, text, known.at, why === undefined))),
		...(details === undefined
			? []
			: fromDetails(details.value).map(([field, text]) =>
					row(field, text, details.at, whyNoDetails === undefined),
				)),
	];
}

function fromSql(status: SqlStatus, now: number): [string, string][] {
	const {sessions, prepared, archiver, checkpoint} = status;
	const [oldest] = status.transactions ?? [];
	return filled([
		['takes writes', !status.inRecovery],
		['replay lag', status.replayLagMs === undefined ? undefined : duration(status.replayLagMs)],
		[
			'sessions',
			sessions &&
				`${sessions.total}${sessions.limit === undefined ? '' : ` of ${sessions.limit}`}: ${sessions.active} active, ${sessions.idle} idle, ${sessions.idleInTransaction} idle in transaction${sessions.waiting === 0 ? '' : `, ${sessions.waiting} wait for a lock`}`,
		],
		[
			'oldest transaction',
			oldest &&
				`${duration(oldest.ageMs)}, ${oldest.user}${oldest.application === '' ? '' : ` (${oldest.application})`}, ${oldest.state}, pid ${oldest.pid}`,
		],
		[
			'prepared transactions',
			prepared === undefined || prepared.count === 0
				? undefined
				: `${prepared.count}, the oldest ${duration(prepared.oldestMs ?? 0)}`,
		],
		...(status.senders ?? []).map(
			({application, user, address, state, lag, lagMs}): Field => [
				'WAL sender',
				`${application} ${state}, ${user} from ${address ?? 'a socket'}${lag === undefined ? '' : `, ${bytes(lag)} behind`}${lagMs === undefined ? '' : `, ${duration(lagMs)}`}`,
			],
		),
		...(status.slots ?? []).map(
			({name, type, active, held, walStatus, failover, synced}): Field => [
				'slot',
				`${name} ${type}, ${active ? 'active' : 'inactive'}${held === undefined ? '' : `, holds ${bytes(Math.max(0, held))}`}${walStatus === undefined ? '' : `, ${walStatus}`}${failover ? ', failover' : ''}${synced ? ', synced' : ''}`,
			],
		),
		[
			'archiver',
			archiver === 'off'
				? 'off'
				: archiver &&
					`last ${archiver.lastAt === undefined ? 'never' : `${age(now - archiver.lastAt)} ago`}${archiver.failedAt === undefined ? '' : `, failed ${age(now - archiver.failedAt)} ago`}`,
		],
		[
			'checkpoint',
			checkpoint &&
				`${age(now - checkpoint.at)} ago${checkpoint.since === undefined ? '' : `, ${bytes(Math.max(0, checkpoint.since))} of WAL since`}`,
		],
		...status.gaps.map(({part, reason}): Field => [part, `not known: ${reason}`]),
	]);
}

function fromDetails(details: SqlDetails): [string, string][] {
	const {baseBackups, settings} = details;
	return filled([
		['WAL files to archive', details.archiveBacklog || undefined],
		['base backups', baseBackups && baseBackups.length > 0 ? baseBackups.length : undefined],
		['queries cancelled by recovery', details.conflicts || undefined],
		['settings until a restart', details.pendingRestart?.join(', ')],
		[
			'extensions',
			Object.entries(details.extensions ?? {})
				.map(([name, version]) => `${name} ${version}`)
				.join(', '),
		],
		['unlogged tables', details.unlogged || undefined],
		['data checksums', settings?.data_checksums],
		['shared_preload_libraries', settings?.shared_preload_libraries],
		...details.gaps.map(({part, reason}): Field => [part, `not known: ${reason}`]),
	]);
}
