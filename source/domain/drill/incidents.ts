/** The incidents of a session, each caused by a drill, an operation, or neither. Pure. */

import {outageName} from '../cluster/probe.ts';
import {describe} from '../operations/operation.ts';
import type {Run} from '../operations/types.ts';
import {outagesOf} from './measures.ts';
import type {Observations} from './observations.ts';
import type {Drill, Window} from './types.ts';
import {describeDrill} from './types.ts';

export type Incident = Window & {
	/** `drill: shutdown of pgdb1`, `switchover pgdb1 → pgdb2`, `pgdb1 went away`. */
	what: string;
	cause: 'drill' | 'operation' | 'unasked';
};

/** Spans closer to each other than this belong to one incident, ms. */
const nearMs = 5000;
/** A shorter lack of redundancy is not an incident, unless it is grave, ms. */
const briefMs = 10_000;
/** An outage of this length is grave, ms. */
const graveOutageMs = 1000;

type Span = {from: number; to: number; grave: boolean};

/** The incidents, sorted by their start. @param end end of the session, Unix ms */
export function findIncidents(
	observations: Observations,
	runs: readonly Run[],
	drill: {at: number; drill: Drill; from: number | undefined; to: number} | undefined,
	end: number,
): Incident[] {
	const spans = mergeSpans(findSpans(observations, end));
	const asked = [
		...(drill === undefined
			? []
			: [{from: drill.from ?? drill.at, what: describeDrill(drill.drill), cause: 'drill' as const}]),
		...runs
			.filter(({confirmedAt}) => drill === undefined || confirmedAt < drill.at || confirmedAt > drill.to)
			.map(run => ({from: run.confirmedAt, what: describe(run.operation), cause: 'operation' as const})),
	].sort((a, b) => a.from - b.from);
	const incidents = asked.flatMap((one, index): Incident[] => {
		const next = asked[index + 1]?.from ?? end;
		const mine = spans.filter(({from, to}) => to > one.from - nearMs && from < next);
		const last = Math.max(one.from, ...mine.map(({to}) => Math.min(to, next)));
		return one.cause === 'drill' || mine.some(({grave}) => grave)
			? [{...one, to: one.cause === 'drill' ? (drill?.to ?? end) : last, exact: true}]
			: [];
	});
	const unasked = spans
		.filter(
			({from, to, grave}) =>
				(grave || to - from >= briefMs) &&
				!incidents.some(incident => to > incident.from - nearMs && from <= incident.to),
		)
		.map((span): Incident => {
			const away = observations.absences.find(({since}) => since >= span.from - nearMs && since <= span.to);
			return {
				from: Math.min(span.from, away?.since ?? span.from),
				to: span.to,
				exact: false,
				what: away === undefined ? nameOf(observations, span) : `${away.node} went away`,
				cause: 'unasked',
			};
		});
	return [...incidents, ...unasked].sort((a, b) => a.from - b.from);
}

/** The name of an incident: the new leader, else the VIP's move, else the outage. */
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

function findSpans(observations: Observations, end: number): Span[] {
	const {missing, leader, vip} = observations;
	const first = missing.find(({value}) => value.length === 0)?.at;
	if (first === undefined) {
		return [];
	}

	return [
		...missing.flatMap(({at, value}, index) =>
			// Before redundancy was full for the first time, the console was still connecting.
			at < first || value.length === 0 ? [] : [{from: at, to: missing[index + 1]?.at ?? end, grave: false}],
		),
		...outagesOf(observations)
			.filter(({from, to = end}) => to - from >= graveOutageMs)
			.map(({from, to = end}) => ({from, to, grave: true})),
		...leader.slice(1).map(({at}) => ({from: at, to: at, grave: true})),
		...vip.filter(({kind}) => kind === 'came').map(({at}) => ({from: at, to: at, grave: true})),
	];
}

function mergeSpans(spans: readonly Span[]): Span[] {
	const all: Span[] = [];
	for (const span of spans.toSorted((a, b) => a.from - b.from)) {
		const last = all.at(-1);
		if (last !== undefined && span.from - last.to <= nearMs) {
			last.to = Math.max(last.to, span.to);
			last.grave ||= span.grave;
		} else {
			all.push({...span});
		}
	}

	return all;
}
