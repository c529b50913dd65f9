/**
 * Checks what a recording must contain to be played: the header, the cluster of a snapshot, and each event. Fields of
 * later
 * versions are optional, additional fields are ignored.
 */
import * as z from 'zod';
import type {Stamped} from '../domain/events.ts';
import type {Entry} from '../domain/facts.ts';
import {type Target, titleColors} from '../domain/target.ts';
import {facts} from './fact-schema.ts';
import {leaders} from './leader-schema.ts';
import {clients, serverProcesses, sqlDetails, sqlSessions, sqlStatus} from './postgres-schema.ts';
import {trends} from './trends-schema.ts';
import {
	address,
	entry,
	etcdAlarms,
	etcdMembers,
	etcdStatus,
	filesystems,
	haproxyStats,
	knownView,
	maybeNumber,
	maybeText,
	named,
	patroniStatus,
	text,
	texts,
	time,
	units,
	words,
	yes,
} from './value-schema.ts';

const target = z.object({
	scope: text,
	namespace: text,
	profile: maybeText,
	titleColor: z.enum(titleColors).optional(),
	vip: maybeText,
	endpoints: texts,
	rest: z.object({store: maybeText, seeds: texts}).optional(),
	nodes: z.array(
		z.object({name: text, host: text, roles: z.array(z.enum(['database', 'etcd', 'balancer']))}),
	),
	operations: z.enum(['enabled', 'dry-run', 'disabled']),
	restUser: yes,
	haproxy: z.object({backends: named(text)}).optional(),
	probe: z.object({host: text, ports: named(z.number()), write: yes}).optional(),
	monitor: z.object({user: text, database: text}).optional(),
	warnings: texts,
	notices: texts.optional(),
	found: z
		.object({
			values: z.array(z.object({setting: text, value: text, from: text, why: text})),
			remarks: texts,
		})
		.optional(),
	logs: named(z.array(z.object({name: text}))),
	logBounds: z.object({lines: z.number(), bytes: z.number()}),
	units: named(text),
});

const header = z.object({
	recording: z.literal('pgha-top'),
	version: z.number(),
	program: text,
	startedAt: time,
	timeZone: text,
	scope: text,
	target,
	config: text,
	versions: z.object({node: text, patroni: texts, postgresql: texts, etcd: texts}),
	who: z.object({user: text, host: text}),
	reason: maybeText,
	logs: yes,
	reconstructed: z
		.object({
			at: time,
			nodes: z.array(z.object({node: text, from: maybeNumber, to: maybeNumber})),
			missing: texts,
		})
		.optional(),
	continues: maybeText,
});

const timelineEntry = z.object({
	at: time,
	kind: text,
	turn: z.enum(['better', 'worse', 'news']),
	text,
});

const source = z.object({source: text});

const others: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
	['tick', z.object({})],
	['command', z.object({command: text, question: maybeNumber, page: maybeNumber, end: maybeNumber})],
	['typed', z.object({text})],
	[
		'operation.report',
		z.object({
			run: z.number(),
			answer: z.discriminatedUnion('kind', [
				z.object({kind: z.literal('answered'), status: z.number(), text}),
				z.object({kind: z.literal('unsent'), reason: text}),
				z.object({kind: z.literal('lost'), reason: text}),
				z.object({kind: z.literal('sql'), error: maybeText, tookMs: z.number(), value: maybeText}),
				z.object({kind: z.literal('ended'), code: maybeNumber.nullable(), text}),
			]),
		}),
	],
	['config.edited', z.object({revision: maybeNumber, patch: named(z.unknown()), difference: texts})],
	['notice', z.object({text, tone: z.enum(['dim', 'warn'])})],
	['target.found', z.object({target})],
	['recording.begun', z.object({file: text})],
	[
		'history.read',
		z.object({
			by: z.array(z.enum(['logs', 'watch'])),
			since: time,
			until: time,
			entries: z.array(timelineEntry),
			holds: z.object({
				vips: z.array(z.object({node: text, ip: text, at: time, uncertainMs: z.number()})),
				leader: z.object({node: text, at: time, uncertainMs: z.number()}).optional(),
			}),
			missing: texts,
		}),
	],
]);

const known = <T>(value: z.ZodType<T>) => named(z.object({value, at: time, source: text}));

const sight = z.discriminatedUnion('state', [
	z.object({state: z.literal('connecting'), since: time}),
	z.object({state: z.literal('seen'), since: time, at: time}),
	z.object({state: z.literal('lost'), since: time, reason: text}),
]);

