/** One pass over a recorded session, which collects the data of its report: series, spans, timeline and logs. */

import {measuresOf} from '../domain/drill/measures.ts';
import {Observations} from '../domain/drill/observations.ts';
import type {Drill, DrillResult, Goals, Measure, Verified} from '../domain/drill/types.ts';
import type {Stamped} from '../domain/events.ts';
import type {Entry} from '../domain/facts.ts';
import {
	chunkAfter,
	consoleService,
	type LogBuffer,
	type LogLine,
	levels,
	levelWords,
	lineAfter,
	statisticsService,
} from '../domain/logs/log-buffer.ts';
import type {Run} from '../domain/operations/types.ts';
import {newEntries} from '../domain/timeline/timeline.ts';
import type {Header} from '../recording/schema.ts';
import type {State} from '../state/state.ts';
import {isSettled} from '../state/subscriptions.ts';
import {iso} from './format.ts';
import {FindingSpans} from './limits.ts';
import type {Report} from './schema.ts';
import {ChartSeries} from './series.ts';

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
	/** As the console measured them; what happens after the drill does not change them. */
	measures: readonly Measure[] | undefined;
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
				drill = {at, drill: event.drill, verified: undefined, measures: undefined, ended: undefined};
			} else if (event.type === 'drill.verified' && drill !== undefined) {
				drill = {...drill, verified: event};
			} else if (event.type === 'drill.measured' && drill !== undefined) {
				drill = {...drill, measures: event.measures};
			} else if (event.type === 'drill.ended' && drill !== undefined) {
				const from = drillFrom(drill, after.runs, observations) ?? drill.at;
				drill = {
					...drill,
					measures: drill.measures ?? measuresOf(observations, {from, to: at, exact: true}, drill.verified),
					ended: {at, result: event.result, text: event.text},
				};
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

/** Begin of a drill: its confirmation, or the last sign of life of the machine that lost power. */
export function drillFrom(
	{at, drill}: {at: number; drill: Drill},
	runs: readonly Run[],
	{absences}: Observations,
): number | undefined {
	return drill.kind === 'power-cut'
		? absences.find(({node, since}) => node === drill.target && since >= at - 5000)?.since
		: runs.find(({confirmedAt}) => confirmedAt >= at)?.confirmedAt;
}

/** ms before and after an entry in which nodes log about it. */
const aroundMs = {before: 1000, behind: 1500};
/** ms for differences of nodes' clocks, and for delayed lines. */
const logWaitMs = 2000;
const linesMax = 8;
const entriesMax = 2000;

type EntryWithLogs = {entry: Entry; lines: readonly LogLine[]; more: number};

/** The log lines around each timeline entry. */
export class TimelineLogs {
	readonly #logs: boolean;
	readonly #entries: EntryWithLogs[] = [];
	#waiting: Entry[] = [];
	#left = 0;

	constructor({logs}: {logs: boolean}) {
		this.#logs = logs;
	}

	take(before: State, after: State, at: number): void {
		if (before.timeline !== after.timeline) {
			for (const entry of newEntries(before.timeline, after.timeline)) {
				if (this.#entries.length + this.#waiting.length < entriesMax) {
					this.#waiting.push(entry);
				} else {
					this.#left++;
				}
			}
		}

		const [next] = this.#waiting;
		if (next !== undefined && (!this.#logs || at - next.at > aroundMs.behind + logWaitMs)) {
			this.#settle(after.logs.ring, at);
		}
	}

	/** The recording ends: no more lines follow. */
	close(ring: LogBuffer): void {
		this.#settle(ring, Infinity);
	}

	get entries(): readonly Entry[] {
		return this.#entries.map(({entry}) => entry);
	}

	get report(): Report['timeline'] {
		return this.#entries.map(({entry: {at, kind, turn, text}, lines, more}) => ({
			at: iso(at),
			kind,
			turn,
			text,
			logs: lines.map(({order, node, service, level, word, text: message}) => ({
				at: iso(order / 1000),
				node: node ?? '',
				service,
				level: word || (levelWords[level] ?? 'info'),
				text: message,
			})),
			more_logs: more,
		}));
	}

	get left(): number {
		return this.#left;
	}

	/** Assigns each line to its nearest entry. */
	#settle(ring: LogBuffer, at: number): void {
		const due = this.#waiting.filter(entry => !this.#logs || at - entry.at > aroundMs.behind + logWaitMs);
		for (const [index, entry] of due.entries()) {
			const [before, next] = [this.#entries.at(-1)?.entry, this.#waiting[index + 1]];
			const from = Math.max(entry.at - aroundMs.before, before === undefined ? 0 : middle(before, entry));
			const to = Math.min(entry.at + aroundMs.behind, next === undefined ? Infinity : middle(entry, next));
			const lines = this.#logs ? [...linesBetween(ring, from * 1000, to * 1000)].filter(isReported) : [];
			const kept = likeliestLines(lines, entry.at * 1000);
			this.#entries.push({entry, lines: kept, more: lines.length - kept.length});
		}

		this.#waiting = this.#waiting.slice(due.length);
	}
}

function middle(a: Entry, b: Entry): number {
	return (a.at + b.at) / 2;
}

function isReported({node, service, level}: LogLine): boolean {
	return (
		node !== undefined &&
		service !== consoleService &&
		service !== statisticsService &&
		service !== 'system' &&
		level <= levels.info
	);
}

function* linesBetween({chunks}: LogBuffer, from: number, to: number): Generator<LogLine> {
	for (let index = chunkAfter(chunks, from); index < chunks.length; index++) {
		const lines = chunks[index]?.lines ?? [];
		for (let line = lineAfter(lines, from); line < lines.length; line++) {
			const one = lines[line] as LogLine;
			if (one.order > to) {
				return;
			}

			yield one;
		}
	}
}

/** The most severe lines, then the nearest; in their original order. */
function likeliestLines(lines: readonly LogLine[], order: number): LogLine[] {
	const distance = (line: LogLine) => Math.abs(line.order - order);
	return lines
		.toSorted((a, b) => Math.min(a.level, 6) - Math.min(b.level, 6) || distance(a) - distance(b))
		.slice(0, linesMax)
		.sort((a, b) => a.order - b.order);
}
