/** What a report has room for: of a night in which the same thing happened a thousand times, the gravest is told. */
import type {Incident} from '../domain/drill/incidents.ts';
import {type Finding, keyOfFinding, type Severity} from '../domain/findings/finding.ts';
import type {FindingHistory} from '../domain/findings/history.ts';

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

export type FindingSpan = {
	/** As it was when it was worst, at the last. */
	finding: Finding;
	/** Undefined: it was there when anybody could first tell. */
	from: number | undefined;
	/** Undefined: it is still there. */
	to: number | undefined;
	/** When it last held. */
	last: number;
};

const rank: Record<Severity, number> = {critical: 0, degraded: 1, unknown: 2, notice: 3};

/** What comes again this soon was never really gone, ms. */
const soon = 5000;

export class FindingSpans {
	readonly #all: FindingSpan[] = [];
	readonly #latest = new Map<string, FindingSpan>();
	#begun = false;

	take(history: FindingHistory, at: number): void {
		const holding = new Set<string>();
		for (const {finding, at: seen} of history.known.values()) {
			if (seen !== history.at) {
				continue;
			}

			const key = keyOfFinding(finding);
			holding.add(key);
			const latest = this.#latest.get(key);
			if (latest === undefined || (latest.to !== undefined && at - latest.to > soon)) {
				const span = {finding, from: this.#begun ? at : undefined, to: undefined, last: at};
				this.#all.push(span);
				this.#latest.set(key, span);
			} else {
				latest.to = undefined;
				latest.last = at;
				if (rank[finding.severity] <= rank[latest.finding.severity]) {
					latest.finding = finding;
				}
			}
		}

		for (const [key, span] of this.#latest) {
			if (!holding.has(key)) {
				span.to ??= at;
			}
		}

		this.#begun = true;
	}

	/** In the order in which they came. */
	get all(): readonly FindingSpan[] {
		return this.#all;
	}
}
