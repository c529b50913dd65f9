/** Where the virtual address went. */
import type {Cluster} from '../cluster/cluster.ts';
import type {Target} from '../target.ts';
import type {Entry} from './entry.ts';

export function vipEntries(before: Cluster, after: Cluster, {vip}: Target, at: number): Entry[] {
	if (vip === undefined || before.addresses === after.addresses) {
		return [];
	}

	const holders = holdersInSight(after, vip);
	return [...after.addresses.keys()].flatMap(node => {
		// The first look at a node tells what is, not what happened.
		const known = before.addresses.get(node);
		const had = known?.value.some(({ip}) => ip === vip);
		const has = after.addresses.get(node)?.value.some(({ip}) => ip === vip) ?? false;
		if (had === undefined || had === has) {
			return [];
		}

		const unseen = before.sights.get(`vip:${node}`)?.state === 'seen' ? '' : ' while it was out of sight';
		const others = holders.filter(other => other !== node);
		return has ? arrived(`${node}${unseen}`, others, at) : left(`${node}${unseen}`, others, at);
	});
}

/** Two who hold it are no better than one; and two nodes are not always heard in the order in which things happened. */
function arrived(where: string, others: readonly string[], at: number): Entry {
	const text = `VIP arrived on ${where}`;
	return others.length === 0
		? {at, kind: 'vip', turn: 'better', text}
		: {at, kind: 'vip', turn: 'news', text: `${text}; not seen to leave ${others.join(', ')}`};
}

function left(where: string, others: readonly string[], at: number): Entry {
	const text = `VIP left ${where}`;
	return others.length === 0
		? {at, kind: 'vip', turn: 'worse', text}
		: {at, kind: 'vip', turn: 'news', text: `${text}; ${others.join(', ')} has it`};
}

function holdersInSight({addresses, sights}: Cluster, vip: string): string[] {
	return [...addresses.keys()].filter(
		node =>
			sights.get(`vip:${node}`)?.state === 'seen' && addresses.get(node)?.value.some(({ip}) => ip === vip),
	);
}
