/** The ports that clients come in by, where they are known: as configured, as HAProxy shows them, as the probe found them. */

import type {HaproxyRole} from '../facts.ts';
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {routeTo} from './haproxy.ts';

/** Undefined where no source says it: then no text names one. */
export function clientPort(cluster: Cluster, target: Target, role: HaproxyRole): number | undefined {
	return (
		target.haproxy?.ports?.[role] ?? shownPort(cluster, target, role) ?? probedPort(cluster, target, role)
	);
}

/** Of the backend that listens itself (`listen`), the same on all nodes. */
function shownPort(cluster: Cluster, target: Target, role: HaproxyRole): number | undefined {
	const ports = new Set(
		[...cluster.haproxy].flatMap(([node, {value}]) => {
			const backend = routeTo(cluster, target, node, role)?.backend;
			return value.frontends.filter(({name}) => name === backend).flatMap(frontend => frontend.ports);
		}),
	);
	return ports.size === 1 ? [...ports][0] : undefined;
}

/** A port that was only assumed is one when it has answered. */
function probedPort(cluster: Cluster, {probe}: Target, role: HaproxyRole): number | undefined {
	const purpose = role === 'primary' ? 'write' : role === 'replicas' ? 'read' : undefined;
	const port = purpose && probe?.ports[purpose];
	return port !== undefined &&
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

/** `clients of :5000`, or where the port is not known `writers`. */
export function clientsOf(cluster: Cluster, target: Target, role: HaproxyRole): string {
	const port = clientPort(cluster, target, role);
	return port === undefined ? clients[role] : `clients of :${port}`;
}
