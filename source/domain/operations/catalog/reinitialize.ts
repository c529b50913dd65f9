/** Reinitialize: a replica's data is removed and copied from another member. */
import {keyOf} from '../../cluster/cluster.ts';
import {healthProblem} from '../../cluster/health.ts';
import {leaderKey} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {
	checkCredentials,
	checkDcs,
	checkOnlyReplica,
	checkOtherOperations,
	checkRegistered,
	checkRest,
} from '../preconditions/common.ts';
import {checkCloneSource, checkDependents, checkStrictSync} from '../preconditions/member-stops.ts';
import {checkPostgres} from '../preconditions/postgres.ts';
import {isInSyncKey} from '../preconditions/successors.ts';
import {isStartedSince, isStateSince, streams} from '../progress/machine.ts';
import {inOrder, restRequest} from '../request.ts';
import type {ClusterContext, OperationContext, Precondition, Run, StepDefinition} from '../types.ts';
import {blocking, isTicked, memberOf, ok, warning} from '../types.ts';
import {type OperationDefinition, type OperationOf, yesOrNo} from './definition.ts';

type Reinitialize = OperationOf<'reinitialize'>;

export const reinitialize: OperationDefinition<'reinitialize'> = {
	describe: ({member, fromLeader}) => `reinitialize ${member}${fromLeader ? ' from the leader' : ''}`,
	requests: ({member, force, fromLeader}, context) =>
		inOrder(
			restRequest(context, member, 'POST', '/reinitialize', {
				...(force ? {force: true} : {}),
				...(fromLeader ? {from_leader: true} : {}),
			}),
		),
	preconditions: reinitializePreconditions,
	steps: reinitializeSteps,
	offers: ({member}) =>
		member === undefined
			? []
			: [
					{
						label: `reinitialize ${member.name}: remove its data, copy it again`,
						operation: {kind: 'reinitialize', member: member.name, force: true, fromLeader: false},
					},
				],
	appliesTo: 'member',
	command: 'operation.reinitialize',
	fields: [
		{
			id: 'fromLeader',
			input: 'choice',
			label: 'from the leader',
			isOffered: ({member}, context) => takesFromLeader(member, context),
			value: ({fromLeader}) => yesOrNo(fromLeader),
			change: operation => ({...operation, fromLeader: !operation.fromLeader}),
		},
	],
	confirmationName: ({member}) => member,
	comparesRevisions: false,
	effect: ({member}) => ({kind: 'reinitialize', members: [member]}),
};

/** Whether the member's Patroni can copy from the leader on request; from 4.1. */
function takesFromLeader(member: string, {cluster}: ClusterContext): boolean {
	const version = keyOf(cluster, `members/${member}`, 'member')?.value.data.version ?? '';
	const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10) || 0);
	return major > 4 || (major === 4 && minor >= 1);
}

function reinitializePreconditions(operation: Reinitialize, context: OperationContext): Precondition[] {
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
		warning(`ALL DATA on ${member} is removed and copied again${fromLeader ? ' from the leader' : ''}`),
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
		...checkRest(context, member, ', which receives the request'),
		...checkCredentials(context),
		...checkOtherOperations(context),
		...checkPostgres(context, {stops: member}),
	];
}

/** Whether a copy would repair anything. */
function checkCure(one: Member): Precondition {
	const words = healthProblem(one);
	if (/^(stopping|restarting)$/.test(one.state)) {
		return warning(
			`${one.name} is ${one.state}: a copy waits for that too; the findings show what it waits for`,
		);
	}

	return one.health === 'well'
		? warning(`${one.name} is ${one.state}: it is healthy`)
		: one.health === 'unknown'
			? warning(`${words ?? `no data from ${one.name}`}: it may be healthy`)
			: ok(`${words}: a copy repairs it if it does not recover`);
}

function reinitializeSteps({member}: Reinitialize, context: ClusterContext): StepDefinition[] {
	const wasSync = keyOf(context.cluster, 'sync', 'sync')?.value.standbys.includes(member) ?? false;
	return [
		{
			id: 'removed',
			text: 'PostgreSQL stopped, its data removed',
			essential: false,
			seen: (run, {cluster}) =>
				isStateSince(run, cluster, member, state => /stop|creating|uninit/.test(state)) ||
				isStartedSince(run, cluster, member),
		},
		{
			id: 'copied',
			text: 'copied again, and started',
			essential: true,
			seen: (run, {cluster}) =>
				isStartedSince(run, cluster, member) &&
				isStateSince(run, cluster, member, state => state === 'running'),
		},
		streams(member, 'copied', true),
		...(wasSync
			? [
					{
						id: 'sync',
						text: `${member} is a synchronous standby again`,
						essential: false,
						seen: (run: Run, {cluster}: ClusterContext) =>
							isTicked(run, 'streams') &&
							(keyOf(cluster, 'sync', 'sync')?.value.standbys.includes(member) ?? false),
					},
				]
			: []),
	];
}
