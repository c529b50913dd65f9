/** Progress of a switchover or failover, as etcd, the members, HAProxy and the probe show it. */
import {type Cluster, keyOf} from '../../cluster/cluster.ts';
import {isFresh} from '../../cluster/freshness.ts';
import {routeState, routeTo, serverOf} from '../../cluster/haproxy.ts';
import {isWell} from '../../cluster/health.ts';
import {memberOfAnswer} from '../../cluster/identities.ts';
import {dynamicConfig, leaderKey, syncStandbys} from '../../cluster/keys.ts';
import {members} from '../../cluster/members.ts';
import {vipViews} from '../../cluster/vip.ts';
import {nodeOfMember} from '../../cluster/vip-leader.ts';
import {isPrimaryRole} from '../../facts.ts';
import type {Run} from '../types.ts';
import {type ClusterContext, isTicked, type StepDefinition} from '../types.ts';

export function handoverSteps(candidate: string, context: ClusterContext): StepDefinition[] {
	const old = leaderKey(context.cluster)?.member;
	const byRest = context.target.rest !== undefined;
	return [
		// Members show no request that is not scheduled.
		...(byRest
			? []
			: [
					{
						id: 'asked',
						text: 'etcd holds the request (failover key)',
						essential: false,
						// Patroni deletes the key at the end; a moved leader key proves that it existed.
						seen: (run: Run, {cluster}: ClusterContext) =>
							isAskedSince(run, cluster, candidate) || holdsSince(run, cluster, candidate),
					},
				]),
		...(old === undefined || old === candidate ? [] : [stopping(old), releaseStep(byRest ? old : undefined)]),
		{
			id: 'taken',
			text: byRest ? `${candidate} leads, as members and it itself say` : `leader key at ${candidate}`,
			essential: true,
			seen: (run, {cluster}) => holdsSince(run, cluster, candidate),
		},
		{
			id: 'writable',
			text: `${candidate} runs as primary (REST)`,
			essential: true,
			seen: (run, {cluster}) => isTicked(run, 'taken') && saysPrimary(run, cluster, candidate),
		},
		...followingVipSteps(candidate, context),
		...clientSteps(candidate, 'taken', context),
		...(old === undefined || old === candidate ? [] : [follows(old, candidate)]),
		...((dynamicConfig(context.cluster)?.synchronousMode ?? 'off') === 'off'
			? []
			: [
					{
						id: 'sync',
						text: byRest ? 'a synchronous standby is back' : 'a synchronous standby is back (sync key)',
						essential: false,
						seen: (run: Run, {cluster}: ClusterContext) =>
							isTicked(run, 'taken') &&
							keyOf(cluster, 'sync', 'sync')?.value.leader === candidate &&
							syncStandbys(cluster).length > 0,
					},
				]),
	];
}

/**
 * For each VIP that must follow the leader and has a known holder: its clients reach a standby until it is at the new
 * leader.
 */
function followingVipSteps(candidate: string, {cluster, target, now}: ClusterContext): StepDefinition[] {
	const node = nodeOfMember(cluster, target, now, candidate);
	return vipViews(cluster, target, now).flatMap(({vip, state, nodes}, index): StepDefinition[] =>
		vip?.follows !== 'leader' || state !== 'held' || node === undefined || !nodes.includes(node)
			? []
			: [
					{
						id: `vip ${vip.address}`,
						text: `VIP ${vip.address} on ${node}`,
						essential: true,
						seen: (run, later) =>
							isTicked(run, 'taken') &&
							vipViews(later.cluster, later.target, later.now)[index]?.holders.some(
								holder => holder.node === node && holder.sees,
							) === true,
					},
				],
	);
}

function stopping(old: string): StepDefinition {
	return {
		id: 'stopping',
		text: `${old} stops`,
		essential: false,
		// The stop may end between two observations; a released leader key proves it.
		seen: (run, {cluster}) => {
			const rest = cluster.patroni.get(old);
			const state = keyOf(cluster, `members/${old}`, 'member')?.value.data.state;
			return (
				isReleased(run, cluster) ||
				(state !== undefined && state !== 'running') ||
				(rest !== undefined &&
					rest.at > run.confirmedAt &&
					(rest.value.state !== 'running' || !isPrimaryRole(rest.value.role)))
			);
		},
	};
}

