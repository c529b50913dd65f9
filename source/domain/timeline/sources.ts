/** Timeline entries on sources (lost or back), stalls of this console, and etcd reads. */

import {tenths} from '../../lib/format.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {endpointName} from '../cluster/etcd.ts';
import {describeClockSet} from '../cluster/freshness.ts';
import {destinationNames, routeTo} from '../cluster/haproxy.ts';
import type {ServiceUnit} from '../cluster/services.ts';
import {kindOf, objectOf, traitsOf} from '../cluster/source-kinds.ts';
import type {Entry, SourceId} from '../facts.ts';
import type {Target} from '../target.ts';
import {etcdMemberName} from './config.ts';

function etcdName(endpoint: string, cluster: Cluster, target: Target): string {
	const id = cluster.etcd.status.get(endpoint)?.value.memberId;
	return `etcd ${id === undefined ? endpointName(endpoint, target) : etcdMemberName(cluster, target, id)}`;
}

export function sourceEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	if (
		before.sourceStatuses === after.sourceStatuses &&
		before.stall === after.stall &&
		before.clockSet === after.clockSet
	) {
		return [];
	}

	const entries = [
		...stallEntries(before, after, at),
		...clockEntries(before, after, at),
		...quorumEntries(before, after, at),
	];
	// Called for nearly every event, while few change a status: allocates nothing before one does.
	for (const source of after.sourceStatuses.keys()) {
		if (before.sourceStatuses.get(source)?.state !== after.sourceStatuses.get(source)?.state) {
			entries.push(...statusEntries(source, before, after, target, at));
		}
	}

	return entries;
}

/** A stall explains why other entries are late. */
function stallEntries({stall: before}: Cluster, {stall}: Cluster, at: number): Entry[] {
	return stall === undefined || stall === before
		? []
		: [
				{
					at,
					kind: 'sight',
					turn: 'news',
					text: `this console was stalled for ${tenths(stall.milliseconds)}`,
					about: {of: 'note'},
				},
			];
}

/** After the clock was set, times before and after it do not add up. */
function clockEntries({clockSet: before}: Cluster, {clockSet}: Cluster, at: number): Entry[] {
	return clockSet === undefined || clockSet === before
		? []
		: [{at, kind: 'sight', turn: 'news', text: describeClockSet(clockSet), about: {of: 'note'}}];
}

function statusEntries(
	source: SourceId,
	before: Cluster,
	after: Cluster,
	target: Target,
	at: number,
): Entry[] {
	const was = before.sourceStatuses.get(source);
	const is = after.sourceStatuses.get(source);
	const {lossName} = traitsOf(source);
	if (lossName === undefined) {
		return [];
	}

	const object = objectOf(source);
	const name = lossName === 'etcd' ? etcdName(object, after, target) : `${object}: ${lossName}`;

	if (is?.state === 'lost') {
		const text = is.fault ? `${name} not watched: ${is.reason}` : `${name} lost: ${is.reason}`;
		const isSilent = is.fault !== true && is.code !== 'refused';
		const about = {of: 'source', source, name, isLost: true, isSilent} as const;
		return [{at, kind: 'sight', turn: 'worse', text, about}];
	}

	return was?.state === 'lost' && is?.state === 'seen'
		? [
				{
					at,
					kind: 'sight',
					turn: 'better',
					text: `${name} back after ${Math.round((at - was.since) / 1000)} s`,
					about: {of: 'source', source, name, isLost: false, isSilent: false},
				},
			]
		: [];
}

function readsEtcd({sourceStatuses}: Cluster): boolean {
	return [...sourceStatuses.keys()].some(
		source => kindOf(source) === 'dcs' && sourceStatuses.get(source)?.state === 'seen',
	);
}

/** One endpoint with linearizable reads proves the quorum. */
function quorumEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const [was, is] = [readsEtcd(before), readsEtcd(after)];
	return before.read === undefined || was === is
		? []
		: [
				{
					at,
					kind: 'etcd',
					turn: is ? 'better' : 'worse',
					text: is ? 'etcd can be read again' : 'etcd can no longer be read',
					about: {of: 'reads', isRead: is},
				},
			];
}

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
						about: {of: 'route', node, was, is},
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
		return known === undefined || known === value ? [] : serviceChanges(node, known, value, at);
	});
}

/** One entry for all services of a node that changed alike at once, as they do when it boots. */
function serviceChanges(
	node: string,
	known: readonly ServiceUnit[],
	units: readonly ServiceUnit[],
	at: number,
): Entry[] {
	const entries = new Map<string, Entry>();
	for (const is of units) {
		const was = known.find(({service}) => service === is.service);
		if (was === undefined || (was.active === is.active && was.invocationId === is.invocationId)) {
			continue;
		}

		const isWorse = is.active !== 'active';
		const what = was.active === is.active ? 'restarted' : `${was.active} → ${is.active}`;
		const about = entries.get(what)?.about;
		const services = [...(about?.of === 'service' ? about.services : []), is.service];
		entries.set(what, {
			at,
			kind: 'service',
			turn: isWorse ? 'worse' : 'better',
			text: `${node}: ${services.join(', ')} ${what}`,
			about: {of: 'service', node, services, was: was.active, is: is.active, isWorse},
		});
	}

	return [...entries.values()];
}
