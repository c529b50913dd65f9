/** What happened: the difference of the cluster before and after one event. */
import type {Cluster} from '../cluster/cluster.ts';
import type {Entry} from '../facts.ts';
import type {Target} from '../target.ts';
import {etcdEntries, storeEntries} from './config.ts';
import {keyEntries} from './keys.ts';
import {pathEntries, vipEntries} from './path.ts';
import {routeEntries, serviceEntries, sourceEntries} from './sources.ts';

/** More than an operator scrolls through; older entries are dropped. */
export const entriesMax = 1000;

/** The timeline with what one event added to it. */
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
		// What the first read shows did not happen now.
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

/** The one way into the timeline: it never grows beyond its bound. */
export function withEntries(timeline: readonly Entry[], added: readonly Entry[]): readonly Entry[] {
	return added.length === 0 ? timeline : [...timeline, ...added].slice(-entriesMax);
}
