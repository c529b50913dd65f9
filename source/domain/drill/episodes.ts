/** The episodes of a session, each caused by a drill, an operation, or neither. Pure. */

import {outageName} from '../cluster/probe.ts';
import {describe} from '../operations/operation.ts';
import type {Run} from '../operations/types.ts';
import {outagesOf, slackMs} from './measures.ts';
import type {Observations} from './observations.ts';
import type {Drill, Window} from './types.ts';
import {describeDrill} from './types.ts';

export type Episode = Window & {
	/** `drill: shutdown of pgdb1`, `switchover pgdb1 → pgdb2`, `pgdb1 went away`. */
	what: string;
	cause: 'drill' | 'operation' | 'unasked';
};

/** Spans closer to each other than this belong to one episode, ms. */
const nearMs = 5000;
/** A shorter lack of redundancy is not an episode, unless it is grave, ms. */
const briefMs = 10_000;
/** An outage of this length is grave, ms. */
const graveOutageMs = 1000;

type Span = {from: number; to: number; grave: boolean};

/** What was asked for. `until`: its steps were seen, ms. `end`: a span that begins later has another cause. */
type Asked = Pick<Episode, 'what' | 'cause' | 'from'> & {until: number; end: number};

/** The episodes, sorted by their start. @param end end of the session, Unix ms */
export function findEpisodes(
	observations: Observations,
	runs: readonly Run[],
	drill: {at: number; drill: Drill; from: number | undefined; to: number} | undefined,
	end: number,
): Episode[] {
	const asks = askedFor(runs, drill, end);
	const changes = ownChanges(observations, asks);
	const all = asks
		.map(one => ({...one, end: Math.min(one.end, ...changes.filter(at => at > one.until))}))
		.map(one => ({
			asked: one,
			spans: consequencesOf(one, findSpans(observations, end, {since: one.from, changes})),
		}));
	const isAsked = (span: Span) =>
		all.some(({asked, spans}) => {
			const isDrill = asked.cause === 'drill';
			// The measures of a drill do not have an outage that lasts beyond it.
			const isMeasured = !isDrill || !span.grave || span.to <= asked.end;
			const to = isDrill ? asked.end : endOf(asked, spans);
			const isBefore = isDrill || span.from < asked.end;
			return span.from >= asked.from - slackMs && span.from <= to && isBefore && isMeasured;
		});
	const episodes = all.flatMap(({asked, spans}): Episode[] => {
		const {what, cause, from} = asked;
		const isDrill = cause === 'drill';
		return isDrill || spans.some(isWorthReporting)
			? [{what, cause, from, to: isDrill ? asked.end : endOf(asked, spans), exact: true}]
			: [];
	});
	const others = findSpans(observations, end, {changes}).filter(span => !isAsked(span));
	const unasked = mergeSpans(others)
		.filter(isWorthReporting)
		.map((span): Episode => {
			const away = observations.absences.find(({since}) => since >= span.from - nearMs && since <= span.to);
			return {
				from: Math.min(span.from, away?.since ?? span.from),
				to: span.to,
				exact: false,
				what: away === undefined ? nameOf(observations, span) : `${away.node} went away`,
				cause: 'unasked',
			};
		});
	return [...episodes, ...unasked].sort((a, b) => a.from - b.from);
}

function isWorthReporting({from, to, grave}: Span): boolean {
	return grave || to - from >= briefMs;
}

/** The drill and the operations outside it, each until the next one begins. */
function askedFor(
	runs: readonly Run[],
	drill: {at: number; drill: Drill; from: number | undefined; to: number} | undefined,
	end: number,
): Asked[] {
	const all = [
		...(drill === undefined
			? []
			: [
					{
						from: drill.from ?? drill.at,
						until: drill.to,
						what: describeDrill(drill.drill),
						cause: 'drill' as const,
					},
				]),
		...runs
			.filter(({confirmedAt}) => drill === undefined || confirmedAt < drill.at || confirmedAt > drill.to)
			.map(run => ({
				from: run.confirmedAt,
				until: Math.max(run.confirmedAt, run.outcome?.at ?? 0, ...run.steps.map(({at}) => at ?? 0)),
				what: describe(run.operation),
				cause: 'operation' as const,
			})),
	].sort((a, b) => a.from - b.from);
	return all.map((one, index) => {
		const next = all[index + 1]?.from ?? end;
		return {...one, end: one.cause === 'drill' ? one.until : next, until: Math.min(one.until, next)};
	});
}

