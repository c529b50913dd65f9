/** What the cluster loses while a machine or one of its services is stopped, and who can take over. */
import type {Cluster} from '../../cluster/cluster.ts';
import {type EtcdNode, etcdNodes, isUncertain, isUnseen, quorum} from '../../cluster/etcd.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {isRunningState} from '../../cluster/health.ts';
import {dynamicConfig, leaderKey, syncStandbys} from '../../cluster/keys.ts';
import {isNoLoadBalance} from '../../cluster/member.ts';
import {type Machine, machines, members} from '../../cluster/members.ts';
import {runsKeepalived, vipView} from '../../cluster/vip.ts';
import {storeName} from '../../target.ts';
import type {ClusterContext, OperationContext, Precondition} from '../types.ts';
import {blocking, ok, warning} from '../types.ts';
import {checkOnlyReplica, checkReaders} from './common.ts';
import {checkDependents, checkStrictSync, checkSyncAfterHandover} from './member-stops.ts';
import {checkSuccessors, isInSyncKey, successors} from './successors.ts';

export function machineNamed({cluster, target, now}: ClusterContext, node: string): Machine | undefined {
	return machines(cluster, target, now).find(({name}) => name === node);
}

export function unknownMachine(node: string): Precondition {
	return blocking(`the address of ${node} is not known`);
}

/**
 * Whether etcd keeps its quorum without this member; undefined if that depends on members without proof of a quorum.
 */
export function keepsQuorum(nodes: readonly EtcdNode[], without: string): boolean | undefined {
	const {needed} = quorum(nodes);
	const others = nodes.filter(({name, member}) => name !== without && !member?.learner);
	const left = others.filter(({contact}) => contact === 'yes').length;
	const mayBe = left + others.filter(isUncertain).length;
	return left >= needed ? true : mayBe >= needed ? undefined : false;
}

function uncertainWords(nodes: readonly EtcdNode[], without: string): string {
	const others = nodes.filter(({name, member}) => name !== without && !member?.learner);
	const unseen = others.filter(isUnseen).length;
	const silent = others.filter(node => isUncertain(node) && !isUnseen(node)).length;
	return [
		...(unseen > 0 ? [`${unseen} not watched`] : []),
		...(silent > 0 ? [`${silent} without an answer`] : []),
	].join(', ');
}

export function checkEtcdStops(
	{etcd, name}: Machine,
	{cluster, target, now}: OperationContext,
): Precondition[] {
	if (target.rest !== undefined) {
		return [warning(`not checked: whether ${storeName(target)} keeps its quorum without ${name}`)];
	}

	if (etcd === undefined) {
		return [ok(`no etcd member on ${name}`)];
	}

	const nodes = etcdNodes(cluster, target, now);
	const {voters, needed} = quorum(nodes);
	const keeps = keepsQuorum(nodes, etcd);
	if (keeps === undefined) {
		return [
			warning(
				`etcd may LOSE ITS QUORUM without ${etcd}: of ${voters} members, ${uncertainWords(nodes, etcd)}`,
			),
		];
	}

	return [
		keeps
			? ok(`etcd keeps its quorum without ${etcd} (${needed} of ${voters} needed)`)
			: warning(
					`etcd LOSES ITS QUORUM without ${etcd}: ${
						dynamicConfig(cluster)?.failsafeMode
							? 'the leader stays only as long as it reaches every member (failsafe_mode)'
							: 'the leader steps down, and nothing can be written'
					}`,
				),
	];
}

export function checkPatroniStops({member, name}: Machine, context: OperationContext): Precondition[] {
	const {cluster} = context;
	if (member === undefined) {
		return [ok(`no PostgreSQL on ${name}`)];
	}

	const leads = leaderKey(cluster)?.member === member;
	const next = successors(context, [member]);
	const [first] = next;
	const sync = syncStandbys(cluster);
	const isSync = dynamicConfig(cluster)?.synchronousMode !== 'off' && isInSyncKey(context, member);
	return [
		...(leads
			? [
					warning(
						`${member} leads: clients cannot write until ${isPaused(cluster) ? 'it is back' : 'another has taken over'}`,
					),
					isPaused(cluster)
						? warning('the cluster is PAUSED: no failover until it is resumed')
						: checkSuccessors(next, 'no member could take over: the cluster stays without a leader'),
					...(first === undefined || isPaused(cluster)
						? []
						: checkSyncAfterHandover(context, member, first.member.name)),
				]
			: [
					ok(`${member} does not lead`),
					...checkOnlyReplica(context, member),
					...checkStrictSync(context, member),
				]),
		...checkDependents(context, member),
		...(leads && !isPaused(cluster) && next.length > 0 ? checkLastReplica(context, member) : []),
		...(isSync
			? [
					sync.length > 1
						? ok(
								`it is a synchronous standby; ${sync.filter(one => one.toLowerCase() !== member.toLowerCase()).join(', ')} remains`,
							)
						: warning(
								`${member} is the only synchronous standby: until it is back a failover may lose acknowledged writes`,
							),
				]
			: []),
	];
}

/** The member that takes over is no longer a replica for readers. */
function checkLastReplica(context: OperationContext, leader: string): Precondition[] {
	const replicas = members(context.cluster, context.now).filter(
		one => one.name !== leader && isRunningState(one.state) && !isNoLoadBalance(one),
	);
	return replicas.length > 1 ? [] : checkReaders(context, leader);
}

function isPaused(cluster: Cluster): boolean {
	return dynamicConfig(cluster)?.pause ?? false;
}

export function checkVipMoves(
	{name}: Machine,
	{cluster, target, now}: OperationContext,
	what: string,
): Precondition[] {
	if (target.vip === undefined) {
		return [];
	}

	const {holders, nodes, blind} = vipView(cluster, target, now);
	if (!nodes.includes(name)) {
		return [ok(`${name} is not watched for the VIP`)];
	}

	const others = nodes.filter(node => node !== name);
	if (blind.includes(name)) {
		return [warning(`it is not known whether the VIP is on ${name}: no data on its addresses`)];
	}

	if (!holders.some(({node}) => node === name)) {
		if (runsKeepalived(cluster, name, now) === false) {
			return [ok(`the VIP is not on ${name}, which does not run keepalived`)];
		}

		return [ok(`the VIP is not on ${name}`), warning(`without ${what} ${name} cannot take over the VIP`)];
	}

	const able = others.filter(node => !blind.includes(node) && runsKeepalived(cluster, node, now) !== false);
	return [
		able.length === 0
			? warning(`${name} holds the VIP, and no other node that could take it is known`)
			: warning(`${name} holds the VIP: it would go to ${able.join(' or ')}`),
	];
}

export function checkSsh({name, host}: Machine, {cluster, now}: OperationContext): Precondition[] {
	const source = `units:${name}` as const;
	const sight = cluster.sourceStatuses.get(source);
	if (sight === undefined) {
		return [ok(`SSH to ${host}: not tried yet`)];
	}

	const reason = unavailableReason(sight, source, now);
	return [reason === undefined ? ok(`SSH to ${host} works`) : warning(`SSH to ${host}: ${reason}`)];
}
