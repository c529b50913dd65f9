/** Compares what the screen showed as fresh with the truth: lies, misses, false alarms. Pure. */
import type {SourceId} from '../../source/domain/facts.ts';
import {type CauseLook, causes} from './causes.ts';
import type {Claim, Screen} from './claims.ts';
import type {FaultTimes} from './fault-times.ts';
import type {Change} from './series.ts';
import {hung, off, type Truths, unreadable} from './truth.ts';

export type Verdict = {
	kind: 'lie' | 'miss' | 'false alarm';
	subject: string;
	/** The first moment and the last one at which it was so, Unix ms. */
	from: number;
	to: number;
	shown: string;
	/** The true value; for a false alarm the finding's text. */
	actual: string;
	source: SourceId | undefined;
	/** Of a miss: when the change was; and how late it was shown, undefined when it never was. */
	changedAt?: number;
	lateMs?: number;
	/** Of a lie: how long it may have been old, ms. */
	boundMs?: number;
};

export type Counts = {
	moments: number;
	/** Values that were shown as fresh, each at each time. */
	claims: number;
	/** Changes of the truth. */
	changes: number;
	/** Of these, the ones that a source in sight could see, and that were on the screen in time, or are a miss. */
	judged: number;
	/** Not judged: no source that could see them was in sight; they were over too soon. */
	dropped: {unseen: number; over: number};
	findings: number;
	/** Findings whose cause no look of the oracle can show, by id. */
	unjudged: Map<string, number>;
};

/** The oracle looks this much later than a source may, ms. */
const aheadMs = 400;
/** A change that does not stay for the whole time need not be shown. */
const staysMs = 2500;
/** What a finding is about may have ended so long before, ms: sources, and one loop of Patroni. */
const findingMs = 8000;
/** The gap that makes two lies out of one, ms. */
const sameMs = 1500;

export class Comparison {
	readonly counts: Counts = {
		moments: 0,
		claims: 0,
		changes: 0,
		judged: 0,
		dropped: {unseen: 0, over: 0},
		findings: 0,
		unjudged: new Map(),
	};
	readonly #truths: Truths;
	readonly #faults: FaultTimes;
	readonly #loopWaitMs: number;
	readonly #done: Verdict[] = [];
	/** By subject and value, and by finding. */
	readonly #open = new Map<string, Verdict>();
	readonly #changes: (Change & {subject: string})[];
	#nextChange = 0;
	/** Changes that have happened and are not on the screen yet. */
	#pending: (Change & {subject: string; graceMs: number; late?: Verdict})[] = [];

	/** @param from changes before this moment are none of its */
	constructor(truths: Truths, faults: FaultTimes, loopWaitMs: number, from = truths.from) {
		this.#truths = truths;
		this.#faults = faults;
		this.#loopWaitMs = loopWaitMs;
		this.#changes = [...truths.series]
			// A position that moves is no change.
			.filter(([subject]) => !subject.startsWith('lsn:'))
			.flatMap(([subject, series]) => series.changes(staysMs).map(change => ({...change, subject})))
			.filter(({at}) => at >= from)
			.sort((one, other) => one.at - other.at);
	}

	/** What the screen shows at this moment. Moments come in their order. */
	take(at: number, {claims, findings}: Screen): void {
		this.counts.moments++;
		this.counts.claims += claims.length;
		const bySubject = new Map(claims.map(claim => [claim.subject, claim]));
		for (const claim of claims) this.#judgeClaim(at, claim);
		this.#judgeChanges(at, bySubject);
		for (const finding of findings) this.#judgeFinding(at, finding);
	}