/** `old`: where members say who leads. */
function releaseStep(old: string | undefined): StepDefinition {
	return {
		id: 'released',
		text: old === undefined ? 'leader key released' : `${old} no longer leads`,
		essential: false,
		seen: (run, {cluster}) => isReleased(run, cluster),
	};
}

function follows(old: string, candidate: string): StepDefinition {
	return {
		id: 'follows',
		text: `${old} streams on the new timeline`,
		essential: false,
		seen: (run, {cluster, now}) => {
			if (!isTicked(run, 'taken')) {
				return false;
			}

			const all = members(cluster, now);
			const one = all.find(({name}) => name === old);
			const leader = all.find(({name}) => name === candidate);
			return (
				isWell(one) &&
				one.role !== 'leader' &&
				one.timeline !== undefined &&
				one.timeline === leader?.timeline &&
				one.timeline > (keyOf(run.before, `members/${old}`, 'member')?.value.data.timeline ?? 0)
			);
		},
	};
}

/** Whether the failover key was put after the confirmation and names the candidate. */
export function isAskedSince({before}: Run, cluster: Cluster, candidate: string): boolean {
	const key = keyOf(cluster, 'failover', 'failover');
	return (
		key !== undefined &&
		key.value.candidate === candidate &&
		key.modRevision > (before.keys.get('failover')?.modRevision ?? before.gone.get('failover')?.revision ?? 0)
	);
}

function isReleased({before}: Run, cluster: Cluster): boolean {
	return leaderKey(cluster)?.createRevision !== leaderKey(before)?.createRevision;
}

function holdsSince({before}: Run, cluster: Cluster, candidate: string): boolean {
	const key = leaderKey(cluster);
	return key?.member === candidate && key.createRevision > (leaderKey(before)?.createRevision ?? 0);
}

function saysPrimary({confirmedAt}: Run, cluster: Cluster, candidate: string): boolean {
	const rest = cluster.patroni.get(candidate);
	return (
		rest !== undefined &&
		rest.at > confirmedAt &&
		rest.value.state === 'running' &&
		(isPrimaryRole(rest.value.role) || rest.value.role === 'standby_leader')
	);
}

/** Ids of the steps of clients: HAProxy on a node, and the probe through the VIP. */
export const routeStep = 'routes ';
export const clientPathStep = 'path';

/**
 * Only steps that can be recognised: for each HAProxy in which the leader's server is known, and for a path whose
 * servers are known.
 * @param after the step that must be seen before these count
 */
export function clientSteps(leader: string, after: string, context: ClusterContext): StepDefinition[] {
	const {cluster, target, now} = context;
	const nodes = [...cluster.haproxy.keys()]
		.filter(node => {
			const route = routeTo(cluster, target, node, 'primary');
			return (
				isFresh(cluster.sourceStatuses.get(`haproxy:${node}`), `haproxy:${node}`, now) &&
				route !== undefined &&
				serverOf(route, leader) !== undefined
			);
		})
		.sort();
	const port = isPathKnown(context) ? target.probe?.ports.write : undefined;
	return [
		...nodes.map(
			(node): StepDefinition => ({
				id: `${routeStep}${node}`,
				text: `HAProxy on ${node} sends clients to ${leader}`,
				essential: false,
				seen: (run, context) => {
					const route = routeTo(context.cluster, context.target, node, 'primary');
					return (
						isTicked(run, after) &&
						(context.cluster.haproxy.get(node)?.at ?? 0) > run.confirmedAt &&
						route !== undefined &&
						routeState(context.cluster, route, leader) === 'leader'
					);
				},
			}),
		),
		...(port === undefined
			? []
			: [
					{
						id: clientPathStep,
						text: `VIP:${port} answers from ${leader}`,
						essential: false,
						seen: (run, context) =>
							isTicked(run, after) && isServedBy(context, port, leader, run.confirmedAt),
					} satisfies StepDefinition,
				]),
	];
}

/** The path's present server is a known member, so the next one will be, too. */
function isPathKnown({cluster, target}: ClusterContext): boolean {
	const answer = cluster.probes.get(target.probe?.ports.write ?? 0)?.answer;
	return answer === undefined || memberOfAnswer(cluster, target, answer) !== undefined;
}

function isServedBy({cluster, target}: ClusterContext, port: number, leader: string, since: number): boolean {
	const answer = cluster.probes.get(port)?.answer;
	return (
		answer !== undefined &&
		answer.at > since &&
		!answer.inRecovery &&
		memberOfAnswer(cluster, target, answer) === leader
	);
}
