/** Operations on PostgreSQL by Patroni: restart (now, scheduled, cancelled) and reload. */
import {utc} from '../../../lib/parse-time.ts';
import {keyOf} from '../../cluster/cluster.ts';
import {patroniDefaults} from '../../cluster/dcs.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import {interpretAnswer} from '../patroni-answers.ts';
import {
	checkCredentials,
	checkDcs,
	checkOnlyReplica,
	checkOtherOperations,
	checkRegistered,
	checkRest,
	checkScheduled,
} from '../preconditions/common.ts';
import {checkDependents, checkStrictSync} from '../preconditions/member-stops.ts';
import {checkPostgres} from '../preconditions/postgres.ts';
import {checkSuccessors, isInSyncKey, successors} from '../preconditions/successors.ts';
import {isStartedSince, isStateSince, scheduledRestart, streams} from '../progress/machine.ts';
import {inOrder, restRequest} from '../request.ts';
import type {ClusterContext, OperationContext, Precondition, Run, StepDefinition} from '../types.ts';
import {blocking, isTicked, memberOf, ok, warning} from '../types.ts';
import {
	type OperationDefinition,
	type OperationOf,
	scheduleField,
	scheduleSuffix,
	yesOrNo,
} from './definition.ts';

type Restart = OperationOf<'restart'>;

export const restart: OperationDefinition<'restart'> = {
	describe: ({member, pendingOnly, at}) =>
		`restart PostgreSQL on ${member}${pendingOnly ? ' if a restart is pending' : ''}${scheduleSuffix(at)}`,
	requests: (operation, context) =>
		inOrder(restRequest(context, operation.member, 'POST', '/restart', body(operation, context))),
	preconditions: restartPreconditions,
	steps: restartSteps,
	offers({member: one}, {cluster}) {
		if (one === undefined) {
			return [];
		}

		const leads = leaderKey(cluster)?.member === one.name;
		const role = leads ? (one.role === 'standby_leader' ? 'standby_leader' : 'primary') : 'replica';
		return [
			{
				label: `restart PostgreSQL on ${one.name}`,
				operation: {kind: 'restart', member: one.name, role, pendingOnly: false, at: undefined},
			},
		];
	},
	appliesTo: 'member',
	command: 'operation.restart',
	fields: [
		scheduleField<Restart>(),
		{
			id: 'pendingOnly',
			input: 'choice',
			label: 'only if pending',
			value: ({pendingOnly}) => yesOrNo(pendingOnly),
			change: operation => ({...operation, pendingOnly: !operation.pendingOnly}),
		},
	],
	comparesRevisions: false,
	effect: ({member, at}) => (at === undefined ? {kind: 'restart', members: [member]} : undefined),
};

/**
 * The request includes the role, so that a member whose role has changed refuses. Patroni 4.0 renamed `master` to
 * `primary`.
 */
function body({role, pendingOnly, at, member}: Restart, {cluster}: ClusterContext): object {
	const version = keyOf(cluster, `members/${member}`, 'member')?.value.data.version;
	const isOld = version !== undefined && Number.parseInt(version, 10) < 4;
	return {
		role: isOld && role === 'primary' ? 'master' : role,
		// Patroni treats the presence of the key as true.
		...(pendingOnly ? {restart_pending: true} : {}),
		...(at === undefined ? {} : {schedule: new Date(at).toISOString()}),
	};
}

function restartPreconditions(operation: Restart, context: OperationContext): Precondition[] {
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
				? // Patroni checks this condition only at the scheduled time.
					warning('no restart is pending now; if none is at that time, nothing is done')
				: operation.pendingOnly
					? blocking('no restart is pending', 'restart conditions are not satisfied (503)')
					: warning('no restart is pending: it is restarted anyway'),
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
		...checkRest(context, member, ', which receives the request'),
		...checkCredentials(context),
		...checkOtherOperations(context),
		...(at === undefined ? checkPostgres(context, {stops: member}) : []),
	];
}

function checkLeaderRestart(context: OperationContext, leader: string): Precondition[] {
	const config = dynamicConfig(context.cluster);
	const timeout = config?.primaryStartTimeout ?? patroniDefaults.primaryStartTimeout;
	const next = successors(context, [leader]);
	return [
		warning('clients cannot write until it is back; their connections are closed'),
		...(config?.pause
			? [warning('the cluster is PAUSED: no failover if it does not come back')]
			: next.some(({concern}) => concern === undefined)
				? [
						warning(
							timeout === 0
								? 'a standby takes over at once if it does not start (primary_start_timeout 0)'
								: `if it takes longer than primary_start_timeout (${timeout} s), a standby takes over`,
						),
						checkSuccessors(next, ''),
					]
				: [checkSuccessors(next, 'no healthy standby could take over if it does not come back')]),
	];
}

