/** The schema of each fact in a recording. */
import * as z from 'zod';
import {serverProcesses, sqlDetails, sqlSessions, sqlStatus} from './postgres-schema.ts';
import {
	address,
	config,
	duration,
	entry,
	etcdAlarms,
	etcdMembers,
	etcdStatus,
	filesystems,
	haproxyStats,
	history,
	maybeNumber,
	maybeText,
	named,
	patroniStatus,
	postgresLogSettings,
	purpose,
	text,
	texts,
	time,
	units,
	view,
	words,
	yes,
} from './value-schema.ts';

/** By type. Only facts of sources: this program itself makes all other events. */
export const facts: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
	['source.lost', z.object({reason: text, code: maybeText, remedy: maybeText, refused: yes.optional()})],
	[
		'dcs.snapshot',
		z.object({
			clusterId: text,
			revision: z.number(),
			entries: z.array(entry),
			scopes: texts.optional(),
			lateMs: duration,
		}),
	],
	['dcs.put', z.object({entry})],
	['dcs.deleted', z.object({path: text, revision: z.number()})],
	['lease.read', z.object({lease: text, ttl: z.number(), grantedTtl: z.number()})],
	['etcd.status', z.object({endpoint: text, status: etcdStatus, lateMs: duration})],
	['etcd.members', z.object({members: etcdMembers, alarms: etcdAlarms})],
	['patroni.status', z.object({member: text, status: patroniStatus, tookMs: duration, lateMs: duration})],
	[
		'cluster.seen',
		z.object({
			view,
			extras: z.object({config: config.optional(), history: history.optional()}).optional(),
			tookMs: duration,
			lateMs: duration,
		}),
	],
	['addresses.snapshot', z.object({node: text, addresses: z.array(address), lateMs: duration})],
	['addresses.added', z.object({node: text, address})],
	['addresses.removed', z.object({node: text, address})],
	[
		'haproxy.stats',
		z.object({node: text, by: maybeText, ...haproxyStats.shape, tookMs: duration, lateMs: duration}),
	],
	['units.snapshot', z.object({node: text, units, lateMs: duration})],
	['disk.snapshot', z.object({node: text, filesystems, glibc: maybeText, lateMs: duration})],
	[
		'processes.snapshot',
		z.object({node: text, servers: serverProcesses, tookMs: z.number().nonnegative(), lateMs: duration}),
	],
	[
		'sql.status',
		z.object({member: text, status: sqlStatus, tookMs: z.number().nonnegative(), lateMs: duration}),
	],
	['sql.details', z.object({member: text, details: sqlDetails, lateMs: duration})],
	[
		'sql.sessions',
		z.object({member: text, sessions: sqlSessions, tookMs: z.number().nonnegative(), lateMs: duration}),
	],
	[
		'probe.answered',
		z.object({
			port: z.number(),
			purpose,
			startedAt: time,
			answeredAt: time.optional(),
			number: maybeNumber,
			first: z.literal(true).optional(),
			server: text,
			serverStartedAt: time.optional(),
			inRecovery: yes,
			latency: z.number(),
			write: yes,
			location: maybeNumber,
		}),
	],
	[
		'probe.failed',
		z.object({
			port: z.number(),
			purpose,
			startedAt: time,
			first: z.literal(true).optional(),
			reason: text,
			code: maybeText,
		}),
	],
	[
		'logs.lines',
		z.object({
			node: text,
			skipped: z.number(),
			lines: z.array(
				z.object({
					at: z.number(),
					order: z.number(),
					node: maybeText,
					service: text,
					level: z.number(),
					word: text,
					text,
					messageAt: maybeNumber,
					messageEnd: maybeNumber,
					pid: maybeNumber,
					isTimeAssumed: yes.optional(),
				}),
			),
		}),
	],
	[
		'log.said',
		z.object({
			node: text,
			words,
		}),
	],
	['logs.clock', z.object({node: text, offset: z.number()})],
	[
		'logs.settings',
		z.object({
			node: text,
			file: maybeText,
			problem: z.enum(['unreadable', 'invalid']).optional(),
			settings: z.object({
				postgresql: postgresLogSettings.optional(),
				patroni: z
					.object({
						json: yes.optional(),
						format: maybeText,
						fields: named(text).optional(),
						dateFormat: maybeText,
						directory: maybeText,
					})
					.optional(),
				dataDirectory: maybeText,
			}),
		}),
	],
	['logs.problems', z.object({problems: z.array(z.object({node: text, text, remedy: maybeText}))})],
]);
