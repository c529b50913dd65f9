import {Observations} from '../domain/drill/observations.ts';
import type {Drill, DrillResult, Goals, Verified} from '../domain/drill/types.ts';
import type {Stamped} from '../domain/events.ts';
import type {Header} from '../recording/format.ts';
import {isSettled} from '../state/readiness.ts';
import type {State} from '../state/state.ts';
import {FindingSpans} from './limits.ts';
import {ChartSeries} from './series.ts';
import {TimelineLogs} from './timeline-logs.ts';

export type CollectedLine = {
	/** Without its folder. */
	file: string;
	header: Header;
	cutShort: boolean;
	endedAt: number;
	events: number;
	/** The state before the first event; undefined where there is not one event. */
	first: State | undefined;
	moments: Iterable<{stamped: Stamped; before: State; after: State}>;
	/** Where the recording is of no drill with goals of its own for these measures. */
	goals: Goals;
};

/** Until all has been seen once, what is not in sight is no finding; at most this long, ms. */
const settling = 10_000;
export type DrillTold = {
	at: number;
	drill: Drill;
	verified: Verified | undefined;
	ended: {at: number; result: DrillResult; text: string} | undefined;
};

export type Watched = {
	state: State | undefined;
	/** When all had been seen once. */
	settled: State | undefined;
	began: number | undefined;
	end: number | undefined;
	tracks: Observations;
	curves: ChartSeries;
	chronicle: TimelineLogs;
	spans: FindingSpans;
	drill: DrillTold | undefined;
	damaged: string | undefined;
};

export function collectReport({header, first, moments}: CollectedLine): Watched {
	const [tracks, curves, spans, chronicle] = [
		new Observations(),
		new ChartSeries(),
		new FindingSpans(),
		new TimelineLogs(header),
	];
	let state = first;
	let drill: DrillTold | undefined;
	let [began, end]: [number | undefined, number | undefined] = [undefined, undefined];
	let settled: State | undefined;
	let damaged: string | undefined;
	try {
		for (const {stamped, before, after} of moments) {
			const {at, event} = stamped;
			began ??= at;
			end = Math.max(end ?? at, at);
			state = after;
			tracks.take(before, after, stamped);
			curves.take(before, after, stamped);
			chronicle.take(before, after, at);
			if (event.type === 'tick') {
				settled ??= at - began > settling || isSettled(after) ? after : undefined;
				if (settled !== undefined) {
					spans.take(after.found, at);
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
		// What came before the damage is worth a report, and the report says where it ends.
		damaged = error instanceof Error ? error.message : String(error);
	}

	if (state !== undefined) {
		chronicle.close(state.logs.ring);
	}

	return {state, settled, began, end, tracks, curves, chronicle, spans, drill, damaged};
}
