/** What the logs say happened, as text and as JSON. */
import * as z from 'zod';
import {describeBounds} from '../domain/history/entries.ts';
import {describeEvent} from '../domain/history/kinds.ts';
import {mostMs} from '../domain/history/outage-bounds.ts';
import type {LogEvent} from '../domain/history/said.ts';
import type {PastIncident} from '../domain/history/story.ts';
import {clock, clockMs, isoTime} from '../lib/format.ts';
import type {Gathered} from './gather.ts';

export type Findings = {
	scope: string;
	since: number;
	until: number;
	gathered: Gathered;
	incidents: readonly PastIncident[];
	missing: readonly string[];
	/** Undefined: none was written. */
	file: string | undefined;
};

const event = z.object({
	at: z.string().describe('ISO 8601 in UTC, by the corrected clock of the node'),
	uncertain_ms: z.number().describe('the true time is within this'),
	node: z.string(),
	service: z.string(),
	kind: z.string(),
	text: z.string().describe('in words'),
	from: z.string().describe('the log: `journal of pgdb1`'),
	line: z.string().describe('the line, as evidence'),
});

const move = z.object({at: z.string(), from: z.string().nullable(), to: z.string()});

export const schema = z.object({
	version: z.literal(1),
	scope: z.string(),
	since: z.string(),
	until: z.string(),
	recording: z.string().nullable().describe('the recording that was written'),
	lines: z.int().describe('lines that were read'),
	understood: z.int().describe('lines that say something that this program knows'),
	nodes: z.array(
		z.object({
			node: z.string(),
			read: z.array(z.object({from: z.string(), to: z.string()})).describe('between two boots each'),
		}),
	),
	missing: z.array(z.string()).describe('what could not be read, and what is therefore not known'),
	incidents: z.array(
		z.object({
			title: z.string(),
			from: z.string(),
			to: z.string(),
			first_cause: event.nullable().describe('null: the logs do not say'),
			first_sign: event,
			chain: z.array(event),
			leader_changes: z.array(move),
			vip_moves: z.array(move),
			timelines: z.array(z.object({at: z.string(), node: z.string(), timeline: z.int()})),
			write_outages: z.array(
				z.object({
					begin_earliest: z.string(),
					begin_latest: z.string(),
					end_earliest: z.string().nullable(),
					end_latest: z.string().nullable(),
					at_least_ms: z.number(),
					at_most_ms: z.number().nullable().describe('null: no line says that it has ended'),
					without_haproxy: z
						.boolean()
						.describe('no line of HAProxy was read: the bounds are those of primary and VIP alone'),
					first_sign: z.string(),
				}),
			),
		}),
	),
});

/** The output's schema as JSON Schema, for the documentation. */
export function autopsyJsonSchema(): unknown {
	return z.toJSONSchema(schema);
}

export function jsonOf({
	scope,
	since,
	until,
	gathered,
	incidents,
	missing,
	file,
}: Findings): z.infer<typeof schema> {
	return {
		version: 1,
		scope,
		since: iso(since),
		until: iso(until),
		recording: file ?? null,
		lines: gathered.counts.lines,
		understood: gathered.counts.understood,
		nodes: [...gathered.coverage].map(([node, spans]) => ({
			node,
			read: spans.map(({from, to}) => ({from: iso(from), to: iso(to)})),
		})),
		missing: [...missing],
		incidents: incidents.map(one => ({
			title: one.title,
			from: iso(one.from),
			to: iso(one.to),
			first_cause: one.cause === undefined ? null : eventJson(one.cause),
			first_sign: eventJson(one.firstSign),
			chain: one.chain.map(eventJson),
			leader_changes: one.leaders.map(({at, from, to}) => ({at: iso(at), from: from ?? null, to})),
			vip_moves: one.vips.map(({at, from, to}) => ({at: iso(at), from: from ?? null, to})),
			timelines: one.timelines.map(({at, ...rest}) => ({at: iso(at), ...rest})),
			write_outages: one.outages.map(outage => ({
				begin_earliest: iso(outage.from[0]),
				begin_latest: iso(outage.from[1]),
				end_earliest: isoTime(outage.to?.[0]),
				end_latest: isoTime(outage.to?.[1]),
				at_least_ms: Math.round(outage.leastMs),
				at_most_ms: mostMs(outage) === undefined ? null : Math.round(mostMs(outage) ?? 0),
				without_haproxy: outage.isWithoutRoute === true,
				first_sign: outage.reason,
			})),
		})),
	};
}

function eventJson(one: LogEvent): z.infer<typeof event> {
	return {
		at: iso(one.at),
		uncertain_ms: Math.round(one.uncertainMs),
		node: one.node,
		service: one.service,
		kind: one.said.kind,
		text: describeEvent(one),
		from: one.from,
		line: one.text,
	};
}

function iso(at: number): string {
	return new Date(at).toISOString();
}

export function textOf(findings: Findings): string {
	const {scope, since, until, gathered, incidents, missing, file} = findings;
	const {lines, understood} = gathered.counts;
	const read = [...gathered.coverage]
		.toSorted(([a], [b]) => (a < b ? -1 : 1))
		.map(
			([node, spans]) =>
				`  ${node}  ${spans.map(({from, to}) => `${clock(from, until)}–${clock(to, until)}`).join(', then after a boot ')}`,
		);
	return [
		`${scope} by its logs, ${clock(since, until)} to ${clock(until, until)}`,
		`${lines.toLocaleString('en')} lines read, ${understood.toLocaleString('en')} understood`,
		...read,
		...(missing.length === 0 ? [] : ['', 'Not known:', ...missing.map(text => `  ${text}`)]),
		...(incidents.length === 0
			? ['', 'The logs show no incident in this time.']
			: incidents.flatMap(one => ['', ...incidentText(one, until)])),
		...(file === undefined
			? []
			: [
					'',
					`Recording: ${file}`,
					`  pgha-top replay ${file}`,
					`  pgha-top report ${file} --output report.html`,
				]),
		'',
	].join('\n');
}

function incidentText(one: PastIncident, now: number): string[] {
	const {from, to, title, cause, firstSign, chain, more, leaders, vips, timelines, outages} = one;
	const moved = (what: string, all: PastIncident['leaders']) =>
		all.map(({at, from: was, to: is}) => `  ${what}: ${was ?? 'not known'} → ${is} at ${clockMs(at, now)}`);
	return [
		`${clock(from, now)}–${clock(to, now)}  ${title}`,
		...(cause === undefined
			? [
					`  First cause: the logs do not say. The first sign: ${describeEvent(firstSign)} at ${clockMs(firstSign.at, now)}`,
				]
			: [`  First cause: ${describeEvent(cause)} at ${clockMs(cause.at, now)}`]),
		...evidence(cause ?? firstSign),
		...moved('Leader', leaders),
		...moved('VIP', vips),
		...timelines.map(({at, node, timeline}) => `  Timeline ${timeline} on ${node} at ${clockMs(at, now)}`),
		...outages.map(outage => `  Writes interrupted: ${describeBounds(outage)}`),
		'  Chain:',
		...chain.map(step => `    ${clockMs(step.at, now)}${aboutTime(step)}  ${describeEvent(step)}`),
		...(more === 0 ? [] : [`    … ${more} more in the recording`]),
	];
}

function aboutTime({uncertainMs}: LogEvent): string {
	return uncertainMs < 100 ? '' : ` ±${(uncertainMs / 1000).toFixed(uncertainMs < 1000 ? 1 : 0)} s`;
}

function evidence({from, text}: LogEvent): string[] {
	return [`    ${from}: ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`];
}
