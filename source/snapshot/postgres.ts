/** What the members say by SQL, in the JSON of a snapshot. */
import * as z from 'zod';
import {isFresh} from '../domain/cluster/freshness.ts';
import {serversOutside} from '../domain/cluster/outside.ts';
import {isoTime} from '../lib/format.ts';
import type {State} from '../state/state.ts';

const count = z.number().int().nonnegative();
const bytes = z.number().nonnegative().nullable();
const ms = z.number().nonnegative().nullable();

export const postgresSchema = z.object({
	member: z.string(),
	version: count.describe('`server_version_num`'),
	in_recovery: z.boolean(),
	outside: z
		.boolean()
		.describe("it takes writes, and does not hold the leader key: outside Patroni's control"),
	system_id: z.string().nullable(),
	timeline: count.nullable(),
	started: z.string().nullable().describe("by the server's clock, ISO 8601 in UTC"),
	location: bytes.describe('of a primary: WAL location, bytes'),
	received: bytes.describe('of a standby'),
	replayed: bytes.describe('of a standby'),
	replay_lag_ms: ms.describe(
		'of a standby: age of the last replayed commit while WAL waits; 0 if none waits',
	),
	sessions: z
		.object({
			total: count,
			active: count,
			idle: count,
			idle_in_transaction: count,
			waiting: count.describe('for a lock'),
			limit: count.nullable().describe('max_connections'),
		})
		.nullable()
		.describe('of clients; null without pg_monitor'),
	applications: z
		.array(
			z.object({
				application: z.string(),
				user: z.string(),
				address: z.string().nullable().describe('null of a Unix socket'),
				sessions: count,
			}),
		)
		.nullable()
		.describe('the 64 with the most sessions'),
	oldest_transaction_ms: ms.describe('null where there is none, or it is not known'),
	prepared: z.object({count, oldest_ms: ms}).nullable().describe('prepared transactions'),
	senders: z
		.array(
			z.object({
				application: z.string(),
				user: z.string(),
				address: z.string().nullable(),
				state: z.string(),
				sync_state: z.string(),
				lag: bytes,
				lag_ms: ms,
			}),
		)
		.nullable()
		.describe('pg_stat_replication'),
	slots: z
		.array(
			z.object({
				name: z.string(),
				type: z.enum(['physical', 'logical']),
				database: z.string().nullable(),
				active: z.boolean(),
				held: bytes.describe('WAL that it holds, bytes'),
				wal_status: z.string().nullable(),
				safe_size: bytes,
				failover: z.boolean(),
				synced: z.boolean(),
			}),
		)
		.nullable(),
	archiver: z
		.object({
			last_at: z.string().nullable(),
			last_wal: z.string().nullable(),
			failed_at: z.string().nullable(),
			failed_wal: z.string().nullable(),
			backlog: count.nullable().describe('WAL files that wait; asked once a minute'),
		})
		.nullable()
		.describe('null where archive_mode is off, or it is not known'),
	checkpoint: z
		.object({at: z.string().nullable(), wal_since: bytes})
		.nullable()
		.describe('the last one that the control file knows'),
	gaps: z.array(z.object({part: z.string(), reason: z.string()})).describe('what is not known, and why'),
});

/** Of the members that answer by SQL now. */
export function postgresJson({cluster, target, now}: State): z.infer<typeof postgresSchema>[] {
	const isNow = (source: `sql:${string}` | `details:${string}`) =>
		isFresh(cluster.sourceStatuses.get(source), source, now);
	const outside = serversOutside(cluster, target, now);
	return [...cluster.sql]
		.filter(([member]) => isNow(`sql:${member}`))
		.map(([member, {value}]) => {
			const {sessions, prepared, archiver, checkpoint} = value;
			const details = isNow(`details:${member}`) ? cluster.sqlDetails.get(member)?.value : undefined;
			return {
				member,
				version: value.version,
				in_recovery: value.inRecovery,
				outside: outside.some(one => one.member === member),
				system_id: value.systemId ?? null,
				timeline: value.timeline ?? null,
				started: isoTime(value.startedAt),
				location: value.location ?? null,
				received: value.received ?? null,
				replayed: value.replayed ?? null,
				replay_lag_ms: value.replayLagMs ?? null,
				sessions:
					sessions === undefined
						? null
						: {
								total: sessions.total,
								active: sessions.active,
								idle: sessions.idle,
								idle_in_transaction: sessions.idleInTransaction,
								waiting: sessions.waiting,
								limit: sessions.limit ?? null,
							},
				applications: value.applications?.map(one => ({...one, address: one.address ?? null})) ?? null,
				oldest_transaction_ms: value.transactions?.[0]?.ageMs ?? null,
				prepared:
					prepared === undefined ? null : {count: prepared.count, oldest_ms: prepared.oldestMs ?? null},
				senders:
					value.senders?.map(one => ({
						application: one.application,
						user: one.user,
						address: one.address ?? null,
						state: one.state,
						sync_state: one.syncState,
						lag: one.lag ?? null,
						lag_ms: one.lagMs ?? null,
					})) ?? null,
				slots:
					value.slots?.map(one => ({
						name: one.name,
						type: one.type,
						database: one.database ?? null,
						active: one.active,
						held: one.held ?? null,
						wal_status: one.walStatus ?? null,
						safe_size: one.safeSize ?? null,
						failover: one.failover,
						synced: one.synced,
					})) ?? null,
				archiver:
					archiver === undefined || archiver === 'off'
						? null
						: {
								last_at: isoTime(archiver.lastAt),
								last_wal: archiver.lastWal ?? null,
								failed_at: isoTime(archiver.failedAt),
								failed_wal: archiver.failedWal ?? null,
								backlog: details?.archiveBacklog ?? null,
							},
				checkpoint:
					checkpoint === undefined ? null : {at: isoTime(checkpoint.at), wal_since: checkpoint.since ?? null},
				gaps: [...value.gaps, ...(details?.gaps ?? [])],
			};
		});
}
