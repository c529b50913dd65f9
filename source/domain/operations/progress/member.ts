/** Restart, reload, reinitialize, pause, resume and configuration, as the members' keys and their own REST show them. */
import {type Cluster, clockOffset, keyOf} from '../../cluster/cluster.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import {isWell, members} from '../../cluster/members.ts';
import {interpretAnswer} from '../patroni-answers.ts';
import type {Operation, Run} from '../types.ts';
import {type ClusterContext, isTicked, type StepDefinition} from '../types.ts';

export function restartSteps(
	{member, at}: Operation & {kind: 'restart'},
	context: ClusterContext,
): StepDefinition[] {
	if (at !== undefined) {
		return [
			{
				id: 'scheduled',
				text: `${member} tells of the schedule`,
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
				stateSince(run, cluster, member, state => state !== 'running') ||
				isStartedSince(run, cluster, member),
		},
		{
			id: 'restarted',
			text: 'a new postmaster runs',
			essential: true,
			seen: (run, {cluster}) =>
				isStartedSince(run, cluster, member) &&
				stateSince(run, cluster, member, state => state === 'running'),
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

export function reloadSteps({member}: {member: string}): StepDefinition[] {
	return [
		{
			id: 'accepted',
			text: `${member}'s Patroni took it on; nobody can see when PostgreSQL has read it`,
			essential: true,
			seen: ({answers}) =>
				answers.some(
					answer =>
						answer.kind === 'answered' && interpretAnswer(answer.status, answer.text).verdict === 'accepted',
				),
		},
	];
}

export function reinitializeSteps({member}: {member: string}, context: ClusterContext): StepDefinition[] {
	const wasSync = keyOf(context.cluster, 'sync', 'sync')?.value.standbys.includes(member) ?? false;
	return [
		{
			id: 'removed',
			text: 'PostgreSQL stopped, its data removed',
			essential: false,
			seen: (run, {cluster}) =>
				stateSince(run, cluster, member, state => /stop|creating|uninit/.test(state)) ||
				isStartedSince(run, cluster, member),
		},
		{
			id: 'copied',
			text: 'copied anew, and started',
			essential: true,
			seen: (run, {cluster}) =>
				isStartedSince(run, cluster, member) &&
				stateSince(run, cluster, member, state => state === 'running'),
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

export function pauseSteps(kind: 'pause' | 'resume', context: ClusterContext): StepDefinition[] {
	const paused = kind === 'pause';
	return [
		{
			id: 'written',
			text: `etcd's configuration says ${paused ? 'paused' : 'not paused'}`,
			essential: true,
			seen: (_, {cluster}) => dynamicConfig(cluster)?.pause === paused,
		},
		...members(context.cluster, context.now).map(({name}) => isConfigApplied(name, paused)),
	];
}

/** A member's own key says whether it acts on the pause. */
export function isConfigApplied(name: string, paused: boolean): StepDefinition {
	return {
		id: `applied ${name}`,
		text: `${name} has applied it`,
		essential: true,
		seen: (_, {cluster}) => keyOf(cluster, `members/${name}`, 'member')?.value.data.pause === paused,
	};
}

export function configureSteps(): StepDefinition[] {
	return [
		{
			id: 'written',
			text: "etcd's configuration has changed",
			essential: true,
			seen: ({frozen}, {cluster}) =>
				(cluster.keys.get('config')?.modRevision ?? 0) > (frozen.configRevision ?? 0),
		},
	];
}

export function cancelSteps(
	operation: Operation & {kind: 'switchover.cancel' | 'restart.cancel'},
): StepDefinition[] {
	return [
		{
			id: 'cancelled',
			text: 'nothing is scheduled any more',
			essential: true,
			seen: (_, {cluster}) =>
				operation.kind === 'switchover.cancel'
					? keyOf(cluster, 'failover', 'failover')?.value.scheduledAt === undefined
					: scheduledRestart(cluster, operation.member) === undefined,
		},
	];
}

function scheduledRestart(cluster: Cluster, member: string): string | undefined {
	return keyOf(cluster, `members/${member}`, 'member')?.value.data.scheduledRestart;
}

function streams(member: string, after: string, essential: boolean): StepDefinition {
	return {
		id: 'streams',
		text: `${member} streams from the leader`,
		essential,
		seen: (run, {cluster, now}) => {
			const one = members(cluster, now).find(({name}) => name === member);
			return isTicked(run, after) && isWell(one);
		},
	};
}

/** Its own REST has told of such a state since the operation was confirmed. */
function stateSince(
	{confirmedAt}: Run,
	cluster: Cluster,
	member: string,
	such: (state: string) => boolean,
): boolean {
	const rest = cluster.patroni.get(member);
	return rest !== undefined && rest.at > confirmedAt && such(rest.value.state);
}

/** Its postmaster is another one than before, or was started after the operation was confirmed. */
export function isStartedSince({before, confirmedAt}: Run, cluster: Cluster, member: string): boolean {
	const was = before.patroni.get(member)?.value.postmasterStartTime;
	const is = cluster.patroni.get(member);
	const started = is?.value.postmasterStartTime;
	if (is === undefined || started === undefined || is.at <= confirmedAt) {
		return false;
	}

	return was === undefined
		? Date.parse(started) - (clockOffset(is) ?? Number.POSITIVE_INFINITY) > confirmedAt
		: Date.parse(was) !== Date.parse(started);
}
