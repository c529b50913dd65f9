/** What a report has room for: of a night in which the same thing happened a thousand times, the gravest is told. */
import type {Incident} from '../domain/drill/incidents.ts';
import type {FindingSpan} from './spans.ts';

const incidentsMax = 30;
/** Each has a picture of its own. */
const nearbyMax = 8;
const findingsMax = 200;
/** Across a chart: more than these can not be told apart. */
const gapsMax = 200;
const spansMax = 400;

type Span = {from: number; to: number};

const causes: Readonly<Record<Incident['cause'], number>> = {drill: 0, operation: 1, unasked: 2};
const severities: Readonly<Record<FindingSpan['finding']['severity'], number>> = {
	critical: 0,
	degraded: 1,
	unknown: 2,
	notice: 3,
};

type Told = {episode: Incident; writes: number};

/** What was asked for, then what clients felt longest. */
export function limitIncidents<T extends Told>(all: readonly T[]): T[] {
	return few(all, incidentsMax, graver);
}

/** Those that are worth a picture. */
export function nearbyIncidents<T extends Told>(all: readonly T[]): T[] {
	return few(all, nearbyMax, graver);
}

function graver(a: Told, b: Told): number {
	return (
		causes[a.episode.cause] - causes[b.episode.cause] ||
		b.writes - a.writes ||
		lengthOf(b.episode) - lengthOf(a.episode)
	);
}

export function limitFindings(all: readonly FindingSpan[]): FindingSpan[] {
	const length = ({from, to}: FindingSpan) => (to ?? Infinity) - (from ?? 0);
	return few(
		all,
		findingsMax,
		(a, b) => severities[a.finding.severity] - severities[b.finding.severity] || length(b) - length(a),
	);
}

export function limitGaps<T extends Span>(all: readonly T[]): T[] {
	return few(all, gapsMax, (a, b) => lengthOf(b) - lengthOf(a));
}

export function limitSpans<T extends Span>(all: readonly T[]): T[] {
	return few(all, spansMax, (a, b) => lengthOf(b) - lengthOf(a));
}

function lengthOf({from, to}: Span): number {
	return to - from;
}

/** The first by that order, in their own order. */
function few<T>(all: readonly T[], most: number, order: (a: T, b: T) => number): T[] {
	if (all.length <= most) {
		return [...all];
	}

	const kept = new Set(all.toSorted(order).slice(0, most));
	return all.filter(one => kept.has(one));
}
