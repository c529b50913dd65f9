/** Parses the answers to the SQL questions; what is missing or odd in an answer is left out alone. */
import * as z from 'zod';
import {type Sessions, sessionsMax} from '../../domain/cluster/client-sessions.ts';
import {
	sqlRowsMax as rowsMax,
	type SqlDetails,
	type SqlGap,
	type SqlStatus,
} from '../../domain/cluster/postgres.ts';
import {maskQuery} from '../../lib/mask-query.ts';
import {sanitize, sanitizeJson} from '../../lib/sanitize.ts';
import {withoutSecret} from '../../lib/secrets.ts';

const number = z.number().optional().catch(undefined);
const count = z.int().nonnegative().catch(0);
const bytes = z.number().nonnegative().optional().catch(undefined);
const word = z.string().catch('');
const maybeWord = z.string().min(1).optional().catch(undefined);
const flag = z.boolean().catch(false);
const listOf = <T extends z.ZodType>(one: T, max = rowsMax) =>
	z
		.array(z.unknown())
		.transform(rows =>
			rows.slice(0, max).flatMap((row): z.output<T>[] => {
				const parsed = one.safeParse(row);
				return parsed.success ? [parsed.data] : [];
			}),
		)
		.optional()
		.catch(undefined);

const status = z.object({
	server: z.object({
		recovery: z.boolean(),
		started: z.number(),
		now: z.number(),
		connections: z.int().positive().optional().catch(undefined),
		archiving: flag,
		superuser: flag,
		all: flag,
	}),
	wal: z
		.object({location: bytes, received: bytes, replayed: bytes, timeline: number, behind: number})
		.optional()
		.catch(undefined),
	system: maybeWord,
	checkpoint: z.object({at: z.number(), since: bytes, timeline: number}).optional().catch(undefined),
	checkpointer: flag,
	sessions: z
		.object({
			total: z.int().nonnegative(),
			active: count,
			idle: count,
			idleInTransaction: count,
			waiting: count,
			/** Their states and transactions are not kept: track_activities is off. */
			untracked: count,
		})
		.optional()
		.catch(undefined),
	applications: listOf(z.object({application: word, user: word, address: maybeWord, sessions: count})),
	transactions: listOf(
		z.object({
			pid: z.int().nonnegative(),
			user: word,
			application: word,
			address: maybeWord,
			state: word,
			ageMs: z.number().transform(age => Math.max(0, age)),
		}),
	),
	prepared: z.object({count: z.int().nonnegative(), oldestMs: bytes}).optional().catch(undefined),
	senders: listOf(
		z.object({
			application: word,
			user: word,
			address: maybeWord,
			state: word,
			syncState: word,
			lag: bytes,
			lagMs: bytes,
		}),
	),
	slots: listOf(
		z
			.object({
				slot_name: z.string(),
				slot_type: z.enum(['physical', 'logical']),
				database: maybeWord,
				active: flag,
				held: bytes,
				wal_status: maybeWord,
				safe_wal_size: bytes,
				failover: flag,
				synced: flag,
				temporary: flag,
			})
			.transform(({slot_name, slot_type, wal_status, safe_wal_size, ...slot}) => ({
				name: slot_name,
				type: slot_type,
				walStatus: wal_status,
				safeSize: safe_wal_size,
				...slot,
			})),
	),
	archiver: z
		.object({lastAt: number, lastWal: maybeWord, failedAt: number, failedWal: maybeWord})
		.optional()
		.catch(undefined),
});

/** The answer is not one to our question: then this is not the PostgreSQL that was meant. */
export class StrangeAnswerError extends Error {
	override name = 'StrangeAnswerError';
}

function checked<T extends z.ZodType>(shape: T, answer: unknown): z.output<T> {
	// Odd places, with NULL for what is not there.
	const parsed = shape.safeParse(withoutNulls(sanitizeJson(answer)));
	if (!parsed.success) {
		throw new StrangeAnswerError('not an answer of PostgreSQL');
	}

	return parsed.data;
}

