import {utc} from '../../../lib/parse-time.ts';
import {keyOf} from '../../cluster/cluster.ts';
import {patroniDefaults} from '../../cluster/dcs.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {ailment, isWell, members} from '../../cluster/members.ts';
import type {Operation, Precondition} from '../types.ts';
import {blocking, memberOf, ok, type Scene, warning} from '../types.ts';
import {
	credentialsCheck,
	dcsCheck,
	knownCheck,
	onlyReplicaCheck,
	otherOperationsCheck,
	pauseCheck,
	restCheck,
} from './common.ts';
import {cloneSourceCheck, dependentsChecks, strictSyncCheck} from './member-stops.ts';
import {isInSyncKey, successors, successorsCheck} from './successors.ts';

export function restartChecks(operation: Operation & {kind: 'restart'}, scene: Scene): Precondition[] {
	const {member, role, at} = operation;
	const one = memberOf(scene, member);
	const data = one?.key?.data;
	const pending = data?.pendingRestart ?? one?.rest?.value.pendingRestart ?? false;
	const reasons = Object.entries(data?.pendingRestartReason ?? {}).map(
		([parameter, [from, to]]) => `${parameter} ${from} → ${to}`,
	);
	return [
		...dcsCheck(scene),
		...knownCheck(scene, member),
		pending
			? ok(`a restart is pending${reasons.length === 0 ? '' : `: ${reasons.join(', ')}`}`)
			: operation.pendingOnly && at !== undefined
				? // Patroni looks at the condition only when the time has come.
					warning('no restart is pending now; if none is at that time, nothing is done')
				: operation.pendingOnly
					? blocking('no restart is pending', 'restart conditions are not satisfied (503)')
					: warning('no restart is pending: it is restarted all the same'),
		...(role === 'replica' ? replicaRestart(scene, member) : leaderRestart(scene, member)),
		...dependentsChecks(scene, member),
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
		...(at !== undefined && dynamicConfig(scene.cluster)?.pause
			? [blocking('the cluster is paused', "can't schedule a restart in the paused state")]
			: []),
		...restCheck(scene, member, ', which is asked'),
		...credentialsCheck(scene),
		...otherOperationsCheck(scene),
	];
}

function leaderRestart(scene: Scene, leader: string): Precondition[] {
	const config = dynamicConfig(scene.cluster);
	const timeout = config?.primaryStartTimeout ?? patroniDefaults.primaryStartTimeout;
	const next = successors(scene, [leader]);
	return [
		warning('clients can not write until it is back; their connections are closed'),
		...(config?.pause
			? [warning('the cluster is PAUSED: nobody takes over if it does not come back')]
			: next.some(({doubt}) => doubt === undefined)
				? [
						warning(
							timeout === 0
								? 'a standby takes over at once if it does not start (primary_start_timeout 0)'
								: `should it take longer than primary_start_timeout (${timeout} s), a standby takes over`,
						),
						successorsCheck(next, ''),
					]
				: [successorsCheck(next, 'no healthy standby is there to take over if it does not come back')]),
	];
}

function replicaRestart(scene: Scene, member: string): Precondition[] {
	const config = dynamicConfig(scene.cluster);
	const standbys = keyOf(scene.cluster, 'sync', 'sync')?.value.standbys ?? [];
	if (config === undefined || config.synchronousMode === 'off' || !isInSyncKey(scene, member)) {
		return [
			ok('clients that write do not notice'),
			...onlyReplicaCheck(scene, member),
			...strictSyncCheck(scene, member),
		];
	}

	return [
		...onlyReplicaCheck(scene, member),
		...strictSyncCheck(scene, member),
		standbys.length > 1
			? ok('another synchronous standby stays')
			: warning(
					`${member} is the only synchronous standby: writes wait until Patroni drops it from the sync key or it is back`,
				),
	];
}

export function reloadChecks({member}: {member: string}, scene: Scene): Precondition[] {
	return [
		...dcsCheck(scene),
		...knownCheck(scene, member),
		...restCheck(scene, member, ', which is asked'),
		...credentialsCheck(scene),
	];
}

export function reinitializeChecks(
	operation: Operation & {kind: 'reinitialize'},
	scene: Scene,
): Precondition[] {
	const {member, fromLeader} = operation;
	const leader = leaderKey(scene.cluster)?.member;
	const one = memberOf(scene, member);
	const standbys = keyOf(scene.cluster, 'sync', 'sync')?.value.standbys ?? [];
	return [
		...dcsCheck(scene),
		...knownCheck(scene, member),
		...(leader === undefined
			? [blocking('there is no leader', 'Cluster has no leader, can not reinitialize (503)')]
			: leader === member
				? [blocking(`${member} leads`, 'I am the leader, can not reinitialize (503)')]
				: [ok(`${leader} leads, ${member} does not`)]),
		warning(`ALL DATA on ${member} is removed and copied anew${fromLeader ? ' from the leader' : ''}`),
		...(one === undefined || leader === member ? [] : [cureCheck(one)]),
		...cloneSourceCheck(scene, member, fromLeader),
		...(isInSyncKey(scene, member)
			? [
					warning(
						`${member} is a synchronous standby: until it is back ${standbys.length > 1 ? 'there is one less' : 'there is none'}`,
					),
				]
			: []),
		...onlyReplicaCheck(scene, member),
		...strictSyncCheck(scene, member),
		...dependentsChecks(scene, member),
		...restCheck(scene, member, ', which is asked'),
		...credentialsCheck(scene),
		...otherOperationsCheck(scene),
	];
}

/** Whether there is anything that a copy would mend. */
function cureCheck(one: Member): Precondition {
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

export function pauseChecks(kind: 'pause' | 'resume', scene: Scene): Precondition[] {
	const paused = dynamicConfig(scene.cluster)?.pause ?? false;
	const all = members(scene.cluster, scene.now);
	const blind = all.filter(({restSees}) => !restSees).map(({name}) => name);
	const unwell = all.filter(one => one.restSees && !isWell(one)).map(ailment);
	return [
		...dcsCheck(scene),
		...(kind === 'pause' && paused ? [blocking('the cluster is paused already')] : []),
		...(kind === 'resume' && !paused ? [blocking('the cluster is not paused')] : []),
		...(kind === 'pause'
			? [warning('until it is resumed nobody takes over when the leader fails')]
			: unwell.length === 0
				? [ok('every member is as it should be')]
				: [warning(`Patroni acts at once where something is amiss: ${unwell.join(', ')}`)]),
		...(blind.length === 0 ? [] : [warning(`whether ${blind.join(' and ')} applied it can't be seen now`)]),
		...credentialsCheck(scene),
	];
}

export function configureChecks(scene: Scene): Precondition[] {
	return [
		...dcsCheck(scene),
		...pauseCheck(scene, 'a change is applied all the same'),
		...credentialsCheck(scene),
		...otherOperationsCheck(scene),
	];
}

/** What there is to cancel. */
export function cancelChecks(
	operation: Operation & {kind: 'switchover.cancel' | 'restart.cancel'},
	scene: Scene,
): Precondition[] {
	const at =
		operation.kind === 'switchover.cancel'
			? keyOf(scene.cluster, 'failover', 'failover')?.value.scheduledAt
			: memberOf(scene, operation.member)?.key?.data.scheduledRestart;
	return [
		...dcsCheck(scene),
		at === undefined
			? blocking('nothing is scheduled', 'nothing to cancel (404)')
			: ok(`scheduled at ${utc(at)}`),
		...credentialsCheck(scene),
	];
}
