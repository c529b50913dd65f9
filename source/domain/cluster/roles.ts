/** The roles of nodes, and which services they have by them: required, or only where their unit exists. */
import {ownValue} from '../../lib/json.ts';
import {hasEtcd, type Target, type Vip} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {type NodeRole, type Service, serviceIds, services} from './services.ts';

/** All VIPs, the first one first. */
export function vipsOf({vip, vips}: Target): readonly Vip[] {
	return (
		vips ??
		(vip === undefined ? [] : [{address: vip, manager: 'keepalived' as const, follows: 'none' as const}])
	);
}

/**
 * A short name of each VIP beside the others: the last part of its address, or its number where that is not unique.
 * Empty for the only one.
 */
export function shortVipNames(target: Target): readonly string[] {
	const all = vipsOf(target);
	const last = all.map(({address}) =>
		address.slice(Math.max(address.lastIndexOf('.'), address.lastIndexOf(':'))),
	);
	const isUnique = new Set(last).size === last.length && last.every(name => name.length <= 5);
	return all.length < 2 ? all.map(() => '') : isUnique ? last : all.map((_, index) => `#${index + 1}`);
}

/** Whether the nodes are read over SSH: addresses, systemd, file systems. */
export function readsNodes({ssh, vip}: Target): boolean {
	return ssh ?? vip !== undefined;
}

export function isBalancer({nodes}: Target, node: string): boolean {
	return nodes.some(({name, roles}) => name === node && roles.includes('balancer'));
}

function hasBalancers({nodes}: Target): boolean {
	return nodes.some(({roles}) => roles.includes('balancer'));
}

/**
 * A node that only the cluster names may have etcd. Without a balancer in the configuration each database node is one,
 * too.
 */
export function rolesOf(target: Target, node: string): readonly NodeRole[] {
	const roles =
		target.nodes.find(({name}) => name === node)?.roles ??
		(hasEtcd(target) ? ['database', 'etcd'] : ['database']);
	return roles.includes('database') && !roles.includes('balancer') && !hasBalancers(target)
		? [...roles, 'balancer']
		: roles;
}

/** Whether HAProxy's statistics are read from the node. */
export function hasHaproxy(target: Target, node: string): boolean {
	return target.haproxy !== undefined && rolesOf(target, node).includes('balancer');
}

export type NodeServices = {
	required: readonly Service[];
	/** Shown only where systemd has the unit. */
	optional: readonly Service[];
};

/** The services that systemd is asked for on a node. */
export function servicesOn(target: Target, node: string): NodeServices {
	const roles = rolesOf(target, node);
	const asked = serviceIds.filter(
		service =>
			services[service].runsOn.some(role => roles.includes(role)) &&
			(service !== 'haproxy' || target.haproxy !== undefined),
	);
	const required = asked.filter(service => isRequired(target, node, roles, service));
	return {required, optional: asked.filter(service => !required.includes(service))};
}

function isRequired(target: Target, node: string, roles: readonly NodeRole[], service: Service): boolean {
	const {runsOn, requiredBy} = services[service];
	const [first] = runsOn;
	if (first === undefined || !roles.includes(first)) {
		return false;
	}

	switch (requiredBy) {
		case 'role': {
			return first === 'database' || target.nodes.some(({name}) => name === node);
		}

		case 'haproxy': {
			return vipsOf(target).length > 0 || isBalancer(target, node);
		}

		case 'vip': {
			return vipsOf(target).some(({manager}) => manager === service);
		}

		case 'never': {
			return false;
		}
	}
}

/**
 * The services of a machine whose logs are read and that are restarted: the required ones, those that systemd has, and
 * those of its members.
 */
export function presentServices(
	cluster: Cluster,
	target: Target,
	{name, member, etcd}: {name: string; member: string | undefined; etcd: string | undefined},
): Service[] {
	const units = cluster.units.get(name)?.value;
	const isNode = member !== undefined || units !== undefined || target.nodes.some(node => node.name === name);
	const {required, optional} = isNode ? servicesOn(target, name) : {required: [], optional: []};
	return serviceIds.filter(
		service =>
			required.includes(service) ||
			(optional.includes(service) && units?.some(unit => unit.service === service)) ||
			(service === 'etcd' && etcd !== undefined),
	);
}

/** The unit's configured name on the node. Recordings of older programs lack the units of newer services. */
export function unitOn(target: Pick<Target, 'nodes' | 'units'>, node: string, service: Service): string {
	return (
		target.nodes.find(({name}) => name === node)?.units?.[service] ??
		ownValue<string>(target.units, service) ??
		services[service].unit
	);
}
