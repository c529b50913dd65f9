/** Whether a VIP that must follow the leader is on the leader's node. */
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {dcsIsRead, leaderKey} from './keys.ts';
import {machines} from './members.ts';
import type {VipView} from './vip.ts';

/** A node that holds a VIP which must be on the leader's node. */
export type MisplacedVip = {holder: string; leader: string; leaderNode: string};

/** Undefined while the leader, its node or the only holder is not known. */
export function misplacedVip(
	{vip, holders}: VipView,
	cluster: Cluster,
	target: Target,
	now: number,
): MisplacedVip | undefined {
	const [seen, ...others] = holders.filter(({sees}) => sees);
	const leader = dcsIsRead(cluster, now) ? leaderKey(cluster)?.member : undefined;
	if (vip?.follows !== 'leader' || seen === undefined || others.length > 0 || leader === undefined) {
		return undefined;
	}

	const leaderNode = nodeOfMember(cluster, target, now, leader);
	return leaderNode === undefined || leaderNode === seen.node
		? undefined
		: {holder: seen.node, leader, leaderNode};
}

export function nodeOfMember(
	cluster: Cluster,
	target: Target,
	now: number,
	member: string,
): string | undefined {
	return machines(cluster, target, now).find(machine => machine.member === member)?.name;
}
