/**
 * Switchover: the leader hands over to a chosen member, now or at a set time; its cancellation; and failover, which
 * needs no leader.
 */
import {keyOf} from '../../cluster/cluster.ts';
import {healthProblem, isWell} from '../../cluster/health.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {failoverPriority} from '../../cluster/member.ts';
import {members} from '../../cluster/members.ts';
import {mayWaitForStandby} from '../../cluster/postgres.ts';
import {checkCandidate, checkClientPath, checkSeenFrom, checkSyncKey} from '../preconditions/candidate.ts';
import {
	checkCredentials,
	checkDcs,
	checkOtherOperations,
	checkRegistered,
	checkRest,
	checkScheduled,
	checkVip,
} from '../preconditions/common.ts';
import {checkDependents, checkSyncAfterHandover} from '../preconditions/member-stops.ts';
import {checkPostgres} from '../preconditions/postgres.ts';
import {isInSyncKey} from '../preconditions/successors.ts';
import {preparationOf, preparationSteps, preparationSuffix, switchoverGate} from '../preparation.ts';
import {handoverSteps, isAskedSince} from '../progress/handover.ts';
import {anyMember, inOrder, restRequest, sqlRequest} from '../request.ts';
import type {OperationContext, Precondition} from '../types.ts';
import {blocking, isBlocked, machineOf, memberOf, ok, warning} from '../types.ts';
import {
	type DraftOffer,
	type OperationDefinition,
	type OperationOf,
	scheduleField,
	scheduleSuffix,
} from './definition.ts';
import {preparationFields} from './preparation-fields.ts';

type Switchover = OperationOf<'switchover'>;

export const switchover: OperationDefinition<'switchover'> = {
	describe: operation => {
		const {leader, candidate, at} = operation;
		return `switchover ${leader} → ${candidate}${scheduleSuffix(at)}${preparationSuffix(operation)}`;
	},
	requests: (operation, context) => {
		const {leader, candidate, at} = operation;
		return inOrder(
			...(preparationOf(operation).checkpoint ? [sqlRequest(context, leader, 'CHECKPOINT')] : []),
			restRequest(context, leader, 'POST', '/switchover', {
				leader,
				candidate,
				...(at === undefined ? {} : {scheduled_at: new Date(at).toISOString()}),
			}),
		);
	},
	preconditions: (operation, context) => [
		...switchoverPreconditions(operation, context),
		...checkPostgres(context, {
			stops: operation.leader,
			candidate: operation.candidate,
			isLater: operation.at !== undefined,
		}),
	],
	steps: (operation, context) => {
		const {candidate, at} = operation;
		return at === undefined
			? [...preparationSteps(operation), ...handoverSteps(candidate, context)]
			: [
					{
						id: 'scheduled',
						text:
							context.target.rest === undefined
								? 'etcd holds the schedule (failover key)'
								: 'the members show the schedule',
						essential: true,
						seen: (run, {cluster}) => isAskedSince(run, cluster, candidate),
					},
				];
	},
	offers: ({member}, context) => (member === undefined ? [] : [offer(member, context)]),
	appliesTo: 'member',
	command: 'operation.switchover',
	fields: [
		{
			id: 'candidate',
			input: 'choice',
			label: 'to',
			isOffered: (_, context) => candidates(context).length > 1,
			value: ({candidate}) => candidate,
			change(operation, step, context) {
				const all = candidates(context).sort();
				const index = (all.indexOf(operation.candidate) + step + all.length) % all.length;
				return {...operation, candidate: all[index] ?? operation.candidate};
			},
		},
		scheduleField<Switchover>(),
		...preparationFields,
	],
	gate: switchoverGate,
	comparesRevisions: true,
	newLeader: ({candidate, at}) => (at === undefined ? candidate : undefined),
	effect: ({leader, candidate, at}) =>
		at === undefined ? {kind: 'handover', members: [leader, candidate]} : undefined,
};

/** A switchover to the member; from the leader's row, to the best candidate. */
function offer({name}: Member, context: OperationContext): DraftOffer<Switchover> {
	const leader = leaderKey(context.cluster)?.member;
	const candidate = leader === name ? candidates(context)[0] : name;
	if (leader === undefined || candidate === undefined) {
		return {
			label: 'switchover',
			operation: {
				unavailable: leader === undefined ? 'no leader: a failover is possible' : 'there is no other member',
			},
		};
	}

	return {
		label: `switchover ${leader} → ${candidate}`,
		operation: {kind: 'switchover', leader, candidate, at: undefined},
	};
}

/** Members that could take over, those without a blocking precondition first. */
export function candidates(context: OperationContext): string[] {
	const leader = leaderKey(context.cluster)?.member;
	// Patroni's order: well members, then by failover_priority.
	const others = members(context.cluster, context.now)
		.filter(({name}) => name !== leader)
		.toSorted((a, b) => Number(isWell(b)) - Number(isWell(a)) || failoverPriority(b) - failoverPriority(a))
		.map(({name}) => name);
	const blocked = (candidate: string) =>
		leader !== undefined &&
		isBlocked(switchoverPreconditions({kind: 'switchover', leader, candidate, at: undefined}, context));
	return [...others.filter(name => !blocked(name)), ...others.filter(blocked)];
}

