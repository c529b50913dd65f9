/** What a report has room for: of a night in which the same thing happened a thousand times, the gravest is told. */
import type {Episode} from '../domain/drill/incidents.ts';
import type {FindingSpan} from './spans.ts';

const mostEpisodes = 30;
/** Each has a picture of its own. */
const mostNear = 8;
const mostFindings = 200;
/** Across a chart: more than these can not be told apart. */
const mostGaps = 200;
const mostSpans = 400;

type Span = {from: number; to: number};

const causes: Readonly<Record<Episode['cause'], number>> = {drill: 0, operation: 1, unasked: 2};
const severities: Readonly<Record<FindingSpan['finding']['severity'], number>> = {
	critical: 0,
	degraded: 1,
	unknown: 2,
	notice: 3,
};

type Told = {episode: Episode; writes: number};

/** What was asked for, then what clients felt longest. */
export function gravestEpisodes<T extends Told>(all: readonly T[]): T[] {
	return few(all, mostEpisodes, graver);
}

/** Those that are worth a picture. */
export function nearEpisodes<T extends Told>(all: readonly T[]): T[] {
	return few(all, mostNear, graver);
}

function graver(a: Told, b: Told): number {
	return (
		causes[a.episode.cause] - causes[b.episode.cause] ||
		b.writes - a.writes ||
		lengthOf(b.episode) - lengthOf(a.episode)
	);
}

export function gravestFindings(all: readonly FindingSpan[]): FindingSpan[] {
	const length = ({from, to}: FindingSpan) => (to ?? Infinity) - (from ?? 0);
	return few(
		all,
		mostFindings,
		(a, b) => severities[a.finding.severity] - severities[b.finding.severity] || length(b) - length(a),
	);
}

export function longestGaps<T extends Span>(all: readonly T[]): T[] {
	return few(all, mostGaps, (a, b) => lengthOf(b) - lengthOf(a));
}

export function longestSpans<T extends Span>(all: readonly T[]): T[] {
	return few(all, mostSpans, (a, b) => lengthOf(b) - lengthOf(a));
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