/**
 * When a leader was lost or replaced after an operation had ended, while redundancy may still have been missing: what
 * follows is no consequence of the operation.
 */
function ownChanges({leader}: Observations, asks: readonly Asked[]): number[] {
	return leader.flatMap(({at}, index) => {
		const last = asks.findLast(({from}) => from <= at);
		return leader[index - 1]?.value !== undefined &&
			last?.cause === 'operation' &&
			at < last.end &&
			at > last.until + nearMs
			? [at]
			: [];
	});
}

/** The spans that begin while it runs, or right after its end or the end of another consequence. */
function consequencesOf({from, until, end}: Asked, spans: readonly Span[]): Span[] {
	const own: Span[] = [];
	let last = until;
	for (const span of spans.toSorted((a, b) => a.from - b.from)) {
		if (span.from >= from - slackMs && span.from <= last + nearMs && span.from < end) {
			own.push(span);
			last = Math.max(last, span.to);
		}
	}

	return own;
}

function endOf({until, end}: Asked, spans: readonly Span[]): number {
	return Math.max(until, ...spans.map(({to}) => Math.min(to, end)));
}

/** The name of an episode: the new leader, else the VIP's move, else the outage. */
function nameOf({leader, vip, outages}: Observations, {from, to}: Span): string {
	const within = ({at}: {at: number}) => at >= from && at <= to;
	const taken = leader.findLast(one => within(one) && one.value !== undefined)?.value;
	const was = leader.findLast(({at, value}) => at < from && value !== undefined)?.value;
	if (taken !== undefined && taken !== was) {
		return `leader ${was ?? 'none'} → ${taken}`;
	}

	const came = vip.findLast(one => one.kind === 'came' && within(one));
	const outage = outages.find(
		one => one.from < to && (one.to ?? Infinity) > from && lengthOf(one, to) >= graveOutageMs,
	);
	return came !== undefined
		? `VIP to ${came.node}`
		: outage !== undefined
			? outageName(outage)
			: 'something was missing';
}

function lengthOf({from, to}: {from: number; to: number | undefined}, end: number): number {
	return (to ?? end) - from;
}

/** @param options `since`: what was missing already then does not count; `changes`: a lack of redundancy is split there */
function findSpans(
	observations: Observations,
	end: number,
	{since, changes}: {since?: number; changes: readonly number[]},
): Span[] {
	const {missing, leader, vip} = observations;
	const first = missing.find(({value}) => value.length === 0)?.at;
	if (first === undefined) {
		return [];
	}

	const earlier = since === undefined ? [] : (missing.findLast(({at}) => at <= since)?.value ?? []);
	const lacks = missing.flatMap(({at, value}, index) =>
		// Before redundancy was full for the first time, the console was still connecting.
		at < first || value.every(one => earlier.includes(one))
			? []
			: [{from: at, to: missing[index + 1]?.at ?? end, grave: false}],
	);
	return [
		// Redundancy is missing until all of it is back, whatever is missing meanwhile.
		...mergeSpans(lacks, 0).flatMap(span => splitSpan(span, changes)),
		...outagesOf(observations)
			.filter(({from, to = end}) => to - from >= graveOutageMs)
			.map(({from, to = end}) => ({from, to, grave: true})),
		...leader.slice(1).map(({at}) => ({from: at, to: at, grave: true})),
		...vip.filter(({kind}) => kind === 'came').map(({at}) => ({from: at, to: at, grave: true})),
	];
}

function splitSpan(span: Span, places: readonly number[]): Span[] {
	const within = places.filter(at => at > span.from && at < span.to);
	return [span.from, ...within].map((from, index) => ({...span, from, to: within[index] ?? span.to}));
}

function mergeSpans(spans: readonly Span[], apartMs = nearMs): Span[] {
	const all: Span[] = [];
	for (const span of spans.toSorted((a, b) => a.from - b.from)) {
		const last = all.at(-1);
		if (last !== undefined && span.from - last.to <= apartMs) {
			last.to = Math.max(last.to, span.to);
			last.grave ||= span.grave;
		} else {
			all.push({...span});
		}
	}

	return all;
}
