/** Which sources the state asks for; whoever runs them starts what is new in this list and ends what has left it. */
import {etcdEndpoints} from '../domain/cluster/etcd.ts';
import {leaderKey} from '../domain/cluster/keys.ts';
import {type Service, servicesOn} from '../domain/cluster/services.ts';
import {haproxyTrusts, restAddresses, restScheme} from '../domain/cluster/trust.ts';
import {databaseNodes, watchedNodes} from '../domain/cluster/vip.ts';
import type {ProbePurpose, SourceId} from '../domain/facts.ts';
import {logSourcesOf, type NodeLogs} from '../domain/logs/log-sources.ts';
import {logOverlay, type State} from './state.ts';
import {isDrillRunning} from './update/drill-run.ts';

export type Subscription =
	| {kind: 'etcd'; endpoint: string}
	/** The time to live of the leader key's lease, read through whichever endpoint answers. */
	| {kind: 'lease'; lease: string}
	| {kind: 'patroni'; member: string; url: string}
	| {kind: 'addresses'; node: string; host: string}
	/** `withUser`: the configured user may be sent there. */
	| {kind: 'haproxy'; node: string; host: string; withUser: boolean}
	/** systemd's view of the node's services. */
	| {kind: 'units'; node: string; host: string; services: readonly Service[]}
	| {kind: 'disk'; node: string; host: string}
	/** The client's path through a port. */
	| {
			kind: 'probe';
			purpose: ProbePurpose;
			port: number;
			/** It writes, numbered, under the id of this drill. */
			drill?: string;
	  }
	/** A node's logs; `system`: all of its journal. */
	| {kind: 'logs'; plan: NodeLogs; system: boolean}
	| {kind: 'clock'};

/** The sources that a subscription runs, but for those that come and go with its work, such as a watch. */
export function sourcesOf(subscription: Subscription): readonly SourceId[] {
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

		case 'haproxy':
		case 'units':
		case 'disk': {
			return [`${subscription.kind}:${subscription.node}`];
		}

		case 'probe': {
			return [`probe:${subscription.port}`];
		}

		case 'logs': {
			return [`logs:${subscription.plan.node}`];
		}

		case 'lease':
		case 'clock': {
			return [];
		}
	}
}

/** Patroni's default REST port, for a configured node of which the DCS has not told. */
const restPort = 8008;

export function subscriptions(state: State): Subscription[] {
	const {cluster, target} = state;
	const lease = leaderKey(cluster)?.lease;
	const addresses = restAddresses(cluster, target);
	return [
		{kind: 'clock'},
		...etcdEndpoints(cluster, target).map(endpoint => ({kind: 'etcd' as const, endpoint})),
		...(lease === undefined ? [] : [{kind: 'lease' as const, lease}]),
		...addresses.flatMap(({member, url, why}) =>
			why === undefined ? [{kind: 'patroni' as const, member, url}] : [],
		),
		...silentMembers(cluster, target, addresses),
		...(target.vip === undefined ? [] : onNodes(cluster, target)),
		...probes(state),
		...logs(state),
	];
}

/** What is looked at over SSH and in HAProxy; only where there is a VIP, for whose sake the nodes are reached at all. */
function onNodes(cluster: State['cluster'], target: State['target']): Subscription[] {
	const databases = watchedNodes(cluster, target);
	const others = target.nodes.filter(({name}) => !databases.some(node => node.name === name));
	return [
		...databases.flatMap(({name: node, host}): Subscription[] => [
			{kind: 'addresses', node, host},
			...(target.haproxy === undefined
				? []
				: [{kind: 'haproxy' as const, node, host, withUser: haproxyTrusts(target, {name: node, host})}]),
			{kind: 'units', node, host, services: servicesOn(rolesOf(target, node))},
			{kind: 'disk', node, host},
		]),
		...others.flatMap(({name: node, host}): Subscription[] => [
			{kind: 'units', node, host, services: servicesOn(['etcd'])},
			{kind: 'disk', node, host},
		]),
	];
}

/** etcd runs beside the database unless the configuration says otherwise. */
function rolesOf(target: State['target'], node: string): readonly string[] {
	return ['database', ...(target.nodes.find(({name}) => name === node)?.roles ?? ['etcd'])];
}

/** While they are looked at; of all nodes, so that another choice shows at once what they have told. */
function logs({view, cluster, target, now}: State): Subscription[] {
	const layer = logOverlay(view);
	return layer === undefined
		? []
		: logSourcesOf(cluster, target, now).map(plan => ({
				kind: 'logs',
				plan,
				system: !layer.choice.hidden.includes('system'),
			}));
}

function probes({target: {probe}, drill}: State): Subscription[] {
	const id = isDrillRunning(drill) ? drill.prepared?.id : undefined;
	return probe === undefined
		? []
		: (['write', 'read'] as const).flatMap((purpose): Subscription[] => {
				const port = probe.ports[purpose];
				const drilled = purpose === 'write' && id !== undefined ? {drill: id} : {};
				return port === undefined ? [] : [{kind: 'probe', purpose, port, ...drilled}];
			});
}

/**
 * Nodes whose Patroni has no key in the DCS (it stopped, or the DCS is out of sight): asked all the same, at the address
 * that the configuration gives, since exactly then their own word counts.
 */
function silentMembers(
	cluster: State['cluster'],
	target: State['target'],
	members: readonly {member: string; url: string}[],
): Subscription[] {
	const hosts = new Set(members.map(({url}) => hostOf(url)));
	// PostgreSQL and the REST API of a member may have addresses of their own: it is one member, asked where its key says.
	const scheme = restScheme(cluster, target);
	const names = new Set(members.map(({member}) => member));
	return databaseNodes(cluster, target)
		.filter(({name, host}) => !hosts.has(host) && !names.has(name))
		.map(({name, host}) => ({
			kind: 'patroni',
			member: name,
			url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${restPort}/patroni`,
		}));
}

function hostOf(url: string): string | undefined {
	return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : undefined;
}
