/** The virtual addresses that the files of the nodes give, and whether each must be on the leader. */
import {isIP} from 'node:net';
import type {Vip} from '../domain/target.ts';
import {plainHost} from '../lib/format.ts';
import {isLoopback} from './listen-address.ts';
import type {ReadNode} from './read-node.ts';
import {type FoundValue, type Place, type Port, printable, type Remark} from './types.ts';

/** VIPs that are used; a balancer of many services has more. */
const vipsMax = 8;

export type FoundVip = Vip & Place & {node: string; why: string};

export function vipsOf(nodes: readonly ReadNode[], ports: readonly Port[]): FoundVip[] {
	const hosts = new Set(nodes.map(({facts}) => plainHost(facts.host)));
	const all = nodes.flatMap(({name: node, facts}) => [
		...(facts.vipManager?.vips ?? []).map(
			({address, file, line}): FoundVip => ({
				...{address, file, line, node},
				manager: 'vip-manager',
				follows: 'leader',
				why: 'vip-manager puts it on the leader',
			}),
		),
		...(facts.keepalived?.vips ?? []).map(({address, instance, scripts, file, line}): FoundVip => {
			const check = scripts.find(({name}) => facts.leaderChecks.has(name));
			// With HAProxy on the node any holder leads to the leader.
			const hasHaproxy = ports.some(port => port.node === node && port.role === 'primary');
			const follows = check !== undefined && !hasHaproxy ? 'leader' : 'none';
			return {
				...{address, file, line, node, follows},
				manager: 'keepalived',
				why:
					follows === 'leader' && check !== undefined
						? `keepalived's instance ${printable(instance)}; its check ${printable(check.name)} asks for the leader`
						: `keepalived's instance ${printable(instance)}`,
			};
		}),
	]);
	const once = all.filter(
		({address}, index) =>
			isIP(address) !== 0 &&
			!isLoopback(address) &&
			!hosts.has(address) &&
			all.findIndex(other => other.address === address) === index,
	);
	const isBound = isBoundIn(ports);
	return [...once.filter(isBound), ...once.filter(one => !isBound(one))].slice(0, vipsMax);
}

/** HAProxy listens for the primary's clients on that very address. */
function isBoundIn(ports: readonly Port[]): (vip: FoundVip) => boolean {
	return ({address}) => ports.some(port => port.role === 'primary' && port.address === address);
}

/** Where the files do not say which of several VIPs the clients use, the first is a guess. */
export function vipRemarks(vips: readonly FoundVip[], ports: readonly Port[]): Remark[] {
	const [first, ...others] = vips;
	const isKnown = first === undefined || isBoundIn(ports)(first) || first.follows === 'leader';
	return isKnown || others.length === 0
		? []
		: [
				{
					node: first.node,
					text: `${first.address} is taken as the VIP of the clients, the first of ${vips.length}: HAProxy listens on none of them alone; set vip`,
				},
			];
}

export function vipValues(vips: readonly FoundVip[]): FoundValue[] {
	const [first] = vips;
	if (first === undefined) {
		return [];
	}

	const {node, file, line} = first;
	return [
		{
			path: ['pgha-top', 'vip'],
			value: vips.map(({address, manager, follows}) => ({address, manager, follows})),
			...{node, file, line},
			why: vips.map(({address, why}) => (vips.length === 1 ? why : `${address}: ${why}`)).join('; '),
		},
	];
}
