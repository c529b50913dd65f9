import {utc} from '../../../lib/parse-time.ts';
import {keyOf} from '../../cluster/cluster.ts';
import {patroniDefaults} from '../../cluster/dcs.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {ailment, isWell, members} from '../../cluster/members.ts';
import type {Operation, Precondition} from '../types.ts';
import {blocking, memberOf, type OperationContext, ok, warning} from '../types.ts';
import {
	checkCredentials,
	checkDcs,
	checkOnlyReplica,
	checkOtherOperations,
	checkPause,
	checkRegistered,
	checkRest,
} from './common.ts';
import {checkCloneSource, checkDependents, checkStrictSync} from './member-stops.ts';
import {checkSuccessors, isInSyncKey, successors} from './successors.ts';

export function restartPreconditions(
	operation: Operation & {kind: 'restart'},
	context: OperationContext,
): Precondition[] {
	const {member, role, at} = operation;
	const one = memberOf(context, member);
	const data = one?.key?.data;
	const pending = data?.pendingRestart ?? one?.rest?.value.pendingRestart ?? false;
	const reasons = Object.entries(data?.pendingRestartReason ?? {}).map(
		([parameter, [from, to]]) => `${parameter} ${from} → ${to}`,
	);
	return [
		...checkDcs(context),
		...checkRegistered(context, member),
		pending
			? ok(`a restart is pending${reasons.length === 0 ? '' : `: ${reasons.join(', ')}`}`)
			: operation.pendingOnly && at !== undefined
				? // Patroni looks at the condition only when the time has come.
					warning('no restart is pending now; if none is at that time, nothing is done')
				: operation.pendingOnly
					? blocking('no restart is pending', 'restart conditions are not satisfied (503)')
					: warning('no restart is pending: it is restarted all the same'),
		...(role === 'replica' ? checkReplicaRestart(context, member) : checkLeaderRestart(context, member)),
		...checkDependents(context, member),
		...(data?.scheduledRestart === undefined
			? []
			: [
					at === undefined
						? warning(`a restart is scheduled at ${utc(data.scheduledRestart)}: it stays scheduled`)
						: blocking(
								`a restart is scheduled at ${utc(data.scheduledRestart)}`,
								'already scheduled (409): cancel it first',
							),
				]),
		...(at !== undefined && dynamicConfig(context.cluster)?.pause
			? [blocking('the cluster is paused', "can't schedule a restart in the paused state")]
			: []),
		...checkRest(context, member, ', which is asked'),
		...checkCredentials(context),
		...checkOtherOperations(context),
	];
}

function checkLeaderRestart(context: OperationContext, leader: string): Precondition[] {
	const config = dynamicConfig(context.cluster);
	const timeout = config?.primaryStartTimeout ?? patroniDefaults.primaryStartTimeout;
	const next = successors(context, [leader]);
	return [
		warning('clients can not write until it is back; their connections are closed'),
		...(config?.pause
			? [warning('the cluster is PAUSED: nobody takes over if it does not come back')]
			: next.some(({concern}) => concern === undefined)
				? [
						warning(
							timeout === 0
								? 'a standby takes over at once if it does not start (primary_start_timeout 0)'
								: `should it take longer than primary_start_timeout (${timeout} s), a standby takes over`,
						),
						checkSuccessors(next, ''),
					]
				: [checkSuccessors(next, 'no healthy standby is there to take over if it does not come back')]),
	];
}

function checkReplicaRestart(context: OperationContext, member: string): Precondition[] {
	const config = dynamicConfig(context.cluster);
	const standbys = keyOf(context.cluster, 'sync', 'sync')?.value.standbys ?? [];
	if (config === undefined || config.synchronousMode === 'off' || !isInSyncKey(context, member)) {
		return [
			ok('clients that write do not notice'),
			...checkOnlyReplica(context, member),
			...checkStrictSync(context, member),
		];
	}

	return [
		...checkOnlyReplica(context, member),
		...checkStrictSync(context, member),
		standbys.length > 1
			? ok('another synchronous standby stays')
			: warning(
					`${member} is the only synchronous standby: writes wait until Patroni drops it from the sync key or it is back`,
				),
	];
}

