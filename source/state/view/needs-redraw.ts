/**
 * Whether a new state is drawn at once. News is; values that were only measured or confirmed wait for the tick, at most
 * a second.
 */
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

/**
 * News besides timeline entries: a source that is lost or back, or a change of a key other than `status`, which changes
 * with each loop.
 */
function isNews(before: Cluster, after: Cluster): boolean {
	return (
		isAnyOther(before.gone, after.gone, (was, is) => was !== is) ||
		isAnyOther(before.sourceStatuses, after.sourceStatuses, isOtherSight) ||
		isAnyOther(before.keys, after.keys, (was, is, path) => path !== 'status' && isOtherKey(was, is)) ||
		isAnyOther(before.probes, after.probes, isOtherProbe)
	);
}

function isAnyOther<K, T>(
	before: ReadonlyMap<K, T>,
	after: ReadonlyMap<K, T>,
	isOther: (was: T | undefined, is: T, key: K) => boolean,
): boolean {
	return before !== after && [...after].some(([key, is]) => isOther(before.get(key), is, key));
}

/** A member puts its key in each loop, mostly for its WAL location, which alone is not news. */
function isOtherKey(was: KnownKey | undefined, is: KnownKey): boolean {
	return (
		was !== is &&
		(was?.createRevision !== is.createRevision || withoutLocation(was.value) !== withoutLocation(is.value))
	);
}

function withoutLocation(value: KnownKey['value']): string {
	return JSON.stringify(
		value.kind === 'member' ? {...value, data: {...value.data, location: undefined}} : value,
	);
}

function isOtherSight(was: SourceStatus | undefined, is: SourceStatus | undefined): boolean {
	return (
		was?.state !== is?.state || (was?.state === 'lost' && is?.state === 'lost' && was.reason !== is.reason)
	);
}

/** A probe reports many times a second; on the same path only the latency changes. */
function isOtherProbe(was: Probe | undefined, is: Probe): boolean {
	return (
		was?.since !== is.since ||
		was?.failing?.since !== is.failing?.since ||
		was?.failing?.reason !== is.failing?.reason
	);
}
