/** HAProxy on each node: the servers that clients of each port are sent to. */

import type {HaproxyRole, HaproxyServer, HaproxyStats} from '../facts.ts';
import type {Target} from '../target.ts';
import {answerMaxMs} from './clocks.ts';
import type {Cluster, KnownHaproxy} from './cluster.ts';
import {backendFor} from './haproxy-backends.ts';
import {type MembersByServer, membersByServer} from './haproxy-members.ts';
import {leaderKey} from './keys.ts';

/** A server that gets new connections. `member`: undefined if it is unknown. */
export type Destination = {server: string; member: string | undefined};

export type Route = {
	backend: string;
	/** All servers of the backend. */
	servers: readonly HaproxyServer[];
	/** The servers that get new connections. */
	to: readonly Destination[];
	members: MembersByServer;
	/** When the statistics were requested, Unix ms: they show a later moment. */
	askedAt: number;
};

/** Where the node's HAProxy sends the clients of a role, as last reported; undefined if unknown. */
export function routeTo(
	cluster: Cluster,
	target: Target,
	node: string,
	role: HaproxyRole,
): Route | undefined {
	const known = cluster.haproxy.get(node);
	if (known === undefined) {
		return undefined;
	}

	const members = membersByServer(cluster, target, known.value);
	let before = routes.get(known);
	if (before?.members !== members || before.target !== target) {
		before = {members, target, found: new Map()};
		routes.set(known, before);
	}

	if (!before.found.has(role)) {
		before.found.set(role, findRoute(known, members, target, role));
	}

	return before.found.get(role);
}

/** By a node's last answer: each event and each look at a state asks for its routes again. */
const routes = new WeakMap<
	KnownHaproxy,
	{members: MembersByServer; target: Target; found: Map<HaproxyRole, Route | undefined>}
>();

function findRoute(
	{value: stats, at, askedAt}: KnownHaproxy,
	members: MembersByServer,
	target: Target,
	role: HaproxyRole,
): Route | undefined {
	const backend = backendFor(stats, members, target, role);
	if (backend === undefined) {
		return undefined;
	}

	const servers = stats.servers.filter(server => server.backend === backend);
	const up = servers.filter(server => server.up);
	const first = up.filter(server => !server.backup);
	const used = first.length > 0 ? first : up;
	const to = used.map(server => ({server: server.server, member: members.get(server)}));
	return {backend, servers, to, members, askedAt: askedAt ?? at - answerMaxMs};
}

/**
 * `unknown`: the servers' members are unknown; `outdated`: another member than the leader, but the statistics were
 * requested before this console saw that it leads.
 */
export type RouteState = 'leader' | 'wrong' | 'outdated' | 'unknown' | 'nowhere';

/** Whether writers reach the leader. */
export function routeState(cluster: Cluster, {to, askedAt}: Route, leader: string): RouteState {
	if (to.length === 0) {
		return 'nowhere';
	}

	if (to.some(({member}) => member !== undefined && member !== leader)) {
		const key = leaderKey(cluster);
		return key?.member === leader && askedAt < key.since ? 'outdated' : 'wrong';
	}

	return to.every(({member}) => member === leader) ? 'leader' : 'unknown';
}

/** The member, else HAProxy's name of the server, marked as unknown. */
export function destinationName({server, member}: Destination): string {
	return member ?? `${server} (unknown)`;
}

/** The names of the destinations, each once. */
export function destinationNames(to: readonly Destination[]): string[] {
	return [...new Set(to.map(destinationName))];
}

/** Sessions and their limit: of the frontend closest to its limit, or the sum if all share one limit. */
export function fullest({frontends}: HaproxyStats): {sessions: number; limit: number} | undefined {
	const limited = frontends.flatMap(({sessions, limit}) =>
		sessions === undefined || limit === undefined ? [] : [{sessions, limit}],
	);
	const [first] = limited;
	const shared = limited.every(({limit}) => limit === first?.limit);
	return shared && first !== undefined
		? {sessions: limited.reduce((all, {sessions}) => all + sessions, 0), limit: first.limit}
		: limited.toSorted((one, other) => other.sessions / other.limit - one.sessions / one.limit)[0];
}

/** The server of a route that is the member. */
export function serverOf({servers, members}: Route, member: string): HaproxyServer | undefined {
	return servers.find(server => members.get(server) === member);
}

/** The port for clients of a role; undefined if no source has it. */
export function clientPort(cluster: Cluster, target: Target, role: HaproxyRole): number | undefined {
	return (
		target.haproxy?.ports?.[role] ?? shownPort(cluster, target, role) ?? probedPort(cluster, target, role)
	);
}

/** The port of the backend that listens itself (`listen`), if it is the same on all nodes. */
function shownPort(cluster: Cluster, target: Target, role: HaproxyRole): number | undefined {
	const ports = new Set(
		[...cluster.haproxy].flatMap(([node, {value}]) => {
			const backend = routeTo(cluster, target, node, role)?.backend;
			return value.frontends.filter(({name}) => name === backend).flatMap(frontend => frontend.ports);
		}),
	);
	return ports.size === 1 ? [...ports][0] : undefined;
}

/**
 * The probe's port; an assumed one counts only after it has answered. Where a node has PgBouncer, the port may be
 * PgBouncer's.
 */
function probedPort(cluster: Cluster, {probe}: Target, role: HaproxyRole): number | undefined {
	const purpose = role === 'primary' ? 'write' : role === 'replicas' ? 'read' : undefined;
	const port = purpose && probe?.ports[purpose];
	const hasBouncer = [...cluster.units.values()].some(({value}) =>
		value.some(({service, load}) => service === 'pgbouncer' && load !== 'not-found'),
	);
	return port !== undefined &&
		!hasBouncer &&
		(!probe?.assumed?.includes(purpose ?? 'write') || cluster.probes.get(port)?.answer !== undefined)
		? port
		: undefined;
}

const clients: Readonly<Record<HaproxyRole, string>> = {
	primary: 'writers',
	replicas: 'readers',
	synchronous: 'readers of synchronous standbys',
	asynchronous: 'readers of asynchronous replicas',
};

/** `clients of :5000`, or `writers` if the port is unknown. */
export function clientsOf(cluster: Cluster, target: Target, role: HaproxyRole): string {
	const port = clientPort(cluster, target, role);
	return port === undefined ? clients[role] : `clients of :${port}`;
}
