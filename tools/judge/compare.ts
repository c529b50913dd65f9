/** Compares values shown as fresh with the truth: lies, misses, false alarms. Pure. */
import type {SourceId} from '../../source/domain/facts.ts';
import {type CauseLook, causes} from './causes.ts';
import type {Claim} from './claim.ts';
import type {Screen} from './claims.ts';
import type {FaultTimes} from './fault-times.ts';
import type {Change} from './series.ts';
import {hung, off, type Truths, unreadable} from './truth.ts';

export type Verdict = {
	kind: 'lie' | 'miss' | 'false alarm';
	subject: string;
	/** First and last time of the verdict, Unix ms. */
	from: number;
	to: number;
	shown: string;
	/** The true value; the text of a false alarm. */
	actual: string;
	source: SourceId | undefined;
	/** For a miss: time of the change, and its delay on the screen, undefined if it was never shown. */
	changedAt?: number;
	lateMs?: number;
	/** For a lie: permitted age of the value, ms. */
	boundMs?: number;
};

export type Counts = {
	moments: number;
	/** Number of values shown as fresh, each at each time. */
	claims: number;
	/** Number of changes of the truth. */
	changes: number;
	/** Of these, changes that a fresh source could see, and that were shown in time or are a miss. */
	judged: number;
	/** Changes that are not judged: no fresh source could see them, or they ended too soon. */
	dropped: {unseen: number; over: number};
	/** Lies and false alarms about an address that came and went between two samples of the oracle. */
	brief: number;
	findings: number;
	/** By id: findings whose cause the oracle does not sample. */
	unjudged: Map<string, number>;
};

/** ms by which the oracle's sample may be later than a source's. */
const aheadMs = 400;
/** ms; a change that lasts shorter need not be shown. */
const staysMs = 2500;
/** ms since the end of a finding's cause: delays of sources, and one loop of Patroni. */
const findingMs = 8000;
/** ms; a longer gap separates two lies. */
const sameMs = 1500;

export class Comparison {
	readonly counts: Counts = {
		moments: 0,
		claims: 0,
		changes: 0,
		judged: 0,
		dropped: {unseen: 0, over: 0},
		brief: 0,
		findings: 0,
		unjudged: new Map(),
	};
	readonly #truths: Truths;
	readonly #faults: FaultTimes;
	readonly #loopWaitMs: number;
	readonly #intervalMs: number;
	readonly #done: Verdict[] = [];
	/** By subject and value, or by finding. */
	readonly #open = new Map<string, Verdict>();
	readonly #changes: (Change & {subject: string})[];
	#nextChange = 0;
	/** Changes that are not on the screen yet. */
	#pending: (Change & {subject: string; graceMs: number; late?: Verdict})[] = [];

	/** @param from earlier changes are not judged */
	constructor(
		truths: Truths,
		faults: FaultTimes,
		{loopWaitMs, intervalMs}: {loopWaitMs: number; intervalMs: number},
		from = truths.from,
	) {
		this.#truths = truths;
		this.#faults = faults;
		this.#loopWaitMs = loopWaitMs;
		this.#intervalMs = intervalMs;
		this.#changes = [...truths.series]
			// A new position is not counted as a change.
			.filter(([subject]) => !subject.startsWith('lsn:'))
			.flatMap(([subject, series]) => series.changes(staysMs).map(change => ({...change, subject})))
			.filter(({at}) => at >= from)
			.sort((one, other) => one.at - other.at);
	}

	/** Judges the screen at one time. Times must ascend. */
	take(at: number, {claims, findings}: Screen): void {
		this.counts.moments++;
		this.counts.claims += claims.length;
		const bySubject = new Map(claims.map(claim => [claim.subject, claim]));
		for (const claim of claims) this.#judgeClaim(at, claim);
		this.#judgeChanges(at, bySubject);
		for (const finding of findings) this.#judgeFinding(at, finding);
	}

	/** The console did not run: the screen is old, and each change gets this much more time. */
	skip(at: number, intervalMs: number): void {
		this.#collectChanges(at);
		for (const change of this.#pending) change.graceMs += intervalMs;
	}

	verdicts(): readonly Verdict[] {
		const all = [...this.#done, ...this.#open.values()].sort((one, other) => one.from - other.from);
		const kept = all.filter(one => !this.#isBrief(one));
		this.counts.brief = all.length - kept.length;
		return kept;
	}

	/** The kernel reports each address at once; the oracle, which samples, can miss one that is gone again. */
	#isBrief({kind, subject, from, to}: Verdict): boolean {
		const isOfAddresses = subject.startsWith('vip:') || subject === 'vip.two';
		return kind !== 'miss' && isOfAddresses && to - from < 2 * this.#intervalMs;
	}

	#judgeClaim(at: number, {subject, shown, accepts, isPossible, isSet, source, boundMs}: Claim): void {
		const valuesOf = (of: string) =>
			this.#truths.series.get(of)?.between(at - boundMs, at + aheadMs) ?? new Set([undefined]);
		const values = valuesOf(subject);
		const isTrue =
			isPossible?.(valuesOf) ?? [...values].some(value => value === undefined || accepts.has(value));
		if (isTrue || (isSet && this.#isBetween(subject, shown, at - boundMs, at + aheadMs))) return;
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

	/** Whether the set may have been so between two neighbouring samples: what both have, and nothing that neither has. */
	#isBetween(subject: string, shown: string, from: number, to: number): boolean {
		const samples = this.#truths.series.get(subject)?.samples(from, to) ?? [];
		return samples.slice(1).some(({value: after}, index) => {
			const before = samples[index]?.value;
			if (before === undefined || after === undefined) return false;
			if ([before, after].some(value => [off, hung, unreadable].includes(value))) return false;
			const [one, other, seen] = [before, after, shown].map(text => text.split(' '));
			const names = `${before} ${after} ${shown}`.split(' ').filter(Boolean);
			return names.every(name => [one, other].some(some => some?.includes(name) === seen?.includes(name)));
		});
	}

	#collectChanges(at: number): void {
		for (let change = this.#changes[this.#nextChange]; change !== undefined && change.at <= at; ) {
			this.counts.changes++;
			// A source cannot see the change that makes it unavailable.
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

	/** Whether the subject's node is invisible: off, frozen, or its network does not work. */
	#isCutOff(subject: string, at: number): boolean {
		const [, node] = subject.split(':');
		if (node === undefined) return false;
		const on = this.#truths.series.get(`on:${node}`)?.between(at - 4000, at) ?? new Set();
		return [...on].some(value => value !== 'on') || this.#faults.impair(node, at - 4000, at);
	}

	#judgeFinding(at: number, {id, about, text, evidence, unheardMs = 0}: Screen['findings'][number]): void {
		this.counts.findings++;
		const cause = causes[id];
		// The screen says for how long this console did not run: a cause may have ended as much earlier.
		const since = (ms: number) => at - ms - unheardMs;
		const look: CauseLook = {
			about,
			text,
			between: (subject, ms = findingMs + this.#loopWaitMs) =>
				this.#truths.series.get(subject)?.between(since(ms), at + aheadMs) ?? new Set([undefined]),
			subjects: prefix => [...this.#truths.series.keys()].filter(subject => subject.startsWith(prefix)),
			isImpaired: (node, ms = findingMs) => this.#faults.impair(node, since(ms), at),
			wasDone: (kinds, ms, node) => this.#faults.wereDone(kinds, since(ms), at, node),
			isDisturbed: (ms = findingMs, node) => this.#faults.anyBetween(since(ms), at, node),
		};
		// A source that begins to connect is no evidence of a fault.
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

	/** Merges a lasting verdict into one. */
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
