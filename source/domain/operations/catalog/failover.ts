/** Failover: a chosen member takes over while no leader can hand over. */

import {healthProblem, isWell} from '../../cluster/health.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import {members} from '../../cluster/members.ts';
import {checkCandidate, checkClientPath} from '../preconditions/candidate.ts';
import {
	checkCredentials,
	checkDcs,
	checkOtherOperations,
	checkRegistered,
	checkVip,
} from '../preconditions/common.ts';
import {checkDependents} from '../preconditions/member-stops.ts';
import {isInSyncKey} from '../preconditions/successors.ts';
import {handoverSteps} from '../progress/handover.ts';
import {anyMember, inOrder, restRequest} from '../request.ts';
import type {OperationContext, Precondition} from '../types.ts';
import {blocking, isBlocked, memberOf, ok, warning} from '../types.ts';
import type {OperationDefinition, OperationOf} from './definition.ts';
import {switchoverPreconditions} from './switchover.ts';

export const failover: OperationDefinition<'failover'> = {
	describe: ({candidate}) => `failover to ${candidate}`,
	requests: ({candidate}, context) =>
		inOrder(restRequest(context, anyMember(context, candidate), 'POST', '/failover', {candidate})),
	preconditions: failoverPreconditions,
	steps: ({candidate}, context) => handoverSteps(candidate, context),
	offers: ({member}, {cluster}) =>
		member === undefined || leaderKey(cluster)?.member === member.name
			? []
			: [{label: `failover to ${member.name}`, operation: {kind: 'failover', candidate: member.name}}],
	appliesTo: 'member',
	command: 'operation.failover',
	confirmationName: ({candidate}) => candidate,
	comparesRevisions: true,
	newLeader: ({candidate}) => candidate,
};

function failoverPreconditions(
	{candidate}: OperationOf<'failover'>,
	context: OperationContext,
): Precondition[] {
	const one = memberOf(context, candidate);
	const config = dynamicConfig(context.cluster);
	const inSync = isInSyncKey(context, candidate);
	const present = leaderKey(context.cluster)?.member;
	return [
		...checkDcs(context),
		...checkSwitchoverPossible(candidate, context),
		...checkRegistered(context, candidate),
		...(one === undefined ? [] : checkCandidate(one, context, leaderAsks(context))),
		inSync && config?.synchronousMode !== 'off'
			? ok(`${candidate} is a synchronous standby: what was acknowledged is on it`)
			: warning(
					`${candidate} is not a synchronous standby: transactions that were acknowledged but have not reached it are LOST`,
				),
		...(present === undefined || present === candidate ? [] : checkDependents(context, present)),
		...checkCredentials(context),
		...checkOtherOperations(context, {replaces: true}),
		...checkVip(context),
		...checkClientPath(context, candidate),
	];
}

/** A failover is blocked while a switchover is possible. */
function checkSwitchoverPossible(candidate: string, context: OperationContext): Precondition[] {
	const leader = members(context.cluster, context.now).find(
		({role}) => role === 'leader' || role === 'standby_leader',
	);
	if (!isWell(leader)) {
		return [ok(`no healthy leader is known${leader === undefined ? '' : ` (${healthProblem(leader)})`}`)];
	}

	const handover = {kind: 'switchover', leader: leader.name, candidate, at: undefined} as const;
	return [
		isBlocked(switchoverPreconditions(handover, context))
			? warning(`${leader.name} leads and is healthy: what it has not sent to ${candidate} yet is lost`)
			: blocking(`a switchover to ${candidate} is possible, and loses nothing`),
	];
}

/** Whether a leader answers: it checks lag and timeline before it hands over; without one, nothing does. */
function leaderAsks(context: OperationContext): boolean {
	const leader = leaderKey(context.cluster)?.member;
	return leader !== undefined && memberOf(context, leader)?.restSees === true;
}
