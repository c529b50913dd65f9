/** Whether another member and node have taken over from a machine, and what is still missing for it. */
import type {Cluster} from '../cluster/cluster.ts';
import {isWell} from '../cluster/health.ts';
import {leaderKey} from '../cluster/keys.ts';
import {machines, members} from '../cluster/members.ts';
import {isVipLocal, vipViews} from '../cluster/vip.ts';
import type {Target} from '../target.ts';

/** What is missing until another member leads and is well, another node holds the VIP, and writes are acknowledged. */
export function missingTakeover(
	{cluster, target, now}: {cluster: Cluster; target: Target; now: number},
	machine: string,
): string[] {
	const member = machines(cluster, target, now).find(({name}) => name === machine)?.member;
	const leader = leaderKey(cluster)?.member;
	const isLed = leader !== undefined && leader !== member;
	const isHeld = vipViews(cluster, target, now).every(
		({vip, holders}) =>
			vip === undefined ||
			holders.some(({node, sees}) => sees && node !== machine) ||
			// A VIP on machines that are not watched need not move.
			!isVipLocal(cluster, target, vip),
	);
	const probe = cluster.probes.get(target.probe?.ports.write ?? 0);
	return [
		...(isLed ? [] : ['a leader']),
		...(isLed && !isWell(members(cluster, now).find(({name}) => name === leader))
			? [`${leader} as a running primary`]
			: []),
		...(isHeld ? [] : ['the VIP on another node']),
		...(probe?.failing === undefined ? [] : ['an acknowledged write']),
	];
}
