/** The preconditions of a drill, full redundancy first; and the drills that the menu offers. */

import {type Cluster, keyOf} from '../cluster/cluster.ts';
import {etcdNodes} from '../cluster/etcd.ts';
import {isFresh} from '../cluster/freshness.ts';
import {destinationNames, routeState, routeTo} from '../cluster/haproxy.ts';
import {healthProblem, isRunningState, isWell} from '../cluster/health.ts';
import {dcsIsRead, dynamicConfig, leaderKey, syncStandbys} from '../cluster/keys.ts';
import {members} from '../cluster/members.ts';
import {failingReason} from '../cluster/probe-reason.ts';
import {shortVipNames} from '../cluster/roles.ts';
import {vipViews, watchedNodes} from '../cluster/vip.ts';
import {misplacedVip} from '../cluster/vip-leader.ts';
import type {OperationContext, Precondition} from '../operations/types.ts';
import {blocking, type Offer, ok, warning} from '../operations/types.ts';
import type {Target} from '../target.ts';
import type {Drill, DrillKind, Goals, Prepared} from './types.ts';

/** Why no drill can begin now; undefined if one can. */
export function whyUnavailable(context: OperationContext): string | undefined {
	const missing = missingRedundancy(context);
	return missing.length === 0 ? undefined : needsWholeCluster(missing);
}

/** @param missing undefined if unknown */
export function needsWholeCluster(missing: readonly string[] | undefined): string {
	return `a drill needs full redundancy: ${missing?.join(', ') || 'not every source has reported'}`;
}

export type DrillToCheck = {
	kind: Drill['kind'];
	goals: {goals: Goals} | {problem: string};
	prepared: Prepared | undefined;
	/** A drill that is already running. */
	running: string | undefined;
};

export function drillPreconditions(
	{goals, prepared, running}: DrillToCheck,
	context: OperationContext,
): Precondition[] {
	const unavailable = whyUnavailable(context);
	return [
		...(running === undefined ? [] : [blocking(`${running} is running`)]),
		unavailable === undefined ? ok('full redundancy: nothing is missing') : blocking(unavailable),
		...('problem' in goals ? [blocking(`the goal: ${goals.problem}`)] : []),
		...checkProbe('goals' in goals ? goals.goals : {}, context),
		...(prepared === undefined ? [blocking('not prepared yet: press again in a moment')] : []),
		...(prepared?.rows === false && context.target.probe !== undefined
			? [warning('acknowledged writes cannot be verified: no table is configured (probe.table)')]
			: []),
	];
}

function checkProbe({writes}: Goals, {cluster, target, now}: OperationContext): Precondition[] {
	if (target.probe === undefined) {
		return [
			writes === undefined
				? warning('no probe is configured: the write outage cannot be measured')
				: blocking('no probe is configured: the write outage can have no goal'),
		];
	}

	const probe = cluster.probes.get(target.probe.ports.write ?? 0);
	if (probe === undefined) {
		return [
			warning('the probe has not been answered yet: nothing is sent before its writes are acknowledged'),
		];
	}

	return probe.failing === undefined
		? [ok('the probe works; it writes 20 times a second during the drill')]
		: [blocking(`the probe fails: ${failingReason(cluster, target, probe, now)}`)];
}

type Entry = Pick<Offer, 'id' | 'label' | 'operation'>;

/** The drills in the menu for a row, each with the entry of its operation. */
export function drillsBeside<E extends Entry>(
	all: readonly E[],
): {id: string; kind: DrillKind; label: string; madeOf: E}[] {
	const drill = (kind: DrillKind, label: string, madeOf: E) => ({
		id: `drill ${kind}`,
		kind,
		label: `drill: ${label}`,
		madeOf,
	});
	const switchover = all.find(({id}) => id === 'switchover');
	const poweroff = all.find(({id}) => id === 'poweroff');
	return [
		...(switchover === undefined ? [] : [drill('switchover', switchover.label, switchover)]),
		...(poweroff?.operation?.kind === 'poweroff'
			? [
					drill('shutdown', `shutdown of ${poweroff.operation.node}`, poweroff),
					drill('power-cut', `power cut of ${poweroff.operation.node}: you pull the plug`, poweroff),
				]
			: []),
	];
}

