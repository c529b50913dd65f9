/** What depends on a member whose PostgreSQL stops: WAL receivers, standbys, copies in progress, waiting writes. */

import {healthProblem, isRunningState, isWell} from '../../cluster/health.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {isCloneSource, isNoStream, isNoSync, replicatesFrom} from '../../cluster/member.ts';
import {members} from '../../cluster/members.ts';
import {describeReceiver, foreignReceivers, replicationOf} from '../../cluster/upstream.ts';
import type {Precondition} from '../types.ts';
import {memberOf, type OperationContext, ok, warning} from '../types.ts';
import {hasSenders} from './sql-facts.ts';
import {isInSyncKey} from './successors.ts';

/** Limit of lines of one kind, so that they do not hide others. */
const receiversMax = 4;

export function checkDependents(context: OperationContext, name: string): Precondition[] {
	return [
		...checkReceivers(context, name),
		...checkDownstream(context, name),
		...checkCopying(context, name),
	];
}

/**
 * PostgreSQL stops only after every WAL receiver has confirmed the last WAL; receivers that are not members may never
 * do so. By REST, which does not show how far they are; `checkClients` has them where SQL does.
 */
export function checkReceivers(context: OperationContext, name: string): Precondition[] {
	const {cluster, now} = context;
	if (hasSenders(context, name)) {
		return [];
	}

	const names = members(cluster, now).map(one => one.name);
	const foreign = foreignReceivers(replicationOf(memberOf(context, name)) ?? [], name, names);
	const bound = stopTimeout(context, name);
	return [
		...foreign
			.slice(0, receiversMax)
			.map(one =>
				warning(
					one.state === 'backup'
						? `${describeReceiver(one)} copies ${name}: the base backup is aborted`
						: `${describeReceiver(one)} receives WAL and is not a member: ${name} stays in "stopping" until it has confirmed all WAL or disconnects${bound}`,
				),
			),
		...(foreign.length > receiversMax
			? [
					warning(
						`${foreign.length - receiversMax} more clients that are not members receive WAL from ${name}`,
					),
				]
			: []),
	];
}

/** Patroni limits the time of a stop only for a leader in synchronous mode. */
function stopTimeout({cluster}: OperationContext, name: string): string {
	const config = dynamicConfig(cluster);
	const timeout = config?.primaryStopTimeout ?? 0;
	return config !== undefined &&
		config.synchronousMode !== 'off' &&
		timeout > 0 &&
		leaderKey(cluster)?.member === name
		? `; after ${timeout} s it is killed (primary_stop_timeout)`
		: '';
}

/** Standbys that stream from this member instead of the leader. Patroni keeps them there while its key exists. */
export function checkDownstream({cluster, now}: OperationContext, name: string): Precondition[] {
	const leads = leaderKey(cluster)?.member === name;
	const all = members(cluster, now).filter(
		one => one.name !== name && (replicatesFrom(one) === name || (!leads && one.upstream?.from === name)),
	);
	return all.length === 0
		? []
		: [
				warning(
					`${all.map(one => one.name).join(' and ')} ${all.length === 1 ? 'replicates' : 'replicate'} from ${name} (replicatefrom): no WAL until it is back or its key in etcd is gone`,
				),
			];
}

/** Copies in progress: a member is copied from one tagged clonefrom, else from the leader. */
function checkCopying({cluster, now}: OperationContext, name: string): Precondition[] {
	const all = members(cluster, now);
	const one = all.find(other => other.name === name);
	const isSource = leaderKey(cluster)?.member === name || (one !== undefined && isCloneSource(one));
	const copied = isSource ? all.filter(other => other.state === 'creating replica') : [];
	return copied.map(other =>
		warning(`${other.name} is being copied now, perhaps from ${name}: the copy is aborted`),
	);
}

/** Where a reinitialized member is copied from (Patroni's `get_clone_member`). */
export function checkCloneSource(
	{cluster, now}: OperationContext,
	name: string,
	fromLeader: boolean,
): Precondition[] {
	const leader = leaderKey(cluster)?.member;
	const sources = members(cluster, now).filter(
		one =>
			one.name !== name && one.name !== leader && one.key?.data.state === 'running' && isCloneSource(one),
	);
	if (leader === undefined || fromLeader || sources.length === 0) {
		return [];
	}

	const names = sources.map(one => one.name).join(' or ');
	const ailing = sources.filter(one => !isWell(one)).map(healthProblem);
	return [
		ailing.length === 0
			? ok(`it is copied from ${names} (tag clonefrom)`)
			: warning(`it is copied from ${names} (tag clonefrom): ${ailing.join('; ')}`),
	];
}

/** Members that the leader can make sync standbys: they stream from it, and no tag excludes them. */
function syncCandidates(
	{cluster, now}: OperationContext,
	leader: string | undefined,
	without: readonly string[],
): Member[] {
	return members(cluster, now).filter(
		one =>
			!without.includes(one.name) &&
			one.name !== leader &&
			isRunningState(one.state) &&
			one.upstream?.state === 'streaming' &&
			(one.upstream.from === undefined || one.upstream.from === leader) &&
			!isNoSync(one),
	);
}

/** For a replica that stops: with synchronous_mode_strict, writes wait if no other standby can be synchronous. */
export function checkStrictSync(context: OperationContext, name: string): Precondition[] {
	const config = dynamicConfig(context.cluster);
	const leader = leaderKey(context.cluster)?.member;
	return config === undefined ||
		config.synchronousMode === 'off' ||
		!config.synchronousModeStrict ||
		name === leader ||
		syncCandidates(context, leader, [name]).length > 0
		? []
		: [
				warning(
					`synchronous_mode_strict: WRITES WAIT until ${name} is back: ${isInSyncKey(context, name) ? 'it is the only synchronous standby' : 'no other standby can be synchronous'}`,
				),
			];
}

/** Whether the new leader has a sync standby before the old leader streams again. */
export function checkSyncAfterHandover(
	context: OperationContext,
	leader: string,
	candidate: string,
): Precondition[] {
	const config = dynamicConfig(context.cluster);
	const old = memberOf(context, leader);
	if (
		config === undefined ||
		config.synchronousMode === 'off' ||
		old === undefined ||
		syncCandidates(context, leader, [candidate]).length > 0
	) {
		return [];
	}

	const waits = config.synchronousModeStrict ? ': WRITES WAIT (synchronous_mode_strict)' : '';
	const tag = isNoSync(old) ? 'nosync' : isNoStream(old) ? 'nostream' : undefined;
	return tag === undefined
		? waits === ''
			? []
			: [warning(`until ${leader} streams from ${candidate} there is no synchronous standby${waits}`)]
		: [warning(`after it there is no synchronous standby: ${leader} is tagged ${tag}${waits}`)];
}
