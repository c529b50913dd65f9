/** Where the virtual address went. */
import type {Cluster} from '../cluster.ts';
import type {Target} from '../target.ts';
import type {Entry} from './entry.ts';

export function vipEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	if (target.vip === undefined || before.addresses === after.addresses) {
		return [];
	}

	return Object.keys(after.addresses).flatMap((node): Entry[] => {
		// The first look at a node tells what is, not what happened.
		const known = before.addresses[node];
		const had = known?.value.some(({ip}) => ip === target.vip);
		const has = after.addresses[node]?.value.some(({ip}) => ip === target.vip) ?? false;
		const unseen = before.sights[`vip:${node}`]?.state === 'seen' ? '' : ' while it was out of sight';
		return had === undefined || had === has
			? []
			: [
					{
						at,
						kind: 'vip',
						turn: has ? 'better' : 'worse',
						text: `VIP ${has ? 'arrived on' : 'left'} ${node}${unseen}`,
					},
				];
	});
}
