/** Why a probe fails, with what HAProxy's statistics on the VIP's holder show of it. */

import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {isFresh} from './freshness.ts';
import {type Route, routeTo} from './haproxy.ts';
import {isProbeFresh, type Probe} from './probe.ts';
import {vipView} from './vip.ts';

/** HAProxy on the VIP's holder, without a server for the probe's port: it closes each connection at once. */
export function emptyRoute(
	cluster: Cluster,
	target: Target,
	{purpose, failing}: Probe,
	now: number,
): {node: string; route: Route} | undefined {
	const isClosed = failing?.code === 'closed' || failing?.code === 'reset';
	if (!isClosed || target.vip === undefined || target.probe?.host !== target.vip) {
		return undefined;
	}

	const {state, holders} = vipView(cluster, target, now);
	const node = state === 'held' ? holders.find(({sees}) => sees)?.node : undefined;
	if (node === undefined || !isFresh(cluster.sourceStatuses.get(`haproxy:${node}`), `haproxy:${node}`, now)) {
		return undefined;
	}

	const route = routeTo(cluster, target, node, purpose === 'write' ? 'primary' : 'replicas');
	return route?.to.length === 0 ? {node, route} : undefined;
}

/**
 * The probe connected through the VIP after the node, its only holder, was asked for the statistics: an empty route in
 * them is outdated. Answers on an older connection prove nothing: HAProxy may keep it open.
 */
export function isReachedSince(
	cluster: Cluster,
	target: Target,
	node: string,
	{askedAt}: Route,
	now: number,
): boolean {
	const probe = cluster.probes.get(target.probe?.ports.write ?? 0);
	if (target.vip === undefined || target.probe?.host !== target.vip || probe === undefined) {
		return false;
	}

	const {state, holders} = vipView(cluster, target, now);
	return (
		state === 'held' &&
		holders.some(holder => holder.node === node && holder.sees) &&
		probe.failing === undefined &&
		isProbeFresh(probe, now) &&
		probe.since !== undefined &&
		probe.since > askedAt
	);
}

/** Why the probe fails, in words; undefined if it does not fail. */
export function failingReason(
	cluster: Cluster,
	target: Target,
	probe: Probe,
	now: number,
): string | undefined {
	const empty = emptyRoute(cluster, target, probe, now);
	const reason = probe.failing?.reason;
	return empty === undefined
		? reason
		: `HAProxy on ${empty.node} has no server for :${probe.port} (${reason})`;
}