/** As serialized: objects for the state's maps. Parts of later versions may be missing. */
const cluster = z.object({
	keys: named(entry),
	gone: named(z.object({revision: z.number()})),
	etcd: z.object({
		status: known(etcdStatus),
		members: z.object({value: etcdMembers}).optional(),
		alarms: etcdAlarms,
	}),
	patroni: known(patroniStatus),
	lastWords: named(
		z.object({
			source: text,
			reasons: words,
			since: words,
			decision: words.element.optional(),
			postgres: words.element.optional(),
		}),
	).optional(),
	views: named(knownView).optional(),
	addresses: known(z.array(address)),
	haproxy: known(haproxyStats).optional(),
	units: known(units).optional(),
	disks: named(z.object({value: filesystems, at: time, source: text, glibc: maybeText})).optional(),
	processes: known(serverProcesses).optional(),
	sql: known(sqlStatus).optional(),
	sqlDetails: known(sqlDetails).optional(),
	sessions: known(sqlSessions).optional(),
	clients: clients.optional(),
	leaders: leaders.optional(),
	sights: named(sight),
});

const picture = z.object({
	now: time,
	target,
	cluster,
	trends: trends.optional(),
	timeline: z.array(timelineEntry),
});

const state = z.object({
	...picture.shape,
	startedAt: time,
	view: z.object({
		overlays: z.array(z.object({kind: text})),
		frozen: picture.optional(),
	}),
	runs: z.array(z.object({before: cluster, steps: z.array(z.unknown()), requests: z.array(z.unknown())})),
});

/** @throws Error that names the wrong field */
export function checkHeader(json: unknown): void {
	check(header, json, 'the header');
}

/** @throws Error */
export function checkState(json: unknown): void {
	check(state, json, 'the snapshot');
}

/**
 * @param at time of the event, within the range of a Date
 * @throws Error
 */
export function checkEvent(at: number, event: {type: string}): void {
	check(time, at, 'the time');
	const fact = facts.get(event.type);
	if (fact !== undefined || 'source' in event) {
		check(source, event, event.type);
	}

	const schema = fact ?? others.get(event.type);
	if (schema !== undefined) {
		check(schema, event, event.type);
	}
}

function check(schema: z.ZodType, json: unknown, what: string): void {
	const parsed = schema.safeParse(json);
	const [issue] = parsed.error?.issues ?? [];
	if (issue !== undefined) {
		const path = issue.path.join('.');
		throw new Error(`${what} is invalid: ${path === '' ? '' : `${path}: `}${issue.message.toLowerCase()}`);
	}
}

/** Changes with the format; a reader refuses a newer one. */
export const formatVersion = 1;

export type Header = {
	recording: 'pgha-top';
	version: typeof formatVersion;
	/** Version of pgha-top. */
	program: string;
	/** Begin, Unix ms, and the operator's time zone. */
	startedAt: number;
	timeZone: string;
	scope: string;
	target: Target;
	/** Output of `--print-config`: values with their origins, no secrets. */
	config: string;
	versions: Versions;
	who: RecordedBy;
	/** Text from --reason; undefined without it. */
	reason: string | undefined;
	/** Whether log lines are recorded. */
	logs: boolean;
	/** Name of the file of the same session that this one continues, in the same folder; undefined for the first one. */
	continues?: string | undefined;
	/** It was not recorded as it happened, but put together from logs; undefined of all others. */
	reconstructed?: Reconstructed;
};

export type Reconstructed = {
	/** When, Unix ms. */
	at: number;
	/** What was read of each node, Unix ms; undefined: nothing. */
	nodes: readonly {node: string; from: number | undefined; to: number | undefined}[];
	/** What could not be read, and what is therefore missing. */
	missing: readonly string[];
};

/** Known versions; several if members differ. */
export type Versions = {
	node: string;
	patroni: readonly string[];
	postgresql: readonly string[];
	etcd: readonly string[];
};

export type RecordedBy = {user: string; host: string};

/** The first line of a segment: the state before its events. */
export type SnapshotLine = {segment: number; at: number; state: unknown};

export type EventLine = Stamped;

/** The last line of a closed recording. */
export type IndexLine = {
	index: {
		segments: readonly SegmentPlace[];
		/** Timeline entries of the recorded time. */
		marks: readonly Entry[];
		/** Time of the last event. */
		endedAt: number;
		events: number;
	};
};

export type SegmentPlace = {
	/** Time of the snapshot, Unix ms. */
	at: number;
	/** Beginning in the file: byte offset, and line number from 1. */
	offset: number;
	line: number;
	/** Number of events before it. */
	events: number;
};

export type Compression = 'none' | 'gzip' | 'zstd';

/** For writing, chosen by the file's name; for reading, by its first bytes. */
export function compressionFor(file: string): Compression {
	return file.endsWith('.gz') ? 'gzip' : /\.zstd?$/.test(file) ? 'zstd' : 'none';
}

export class RecordingError extends Error {
	override name = 'RecordingError';
}