/** @param all all offers for the row */
export function drillOffers(all: readonly Offer[], context: OperationContext): Offer[] {
	const drills = drillsBeside(all);
	const unavailable = drills.length === 0 ? undefined : whyUnavailable(context);
	return drills.map(({id, kind, label, madeOf}) => ({
		...madeOf,
		id,
		label,
		drill: kind,
		command: undefined,
		disabledReason: madeOf.disabledReason ?? unavailable,
		// A power cut sends nothing, so nothing can fail to arrive.
		...(kind === 'power-cut' ? {warning: undefined} : {}),
	}));
}

type Scene = {cluster: Cluster; target: Target; now: number};

/** One text for each missing thing; empty if redundancy is full. */
export function missingRedundancy(scene: Scene): readonly string[] {
	const {cluster, target, now} = scene;
	const leader = leaderKey(cluster)?.member;
	if (!dcsIsRead(cluster, now)) {
		return [target.rest === undefined ? 'etcd cannot be read' : 'the leader is not known'];
	}

	return [
		...(leader === undefined ? ['no leader'] : []),
		...missingMembers(scene, leader),
		...missingSyncStandby(scene, leader),
		...missingEtcd(scene),
		...wrongRoutes(scene, leader),
		...missingVip(scene),
	];
}

function missingMembers({cluster, now}: Scene, leader: string | undefined): string[] {
	const all = members(cluster, now);
	const timeline = all.find(({name}) => name === leader)?.timeline;
	return all.flatMap(one => {
		const {name, state, restSees} = one;
		if (!isWell(one)) {
			return [
				!restSees || !isRunningState(state)
					? `${name}: ${restSees ? state : 'does not answer'}`
					: (healthProblem(one) ?? name),
			];
		}

		return timeline === undefined || one.timeline === timeline
			? []
			: [`${name} is not on timeline ${timeline}`];
	});
}

function missingSyncStandby({cluster}: Scene, leader: string | undefined): string[] {
	const isSynchronous = (dynamicConfig(cluster)?.synchronousMode ?? 'off') !== 'off';
	const syncLeader = keyOf(cluster, 'sync', 'sync')?.value.leader;
	return isSynchronous && (syncLeader !== leader || syncStandbys(cluster).length === 0)
		? ['no synchronous standby']
		: [];
}

function missingEtcd({cluster, target, now}: Scene): string[] {
	const voters = etcdNodes(cluster, target, now).filter(({member}) => !member?.learner);
	const well = voters.filter(({contact}) => contact === 'yes');
	return well.length === voters.length ? [] : [`etcd ${well.length} of ${voters.length}`];
}

function wrongRoutes({cluster, target, now}: Scene, leader: string | undefined): string[] {
	const nodes = watchedNodes(cluster, target).map(({name}) => name);
	const looked = [...cluster.haproxy.keys()].filter(node => nodes.includes(node));
	return looked.sort().flatMap(node => {
		if (!isFresh(cluster.sourceStatuses.get(`haproxy:${node}`), `haproxy:${node}`, now)) {
			return [`HAProxy on ${node} does not answer`];
		}

		const route = routeTo(cluster, target, node, 'primary');
		const state = route && routeState(cluster, route, leader ?? '');
		// An unknown route does not count as missing.
		if (route === undefined || state === 'leader' || state === 'unknown') {
			return [];
		}

		return state === 'outdated'
			? [`HAProxy on ${node} not read since ${leader} leads`]
			: [`HAProxy on ${node} sends writers to ${destinationNames(route.to).join(', ') || 'no server'}`];
	});
}

/** Only watched nodes count. */
function missingVip({cluster, target, now}: Scene): string[] {
	if (cluster.addresses.size === 0) {
		return [];
	}

	const names = shortVipNames(target);
	const missing = vipViews(cluster, target, now).flatMap((view, index) => {
		const name = ['the VIP', names[index]].filter(Boolean).join(' ');
		const misplaced = misplacedVip(view, cluster, target, now);
		// A VIP held elsewhere does not count as missing.
		return view.state === 'held' || view.state === 'elsewhere'
			? misplaced === undefined
				? []
				: [`${misplaced.holder} holds ${name}, not the leader's node`]
			: [view.holders.some(one => one.sees) ? `two nodes hold ${name}` : `no watched node holds ${name}`];
	});
	const blind = new Set(vipViews(cluster, target, now).flatMap(view => view.blind));
	const dark = [...blind].filter(node => cluster.addresses.get(node) !== undefined);
	return [...missing, ...dark.map(node => `no data from ${node}`)];
}
