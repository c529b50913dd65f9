/** Which nodes may hold the virtual address, and which do. */
import {byName} from './by-name.ts';
import type {Cluster, KnownAddress} from './cluster.ts';
import {sees} from './sight.ts';
import type {Target} from './target.ts';

export type VipHolder = {node: string; address: KnownAddress; sees: boolean};

export type VipView = {
	/** Nodes that have the address as far as is known; `sees` tells whether that is so now. */
	holders: readonly VipHolder[];
	/** Database nodes whose addresses are not seen now: each could hold it unseen. */
	blind: readonly string[];
	/** Nodes that are looked at for the VIP. */
	nodes: readonly string[];
};

/** The nodes that may hold the VIP: the configured database nodes, else the hosts of Patroni's members. */
export function databaseNodes(cluster: Cluster, target: Target): {name: string; host: string}[] {
	const configured = target.nodes.filter(node => node.roles.includes('database'));
	const hosts = new Set(configured.map(node => node.host));
	const found = [...cluster.keys.values()].flatMap(key =>
		key.value.kind === 'member' && key.value.data.host !== undefined && !hosts.has(key.value.data.host)
			? [{name: key.value.name, host: key.value.data.host}]
			: [],
	);
	return [
		...configured.map(({name, host}) => ({name, host})),
		...found.filter(({name}) => !configured.some(node => node.name === name)),
	].sort(byName);
}

/** The node of an address such as `10.73.0.160:5432`. */
export function nodeAt(cluster: Cluster, target: Target, address: string): string | undefined {
	const host = address.replace(/:\d*$/, '');
	return databaseNodes(cluster, target).find(node => node.host === host)?.name ?? memberAt(cluster, host);
}

/** Where nodes are configured by their names, the members' keys know the addresses. */
function memberAt(cluster: Cluster, host: string): string | undefined {
	return [...cluster.keys.values()]
		.flatMap(({value}) => (value.kind === 'member' ? [value] : []))
		.find(({data}) => data.host === host)?.name;
}

export function vipView(cluster: Cluster, target: Target, now: number): VipView {
	const nodes = databaseNodes(cluster, target).map(({name}) => name);
	const seen = (node: string) => sees(cluster.sights.get(`vip:${node}`), `vip:${node}`, now);
	const holders = nodes.flatMap(node => {
		const address = cluster.addresses.get(node)?.value.find(({ip}) => ip === target.vip);
		return address ? [{node, address, sees: seen(node)}] : [];
	});
	return {holders, blind: nodes.filter(node => !seen(node)), nodes};
}