	/** The console did not run: what stands on the screen is from before, and it has so much more time to show a change. */
	skip(at: number, intervalMs: number): void {
		this.#collectChanges(at);
		for (const change of this.#pending) change.graceMs += intervalMs;
	}

	verdicts(): readonly Verdict[] {
		return [...this.#done, ...this.#open.values()].sort((one, other) => one.from - other.from);
	}

	#judgeClaim(at: number, {subject, shown, accepts, isPossible, source, boundMs}: Claim): void {
		const valuesOf = (of: string) =>
			this.#truths.series.get(of)?.between(at - boundMs, at + aheadMs) ?? new Set([undefined]);
		const values = valuesOf(subject);
		const isTrue =
			isPossible?.(valuesOf) ?? [...values].some(value => value === undefined || accepts.has(value));
		if (isTrue) return;
		const actual =
			values.size > 3 ? `${[...values][0]} … ${[...values].at(-1)}` : [...values].join(', then ');
		this.#note(`lie ${subject} ${shown}`, {
			kind: 'lie',
			subject,
			from: at,
			to: at,
			shown,
			actual,
			source,
			boundMs,
		});
	}

	#collectChanges(at: number): void {
		for (let change = this.#changes[this.#nextChange]; change !== undefined && change.at <= at; ) {
			this.counts.changes++;
			// A value that ends a source's sight is not seen by it.
			if ([off, hung, unreadable].includes(change.to)) this.counts.dropped.unseen++;
			else this.#pending.push({...change, graceMs: 0});
			change = this.#changes[++this.#nextChange];
		}
	}

	#judgeChanges(at: number, claims: ReadonlyMap<string, Claim>): void {
		this.#collectChanges(at);
		this.#pending = this.#pending.filter(change => {
			const claim = claims.get(change.subject);
			const isStill = this.#truths.series.get(change.subject)?.at(at) === change.to;
			if (claim?.accepts.has(change.to)) {
				if (change.late === undefined) this.counts.judged++;
				else change.late.lateMs = at - change.at;
				return false;
			}

			if (claim === undefined || this.#isCutOff(change.subject, at)) {
				if (change.late === undefined) this.counts.dropped.unseen++;
				return false;
			}

			if (!isStill) {
				if (change.late === undefined) this.counts.dropped.over++;
				return false;
			}

			if (at - change.at <= claim.changeMs + change.graceMs) return true;
			if (change.late === undefined) {
				change.late = {
					kind: 'miss',
					subject: change.subject,
					from: at,
					to: at,
					shown: claim.shown,
					actual: `${change.from} → ${change.to}`,
					source: claim.source,
					changedAt: change.at,
				};
				this.counts.judged++;
				this.#done.push(change.late);
			}

			change.late.to = at;
			return true;
		});
	}

	/** The subject's own node cannot be seen as it is: it is off, frozen, or its network does not work. */
	#isCutOff(subject: string, at: number): boolean {
		const [, node] = subject.split(':');
		if (node === undefined) return false;
		const on = this.#truths.series.get(`on:${node}`)?.between(at - 4000, at) ?? new Set();
		return [...on].some(value => value !== 'on') || this.#faults.impair(node, at - 4000, at);
	}

	#judgeFinding(at: number, {id, about, text, evidence}: Screen['findings'][number]): void {
		this.counts.findings++;
		const cause = causes[id];
		const look: CauseLook = {
			about,
			text,
			between: (subject, ms = findingMs + this.#loopWaitMs) =>
				this.#truths.series.get(subject)?.between(at - ms, at + aheadMs) ?? new Set([undefined]),
			subjects: prefix => [...this.#truths.series.keys()].filter(subject => subject.startsWith(prefix)),
			isImpaired: (node, ms = findingMs) => this.#faults.impair(node, at - ms, at),
			wasDone: (kinds, ms) => this.#faults.wereDone(kinds, at - ms, at),
			isDisturbed: (ms = findingMs) => this.#faults.anyBetween(at - ms, at),
		};
		// That it begins to look says nothing of what is so.
		const isCaused = evidence.some(one => one.text === 'connecting') || cause?.(look);
		if (isCaused === undefined) {
			this.counts.unjudged.set(id, (this.counts.unjudged.get(id) ?? 0) + 1);
			return;
		}

		if (isCaused) return;
		const subject = about === undefined ? id : `${id} ${about}`;
		this.#note(`alarm ${subject}`, {
			kind: 'false alarm',
			subject,
			from: at,
			to: at,
			shown: text,
			actual: 'no cause',
			source: undefined,
		});
	}

	/** One that lasts is one. */
	#note(key: string, verdict: Verdict): void {
		const open = this.#open.get(key);
		if (open !== undefined && verdict.from - open.to <= sameMs) {
			open.to = verdict.to;
			return;
		}

		if (open !== undefined) this.#done.push(open);
		this.#open.set(key, verdict);
	}
}
