/** When a session has seen enough: every source that a snapshot waits for has reported once, or is lost. */
import {kindOf, objectOf, traitsOf} from '../domain/cluster/source-kinds.ts';
import type {SourceId} from '../domain/facts.ts';
import {type Subscription, sourcesOf} from '../domain/subscription.ts';
import type {State} from './state.ts';
import {subscriptions} from './subscriptions.ts';

export function isSettled(state: State): boolean {
	const {cluster} = state;
	const hasAll = subscriptions(state)
		.filter(isInSnapshot)
		.flatMap(sourcesOf)
		.every(source => hasReported(state, source));
	// The lease and the member list come a moment after the first read of the keys.
	const reads = [...cluster.sourceStatuses].some(
		([source, status]) => kindOf(source) === 'dcs' && status?.state === 'seen',
	);
	const isLeaseRead = cluster.keys.get('leader')?.lease === undefined || cluster.lease !== undefined;
	return hasAll && (!reads || (isLeaseRead && cluster.etcd.members !== undefined));
}

/** What the snapshot would show only if it happened to come in time is not asked for. */
export function isInSnapshot(subscription: Subscription): boolean {
	return sourcesOf(subscription).every(source => traitsOf(source).isInSnapshot);
}

/** An answer, or that it is lost. */
function hasReported({cluster}: State, source: SourceId): boolean {
	const status = cluster.sourceStatuses.get(source);
	// A probe has no status while it is answered.
	return kindOf(source) === 'probe'
		? status?.state === 'lost' || cluster.probes.has(Number(objectOf(source)))
		: status !== undefined && status.state !== 'connecting';
}
