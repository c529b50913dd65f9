/** The schemas of what PostgreSQL says by SQL and by its processes. */
import * as z from 'zod';
import {maybeNumber, maybeText, named, text, texts, time, yes} from './value-schema.ts';

export const serverProcesses = z.array(
	z.object({
		pid: z.number(),
		dataDir: maybeText,
		isMembers: yes,
		ageMs: z.number(),
		state: z.enum(['primary', 'standby', 'busy']),
		titles: texts,
		timeline: maybeNumber,
	}),
);

const gaps = z.array(z.object({part: text, reason: text}));

const applications = z.array(
	z.object({application: text, user: text, address: maybeText, sessions: z.number()}),
);

const counted = z.object({member: text, applications, at: time});

export const clients = z.object({
	counted: counted.optional(),
	before: z.object({...counted.shape, to: text, changedAt: time}).optional(),
});

export const sqlStatus = z.object({
	version: z.number(),
	inRecovery: yes,
	systemId: maybeText,
	timeline: maybeNumber,
	startedAt: z.number(),
	serverTime: time,
	location: maybeNumber,
	received: maybeNumber,
	replayed: maybeNumber,
	replayLagMs: maybeNumber,
	seesAll: yes,
	mayCheckpoint: yes,
	sessions: z
		.object({
			total: z.number(),
			active: z.number(),
			idle: z.number(),
			idleInTransaction: z.number(),
			waiting: z.number(),
			limit: maybeNumber,
		})
		.optional(),
	applications: applications.optional(),
	transactions: z
		.array(
			z.object({
				pid: z.number(),
				user: text,
				application: text,
				address: maybeText,
				state: text,
				ageMs: z.number(),
			}),
		)
		.optional(),
	prepared: z.object({count: z.number(), oldestMs: maybeNumber}).optional(),
	senders: z
		.array(
			z.object({
				application: text,
				user: text,
				address: maybeText,
				state: text,
				syncState: text,
				lag: maybeNumber,
				lagMs: maybeNumber,
			}),
		)
		.optional(),
	slots: z
		.array(
			z.object({
				name: text,
				type: z.enum(['physical', 'logical']),
				database: maybeText,
				active: yes,
				held: maybeNumber,
				walStatus: maybeText,
				safeSize: maybeNumber,
				failover: yes,
				synced: yes,
				temporary: yes,
			}),
		)
		.optional(),
	archiver: z
		.union([
			z.literal('off'),
			z.object({lastAt: maybeNumber, lastWal: maybeText, failedAt: maybeNumber, failedWal: maybeText}),
		])
		.optional(),
	checkpoint: z.object({at: z.number(), since: maybeNumber}).optional(),
	gaps,
});

export const sqlDetails = z.object({
	archiveBacklog: maybeNumber,
	baseBackups: z.array(z.object({pid: z.number(), phase: text})).optional(),
	conflicts: maybeNumber,
	settings: named(text).optional(),
	pendingRestart: texts.optional(),
	extensions: named(text).optional(),
	available: texts.optional(),
	collations: z.array(z.object({database: text, recorded: text, actual: text})).optional(),
	libcDatabases: texts.optional(),
	unlogged: maybeNumber,
	gaps,
});

export const sqlSessions = z.object({
	inRecovery: yes,
	total: maybeNumber,
	sessions: z
		.array(
			z.object({
				pid: z.number(),
				startedAt: text,
				user: text,
				database: maybeText,
				application: text,
				address: maybeText,
				state: text,
				sessionMs: z.number(),
				transactionMs: maybeNumber,
				queryMs: maybeNumber,
				wait: maybeText,
				blockedBy: z.array(z.number()),
				query: text,
				mayEnd: yes,
			}),
		)
		.optional(),
	gaps,
});
