import type {SourceId} from '../domain/facts.ts';
import type {State} from '../state/state.ts';
import {type Subscription, subscriptions} from '../state/subscriptions.ts';

export function isSettled(state: State): boolean {
	const wanted = subscriptions(state).filter(isInSnapshot);
	const sights = wanted.flatMap(sourcesOf).map(source => state.cluster.sights.get(source));
	const probed = wanted.every(
		one =>
			one.kind !== 'probe' ||
			state.cluster.probes.has(one.port) ||
			state.cluster.sights.get(`probe:${one.port}`)?.state === 'lost',
	);
	const settled = probed && sights.every(sight => sight !== undefined && sight.state !== 'connecting');
	// The lease and the member list come a moment after the first read of the keys.
	const reads = [...state.cluster.sights].some(
		([source, sight]) => source.startsWith('dcs:') && sight?.state === 'seen',
	);
	const leased = state.cluster.keys.get('leader')?.lease === undefined || state.cluster.lease !== undefined;
	return settled && (!reads || (leased && state.cluster.etcd.members !== undefined));
}

/** The snapshot tells of it: what would only be told if it happened to come in time is not asked for. */
export function isInSnapshot({kind}: Subscription): boolean {
	return kind !== 'logs';
}

function sourcesOf(subscription: Subscription): SourceId[] {
	switch (subscription.kind) {
		case 'etcd': {
			return [`etcd:${subscription.endpoint}`, `dcs:${subscription.endpoint}`];
		}

		case 'patroni': {
			return [`patroni:${subscription.member}`];
		}

		case 'addresses': {
			return [`vip:${subscription.node}`];
		}

		case 'haproxy': {
			return [`haproxy:${subscription.node}`];
		}

		case 'units': {
			return [`units:${subscription.node}`];
		}

		case 'disk': {
			return [`disk:${subscription.node}`];
		}

		// Logs are no part of a snapshot; of the others, what they tell is their sight.
		case 'logs':
		case 'probe':
		case 'clock':
		case 'lease': {
			return [];
		}
	}
}
