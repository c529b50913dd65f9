/** Which sources the state asks for; whoever runs them starts what is new in this list and ends what has left it. */
import {etcdEndpoints} from '../domain/etcd.ts';
import {leaderKey} from '../domain/keys.ts';
import {databaseNodes} from '../domain/vip.ts';
import type {State} from './state.ts';

export type Subscription =
	| {kind: 'etcd'; endpoint: string}
	/** The time to live of the leader key's lease, read through whichever endpoint answers. */
	| {kind: 'lease'; lease: string}
	| {kind: 'patroni'; member: string; url: string}
	| {kind: 'addresses'; node: string; host: string}
	| {kind: 'clock'};

/** Patroni's default REST port, for a configured node of which the DCS has not told. */
const restPort = 8008;

export function subscriptions({cluster, target}: State): Subscription[] {
	const lease = leaderKey(cluster)?.lease;
	const members = Object.values(cluster.keys).flatMap(key =>
		key.value.kind === 'member' && key.value.data.apiUrl !== undefined
			? [{kind: 'patroni' as const, member: key.value.name, url: key.value.data.apiUrl}]
			: [],
	);
	return [
		{kind: 'clock'},
		...etcdEndpoints(cluster, target).map(endpoint => ({kind: 'etcd' as const, endpoint})),
		...(lease === undefined ? [] : [{kind: 'lease' as const, lease}]),
		...members,
		...silentMembers(cluster, target, members),
		...(target.vip === undefined
			? []
			: databaseNodes(cluster, target).map(({name, host}) => ({
					kind: 'addresses' as const,
					node: name,
					host,
				}))),
	];
}

/**
 * Nodes whose Patroni has no key in the DCS (it stopped, or the DCS is out of sight): asked all the same, at the address
 * that the configuration gives, since exactly then their own word counts.
 */
function silentMembers(
	cluster: State['cluster'],
	target: State['target'],
	members: readonly {url: string}[],
): Subscription[] {
	const hosts = new Set(members.map(({url}) => hostOf(url)));
	return databaseNodes(cluster, target)
		.filter(({host}) => !hosts.has(host))
		.map(({name, host}) => ({
			kind: 'patroni',
			member: name,
			url: `http://${host.includes(':') ? `[${host}]` : host}:${restPort}/patroni`,
		}));
}

function hostOf(url: string): string | undefined {
	return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : undefined;
}