/** @throws StrangeAnswerError */
export function parseStatus(answer: unknown, version: number, gaps: readonly SqlGap[]): SqlStatus {
	const {server, wal, system, checkpoint, checkpointer, sessions, archiver, ...rest} = checked(
		status,
		answer,
	);
	const seesAll = server.superuser || server.all;
	const untracked = sessions?.untracked ?? 0;
	const ofAll = <T>(value: T): T | undefined => (seesAll ? value : undefined);
	const waits = wal?.received === undefined || wal.replayed === undefined || wal.replayed < wal.received;
	return {
		version,
		inRecovery: server.recovery,
		systemId: system,
		timeline: wal?.timeline ?? checkpoint?.timeline,
		startedAt: server.started,
		serverTime: server.now,
		location: wal?.location,
		received: wal?.received,
		replayed: wal?.replayed,
		replayLagMs: server.recovery && wal !== undefined ? (waits ? wal.behind : 0) : undefined,
		seesAll,
		mayCheckpoint: server.superuser || checkpointer,
		sessions: untracked > 0 ? undefined : ofAll(sessions && sessionCounts(sessions, server.connections)),
		applications: ofAll(rest.applications),
		transactions: untracked > 0 ? undefined : ofAll(rest.transactions),
		senders: ofAll(rest.senders),
		prepared: rest.prepared,
		slots: rest.slots,
		archiver: server.archiving ? archiver : 'off',
		checkpoint: checkpoint && {at: checkpoint.at, since: checkpoint.since},
		gaps: [
			...gaps,
			...(seesAll ? [] : [{part: 'sessions and WAL senders', reason: 'needs pg_monitor'}]),
			...(untracked === 0
				? []
				: ['sessions', 'oldest transactions'].map(part => ({part, reason: 'track_activities is off'}))),
		],
	};
}

function sessionCounts(
	{untracked: _, ...counts}: NonNullable<z.output<typeof status>['sessions']>,
	limit: number | undefined,
): NonNullable<SqlStatus['sessions']> {
	return {...counts, limit};
}

const texts = z
	.record(z.string(), z.string())
	.transform(all =>
		Object.fromEntries(Object.entries(all).map(([name, text]) => [name, withoutSecret(name, text)])),
	)
	.optional()
	.catch(undefined);

/** Extensions that a machine offers: contrib alone has some fifty. */
const extensionsMax = 1000;

const details = z.object({
	archiveBacklog: bytes,
	baseBackups: listOf(z.object({pid: z.int().nonnegative(), phase: word})),
	conflicts: bytes,
	settings: texts,
	pendingRestart: listOf(z.string()),
	extensions: texts,
	available: z
		.array(z.string())
		.transform(names => names.slice(0, extensionsMax))
		.optional()
		.catch(undefined),
	collations: listOf(z.object({database: z.string(), recorded: z.string(), actual: z.string()})),
	libcDatabases: listOf(z.string()),
	unlogged: bytes,
});

/** @throws StrangeAnswerError */
export function parseDetails(answer: unknown, gaps: readonly SqlGap[]): SqlDetails {
	return {...checked(details, answer), gaps};
}

/** As `questions.ts` writes it: it becomes a part of a statement that ends the session. */
const startedAt = z.string().regex(/^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00$/);
const age = z
	.number()
	.transform(ms => Math.max(0, ms))
	.optional()
	.catch(undefined);

const blockersMax = 16;

const sessions = z.object({
	server: z.object({recovery: z.boolean(), all: flag}),
	total: z.int().nonnegative().optional().catch(undefined),
	sessions: listOf(
		z
			.object({
				pid: z.int().positive(),
				startedAt,
				user: word,
				database: maybeWord,
				application: word,
				address: maybeWord,
				state: word,
				sessionMs: age.transform(ms => ms ?? 0),
				transactionMs: age,
				queryMs: age,
				waits: maybeWord,
				event: maybeWord,
				blockedBy: z
					.array(z.int())
					.transform(pids => pids.slice(0, blockersMax))
					.optional()
					.catch(undefined),
				query: word,
				mayEnd: flag,
			})
			.transform(({waits, event, blockedBy = [], state, ...session}) => ({
				...session,
				state,
				blockedBy,
				// Between two queries each session waits for its client.
				wait: waits === undefined || waits === 'Client' ? undefined : `${waits}: ${event ?? ''}`,
			})),
		sessionsMax,
	),
});

/** @throws StrangeAnswerError */
export function parseSessions(answer: unknown, gaps: readonly SqlGap[]): Sessions {
	// Before line ends become spaces: they end comments.
	const masked = sanitizeJson(answer, (text, key) => sanitize(key === 'query' ? maskQuery(text) : text));
	const {server, total, sessions: rows} = checked(sessions, masked);
	return server.all
		? {inRecovery: server.recovery, total, sessions: rows, gaps}
		: {inRecovery: server.recovery, gaps: [...gaps, {part: 'sessions', reason: 'needs pg_monitor'}]};
}

function withoutNulls(value: unknown): unknown {
	return Array.isArray(value)
		? value.map(withoutNulls)
		: typeof value === 'object' && value !== null
			? Object.fromEntries(
					Object.entries(value).flatMap(([name, one]) => (one === null ? [] : [[name, withoutNulls(one)]])),
				)
			: value;
}
