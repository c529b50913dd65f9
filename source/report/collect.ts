/** One pass over a recorded session, which collects the data of its report. */
import {Observations} from '../domain/drill/observations.ts';
import type {Drill, DrillResult, Goals, Verified} from '../domain/drill/types.ts';
import type {Stamped} from '../domain/events.ts';
import type {Header} from '../recording/schema.ts';
import type {State} from '../state/state.ts';
import {isSettled} from '../state/subscriptions.ts';
import {FindingSpans} from './limits.ts';
import {ChartSeries} from './series.ts';
import {TimelineLogs} from './timeline-logs.ts';

export type RecordedSession = {
	/** File name without its folder. */
	file: string;
	header: Header;
	cutShort: boolean;
	endedAt: number;
	events: number;
	/** The state before the first event; undefined without events. */
	first: State | undefined;
	moments: Iterable<{stamped: Stamped; before: State; after: State}>;
	/** Goals of measures without a goal in the recorded drill. */
	goals: Goals;
};

/** Findings are ignored until every source has reported once, but at most this long. */
const settleMaxMs = 10_000;

export type ReportedDrill = {
	at: number;
	drill: Drill;
	verified: Verified | undefined;
	ended: {at: number; result: DrillResult; text: string} | undefined;
};

export type Collected = {
	state: State | undefined;
	/** The state when every source had reported once. */
	settled: State | undefined;
	began: number | undefined;
	end: number | undefined;
	observations: Observations;
	series: ChartSeries;
	timeline: TimelineLogs;
	findingSpans: FindingSpans;
	drill: ReportedDrill | undefined;
	damaged: string | undefined;
};

export function collectFacts({header, first, moments}: RecordedSession): Collected {
	const [observations, series, findingSpans, timeline] = [
		new Observations(),
		new ChartSeries(),
		new FindingSpans(),
		new TimelineLogs(header),
	];
	let state = first;
	let drill: ReportedDrill | undefined;
	let [began, end]: [number | undefined, number | undefined] = [undefined, undefined];
	let settled: State | undefined;
	let damaged: string | undefined;
	try {
		for (const {stamped, before, after} of moments) {
			const {at, event} = stamped;
			began ??= at;
			end = Math.max(end ?? at, at);
			state = after;
			observations.take(before, after, stamped);
			series.take(before, after, stamped);
			timeline.take(before, after, at);
			if (event.type === 'tick') {
				settled ??= at - began > settleMaxMs || isSettled(after) ? after : undefined;
				if (settled !== undefined) {
					findingSpans.take(after.found, at);
				}
			} else if (event.type === 'drill.begun') {
				drill = {at, drill: event.drill, verified: undefined, ended: undefined};
			} else if (event.type === 'drill.verified' && drill !== undefined) {
				drill = {...drill, verified: event};
			} else if (event.type === 'drill.ended' && drill !== undefined) {
				drill = {...drill, ended: {at, result: event.result, text: event.text}};
			}
		}
	} catch (error) {
		// The part before the damage is reported, with the place of the damage.
		damaged = error instanceof Error ? error.message : String(error);
	}

	if (state !== undefined) {
		timeline.close(state.logs.ring);
	}

	return {state, settled, began, end, observations, series, timeline, findingSpans, drill, damaged};
}
