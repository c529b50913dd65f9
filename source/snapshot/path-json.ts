import {isFresh} from '../domain/cluster/freshness.ts';
import {destinationNames, routeTo} from '../domain/cluster/haproxy.ts';
import {membersByServer} from '../domain/cluster/haproxy-members.ts';
import {isProbeFresh} from '../domain/cluster/probe.ts';
import type {HaproxyRole, SourceId} from '../domain/facts.ts';
import type {State} from '../state/state.ts';
import type {Snapshot} from './schema.ts';

export function pathJson({
	cluster,
	target,
	now,
}: State): Pick<Snapshot, 'haproxy' | 'services' | 'filesystems' | 'probes'> {
	const inSight = (source: SourceId) => isFresh(cluster.sights.get(source), source, now);
	const to = (node: string, role: HaproxyRole) => {
		const route = routeTo(cluster, target, node, role);
		return route === undefined ? null : destinationNames(route.to);
	};
	return {
		haproxy: [...cluster.haproxy].flatMap(([node, {value}]) =>
			inSight(`haproxy:${node}`)
				? [
						{
							node,
							primary: to(node, 'primary'),
							replicas: to(node, 'replicas'),
							synchronous: to(node, 'synchronous'),
							asynchronous: to(node, 'asynchronous'),
							servers: value.servers.map(one => ({
								backend: one.backend,
								server: one.server,
								address: one.address ?? null,
								member: membersByServer(cluster, target, value).get(one) ?? null,
								status: one.status,
								up: one.up,
								check_status: one.checkStatus,
								check_code: one.checkCode ?? null,
								last_change: one.lastChange,
								sessions: one.sessions,
							})),
						},
					]
				: [],
		),
		services: [...cluster.units].flatMap(([node, {value}]) =>
			inSight(`units:${node}`)
				? value.map(({service, unit, load, active, sub, since}) => ({
						node,
						service,
						unit,
						load,
						active,
						sub,
						since: iso(since),
					}))
				: [],
		),
		filesystems: [...cluster.disks].flatMap(([node, {value}]) =>
			inSight(`disk:${node}`)
				? value.map(({mount, holds, size, usedPercent, readOnly}) => ({
						node,
						mount,
						holds: [...holds],
						size,
						used_percent: usedPercent,
						read_only: readOnly,
					}))
				: [],
		),
		probes: [...cluster.probes.values()]
			.filter(probe => isProbeFresh(probe, now))
			.map(({port, purpose, answer, failing}) => ({
				port,
				purpose,
				ok: failing === undefined,
				server: answer?.server ?? null,
				in_recovery: answer?.inRecovery ?? null,
				latency: answer?.latency ?? null,
				wrote: answer?.write ?? null,
				reason: failing?.reason ?? null,
			})),
	};
}

export function iso(at: number | undefined): string | null {
	return at === undefined || !(Math.abs(at) <= 8.64e15) ? null : new Date(at).toISOString();
}
