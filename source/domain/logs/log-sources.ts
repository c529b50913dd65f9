/** Which logs there are on which node: as configured, else where Debian's and the RPM packages put them. */

import {ownValue} from '../../lib/map-entries.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {type Machine, machines} from '../cluster/machines.ts';
import {serviceIds, services, servicesOn} from '../cluster/services.ts';
import type {LogSource} from '../facts.ts';
import type {Target} from '../target.ts';
import {statisticsService} from './line.ts';
export type NodeLogs = {
	node: string;
	host: string;
	units: readonly {name: string; unit: string}[];
	/** `path` is a file or a folder of logs; without it PostgreSQL's usual folders, where nothing may be. */
	files: readonly {name: string; path: string | undefined}[];
};

export function logSourcesOf(cluster: Cluster, target: Target, now: number): NodeLogs[] {
	return machines(cluster, target, now).map(machine => {
		const roles = rolesOf(machine, target);
		const given = [machine.name, ...roles].flatMap(where => ownValue(target.logs, where) ?? []);
		return {
			node: machine.name,
			host: machine.host,
			...(given.length === 0 ? usual(roles, target) : named(given)),
		};
	});
}

function rolesOf(machine: Machine, {nodes}: Target): string[] {
	const configured = nodes.find(({name}) => name === machine.name)?.roles;
	return [
		...(configured?.includes('database') || machine.member !== undefined ? ['database'] : []),
		...(configured?.includes('etcd') || machine.etcd !== undefined ? ['etcd'] : []),
	];
}

function usual(roles: readonly string[], {units}: Target): Pick<NodeLogs, 'units' | 'files'> {
	return {
		// A recording of an older version names no unit of a service that came later.
		units: servicesOn(roles).map(service => ({
			name: service,
			unit: ownValue(units, service) ?? services[service].unit,
		})),
		files: roles.includes('database') ? [{name: 'postgresql', path: undefined}] : [],
	};
}

function named(sources: readonly LogSource[]): Pick<NodeLogs, 'units' | 'files'> {
	return {
		units: sources.flatMap(source => ('unit' in source ? [{name: source.name, unit: source.unit}] : [])),
		files: sources.flatMap(source => ('file' in source ? [{name: source.name, path: source.file}] : [])),
	};
}

/** The services that a picker offers: those whose logs are read, and others that the journal has lines of. */
export function serviceNames(plan: readonly NodeLogs[], seen: readonly string[]): string[] {
	const configured = plan.flatMap(({units, files}) => [...units, ...files].map(({name}) => name));
	return [...new Set([...configured, 'postgresql', 'kernel', 'system', statisticsService, ...seen])].sort(
		(a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en'),
	);
}

/** Logs of services, in the order in which they are listed. */
export const serviceLogs: readonly string[] = serviceIds.flatMap(service => services[service].logs);

const ranks = [...serviceLogs, statisticsService];

function rank(service: string): number {
	const index = ranks.indexOf(service);
	return index >= 0 ? index : service === 'kernel' ? 98 : service === 'system' ? 99 : ranks.length;
}
