/** Where each HAProxy sends writers, and which services started and stopped. */
import type {Cluster} from '../cluster/cluster.ts';
import {destinationNames, routeTo} from '../cluster/haproxy.ts';
import type {Unit} from '../cluster/systemd.ts';
import type {Target} from '../target.ts';
import type {Entry} from './entry.ts';

export function routeEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	if (before.haproxy === after.haproxy) {
		return [];
	}

	return [...after.haproxy.keys()].flatMap((node): Entry[] => {
		if (before.haproxy.get(node) === after.haproxy.get(node)) {
			return [];
		}

		const was = writersOf(before, target, node);
		const is = writersOf(after, target, node);
		return was === undefined || is === undefined || was === is
			? []
			: [
					{
						at,
						kind: 'service',
						turn: is === '' ? 'worse' : 'better',
						text: `HAProxy on ${node} sends writers to ${is || 'no server'}, before to ${was || 'no server'}`,
					},
				];
	});
}

function writersOf(cluster: Cluster, target: Target, node: string): string | undefined {
	const route = routeTo(cluster, target, node, 'primary');
	return route && destinationNames(route.to).join(', ');
}

export function serviceEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	if (before.units === after.units) {
		return [];
	}

	return [...after.units].flatMap(([node, {value}]) => {
		const known = before.units.get(node)?.value;
		return known === undefined || known === value
			? []
			: value.flatMap(unit => serviceChange(node, known, unit, at));
	});
}

function serviceChange(node: string, known: readonly Unit[], is: Unit, at: number): Entry[] {
	const was = known.find(({service}) => service === is.service);
	if (was === undefined || (was.active === is.active && was.invocationId === is.invocationId)) {
		return [];
	}

	const turn = is.active === 'active' ? 'better' : 'worse';
	const what = was.active === is.active ? 'restarted' : `${was.active} → ${is.active}`;
	return [{at, kind: 'service', turn, text: `${node}: ${is.service} ${what}`}];
}
