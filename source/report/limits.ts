/** Limits of a report: of many episodes, findings and outages the worst are kept. */
import type {Episode} from '../domain/drill/episodes.ts';
import type {FindingHistory} from '../domain/findings/finding.ts';
import {type Finding, keyOfFinding, type Severity} from '../domain/findings/finding.ts';

const episodesMax = 30;
/** Episodes with a chart of their own. */
const nearbyMax = 8;
const findingsMax = 200;
/** Outages in a chart; more cannot be distinguished. */
const outagesMax = 200;
const spansMax = 400;

type Span = {from: number; to: number};

const causes: Readonly<Record<Episode['cause'], number>> = {drill: 0, operation: 1, unasked: 2};
const severities: Readonly<Record<Severity, number>> = {
	critical: 0,
	degraded: 1,
	unknown: 2,
	notice: 3,
};

type Ranked = {episode: Episode; outageMs: number};

/** Drills and operations first, then the longest write outages. */
export function limitEpisodes<T extends Ranked>(all: readonly T[]): T[] {
	return keepFirst(all, episodesMax, graver);
}

/** Episodes that get a chart of their own. */
export function nearbyEpisodes<T extends Ranked>(all: readonly T[]): T[] {
	return keepFirst(all, nearbyMax, graver);
}

function graver(a: Ranked, b: Ranked): number {
	return (
		causes[a.episode.cause] - causes[b.episode.cause] ||
		b.outageMs - a.outageMs ||
		lengthOf(b.episode) - lengthOf(a.episode)
	);
}

export function limitFindings(all: readonly FindingSpan[]): FindingSpan[] {
	const length = ({from, to}: FindingSpan) => (to ?? Infinity) - (from ?? 0);
	return keepFirst(
		all,
		findingsMax,
		(a, b) => severities[a.finding.severity] - severities[b.finding.severity] || length(b) - length(a),
	);
}

export function limitOutages<T extends Span>(all: readonly T[]): T[] {
	return keepFirst(all, outagesMax, (a, b) => lengthOf(b) - lengthOf(a));
}

export function limitSpans<T extends Span>(all: readonly T[]): T[] {
	return keepFirst(all, spansMax, (a, b) => lengthOf(b) - lengthOf(a));
}

function lengthOf({from, to}: Span): number {
	return to - from;
}

/** The first `max` by this order, in their original order. */
function keepFirst<T>(all: readonly T[], max: number, order: (a: T, b: T) => number): T[] {
	if (all.length <= max) {
		return [...all];
	}

	const kept = new Set(all.toSorted(order).slice(0, max));
	return all.filter(one => kept.has(one));
}

export type FindingSpan = {
	/** At its worst, with its last root. */
	finding: Finding;
	/** Undefined: present from the beginning. */
	from: number | undefined;
	/** Undefined: still present. */
	to: number | undefined;
	/** The last time that it held. */
	last: number;
};

/** ms; a finding that returns within this time counts as one. */
const againMs = 5000;

const statesOfServices: readonly Finding['id'][] = ['service.down', 'haproxy.down', 'keepalived.down'];

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
			if (
				latest === undefined ||
				(latest.to !== undefined && at - latest.to > againMs) ||
				isOtherState(latest.finding, finding)
			) {
				if (latest !== undefined) {
					latest.to ??= at;
				}

				const span = {finding, from: this.#begun ? at : undefined, to: undefined, last: at};
				this.#all.push(span);
				this.#latest.set(key, span);
			} else {
				latest.to = undefined;
				latest.last = at;
				if (severities[finding.severity] <= severities[latest.finding.severity]) {
					const cause = finding.cause ?? latest.finding.cause;
					latest.finding = cause === undefined ? finding : {...finding, cause};
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

	/** In order of appearance. */
	get all(): readonly FindingSpan[] {
		return this.#all;
	}
}

/** A service's state is in the words, and holds only for its own time. */
function isOtherState(before: Finding, now: Finding): boolean {
	return statesOfServices.includes(now.id) && before.text !== now.text;
}
