import {byName} from '../../lib/format.ts';
import {hostOf, plainHost} from '../../lib/host.ts';
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {etcdNodes} from './etcd.ts';
import {watchedNodes} from './vip.ts';

export type Machine = {
	/** As configured, else the member's name, else etcd's. */
	name: string;
	/** Where SSH reaches it. */
	host: string;
	/** Patroni's member on it. */
	member: string | undefined;
	/** etcd's member on it, by etcd's own name. */
	etcd: string | undefined;
};

export function machines(cluster: Cluster, target: Target, now: number): Machine[] {
	const found = new Map<string, Machine>();
	const known = (host: string) => found.get(plainHost(host));
	for (const {name, host} of [...target.nodes, ...watchedNodes(cluster, target)]) {
		if (known(host) === undefined) {
			found.set(plainHost(host), {name, host, member: undefined, etcd: undefined});
		}
	}

	for (const {value} of cluster.keys.values()) {
		if (value.kind === 'member') {
			const host = value.data.host ?? hostOf(value.data.apiUrl);
			const machine = host === undefined ? undefined : known(host);
			if (machine !== undefined) {
				found.set(plainHost(machine.host), {...machine, member: value.name});
			}
		}
	}

	for (const {name, endpoint} of etcdNodes(cluster, target, now)) {
		const host = hostOf(endpoint);
		if (host !== undefined) {
			const machine = known(host) ?? {name, host, member: undefined, etcd: undefined};
			found.set(plainHost(host), {...machine, etcd: name});
		}
	}

	return [...found.values()].sort(byName);
}
