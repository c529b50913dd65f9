/** The findings of the moment, worst first, and the verdict. */

import {tenths} from '../../lib/format.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {describeClockSet, isFresh, isOurs, isUnheard} from '../cluster/freshness.ts';
import {memoByCluster} from '../cluster/memo.ts';
import {reportsOften} from '../cluster/source-kinds.ts';
import type {Target} from '../target.ts';
import {type FindingContext, makeContext, quoteBlind, seconds} from './context.ts';
import {type Finding, type MachineStop, noStops, type Verdict} from './finding.ts';
import {foldCauses, worstFirst} from './roots.ts';
import {clusterFindings} from './rules/cluster.ts';
import {dcsFindings} from './rules/dcs.ts';
import {glibcFindings} from './rules/glibc.ts';
import {haproxyFindings} from './rules/haproxy.ts';
import {leaderFindings} from './rules/leader.ts';
import {lossFindings} from './rules/losses.ts';
import {machineFindings} from './rules/machines.ts';
import {memberFindings} from './rules/members.ts';
import {nodeFindings, trustFindings} from './rules/nodes.ts';
import {postgresFindings} from './rules/postgres.ts';
import {slotFindings, standbyFindings} from './rules/replication.ts';
import {restFindings} from './rules/rest.ts';
import {runningFindings} from './rules/running.ts';
import {pathFindings, vipFindings} from './rules/vip.ts';
import {wordFindings} from './rules/words.ts';
import {noRunning, type RunningOperation} from './running.ts';

/** Among equally bad findings, those of earlier rules come first: causes before effects. */
const rules: readonly ((context: FindingContext) => Finding[])[] = [
	dcsFindings,
	runningFindings,
	machineFindings,
	clusterFindings,
	leaderFindings,
	postgresFindings,
	glibcFindings,
	wordFindings,
	lossFindings,
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

/**
 * All findings at `now`: roots, worst first, each followed by its consequences. Memoized, since the tick and the screen
 * ask for the same moment. The last arguments: machines that this console stopped, and operations in progress.
 */
export const findFindings = memoByCluster(applyRules);

function applyRules(
	cluster: Cluster,
	target: Target,
	now: number,
	stops: readonly MachineStop[] = noStops,
	running: readonly RunningOperation[] = noRunning,
): readonly Finding[] {
	const context = makeContext(cluster, target, now, stops, running);
	const blind = blindConsole(context);
	if (blind !== undefined) {
		return [blind];
	}

	const found = rules.flatMap(rule => rule(context));
	return worstFirst(foldCauses(context, withoutOwnFaults(context, found)));
}

/** The severity of the worst finding; unknown data makes a cluster without anything worse `unknown`, not healthy. */
export function verdict(all: readonly Finding[]): Verdict {
	const worst = all[0]?.severity ?? 'notice';
	return worst === 'notice' ? 'healthy' : worst;
}

/** How long a stall is reported, ms. */
const stallShownForMs = 60_000;

/** Drops findings based on sources that are not fresh because of this program: their answers may wait in its queue. */
function withoutOwnFaults(context: FindingContext, found: readonly Finding[]): Finding[] {
	const {cluster, now} = context;
	const ours = new Set(
		[...cluster.sourceStatuses].flatMap(([source, status]) => (isOurs(status, source, now) ? [source] : [])),
	);
	const rest =
		ours.size === 0
			? found
			: found.filter(({evidence}) => !evidence.some(({source}) => source !== undefined && ours.has(source)));
	return [...rest, ...faultFindings(context), ...stallFindings(context), ...clockFindings(context)];
}

function faultFindings(context: FindingContext): Finding[] {
	return [...context.cluster.sourceStatuses].flatMap(([source, status]): Finding[] =>
		status.state === 'lost' && status.fault
			? [
					{
						id: 'console.fault',
						severity: 'unknown',
						text: `${source}: ${status.reason}`,
						about: source,
						evidence: [quoteBlind(context, source)],
					},
				]
			: [],
	);
}

function stallFindings(context: FindingContext): Finding[] {
	const {cluster, now} = context;
	const {stall} = cluster;
	if (stall === undefined || now - stall.at > stallShownForMs) {
		return [];
	}

	const unheard = [...cluster.sourceStatuses].flatMap(([source, status]) =>
		isUnheard(status, source, now) ? [source] : [],
	);
	const words = `this console was stalled for ${tenths(stall.milliseconds)}`;
	return [
		{
			id: 'console.stalled',
			severity: unheard.length > 0 ? 'unknown' : 'notice',
			text: unheard.length > 0 ? `${words}: its values are from before` : words,
			evidence: unheard.map(source => quoteBlind(context, source)),
		},
	];
}

/** Long enough for an operator who returns to the screen, ms. */
const clockSetShownForMs = 300_000;

/** Reported also while the screen's times differ from the machine's clock. */
function clockFindings({cluster: {clockSet}, now}: FindingContext): Finding[] {
	if (clockSet === undefined || (clockSet.aheadMs === 0 && now - clockSet.at > clockSetShownForMs)) {
		return [];
	}

	const meaning =
		clockSet.aheadMs > 0
			? `times here are ${seconds(clockSet.aheadMs)} ahead of that clock`
			: 'older ages are wrong by as much';
	return [
		{
			id: 'console.clock',
			severity: 'notice',
			text: `${describeClockSet(clockSet)}, ${seconds(now - clockSet.at)} ago: ${meaning}`,
			evidence: [],
		},
	];
}

/** The finding that no source is fresh and none is still connecting, which replaces all others. */
function blindConsole(context: FindingContext): Finding | undefined {
	const {cluster, now} = context;
	const sources = [...cluster.sourceStatuses.keys()].filter(reportsOften);
	const maySee = sources.some(source => {
		const status = cluster.sourceStatuses.get(source);
		return status?.state === 'connecting' || isFresh(status, source, now) || isOurs(status, source, now);
	});
	return maySee || sources.every(source => /^(etcd|dcs|view):/.test(source))
		? undefined
		: {
				id: 'console.blind',
				severity: 'unknown',
				text: "no source can be reached: check this machine's own network",
				evidence: sources.map(source => quoteBlind(context, source)),
			};
}
