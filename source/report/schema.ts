/**
 * Data of a report, and the schema of `pgha-top report --format json`, version 1; fields are added, never changed in
 * meaning.
 */
import * as z from 'zod';
import {goalIds} from '../domain/drill/types.ts';

const time = z.string();
const milliseconds = z.number().min(0);
const count = z.int().min(0);

const reconstructed = z.object({
	at: time.describe('when'),
	nodes: z.array(
		z.object({
			node: z.string(),
			from: time.nullable().describe('null: no line of it was read'),
			to: time.nullable(),
		}),
	),
	missing: z.array(z.string()).describe('what could not be read'),
});

const recording = z.object({
	file: z.string(),
	program: z.string().describe("pgha-top's version that recorded"),
	started_at: time.describe('ISO 8601 in UTC, as all times here'),
	ended_at: time.describe('of the last event'),
	time_zone: z.string().describe("the operator's"),
	events: count,
	cut_short: z.boolean().describe('it was never closed: it ends with what was written until then'),
	damaged: z.string().nullable().describe('what could not be read; the report ends there'),
	logs: z.boolean().describe('lines of logs are in it'),
	reconstructed: reconstructed
		.nullable()
		.describe('it was put together from logs, by pgha-top autopsy; null: it was recorded as it happened'),
});

const verdict = z.object({
	result: z.enum(['met', 'not met', 'failed', 'unknown', 'healthy', 'degraded', 'critical']),
	text: z.string(),
	at_end: z.enum(['healthy', 'degraded', 'critical', 'unknown']).describe("the cluster's state at the end"),
});

const measure = z.object({
	id: z.enum(['writes', 'leaderless', 'leader', 'vip', 'redundancy', 'lost', 'wal']),
	text: z.string(),
	value: z.number().nullable().describe('milliseconds, writes or bytes; null: the note says why'),
	unit: z.enum(['ms', 'writes', 'bytes']),
	exact: z.boolean().describe('false: it was at most this'),
	goal: z.number().nullable(),
	met: z.boolean().nullable(),
	note: z.string().nullable(),
});

const episode = z.object({
	what: z.string(),
	cause: z.enum(['drill', 'operation', 'unasked']),
	from: time.describe('confirmed, or the last moment before anything was missing'),
	to: time,
	measures: z.array(measure),
});

const logLine = z.object({
	at: time.describe("by this console's clock"),
	node: z.string(),
	service: z.string(),
	level: z.string(),
	text: z.string(),
});

const entry = z.object({
	at: time,
	kind: z.string(),
	turn: z.enum(['better', 'worse', 'news']),
	text: z.string(),
	logs: z.array(logLine).describe('log lines of the nodes at that time, where logs were recorded'),
	more_logs: count.describe('further lines of that moment'),
});

const incident = z.object({
	text: z.string().describe('what it was, how long clients felt it, what was lost, whether it is over'),
	from: time.describe('of its first entry'),
	to: time.nullable().describe('of its last entry; null: no end was seen'),
	first: count.describe('index of its first entry in `timeline`'),
	entries: count.describe('the number of its entries, which follow each other'),
});

const finding = z.object({
	id: z.string(),
	severity: z.enum(['degraded', 'critical', 'unknown', 'notice']),
	text: z.string(),
	about: z.string().nullable(),
	key: z.string().describe('of this finding: the same each time that it arose'),
	cause: z.string().nullable().describe('`key` of the root that it last followed from; null: it was a root'),
	from: time.nullable().describe('null: it was there when the recording began'),
	to: time.nullable().describe('null: it was still there at its end'),
	clients: z.string(),
	remedy: z.string(),
});

const operation = z.object({
	what: z.string(),
	confirmed_at: time,
	reason: z.string().nullable(),
	requests: z.array(z.string()),
	answers: z.array(z.string()),
	steps: z.array(z.object({text: z.string(), after: milliseconds.nullable().describe('null: not seen')})),
	outcome: z.object({kind: z.string(), text: z.string()}).nullable(),
});

const span = z.object({from: time, to: time, value: z.string().nullable().describe('null: none')});

const chart = z.object({
	title: z.string(),
	from: time,
	to: time,
	lanes: z.array(z.object({title: z.string(), spans: z.array(span)})),
	gaps: z.array(z.object({from: time, to: time})).describe('write outages; the longest ones'),
	marks: z.array(z.object({at: time, text: z.string()})),
	latency: z
		.array(z.object({at: time, least: z.number(), mean: z.number(), most: z.number(), failed: count}))
		.describe('of the probe, milliseconds, within the time up to the next one'),
	lag: z.array(z.object({member: z.string(), points: z.array(z.object({at: time, bytes: count}))})),
});

export const reportSchema = z.object({
	version: z.literal(1),
	title: z.string(),
	scope: z.string(),
	namespace: z.string(),
	vip: z.string().nullable(),
	members: z.array(
		z.object({
			name: z.string(),
			host: z.string().nullable(),
			role_at_start: z.string().nullable(),
			role_at_end: z.string().nullable(),
		}),
	),
	who: z.object({user: z.string(), host: z.string()}),
	reason: z.string().nullable(),
	recording,
	verdict,
	drill: z
		.object({
			kind: z.enum(['switchover', 'shutdown', 'power-cut']),
			target: z.string(),
			goal: z.number().nullable().describe('of the write outage, milliseconds'),
			goals: z.partialRecord(z.enum(goalIds), z.number()).describe('of each measure that has one'),
		})
		.nullable(),
	episodes: z.array(episode),
	more_episodes: count.describe('shorter ones that are left out'),
	operations: z.array(operation),
	findings: z.array(finding),
	more_findings: count.describe('less severe and shorter ones that are left out'),
	incidents: z.array(incident).describe('entries of the timeline that belong together'),
	timeline: z.array(entry),
	more_entries: count.describe('later ones that are left out'),
	charts: z.array(chart),
	versions: z.object({
		node: z.string(),
		patroni: z.array(z.string()),
		postgresql: z.array(z.string()),
		etcd: z.array(z.string()),
	}),
	configuration: z.string().describe('as --print-config showed it, without secrets'),
});

export type Report = z.infer<typeof reportSchema>;
export type Chart = Report['charts'][number];
export type ReportedEpisode = Report['episodes'][number];
export type ReportedMeasure = ReportedEpisode['measures'][number];

/** As JSON Schema (draft 2020-12). */
export function reportJsonSchema(): unknown {
	return {title: 'pgha-top report --format json', ...z.toJSONSchema(reportSchema)};
}
