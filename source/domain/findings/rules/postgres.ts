/** Findings on what PostgreSQL itself says by SQL: servers outside Patroni's control, and what stands in the way of a takeover. */
import {bytes, clock, duration} from '../../../lib/format.ts';
import {serversOutside} from '../../cluster/outside.ts';
import {mayBeCut, type SqlStatus} from '../../cluster/postgres.ts';
import {clientSessions, type ServerProcesses} from '../../cluster/processes.ts';
import {objectOf} from '../../cluster/source-kinds.ts';
import {storeName} from '../../target.ts';
import {type FindingContext, isSourceFresh, quote, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';
import {detailFindings} from './postgres-settings.ts';

export function postgresFindings(context: FindingContext): Finding[] {
	const outside = outsideFindings(context);
	if (context.target.monitor === undefined) {
		return outside;
	}

	const all = [...context.cluster.sql].filter(([member]) => isSourceFresh(context, `sql:${member}`));
	return [
		...outside,
		...all.flatMap(([member, {value, at}]) => [
			...systemFindings(context, member, value, at),
			...slotsLost(context, member, value, at),
			...pressureFindings(context, member, value, at),
		]),
		...detailFindings(context),
		...accessFindings(context),
	];
}

function outsideFindings(context: FindingContext): Finding[] {
	const {cluster, now, leader, dcs, members, target} = context;
	const beside = dcs && leader !== undefined ? ` beside the leader ${leader}` : '';
	return serversOutside(cluster, target, now).flatMap((found): Finding[] => {
		const {member: name, at} = found;
		const one = members.find(member => member.name === name);
		// Patroni says so itself: that is leader.denied, or leader.two.
		if (one?.restSees && one.rest?.value.role !== 'replica' && one.rest?.value.state === 'running') {
			return [];
		}

		const bySql = found.by === 'sql';
		const timeline = bySql ? found.status.timeline : found.server.timeline;
		return [
			{
				id: 'postgres.outside',
				severity: 'critical',
				text: `${name}: its PostgreSQL takes writes${beside}, outside Patroni's control${timeline === undefined ? '' : `, on timeline ${timeline}`}; ${bySql ? clientWords(found.status) : clientTitles(found.server)}`,
				about: name,
				evidence: [
					bySql
						? quote(
								context,
								`sql:${name}`,
								`pg_is_in_recovery() is false; started ${clock(found.status.startedAt, now)}`,
								at,
							)
						: quote(
								context,
								`processes:${found.node}`,
								`postmaster ${found.server.pid}${found.server.dataDir === undefined ? '' : ` of ${found.server.dataDir}`}, started ${duration(found.server.ageMs)} ago, has a WAL writer and replays nothing`,
								at,
							),
					...(leader === undefined ? [] : [quoteDcs(context, `leader in ${storeName(target)}: ${leader}`)]),
				],
			},
		];
	});
}

/** By the titles of its processes, which name user, database and address. */
function clientTitles(server: ServerProcesses): string {
	const titles = clientSessions(server);
	return titles.length === 0
		? 'no client is on it'
		: `${titles.length} client ${titles.length === 1 ? 'session is' : 'sessions are'} on it: ${titles.slice(0, clientsMax).join(', ')}${titles.length > clientsMax ? ', …' : ''}`;
}

const clientsMax = 3;

/** Patroni's own sessions are none of a client. */
function clientWords({applications, seesAll}: SqlStatus): string {
	const clients = (applications ?? []).filter(({application}) => !/^Patroni( |$)/.test(application));
	const total = clients.reduce((sum, {sessions}) => sum + sessions, 0);
	if (!seesAll || applications === undefined) {
		return 'its clients are not known (needs pg_monitor)';
	}

	const isCut = mayBeCut(applications);
	if (total === 0 && !isCut) {
		return 'no client is on it';
	}

	const named = clients
		.slice(0, clientsMax)
		.map(
			({application, user, address, sessions}) =>
				`${sessions} of ${user}${application === '' ? '' : ` (${application})`}${address === undefined ? '' : ` from ${address}`}`,
		);
	const more = clients.length > clientsMax ? ', …' : '';
	return `${total}${isCut ? ' or more' : ''} client ${total === 1 ? 'session is' : 'sessions are'} on it: ${named.join(', ')}${more}`;
}

function systemFindings(
	context: FindingContext,
	member: string,
	{systemId}: SqlStatus,
	at: number,
): Finding[] {
	const expected = context.cluster.systemId;
	return systemId === undefined || expected === undefined || systemId === expected
		? []
		: [
				{
					id: 'postgres.system',
					severity: 'critical',
					text: `${member}: its PostgreSQL belongs to another cluster: system identifier ${systemId}, not ${expected}`,
					about: member,
					evidence: [quote(context, `sql:${member}`, `pg_control_system(): ${systemId}`, at)],
				},
			];
}

function slotsLost(context: FindingContext, member: string, {slots}: SqlStatus, at: number): Finding[] {
	return (slots ?? [])
		.filter(({walStatus}) => walStatus === 'lost' || walStatus === 'unreserved')
		.map(({name, walStatus, held}) => ({
			id: 'slot.lost',
			severity: 'degraded',
			text:
				walStatus === 'lost'
					? `slot ${name} on ${member} has lost WAL that its consumer needs`
					: `slot ${name} on ${member} loses its WAL at the next checkpoint${held === undefined ? '' : ` (${bytes(held)} behind)`}`,
			about: member,
			part: name,
			evidence: [
				quote(context, `sql:${member}`, `pg_replication_slots: ${name}, wal_status ${walStatus}`, at),
			],
		}));
}

/** Part of max_connections from which it is nearly reached. */
const fullPart = 0.9;
/** ms; a transaction or a prepared one that is older holds back vacuum and a shutdown. */
const oldMs = 3_600_000;

function pressureFindings(context: FindingContext, member: string, status: SqlStatus, at: number): Finding[] {
	const {sessions, transactions, prepared, archiver} = status;
	const source = `sql:${member}` as const;
	const found: Finding[] = [];
	if (sessions?.limit !== undefined && sessions.total >= sessions.limit * fullPart) {
		found.push({
			id: 'sessions.full',
			severity: 'degraded',
			text: `${member}: ${sessions.total} client sessions of at most ${sessions.limit} (max_connections)`,
			about: member,
			evidence: [quote(context, source, `pg_stat_activity: ${sessions.total} client sessions`, at)],
		});
	}

	const [oldest] = transactions ?? [];
	if (oldest !== undefined && oldest.ageMs >= oldMs) {
		found.push({
			id: 'transaction.old',
			severity: 'notice',
			text: `${member}: a transaction of ${oldest.user} is ${duration(oldest.ageMs)} old (${oldest.state}, pid ${oldest.pid})`,
			about: member,
			evidence: [quote(context, source, `pg_stat_activity: pid ${oldest.pid}, ${oldest.application}`, at)],
		});
	}

	if (!status.inRecovery && prepared?.oldestMs !== undefined && prepared.oldestMs >= oldMs) {
		found.push({
			id: 'prepared.old',
			severity: 'notice',
			text: `${member}: ${prepared.count} prepared transaction${prepared.count === 1 ? '' : 's'}, the oldest ${duration(prepared.oldestMs)} old`,
			about: member,
			evidence: [quote(context, source, `pg_prepared_xacts: ${prepared.count}`, at)],
		});
	}

	if (
		!status.inRecovery &&
		archiver !== undefined &&
		archiver !== 'off' &&
		archiver.failedAt !== undefined &&
		archiver.failedAt > (archiver.lastAt ?? 0)
	) {
		found.push({
			id: 'archiver.failing',
			severity: 'degraded',
			text: `${member}: archiving of WAL fails: ${archiver.failedWal ?? 'a file'}, last at ${clock(archiver.failedAt, context.now)}`,
			about: member,
			evidence: [quote(context, source, `pg_stat_archiver: last_failed_wal ${archiver.failedWal ?? ''}`, at)],
		});
	}

	return found;
}

/** Where SQL may not go, or sees too little; nothing else depends on it. */
function accessFindings(context: FindingContext): Finding[] {
	const {cluster, target} = context;
	const refused = [...cluster.sourceStatuses].flatMap(([source, status]): Finding[] =>
		source.startsWith('sql:') && status.state === 'lost' && status.refused
			? [
					{
						id: 'postgres.denied',
						severity: 'notice',
						text: `${objectOf(source)}: no SQL as ${target.monitor?.user ?? ''}: ${status.reason}`,
						about: objectOf(source),
						evidence: [quote(context, source, status.reason)],
					},
				]
			: [],
	);
	const [blind] = [...cluster.sql].filter(
		([member, {value}]) => !value.seesAll && isSourceFresh(context, `sql:${member}`),
	);
	return [
		...refused,
		...(blind === undefined
			? []
			: [
					{
						id: 'postgres.rights' as const,
						severity: 'notice' as const,
						text: `${target.monitor?.user ?? ''} may not see the sessions of others: GRANT pg_monitor TO ${target.monitor?.user ?? ''}`,
						evidence: [quote(context, `sql:${blind[0]}`, 'no membership in pg_read_all_stats', blind[1].at)],
					},
				]),
	];
}