function checkReplicaRestart(context: OperationContext, member: string): Precondition[] {
	const config = dynamicConfig(context.cluster);
	const standbys = keyOf(context.cluster, 'sync', 'sync')?.value.standbys ?? [];
	if (config === undefined || config.synchronousMode === 'off' || !isInSyncKey(context, member)) {
		return [
			ok('no effect on clients that write'),
			...checkOnlyReplica(context, member),
			...checkStrictSync(context, member),
		];
	}

	return [
		...checkOnlyReplica(context, member),
		...checkStrictSync(context, member),
		standbys.length > 1
			? ok('another synchronous standby remains')
			: warning(
					`${member} is the only synchronous standby: writes wait until Patroni drops it from the sync key or it is back`,
				),
	];
}

function restartSteps({member, at}: Restart, context: ClusterContext): StepDefinition[] {
	if (at !== undefined) {
		return [
			{
				id: 'scheduled',
				text: `${member} reports the schedule`,
				essential: true,
				seen: (_, {cluster}) => scheduledRestart(cluster, member) !== undefined,
			},
		];
	}

	const wasPending =
		keyOf(context.cluster, `members/${member}`, 'member')?.value.data.pendingRestart ?? false;
	const leads = leaderKey(context.cluster)?.member === member;
	return [
		{
			id: 'restarting',
			text: 'PostgreSQL stops and starts',
			essential: false,
			seen: (run, {cluster}) =>
				isStateSince(run, cluster, member, state => state !== 'running') ||
				isStartedSince(run, cluster, member),
		},
		{
			id: 'restarted',
			text: 'a new postmaster runs',
			essential: true,
			seen: (run, {cluster}) =>
				isStartedSince(run, cluster, member) &&
				isStateSince(run, cluster, member, state => state === 'running'),
		},
		...(wasPending
			? [
					{
						id: 'cleared',
						text: 'no restart is pending any more',
						essential: false,
						seen: (run: Run, {cluster}: ClusterContext) =>
							isTicked(run, 'restarted') &&
							keyOf(cluster, `members/${member}`, 'member')?.value.data.pendingRestart === false,
					},
				]
			: []),
		...(leads ? [] : [streams(member, 'restarted', false)]),
	];
}

export const cancelRestart: OperationDefinition<'restart.cancel'> = {
	describe: ({member}) => `cancel the scheduled restart of ${member}`,
	requests: ({member}, context) => inOrder(restRequest(context, member, 'DELETE', '/restart')),
	preconditions: ({member}, context) => [
		...checkDcs(context),
		...checkScheduled(scheduledRestart(context.cluster, member)),
		...checkCredentials(context),
	],
	steps: ({member}) => [
		{
			id: 'cancelled',
			text: 'nothing is scheduled any more',
			essential: true,
			seen: (_, {cluster}) => scheduledRestart(cluster, member) === undefined,
		},
	],
	offers({member}) {
		const scheduledAt = member?.key?.data.scheduledRestart;
		return member === undefined || scheduledAt === undefined
			? []
			: [
					{
						label: 'cancel the scheduled restart',
						operation: {kind: 'restart.cancel', member: member.name},
						scheduledAt,
					},
				];
	},
	appliesTo: 'member',
	comparesRevisions: true,
};

export const reload: OperationDefinition<'reload'> = {
	describe: ({member}) => `reload ${member}`,
	requests: ({member}, context) => inOrder(restRequest(context, member, 'POST', '/reload', {})),
	preconditions: ({member}, context) => [
		...checkDcs(context),
		...checkRegistered(context, member),
		...checkRest(context, member, ', which receives the request'),
		...checkCredentials(context),
	],
	steps: ({member}) => [
		{
			id: 'accepted',
			text: `Patroni on ${member} accepted it (PostgreSQL does not report when it has read it)`,
			essential: true,
			seen: ({answers}) =>
				answers.some(
					answer =>
						answer.kind === 'answered' && interpretAnswer(answer.status, answer.text).verdict === 'accepted',
				),
		},
	],
	offers: ({member}) =>
		member === undefined
			? []
			: [
					{
						label: `reload the configuration of ${member.name}`,
						operation: {kind: 'reload', member: member.name},
					},
				],
	appliesTo: 'member',
	command: 'operation.reload',
	comparesRevisions: false,
};
