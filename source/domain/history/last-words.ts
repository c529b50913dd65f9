/** What each member's Patroni decided last, and what its PostgreSQL complained of last, by their logs. Pure. */
import {age} from '../../lib/format.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {patroniDefaults} from '../cluster/dcs.ts';
import {isFresh, unavailableReason} from '../cluster/freshness.ts';
import {dynamicConfig} from '../cluster/keys.ts';
import {nodeOfMember} from '../cluster/vip-leader.ts';
import type {SourceId} from '../facts.ts';
import type {Target} from '../target.ts';
import type {SaidKind} from './said.ts';
import type {LastWords, Word} from './words.ts';

export type MemberWords = {
	member: string;
	/** The log is read now: nothing newer was said. */
	isHeard: boolean;
	source: SourceId;
	decision?: Word & {isNow: boolean; why: string};
	postgres?: Word;
};

/** Loops of Patroni after which its last decision is not of now. */
const loopsMax = 2;

/** Undefined: nothing was heard of the member's log. */
export function lastWords(
	cluster: Cluster,
	target: Target,
	now: number,
	member: string,
): MemberWords | undefined {
	const node = nodeOfMember(cluster, target, now, member);
	const known = node === undefined ? undefined : cluster.lastWords.get(node);
	if (known === undefined) {
		return undefined;
	}

	const {source, decision, postgres} = known;
	const isHeard = isFresh(cluster.sourceStatuses.get(source), source, now);
	const freshMs = loopsMax * 1000 * (dynamicConfig(cluster)?.loopWait ?? patroniDefaults.loopWait);
	return {
		member,
		isHeard,
		source,
		...(decision === undefined
			? {}
			: {
					decision: {
						...decision,
						isNow: isHeard && now - decision.at <= freshMs + decision.uncertainMs,
						why: whyOf(known),
					},
				}),
		...(postgres === undefined ? {} : {postgres}),
	};
}

/** The decision in Patroni's words, with what it logged before it in the same loop, and after it. */
function whyOf({decision, reasons, since}: LastWords): string {
	const said = decision?.text ?? '';
	const causes = leadsOrFollows.has(decision?.said.kind ?? 'patroni.waits') ? [] : whysOf(reasons, said);
	const later = whysOf(since, said);
	return `${said}${causes.length === 0 ? '' : `: ${causes.join('; ')}`}${later.length === 0 ? '' : `; then: ${later.join('; ')}`}`;
}

/** The last ones, each once. */
function whysOf(words: readonly Word[], decision: string): string[] {
	const all = words.map(({text, said: {kind, why}}) =>
		why === undefined || kind === 'patroni.demoted' ? text : why,
	);
	return [...new Set(all)].filter(text => !decision.includes(text)).slice(-causesMax);
}

const leadsOrFollows: ReadonlySet<SaidKind> = new Set([
	'patroni.leads',
	'patroni.follows',
	'patroni.promoted',
]);

/** More would not fit a line. */
const causesMax = 3;

/** Why nothing was heard of the member's log; undefined where it is read, or was not asked. */
export function whyUnheard(
	cluster: Cluster,
	target: Target,
	now: number,
	member: string,
): string | undefined {
	const status = cluster.sourceStatuses.get(`said:${nodeOfMember(cluster, target, now, member)}`);
	return status?.state === 'lost'
		? `${status.reason}${status.remedy === undefined ? '' : `; ${status.remedy}`}`
		: undefined;
}

/** When a decision was logged, and why it may not be of now; undefined: it is of now. */
export function notNow(
	{cluster, now}: {cluster: Cluster; now: number},
	{source, isHeard}: MemberWords,
	{at, isNow = isHeard}: {at: number; isNow?: boolean},
): string | undefined {
	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	const old = `${age(Math.max(0, now - at))} ago`;
	return isNow ? undefined : reason === undefined ? old : `${old}; now: ${reason}`;
}

/** A complaint that PostgreSQL repeats every few seconds while its cause lasts: after this time it is over, ms. */
const repeatsWithinMs = 30_000;

/** PostgreSQL's last complaint, if it is of now. */
export function complaintNow(
	words: MemberWords | undefined,
	now: number,
	...kinds: readonly SaidKind[]
): Word | undefined {
	const word = words?.postgres;
	return words?.isHeard &&
		word !== undefined &&
		kinds.includes(word.said.kind) &&
		now - word.at <= repeatsWithinMs
		? word
		: undefined;
}
