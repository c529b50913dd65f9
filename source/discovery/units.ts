/** systemd's units of the services on the nodes, where their names are others than usual. */
import {type Service, serviceIds, services} from '../domain/cluster/services.ts';
import type {NodeFacts, ReadNode} from './read-node.ts';
import type {FoundValue} from './types.ts';

const plainUnit = /^[A-Za-z0-9@_][A-Za-z0-9@._-]*$/;

/** A unit with another name than the usual one, where all nodes that have the service agree. */
export function unitValues(nodes: readonly ReadNode[]): FoundValue[] {
	return serviceIds.flatMap((service): FoundValue[] => {
		const all = nodes.flatMap(({name: node, facts}) => {
			const unit = unitFor(facts, service);
			return unit === undefined ? [] : [{node, unit}];
		});
		const [first] = all;
		if (
			first === undefined ||
			all.some(({unit}) => unit !== first.unit) ||
			first.unit === services[service].unit
		) {
			return [];
		}

		return [
			{
				path: ['pgha-top', 'units', service],
				value: first.unit,
				node: first.node,
				file: 'systemctl list-units',
				line: 0,
				why: `the only unit of ${services[service].label} that runs`,
			},
		];
	});
}

/** The service's unit on a node: the usual one if it is used, else the only one that is. */
export function unitFor({units}: NodeFacts, service: Service): string | undefined {
	const usual = services[service].unit;
	const used = units
		.map(one => ({...one, name: one.name.replace(/\.service$/, '')}))
		.filter(({name, active, enabled}) => {
			const isOwn = name === usual || new RegExp(`(?:^|[-_])${usual}(?:[@\\d.-]|$)`).test(name);
			const isHelper = /export|check|backup|watch|cleanup|vip-manager@?$/.test(name) && name !== usual;
			return isOwn && !isHelper && plainUnit.test(name) && (active === 'active' || enabled === 'enabled');
		});
	const names = used.map(({name}) => name);
	return names.includes(usual) ? usual : names.length === 1 ? names[0] : undefined;
}