export function switchoverPreconditions(operation: Switchover, context: OperationContext): Precondition[] {
	const {leader, candidate, at} = operation;
	const one = memberOf(context, candidate);
	const present = leaderKey(context.cluster)?.member;
	return [
		...checkDcs(context),
		...(present === leader ? [] : [blocking(`${leader} does not lead`, 'leader name does not match (412)')]),
		...(candidate === leader ? [blocking(`${candidate} leads already`, 'same source and target (400)')] : []),
		...decidedThen(at, [
			...checkRegistered(context, candidate),
			...(one === undefined ? [] : checkCandidate(one, context)),
			...checkSyncKey(candidate, context),
		]),
		...checkScheduleInPause(at, context),
		...(present === leader
			? [...checkDependents(context, leader), ...checkSyncAfterHandover(context, leader, candidate)]
			: []),
		...checkRest(context, leader, ', which receives the request'),
		...checkSeenFrom(context, machineOf(context, leader), candidate),
		...checkCredentials(context),
		...checkOtherOperations(context, {replaces: true}),
		...checkVip(context),
		...checkClientPath(context, candidate),
	];
}

/** Patroni accepts any schedule and checks the candidate only at that time, so blocking checks become warnings. */
function decidedThen(at: number | undefined, checks: readonly Precondition[]): Precondition[] {
	return checks.map(check =>
		at === undefined || check.level !== 'blocking'
			? check
			: {...check, level: 'warning', text: `${check.text}; if it is so at that time, nothing is done`},
	);
}

function checkScheduleInPause(at: number | undefined, {cluster}: OperationContext): Precondition[] {
	if (!dynamicConfig(cluster)?.pause) {
		return [];
	}

	return at === undefined
		? [warning('the cluster is paused: the switchover is done anyway')]
		: [blocking('the cluster is paused', 'nothing can be scheduled in a paused state (400)')];
}

export const cancelSwitchover: OperationDefinition<'switchover.cancel'> = {
	describe: () => 'cancel the scheduled switchover',
	requests: (_, context) => inOrder(restRequest(context, anyMember(context), 'DELETE', '/switchover')),
	preconditions: (_, context) => [
		...checkDcs(context),
		...checkScheduled(scheduledAt(context)),
		...checkCredentials(context),
	],
	steps: () => [
		{
			id: 'cancelled',
			text: 'nothing is scheduled any more',
			essential: true,
			seen: (_, {cluster}) => scheduledAt({cluster}) === undefined,
		},
	],
	offers(_, context) {
		const at = scheduledAt(context);
		return at === undefined
			? []
			: [
					{
						label: 'cancel the scheduled switchover',
						operation: {kind: 'switchover.cancel'},
						scheduledAt: at,
					},
				];
	},
	appliesTo: 'cluster',
	comparesRevisions: true,
};

function scheduledAt({cluster}: Pick<OperationContext, 'cluster'>): string | undefined {
	return keyOf(cluster, 'failover', 'failover')?.value.scheduledAt;
}

/** A chosen member takes over while no leader can hand over. */
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
	effect: ({candidate}, {leader}) => ({
		kind: 'handover',
		members: leader === undefined ? [candidate] : [leader, candidate],
	}),
};

export function failoverPreconditions(
	{candidate}: OperationOf<'failover'>,
	context: OperationContext,
): Precondition[] {
	const one = memberOf(context, candidate);
	const config = dynamicConfig(context.cluster);
	const inSync = isInSyncKey(context, candidate);
	const present = leaderKey(context.cluster)?.member;
	// Also of one that lost its key.
	const last = context.cluster.leaders?.current;
	return [
		...checkDcs(context),
		...checkSwitchoverPossible(candidate, context),
		...checkRegistered(context, candidate),
		...(one === undefined ? [] : checkCandidate(one, context, leaderAsks(context))),
		inSync && config?.synchronousMode !== 'off'
			? mayWaitForStandby(last?.synchronousCommit)
				? ok(`${candidate} is a synchronous standby: what was acknowledged is on it`)
				: warning(
						`commits on ${last?.leader} do not wait for ${candidate} (synchronous_commit is ${last?.synchronousCommit}): transactions that were acknowledged but have not reached it are LOST`,
					)
			: warning(
					`${candidate} is not a synchronous standby: transactions that were acknowledged but have not reached it are LOST`,
				),
		...(present === undefined || present === candidate ? [] : checkDependents(context, present)),
		...checkCredentials(context),
		...checkOtherOperations(context, {replaces: true}),
		...checkVip(context),
		...checkClientPath(context, candidate),
		...checkPostgres(context, {stops: present === candidate ? undefined : present, candidate}),
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
