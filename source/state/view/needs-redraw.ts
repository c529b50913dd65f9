/** Whether a new state has to be drawn at once: news has; what is only measured or confirmed waits for the tick, a second at most. */
import type {Cluster, KnownKey} from '../../domain/cluster/cluster.ts';
import type {SourceStatus} from '../../domain/cluster/freshness.ts';
import type {Probe} from '../../domain/cluster/probe.ts';
import {logOverlay, type State} from '../state.ts';

export function needsRedraw(before: State, after: State): boolean {
	const parts = Object.keys(after) as (keyof State)[];
	return (
		parts.some(part => part !== 'cluster' && part !== 'logs' && before[part] !== after[part]) ||
		(before.logs !== after.logs && logOverlay(after.view) !== undefined) ||
		(after.view.frozen === undefined && isNews(before.cluster, after.cluster))
	);
}

/** Beside what the timeline tells of: a source that begins or ceases to see, a key other than the one that moves with each loop. */
function isNews(before: Cluster, after: Cluster): boolean {
	return (
		isAnyOther(before.gone, after.gone, (was, is) => was !== is) ||
		isAnyOther(before.sourceStatuses, after.sourceStatuses, isOtherSight) ||
		isAnyOther(before.keys, after.keys, (was, is, path) => path !== 'status' && isOtherKey(was, is)) ||
		isAnyOther(before.probes, after.probes, isOtherStand)
	);
}

function isAnyOther<K, T>(
	before: ReadonlyMap<K, T>,
	after: ReadonlyMap<K, T>,
	isOther: (was: T | undefined, is: T, key: K) => boolean,
): boolean {
	return before !== after && [...after].some(([key, is]) => isOther(before.get(key), is, key));
}

/** A member puts its key with each loop, and mostly to say how far it has come: a lag of that one moment is no news. */
function isOtherKey(was: KnownKey | undefined, is: KnownKey): boolean {
	return was !== is && (was?.createRevision !== is.createRevision || told(was.value) !== told(is.value));
}

function told(value: KnownKey['value']): string {
	return JSON.stringify(
		value.kind === 'member' ? {...value, data: {...value.data, location: undefined}} : value,
	);
}

function isOtherSight(was: SourceStatus | undefined, is: SourceStatus | undefined): boolean {
	return (
		was?.state !== is?.state || (was?.state === 'lost' && is?.state === 'lost' && was.reason !== is.reason)
	);
}

/** An answer of a probe, of many a second, tells nothing but its latency as long as the path stands as it stood. */
function isOtherStand(was: Probe | undefined, is: Probe): boolean {
	return (
		was?.since !== is.since ||
		was?.failing?.since !== is.failing?.since ||
		was?.failing?.reason !== is.failing?.reason
	);
}
