/** Redundancy: what is missing until the cluster can lose any one machine. Pure. */
import {type Cluster, keyOf} from '../cluster/cluster.ts';
import {etcdNodes} from '../cluster/etcd.ts';
import {isFresh} from '../cluster/freshness.ts';
import {destinationNames, routeState, routeTo} from '../cluster/haproxy.ts';
import {healthProblem, isRunningState, isWell} from '../cluster/health.ts';
import {dcsIsRead, dynamicConfig, leaderKey, syncStandbys} from '../cluster/keys.ts';
import {members} from '../cluster/members.ts';
import {vipView, watchedNodes} from '../cluster/vip.ts';
import type {Target} from '../target.ts';

type Scene = {cluster: Cluster; target: Target; now: number};

/** One text for each missing thing; empty if redundancy is full. */
export function missingRedundancy(scene: Scene): readonly string[] {
	const {cluster, now} = scene;
	const leader = leaderKey(cluster)?.member;
	if (!dcsIsRead(cluster, now)) {
		return ['etcd cannot be read'];
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
		const state = route && routeState(route, leader ?? '');
		// An unknown route does not count as missing.
		return route === undefined || state === 'leader' || state === 'unknown'
			? []
			: [`HAProxy on ${node} sends writers to ${destinationNames(route.to).join(', ') || 'no server'}`];
	});
}

/** Only watched nodes count. */
function missingVip({cluster, target, now}: Scene): string[] {
	if (target.vip === undefined || cluster.addresses.size === 0) {
		return [];
	}

	const {holders, blind, state} = vipView(cluster, target, now);
	const seen = holders.filter(one => one.sees);
	const dark = blind.filter(node => cluster.addresses.get(node) !== undefined);
	return [
		// A VIP held elsewhere does not count as missing.
		...(state === 'held' || state === 'elsewhere'
			? []
			: [seen.length === 0 ? 'no watched node holds the VIP' : 'two nodes hold the VIP']),
		...dark.map(node => `no data from ${node}`),
	];
}