export function reloadPreconditions({member}: {member: string}, context: OperationContext): Precondition[] {
	return [
		...checkDcs(context),
		...checkRegistered(context, member),
		...checkRest(context, member, ', which is asked'),
		...checkCredentials(context),
	];
}

export function reinitializePreconditions(
	operation: Operation & {kind: 'reinitialize'},
	context: OperationContext,
): Precondition[] {
	const {member, fromLeader} = operation;
	const leader = leaderKey(context.cluster)?.member;
	const one = memberOf(context, member);
	const standbys = keyOf(context.cluster, 'sync', 'sync')?.value.standbys ?? [];
	return [
		...checkDcs(context),
		...checkRegistered(context, member),
		...(leader === undefined
			? [blocking('there is no leader', 'Cluster has no leader, can not reinitialize (503)')]
			: leader === member
				? [blocking(`${member} leads`, 'I am the leader, can not reinitialize (503)')]
				: [ok(`${leader} leads, ${member} does not`)]),
		warning(`ALL DATA on ${member} is removed and copied anew${fromLeader ? ' from the leader' : ''}`),
		...(one === undefined || leader === member ? [] : [checkCure(one)]),
		...checkCloneSource(context, member, fromLeader),
		...(isInSyncKey(context, member)
			? [
					warning(
						`${member} is a synchronous standby: until it is back ${standbys.length > 1 ? 'there is one less' : 'there is none'}`,
					),
				]
			: []),
		...checkOnlyReplica(context, member),
		...checkStrictSync(context, member),
		...checkDependents(context, member),
		...checkRest(context, member, ', which is asked'),
		...checkCredentials(context),
		...checkOtherOperations(context),
	];
}

/** Whether there is anything that a copy would mend. */
function checkCure(one: Member): Precondition {
	const words = ailment(one);
	if (/^(stopping|restarting)$/.test(one.state)) {
		return warning(
			`${one.name} is ${one.state}: a copy waits for that, too; the findings say for what it was last seen to wait`,
		);
	}

	return one.health === 'well'
		? warning(`${one.name} is ${one.state}: it is healthy as it is`)
		: one.health === 'unknown'
			? warning(`${words ?? `${one.name} is out of sight`}: it may be healthy as it is`)
			: ok(`${words}: a copy is what mends it where it does not come by itself`);
}

export function pausePreconditions(kind: 'pause' | 'resume', context: OperationContext): Precondition[] {
	const paused = dynamicConfig(context.cluster)?.pause ?? false;
	const all = members(context.cluster, context.now);
	const blind = all.filter(({restSees}) => !restSees).map(({name}) => name);
	const unwell = all.filter(one => one.restSees && !isWell(one)).map(ailment);
	return [
		...checkDcs(context),
		...(kind === 'pause' && paused ? [blocking('the cluster is paused already')] : []),
		...(kind === 'resume' && !paused ? [blocking('the cluster is not paused')] : []),
		...(kind === 'pause'
			? [warning('until it is resumed nobody takes over when the leader fails')]
			: unwell.length === 0
				? [ok('every member is as it should be')]
				: [warning(`Patroni acts at once where something is amiss: ${unwell.join(', ')}`)]),
		...(blind.length === 0 ? [] : [warning(`whether ${blind.join(' and ')} applied it can't be seen now`)]),
		...checkCredentials(context),
	];
}

export function configurePreconditions(context: OperationContext): Precondition[] {
	return [
		...checkDcs(context),
		...checkPause(context, 'a change is applied all the same'),
		...checkCredentials(context),
		...checkOtherOperations(context),
	];
}

/** What there is to cancel. */
export function cancelPreconditions(
	operation: Operation & {kind: 'switchover.cancel' | 'restart.cancel'},
	context: OperationContext,
): Precondition[] {
	const at =
		operation.kind === 'switchover.cancel'
			? keyOf(context.cluster, 'failover', 'failover')?.value.scheduledAt
			: memberOf(context, operation.member)?.key?.data.scheduledRestart;
	return [
		...checkDcs(context),
		at === undefined
			? blocking('nothing is scheduled', 'nothing to cancel (404)')
			: ok(`scheduled at ${utc(at)}`),
		...checkCredentials(context),
	];
}
