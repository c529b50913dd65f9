/** What the cluster loses while a machine or one of its services is stopped, and who can take over. */
import type {Cluster} from '../../cluster/cluster.ts';
import {type EtcdNode, etcdNodes, isUncertain, isUnseen, quorum} from '../../cluster/etcd.ts';
import {isFresh, unavailableReason} from '../../cluster/freshness.ts';
import {isRunningState} from '../../cluster/health.ts';
import {dynamicConfig, leaderKey, syncStandbys} from '../../cluster/keys.ts';
import {isNoLoadBalance} from '../../cluster/member.ts';
import {type Machine, machines, members} from '../../cluster/members.ts';
import {type Service, services} from '../../cluster/services.ts';
import {runsManager, type VipView, vipViews} from '../../cluster/vip.ts';
import {storeName, type Vip} from '../../target.ts';
import type {ClusterContext, OperationContext, Precondition} from '../types.ts';
import {blocking, ok, unknown, warning} from '../types.ts';
import {checkOnlyReplica, checkReaders, vipName} from './common.ts';
import {checkDependents, checkDownstream, checkStrictSync, checkSyncAfterHandover} from './member-stops.ts';
import {checkPostgres} from './postgres.ts';
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

/** @param suddenly it dies: what holds up or follows only an orderly stop is left out */
export function checkPatroniStops(
	{member, name}: Machine,
	context: OperationContext,
	{suddenly} = {suddenly: false},
): Precondition[] {
	const {cluster} = context;
	if (member === undefined) {
		const isDatabase =
			cluster.patroni.has(name) ||
			context.target.nodes.some(node => node.name === name && node.roles.includes('database'));
		return [
			isDatabase
				? unknown(`what runs on ${name}: no member there has a key in ${storeName(context.target)}`)
				: ok(`no PostgreSQL on ${name}`),
		];
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
		...(suddenly
			? checkDownstream(context, member)
			: [
					...checkDependents(context, member),
					...checkPostgres(context, {
						stops: member,
						candidate: leads && !isPaused(cluster) ? first?.member.name : undefined,
					}),
				]),
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

/** Whether a VIP may leave the node when the service stops there: keepalived's usual check is HAProxy. */
export function movesVip(service: Service, vip: Vip | undefined): boolean {
	return (
		services[service].movesVip &&
		vip !== undefined &&
		(service === vip.manager || (service === 'haproxy' && vip.manager === 'keepalived'))
	);
}

/** @param stopping the machine, or the service on it that stops */
export function checkVipMoves(
	machine: Machine,
	context: OperationContext,
	stopping: Service | 'the machine',
): Precondition[] {
	const {cluster, target, now} = context;
	return vipViews(cluster, target, now)
		.filter(({vip}) => stopping === 'the machine' || movesVip(stopping, vip))
		.flatMap(view => checkOneVip(machine, context, view, stopping));
}

function checkOneVip(
	{name}: Machine,
	{cluster, target, now}: OperationContext,
	{vip, holders, nodes, blind}: VipView,
	stopping: Service | 'the machine',
): Precondition[] {
	const it = vipName(target, vip);
	if (vip === undefined || !nodes.includes(name)) {
		return isFresh(cluster.sourceStatuses.get(`vip:${name}`), `vip:${name}`, now)
			? [ok(`${it} is not on ${name}`)]
			: [ok(`${name} is not watched for ${it}`)];
	}

	const others = nodes.filter(node => node !== name);
	if (blind.includes(name)) {
		return [warning(`it is not known whether ${it} is on ${name}: no data on its addresses`)];
	}

	if (!holders.some(({node}) => node === name)) {
		if (runsManager(cluster, vip, name, now) === false) {
			return [ok(`${it} is not on ${name}, which does not run ${vip.manager}`)];
		}

		return [ok(`${it} is not on ${name}`), warning(`without ${stopping} ${name} cannot take over ${it}`)];
	}

	const able = others.filter(node => !blind.includes(node) && runsManager(cluster, vip, node, now) !== false);
	if (able.length === 0) {
		return [warning(`${name} holds ${it}, and no other node that could take it is known`)];
	}

	return [
		vip.follows === 'none'
			? warning(`${name} holds ${it}: it would go to ${able.join(' or ')}`)
			: stopping === 'the machine'
				? warning(`${name} holds ${it}, which follows the leader to ${able.join(' or ')}`)
				: warning(`${name} holds ${it}: without ${stopping} it may leave the node, and follows no leader`),
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
