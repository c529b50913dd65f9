/** What is wrong with the cluster, as far as can be told now: findings, worst first, and the one verdict. */

import type {Cluster} from '../cluster/cluster.ts';
import {describeClockSet, isFresh, isOurs, isUnheard, stallWords} from '../cluster/freshness.ts';
import {reportsOften} from '../cluster/source-kinds.ts';
import type {Target} from '../target.ts';
import {advice} from './advice.ts';
import {type FindingContext, makeContext, quoteBlind, seconds} from './context.ts';
import type {Finding, Severity, Verdict} from './finding.ts';
import {clusterFindings} from './rules/cluster.ts';
import {dcsFindings} from './rules/dcs.ts';
import {haproxyFindings} from './rules/haproxy.ts';
import {leaderFindings} from './rules/leader.ts';
import {memberFindings, slotFindings} from './rules/members.ts';
import {nodeFindings, trustFindings} from './rules/nodes.ts';
import {restFindings} from './rules/rest.ts';
import {standbyFindings} from './rules/standbys.ts';
import {pathFindings, vipFindings} from './rules/vip.ts';

const rank: Record<Severity, number> = {critical: 0, degraded: 1, unknown: 2, notice: 3};

/** In the order of what is said first where two are equally bad: causes before what follows from them. */
const checks: readonly ((look: FindingContext) => Finding[])[] = [
	dcsFindings,
	clusterFindings,
	leaderFindings,
	vipFindings,
	standbyFindings,
	memberFindings,
	slotFindings,
	restFindings,
	trustFindings,
	haproxyFindings,
	nodeFindings,
	pathFindings,
];

/** The clock's tick and the screen ask for those of the same moment. */
const known = new WeakMap<Cluster, {target: Target; now: number; all: readonly Finding[]}>();

/** All findings at `now`, worst first. */
export function findFindings(cluster: Cluster, target: Target, now: number): readonly Finding[] {
	const before = known.get(cluster);
	if (before?.now === now && before.target === target) {
		return before.all;
	}

	const look = makeContext(cluster, target, now);
	const blind = blindConsole(look);
	const all =
		blind === undefined
			? worstFirst(
					notOurs(
						look,
						checks.flatMap(check => check(look)),
					),
				)
			: [blind];
	known.set(cluster, {target, now, all});
	return all;
}

/** Of two that are equally bad, what clients feel now comes before what they may feel later. */
export function worstFirst<F extends Finding>(all: readonly F[]): F[] {
	const felt = ({id}: F) => (advice[id].felt ? 0 : 1);
	return [...all].sort((a, b) => rank[a.severity] - rank[b.severity] || felt(a) - felt(b));
}

/** The worst finding decides; a cluster of which too little is known is not called healthy. */
export function verdict(all: readonly Finding[]): Verdict {
	const worst = all[0]?.severity ?? 'notice';
	return worst === 'notice' ? 'healthy' : worst;
}

/** How long a stall is worth a word, ms. */
const stallShownFor = 60_000;

/**
 * What rests on a source that does not see because of this program itself is no finding: its words may be waiting in our own
 * queue, or we fell over them. Nothing is known then.
 */
function notOurs(look: FindingContext, found: readonly Finding[]): Finding[] {
	const {cluster, now} = look;
	const ours = new Set(
		[...cluster.sourceStatuses].flatMap(([source, sight]) => (isOurs(sight, source, now) ? [source] : [])),
	);
	const rest =
		ours.size === 0
			? found
			: found.filter(({evidence}) => !evidence.some(({source}) => source !== undefined && ours.has(source)));
	return [...rest, ...faultFindings(look), ...stallFindings(look), ...clockFindings(look)];
}

function faultFindings(look: FindingContext): Finding[] {
	return [...look.cluster.sourceStatuses].flatMap(([source, sight]): Finding[] =>
		sight.state === 'lost' && sight.fault
			? [
					{
						id: 'console.fault',
						severity: 'unknown',
						text: `${source}: ${sight.reason}`,
						about: source,
						evidence: [quoteBlind(look, source)],
					},
				]
			: [],
	);
}

function stallFindings(look: FindingContext): Finding[] {
	const {cluster, now} = look;
	const {stall} = cluster;
	if (stall === undefined || now - stall.at > stallShownFor) {
		return [];
	}

	const unheard = [...cluster.sourceStatuses].flatMap(([source, sight]) =>
		isUnheard(sight, source, now) ? [source] : [],
	);
	const words = `this console was stalled for ${stallWords(stall.milliseconds)}`;
	return [
		{
			id: 'console.stalled',
			severity: unheard.length > 0 ? 'unknown' : 'notice',
			text: unheard.length > 0 ? `${words}: what it shows is from before that` : words,
			evidence: unheard.map(source => quoteBlind(look, source)),
		},
	];
}

/** Long enough to be read by an operator who comes back to the screen; ms. */
const clockSetShownFor = 300_000;

/** For as long as times on the screen are not those of the machine's clock, too. */
function clockFindings({cluster: {clockSet}, now}: FindingContext): Finding[] {
	if (clockSet === undefined || (clockSet.aheadMs === 0 && now - clockSet.at > clockSetShownFor)) {
		return [];
	}

	const meaning =
		clockSet.aheadMs > 0
			? `times here are ${seconds(clockSet.aheadMs)} ahead of it`
			: 'ages from before that are off by as much';
	return [
		{
			id: 'console.clock',
			severity: 'notice',
			text: `${describeClockSet(clockSet)}, ${seconds(now - clockSet.at)} ago: ${meaning}`,
			evidence: [],
		},
	];
}

/** Not one source sees, though none is still connecting. */
function blindConsole(look: FindingContext): Finding | undefined {
	const {cluster, now} = look;
	const sources = [...cluster.sourceStatuses.keys()].filter(reportsOften);
	const hopes = sources.some(source => {
		const sight = cluster.sourceStatuses.get(source);
		return sight?.state === 'connecting' || isFresh(sight, source, now) || isOurs(sight, source, now);
	});
	return hopes || sources.every(source => source.startsWith('etcd:') || source.startsWith('dcs:'))
		? undefined
		: {
				id: 'console.blind',
				severity: 'unknown',
				text: "nothing is in sight from here: is this machine's own network up?",
				evidence: sources.map(source => quoteBlind(look, source)),
			};
}
