/** HAProxy's own opinion on each node: which servers it sends the clients of each port to. */
import type {Cluster} from './cluster.ts';
import type {Target} from './target.ts';

export type HaproxyServer = {
	backend: string;
	server: string;
	/** `ADDRESS:PORT`, where the statistics show it (HAProxy's `stats show-legends`). */
	address: string | undefined;
	/** HAProxy's words: `UP`, `UP 1/3`, `DOWN`, `DOWN 1/2`, `MAINT`, `DRAIN`, `NOLB`, `no check`, … */
	status: string;
	/** It is sent new connections. */
	up: boolean;
	/** Used only when no other is up. */
	backup: boolean;
	/** `L7OK`, `L7STS`, `L4CON`, `L4TOUT`, …; without the star of a check that is under way. */
	checkStatus: string;
	/** The check's own code, such as the HTTP status. */
	checkCode: number | undefined;
	checkDescription: string;
	/** Seconds since the status last changed. */
	lastChange: number;
	sessions: number;
};

/** Where clients come in; `ports` only where the statistics show them (`option socket-stats`). */
export type HaproxyFrontend = {
	name: string;
	ports: readonly number[];
	status: string;
	sessions: number;
	/** Its `maxconn`, else that of all of HAProxy; older recordings do not have it. */
	limit?: number;
};

export type HaproxyStats = {servers: readonly HaproxyServer[]; frontends: readonly HaproxyFrontend[]};

/** What clients look for behind each of HAProxy's ports. */
export type HaproxyRole = 'primary' | 'replicas' | 'synchronous' | 'asynchronous';

/** The ports that the cluster's guide gives them. */
export const haproxyPorts: Readonly<Record<HaproxyRole, number>> = {
	primary: 5000,
	replicas: 5001,
	synchronous: 5002,
	asynchronous: 5003,
};

/** What people call them, where neither the configuration nor the statistics tell. */
const usualNames: Readonly<Record<HaproxyRole, RegExp>> = {
	primary: /primary|master|leader|write|(?<!\d)5000(?!\d)/i,
	replicas: /replica|slave|read|(?<!\d)5001(?!\d)/i,
	synchronous: /^(?!.*async).*sync|(?<!\d)5002(?!\d)/i,
	asynchronous: /async|(?<!\d)5003(?!\d)/i,
};

export type Route = {
	backend: string;
	/** All servers of the backend. */
	servers: readonly HaproxyServer[];
	/** The servers that new connections are sent to, by the names of the members that they are; else by HAProxy's. */
	to: readonly string[];
};

/** Where the node's HAProxy sends the clients of a port, as last told; undefined when that is not known. */
export function routeTo(
	cluster: Cluster,
	target: Target,
	node: string,
	role: HaproxyRole,
): Route | undefined {
	const stats = cluster.haproxy.get(node)?.value;
	const backend = stats && backendFor(stats, target, role);
	if (stats === undefined || backend === undefined) {
		return undefined;
	}

	const servers = stats.servers.filter(server => server.backend === backend);
	const up = servers.filter(server => server.up);
	const first = up.filter(server => !server.backup);
	const used = first.length > 0 ? first : up;
	return {backend, servers, to: used.map(server => memberOf(cluster, server) ?? server.server)};
}

/** The backend that serves the port: as configured, by the port where it is shown, else by its name. */
export function backendFor(stats: HaproxyStats, target: Target, role: HaproxyRole): string | undefined {
	const names = [...new Set(stats.servers.map(({backend}) => backend))];
	const configured = target.haproxy?.backends[role];
	if (configured !== undefined) {
		return names.find(name => name === configured);
	}

	const byPort = stats.frontends.find(({ports}) => ports.includes(haproxyPorts[role]))?.name;
	const named = names.filter(name => usualNames[role].test(name));
	return (
		names.find(name => name === byPort) ??
		names.find(name => name === role) ??
		(named.length === 1 ? named[0] : undefined)
	);
}

/** Sessions, of as many as there can be: of the frontend that is nearest to its end, or of all of them where they share one limit. */
export function fullest({frontends}: HaproxyStats): {sessions: number; limit: number} | undefined {
	const limited = frontends.flatMap(({sessions, limit}) => (limit === undefined ? [] : [{sessions, limit}]));
	const [first] = limited;
	const shared = limited.every(({limit}) => limit === first?.limit);
	return shared && first !== undefined
		? {sessions: limited.reduce((all, {sessions}) => all + sessions, 0), limit: first.limit}
		: limited.toSorted((one, other) => other.sessions / other.limit - one.sessions / one.limit)[0];
}

/** The member that a server of HAProxy's is: of the same name, or at the same address. */
export function memberOf(cluster: Cluster, {server, address}: HaproxyServer): string | undefined {
	const members = [...cluster.keys.values()].flatMap(({value}) => (value.kind === 'member' ? [value] : []));
	const host = address?.replace(/:\d+$/, '').replaceAll(/^\[|\]$/g, '');
	return (
		members.find(({name}) => name.toLowerCase() === server.toLowerCase()) ??
		members.find(({data}) => host !== undefined && data.host === host)
	)?.name;
}

/** The server of a backend that stands for a member. */
export function serverOf(
	cluster: Cluster,
	servers: readonly HaproxyServer[],
	member: string,
): HaproxyServer | undefined {
	return servers.find(one => (memberOf(cluster, one) ?? one.server) === member);
}
