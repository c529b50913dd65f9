/** Who held the leader key and the VIP, one after the other, as the lines say. Pure. */
import {vipGiven, vipTaken} from './kinds.ts';
import {nodesOfMembers} from './members.ts';
import type {LogEvent} from './said.ts';

/** A node's change of what it holds: the leader key or the VIP. */
export type Move = {at: number; uncertainMs: number; from: string | undefined; to: string};

export type Moves = {leaders: readonly Move[]; vips: readonly Move[]};

/** Who held the leader key and the VIP, from first to last. */
export function movesIn(events: readonly LogEvent[]): Moves {
	const nodes = nodesOfMembers(events);
	const leaders: Move[] = [];
	const vips: Move[] = [];
	let leader: string | undefined;
	const holders = new Set<string>();
	/** The last one that held the VIP alone. */
	let holder: string | undefined;
	for (const {said, node, at, uncertainMs} of events) {
		if (said.kind === 'patroni.promoted' || said.kind === 'patroni.leads') {
			if (leader !== node && leader !== undefined) {
				leaders.push({at, uncertainMs, from: leader, to: node});
			}

			leader = node;
		} else if (said.kind === 'patroni.lock-owner' || said.kind === 'patroni.follows') {
			// Another member's word on who led before the first line of the leader itself.
			leader ??= said.leader === undefined ? undefined : (nodes.get(said.leader) ?? said.leader);
		} else if (said.kind === 'patroni.demoted') {
			leader ??= node;
			// A rival says of itself that it is MASTER, too.
		} else if (vipTaken.has(said.kind) || said.kind === 'vrrp.rival') {
			holders.add(node);
		} else if (vipGiven.has(said.kind) || said.kind === 'node.silent' || said.kind === 'kernel.boot') {
			holders.delete(node);
		} else {
			continue;
		}

		const [alone] = holders;
		if (holders.size === 1 && alone !== undefined && alone !== holder) {
			if (holder !== undefined) {
				vips.push({at, uncertainMs, from: holder, to: alone});
			}

			holder = alone;
		}
	}

	return {leaders, vips};
}
