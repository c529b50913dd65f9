/** The timeline: entries from the difference of the cluster before and after an event. */
import type {Cluster} from '../cluster/cluster.ts';
import type {Entry} from '../facts.ts';
import type {Target} from '../target.ts';
import {etcdEntries, storeEntries} from './config.ts';
import {keyEntries} from './keys.ts';
import {pathEntries, vipEntries} from './path.ts';
import {routeEntries, serviceEntries, sourceEntries} from './sources.ts';

/** Limit of entries; older ones are dropped. */
export const entriesMax = 1000;

/** The timeline after an event. */
export function foldTimeline(
	timeline: readonly Entry[],
	before: Cluster,
	after: Cluster,
	target: Target,
	at: number,
): readonly Entry[] {
	if (before === after) {
		return timeline;
	}

	const added = [
		...(before.store === after.store ? [] : storeEntries(before, after, target, at)),
		// The first read shows the present state, not a change.
		...(before.read === undefined ? [] : keyEntries(before, after, at)),
		...vipEntries(before, after, target, at),
		...etcdEntries(before, after, target, at),
		...sourceEntries(before, after, target, at),
		...routeEntries(before, after, target, at),
		...serviceEntries(before, after, at),
		...pathEntries(timeline, before, after, at),
	];
	return withEntries(timeline, added);
}

/** Adds entries within the limit; all entries pass through here. */
export function withEntries(timeline: readonly Entry[], added: readonly Entry[]): readonly Entry[] {
	return added.length === 0 ? timeline : [...timeline, ...added].slice(-entriesMax);
}
