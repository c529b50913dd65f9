/** The classic cluster's facts as other topologies have them: separate balancers, a VIP that follows the leader. */
import type {Fact} from '../../source/domain/events.ts';
import type {Target} from '../../source/domain/target.ts';
import {diskFact, haproxyFact, healthyFacts, unitsFact} from './captures.ts';
import {Session, target} from './session.ts';
import {addressesFact} from './vip.ts';

export const vip = '10.73.0.172';

/** HAProxy and keepalived on lb1 and lb2, which hold the VIP. */
export const balancersTarget: Target = {
	...target,
	vips: [{address: vip, manager: 'keepalived', follows: 'none'}],
	ssh: true,
	nodes: [
		...target.nodes,
		{name: 'lb1', host: '10.73.0.173', roles: ['balancer']},
		{name: 'lb2', host: '10.73.0.174', roles: ['balancer']},
	],
};

/** vip-manager keeps the VIP on the leader; there is no HAProxy. */
export const leaderVipTarget: Target = {
	...target,
	vips: [{address: vip, manager: 'vip-manager', follows: 'leader'}],
	ssh: true,
	haproxy: undefined,
};

const hosts: Readonly<Record<string, string>> = {pgdb1: '10.73.0.160', pgdb2: '10.73.0.170'};

/** What does not depend on the client path: keys, REST, etcd. */
function storeFacts(): Fact[] {
	return healthyFacts('trixie').filter(({type}) => !/^(addresses|haproxy|units|disk)/.test(type));
}

export function balancersFacts(holder = 'lb1'): Fact[] {
	return [
		...storeFacts(),
		...['pgdb1', 'pgdb2'].flatMap((node): Fact[] => [
			addressesFact(node, hosts[node] ?? ''),
			unitsFact(node, ['patroni', 'etcd']),
			diskFact(node),
		]),
		...['lb1', 'lb2'].flatMap((node): Fact[] => [
			addressesFact(node, node === 'lb1' ? '10.73.0.173' : '10.73.0.174', ...(node === holder ? [vip] : [])),
			unitsFact(node, ['haproxy', 'keepalived']),
			haproxyFact('trixie', node),
			diskFact(node),
		]),
		unitsFact('etcd1', ['etcd']),
		diskFact('etcd1'),
	];
}

export function leaderVipFacts(holder = 'pgdb1'): Fact[] {
	return [
		...storeFacts(),
		...['pgdb1', 'pgdb2'].flatMap((node): Fact[] => [
			addressesFact(node, hosts[node] ?? '', ...(node === holder ? [vip] : [])),
			unitsFact(node, ['patroni', 'etcd', 'vip-manager']),
			diskFact(node),
		]),
		unitsFact('etcd1', ['etcd']),
		diskFact('etcd1'),
	];
}

export const balancersSession = (holder?: string) =>
	new Session(balancersTarget).at(0, ...balancersFacts(holder));
export const leaderVipSession = (holder?: string) =>
	new Session(leaderVipTarget).at(0, ...leaderVipFacts(holder));
