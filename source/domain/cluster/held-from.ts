/** Since when a node has an address, and a member the leader key, by the logs: where this console did not see it. Pure. */
import {withEntry} from '../../lib/json.ts';
import type {EarlierRead, Holds} from '../events.ts';
import type {Target} from '../target.ts';
import type {Cluster, HeldFrom, KnownAddress} from './cluster.ts';
import {leaderKey} from './keys.ts';
import {machines} from './members.ts';
import {vipsOf} from './roles.ts';

/**
 * Takes what the logs say for what is held now and was there when the console first looked. Whoever took it later, or has it
 * again after the console lost sight of it, may have it from another moment.
 */
export function withHeldFrom(
	cluster: Cluster,
	{holds, until}: EarlierRead,
	target: Target,
	now: number,
): Cluster {
	let next = cluster;
	for (const {node, ip, at, uncertainMs} of holds.vips) {
		const known = next.addresses.get(node);
		const address = known?.value.find(one => one.ip === ip);
		const isWatched = next.sourceStatuses.get(`vip:${node}`)?.state === 'seen';
		if (known !== undefined && address !== undefined && isWatched && isHeld(address, at, until)) {
			const value = known.value.map(
				(one): KnownAddress => (one === address ? {...one, heldFrom: {at, uncertainMs}} : one),
			);
			next = {...next, addresses: withEntry(next.addresses, node, {...known, value})};
		}
	}

	return holds.leader === undefined ? next : withLeader(next, holds.leader, {until, target, now});
}

function withLeader(
	cluster: Cluster,
	{node, at, uncertainMs}: HeldFrom & {node: string},
	{until, target, now}: {until: number; target: Target; now: number},
): Cluster {
	const member = machines(cluster, target, now).find(({name}) => name === node)?.member ?? node;
	const key = leaderKey(cluster);
	const known = cluster.keys.get('leader');
	return key === undefined || known === undefined || key.member !== member || !isHeld(known, at, until)
		? cluster
		: {...cluster, keys: withEntry(cluster.keys, 'leader', {...known, heldFrom: {at, uncertainMs}})};
}

/** The console was there when it was seen first, did not see it come, and all lines up to then were read. */
function isHeld({since, live}: {since: number; live: boolean}, at: number, until: number): boolean {
	return !live && since <= until && at <= since;
}

/** What another session saw come, or knows from logs. */
export function holdsIn(cluster: Cluster, target: Target, now: number): Holds {
	const vips = vipsOf(target).flatMap(({address}) =>
		[...cluster.addresses].flatMap(([node, {value}]) => {
			const known = value.find(({ip}) => ip === address);
			const from = known && fromOf(known);
			return from === undefined || cluster.sourceStatuses.get(`vip:${node}`)?.state !== 'seen'
				? []
				: [{node, ip: address, ...from}];
		}),
	);
	const key = leaderKey(cluster);
	const from = key && fromOf(key);
	const node = machines(cluster, target, now).find(({member}) => member === key?.member)?.name ?? key?.member;
	return {vips, ...(from === undefined || node === undefined ? {} : {leader: {node, ...from}})};
}

function fromOf({
	live,
	since,
	heldFrom,
}: {
	live: boolean;
	since: number;
	heldFrom?: HeldFrom | undefined;
}): HeldFrom | undefined {
	return live ? {at: since, uncertainMs: 0} : heldFrom;
}
