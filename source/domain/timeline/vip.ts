/** Timeline entries on the VIPs: where an address arrived, and what it left. */
import type {Cluster} from '../cluster/cluster.ts';
import {shortVipNames, vipsOf} from '../cluster/roles.ts';
import type {Entry} from '../facts.ts';
import type {Target} from '../target.ts';

export function vipEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	const names = shortVipNames(target);
	return before.addresses === after.addresses
		? []
		: vipsOf(target).flatMap(({address}, index) =>
				entriesOfVip(before, after, address, ['VIP', names[index]].filter(Boolean).join(' '), at),
			);
}

function entriesOfVip(before: Cluster, after: Cluster, vip: string, name: string, at: number): Entry[] {
	const holders = presentHolders(after, vip);
	return [...after.addresses.keys()].flatMap(node => {
		// A node's first answer shows the present state, not a change.
		const known = before.addresses.get(node);
		const had = known?.value.some(({ip}) => ip === vip);
		const has = after.addresses.get(node)?.value.some(({ip}) => ip === vip) ?? false;
		if (had === undefined || had === has) {
			return [];
		}

		const unseen =
			before.sourceStatuses.get(`vip:${node}`)?.state === 'seen' ? '' : ' while it could not be seen';
		const others = holders.filter(other => other !== node);
		const entry = has
			? arrivalEntry(`${name} arrived on ${node}${unseen}`, others, at)
			: departureEntry(`${name} left ${node}${unseen}`, others, at);
		const about = {
			of: 'vip',
			name,
			node,
			has,
			holders: has ? [node, ...others] : others,
		} as const;
		return {...entry, about};
	});
}

/** A second holder is not an improvement; and two nodes may report in the wrong order. */
function arrivalEntry(text: string, others: readonly string[], at: number): Entry {
	return others.length === 0
		? {at, kind: 'vip', turn: 'better', text}
		: {
				at,
				kind: 'vip',
				turn: 'news',
				text: `${text}; ${others.join(', ')} still ${others.length === 1 ? 'reports' : 'report'} it`,
			};
}

function departureEntry(text: string, others: readonly string[], at: number): Entry {
	return others.length === 0
		? {at, kind: 'vip', turn: 'worse', text}
		: {
				at,
				kind: 'vip',
				turn: 'news',
				text: `${text}; ${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} it`,
			};
}

function presentHolders({addresses, sourceStatuses}: Cluster, vip: string): string[] {
	return [...addresses.keys()].filter(
		node =>
			sourceStatuses.get(`vip:${node}`)?.state === 'seen' &&
			addresses.get(node)?.value.some(({ip}) => ip === vip),
	);
}
