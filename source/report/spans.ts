/** When each finding came and went, as the clock's ticks saw it. */
import type {Finding, Severity} from '../domain/findings/finding.ts';
import {keyOfFinding} from '../domain/findings/finding.ts';
import type {FindingHistory} from '../domain/findings/history.ts';

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
