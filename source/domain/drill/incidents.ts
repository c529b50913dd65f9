/** The times of a session in which something was going on: a drill, an operation, or what nobody asked for; pure. */
import {describe} from '../operations/operation.ts';
import type {Run} from '../operations/types.ts';
import type {Observations} from './observations.ts';
import type {Drill, Window} from './types.ts';
import {describeDrill} from './types.ts';

export type Incident = Window & {
	/** `drill: shutdown of pgdb1`, `switchover pgdb1 → pgdb2`, ``pgdb1 went away`. */
	what: string;
	cause: 'drill' | 'operation' | 'unasked';
};

/** What is nearer to each other belongs together, ms. */
const near = 5000;
/** What is missing for less is no matter of its own, as long as nobody is kept from writing, ms. */
const brief = 10_000;
/** How long clients can go without an acknowledgement before it is one, ms. */
const noticed = 1000;

type Span = {from: number; to: number; grave: boolean};

/** In the order in which they began; `end`: of the session. */
export function findIncidents(
	tracks: Observations,
	runs: readonly Run[],
	drill: {at: number; drill: Drill; from: number | undefined; to: number} | undefined,
	end: number,
): Incident[] {
	const spans = joined(disturbances(tracks, end));
	const asked = [
		...(drill === undefined
			? []
			: [{from: drill.from ?? drill.at, what: describeDrill(drill.drill), cause: 'drill' as const}]),
		...runs
			.filter(({confirmedAt}) => drill === undefined || confirmedAt < drill.at || confirmedAt > drill.to)
			.map(run => ({from: run.confirmedAt, what: describe(run.operation), cause: 'operation' as const})),
	].sort((a, b) => a.from - b.from);
	const episodes = asked.flatMap((one, index): Incident[] => {
		const next = asked[index + 1]?.from ?? end;
		const mine = spans.filter(({from, to}) => to > one.from - near && from < next);
		const last = Math.max(one.from, ...mine.map(({to}) => Math.min(to, next)));
		return one.cause === 'drill' || mine.some(({grave}) => grave)
			? [{...one, to: one.cause === 'drill' ? (drill?.to ?? end) : last, exact: true}]
			: [];
	});
	const unasked = spans
		.filter(
			({from, to, grave}) =>
				(grave || to - from >= brief) &&
				!episodes.some(episode => to > episode.from - near && from <= episode.to),
		)
		.map((span): Incident => {
			const away = tracks.absences.find(({since}) => since >= span.from - near && since <= span.to);
			return {
				from: Math.min(span.from, away?.since ?? span.from),
				to: span.to,
				exact: false,
				what: away === undefined ? nameOf(tracks, span) : `${away.node} went away`,
				cause: 'unasked',
			};
		});
	return [...episodes, ...unasked].sort((a, b) => a.from - b.from);
}

/** By what a person would ask about first. */
function nameOf({leader, vip, gaps}: Observations, {from, to}: Span): string {
	const within = ({at}: {at: number}) => at >= from && at <= to;
	const taken = leader.findLast(one => within(one) && one.value !== undefined)?.value;
	const was = leader.findLast(({at, value}) => at < from && value !== undefined)?.value;
	if (taken !== undefined && taken !== was) {
		return `leader ${was ?? 'nobody'} → ${taken}`;
	}

	const came = vip.findLast(one => one.kind === 'came' && within(one));
	const isCut = gaps.some(
		gap => gap.from < to && (gap.to ?? Infinity) > from && lengthOf(gap, to) >= noticed,
	);
	return came !== undefined
		? `VIP to ${came.node}`
		: isCut
			? 'writes were interrupted'
			: 'something was missing';
}

function lengthOf({from, to}: {from: number; to: number | undefined}, end: number): number {
	return (to ?? end) - from;
}

function disturbances({missing, gaps, open, leader, vip}: Observations, end: number): Span[] {
	const first = missing.find(({value}) => value.length === 0)?.at;
	if (first === undefined) {
		return [];
	}

	return [
		...missing.flatMap(({at, value}, index) =>
			// Before all had been seen to be whole once, the console was only beginning to look.
			at < first || value.length === 0 ? [] : [{from: at, to: missing[index + 1]?.at ?? end, grave: false}],
		),
		...[...gaps, ...(open === undefined ? [] : [open])]
			.filter(({from, to = end}) => to - from >= noticed)
			.map(({from, to = end}) => ({from, to, grave: true})),
		...leader.slice(1).map(({at}) => ({from: at, to: at, grave: true})),
		...vip.filter(({kind}) => kind === 'came').map(({at}) => ({from: at, to: at, grave: true})),
	];
}

function joined(spans: readonly Span[]): Span[] {
	const all: Span[] = [];
	for (const span of spans.toSorted((a, b) => a.from - b.from)) {
		const last = all.at(-1);
		if (last !== undefined && span.from - last.to <= near) {
			last.to = Math.max(last.to, span.to);
			last.grave ||= span.grave;
		} else {
			all.push({...span});
		}
	}

	return all;
}
