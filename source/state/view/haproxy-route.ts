/** The client path through one node, in cells: HAProxy's servers, its checks, and the services. */

import {isFresh, unavailableReason} from '../../domain/cluster/freshness.ts';
import {type Destination, destinationNames, routeState, routeTo} from '../../domain/cluster/haproxy.ts';
import {membersByServer} from '../../domain/cluster/haproxy-members.ts';
import {dcsIsRead, leaderKey} from '../../domain/cluster/keys.ts';
import {isRunning} from '../../domain/cluster/services.ts';
import type {HaproxyRole} from '../../domain/facts.ts';
import {age} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, cell} from './cells.ts';

/** Where new clients of the port are sent; marked if the leader key disagrees. */
export function routeCell({cluster, target, now}: ClusterSnapshot, node: string, role: HaproxyRole): Cell {
	const source = `haproxy:${node}` as const;
	const route = routeTo(cluster, target, node, role);
	if (!isFresh(cluster.sourceStatuses.get(source), source, now)) {
		const lost = cluster.sourceStatuses.get(source)?.state === 'lost';
		return cell(route === undefined ? (lost ? 'LOST' : '?') : `${words(route.to)}?`, lost ? 'bad' : 'dim');
	}

	if (route === undefined) {
		return cell('?', 'dim');
	}

	if (role !== 'primary') {
		return cell(words(route.to), route.to.length === 0 ? 'dim' : 'plain');
	}

	const leader = dcsIsRead(cluster, now) ? leaderKey(cluster)?.member : undefined;
	const state = leader === undefined ? undefined : routeState(route, leader);
	return route.to.length === 0
		? cell('NOWHERE', 'bad')
		: cell(
				`${words(route.to)}${state === 'wrong' ? ' ≠ leader' : ''}`,
				state === 'wrong' ? 'bad' : state === 'unknown' ? 'warn' : 'plain',
			);
}

function words(to: readonly Destination[]): string {
	return to.length === 0 ? 'nowhere' : destinationNames(to).join(' ');
}

/** HAProxy's checks of each server for writers, and since when. */
export function checksCell({cluster, target, now}: ClusterSnapshot, node: string): Cell {
	const source = `haproxy:${node}` as const;
	const known = cluster.haproxy.get(node);
	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	if (reason !== undefined || known === undefined) {
		return cell(cluster.sourceStatuses.get(source)?.state === 'lost' ? (reason ?? '') : '', 'dim');
	}

	const servers = routeTo(cluster, target, node, 'primary')?.servers ?? [];
	const members = membersByServer(cluster, target, known.value);
	return cell(
		servers
			.map(server => {
				const {status, checkStatus, checkCode, lastChange} = server;
				const check = [checkStatus, checkCode || ''].filter(Boolean).join(' ');
				const held = age(lastChange * 1000 + Math.max(0, now - known.at));
				return `${members.get(server) ?? server.server} ${status} ${check} ${held}`;
			})
			.join(', '),
		'dim',
	);
}

/** `up`, or the services that do not run; without SSH, the reason and the remedy. */
export function servicesCell({cluster, now}: ClusterSnapshot, node: string): Cell {
	const sight = cluster.sourceStatuses.get(`vip:${node}`);
	const reason = unavailableReason(sight, `vip:${node}`, now);
	if (reason !== undefined) {
		const remedy = sight?.state === 'lost' && sight.remedy !== undefined ? ` (${sight.remedy})` : '';
		return sight?.state === 'lost'
			? cell(
					`LOST${sight.seenAt === undefined ? '' : ` ${age(now - sight.seenAt)}`}: ${reason}${remedy}`,
					'bad',
				)
			: cell(reason, 'dim');
	}

	const source = `units:${node}` as const;
	const units = cluster.units.get(node)?.value;
	if (units === undefined || !isFresh(cluster.sourceStatuses.get(source), source, now)) {
		return cell('?', 'dim');
	}

	const down = units.filter(unit => !isRunning(unit));
	// A service that is not installed on the node does not count as down.
	const missing = down.filter(({load}) => load === 'not-found').map(({service}) => service);
	const stopped = down.filter(({load}) => load !== 'not-found');
	return stopped.length > 0
		? cell(stopped.map(({service, active}) => `${service} ${active}`).join(', '), 'bad')
		: missing.length > 0
			? cell(`${units.length > missing.length ? 'up, ' : ''}no unit of ${missing.join(', ')}`, 'plain')
			: cell(`${units.length} of ${units.length} up`, 'good');
}
