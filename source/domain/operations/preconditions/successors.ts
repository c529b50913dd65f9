/**
 * The members that could take over, by Patroni's rules (`is_failover_possible`, `_is_healthiest_node` in its ha.py).
 */
import {type Cluster, keyOf} from '../../cluster/cluster.ts';
import {maximumLag} from '../../cluster/dcs.ts';
import {healthProblem, isRunningState, isWell} from '../../cluster/health.ts';
import {dynamicConfig, syncStandbys} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {failoverPriority, isNoFailover, isNoSync} from '../../cluster/member.ts';
import {members} from '../../cluster/members.ts';
import {locationOf} from '../../cluster/published.ts';
import type {OperationContext, Precondition} from '../types.ts';
import {ok, warning} from '../types.ts';

export type Successor = {
	member: Member;
	/** Why it may not take over, or only with loss; undefined without a concern. */
	concern: string | undefined;
};

/**
 * In Patroni's order of preference: among members with the same WAL, by failover_priority.
 * @param mayBecomeSync members outside the sync key count too, since there is time to add them
 */
export function successors(
	{cluster, now}: OperationContext,
	without: readonly string[],
	{mayBecomeSync} = {mayBecomeSync: false},
): Successor[] {
	const mode = dynamicConfig(cluster)?.synchronousMode ?? 'off';
	const able = members(cluster, now).filter(
		one => !without.includes(one.name) && takeoverRule(one, {cluster, now}, {mayBecomeSync}) === undefined,
	);
	const votes = mode === 'quorum' && !mayBecomeSync ? missingVotes(able, cluster) : undefined;
	return able
		.map(member => ({
			member,
			concern: isWell(member)
				? (votes ??
					(mode === 'quorum' && !mayBecomeSync && !isInSyncKey({cluster}, member.name)
						? `${member.name} is not in the sync key`
						: undefined))
				: healthProblem(member),
		}))
		.sort(
			(a, b) =>
				Number(a.concern !== undefined) - Number(b.concern !== undefined) ||
				failoverPriority(b.member) - failoverPriority(a.member) ||
				(a.member.name < b.member.name ? -1 : 1),
		);
}

/** Patroni's rule that keeps a member from taking over; undefined if none does. */
export type TakeoverRule = 'unregistered' | 'state' | 'nofailover' | 'watchdog' | 'lag' | 'timeline' | 'sync';

/** For successors, standing readiness, and through them for the preconditions of stops and drills. */
export function takeoverRule(
	one: Member,
	{cluster, now}: Pick<OperationContext, 'cluster' | 'now'>,
	{mayBecomeSync} = {mayBecomeSync: false},
): TakeoverRule | undefined {
	const config = dynamicConfig(cluster);
	const mode = config?.synchronousMode ?? 'off';
	if (one.key === undefined) {
		return 'unregistered';
	}

	if (!isRunningState(one.state)) {
		return 'state';
	}

	if (isNoFailover(one)) {
		return 'nofailover';
	}

	if (one.restSees && one.rest?.value.watchdogFailed) {
		return 'watchdog';
	}

	if (config !== undefined && isTooFarBehind(one, maximumLag(config), cluster)) {
		return 'lag';
	}

	if (config?.checkTimeline && isBehind(one, clusterTimeline({cluster, now}))) {
		return 'timeline';
	}

	// In quorum commit the votes decide, not the key alone.
	const isAllowed = mode !== 'on' || isInSyncKey({cluster}, one.name) || (mayBecomeSync && !isNoSync(one));
	return isAllowed ? undefined : 'sync';
}

/** In quorum commit, a takeover needs enough reachable members of the sync key; undefined if there are enough. */
function missingVotes(able: readonly Member[], cluster: Cluster): string | undefined {
	const sync = keyOf(cluster, 'sync', 'sync')?.value;
	if (sync === undefined || sync.standbys.length === 0) {
		return undefined;
	}

	const voters = able.filter(one => isInSyncKey({cluster}, one.name) && isWell(one)).length;
	return voters > sync.quorum
		? undefined
		: `quorum commit needs ${sync.quorum + 1} of the sync key (${sync.standbys.join(', ')}), ${voters} could take part`;
}

/** As Patroni counts it: from what the leader published to what the member has received now; or what is known to be more. */
export function failoverLag(one: Member, cluster: Cluster): Member['lag'] {
	const optime = keyOf(cluster, 'status', 'status')?.value.optime;
	const received = one.restSees && one.rest ? locationOf(one.rest) : undefined;
	if (one.lag === undefined || optime === undefined || received === undefined) {
		return one.lag;
	}

	const counted = Math.max(0, optime - received);
	return one.lagFrom === 'rest' && one.lag !== 'unknown' ? Math.max(counted, one.lag) : counted;
}

function isTooFarBehind(one: Member, lagMax: number, cluster: Cluster): boolean {
	const lag = failoverLag(one, cluster);
	return typeof lag === 'number' && lag > lagMax;
}

/** Whether a member could take over; names them in Patroni's order. */
export function checkSuccessors(all: readonly Successor[], textIfNone: string): Precondition {
	const sure = all.filter(({concern}) => concern === undefined);
	if (sure.length > 0) {
		const priorities = new Set(sure.map(({member}) => failoverPriority(member)));
		const words = sure.map(({member}) =>
			priorities.size > 1 ? `${member.name} (failover_priority ${failoverPriority(member)})` : member.name,
		);
		return ok(`could take over: ${words.join(', ')}`);
	}

	return warning(
		all.length === 0
			? textIfNone
			: `it is not known whether another could take over without loss: ${all.map(({concern}) => concern).join('; ')}`,
	);
}

export function isInSyncKey({cluster}: Pick<OperationContext, 'cluster'>, name: string): boolean {
	return syncStandbys(cluster).some(standby => standby.toLowerCase() === name.toLowerCase());
}

/**
 * The timeline from the key `history`, as Patroni computes it: the last ended timeline plus one; undefined without the
 * key.
 */
export function clusterTimeline({cluster}: Pick<OperationContext, 'cluster' | 'now'>): number | undefined {
	const lines = keyOf(cluster, 'history', 'history')?.value.lines;
	return lines && (lines.at(-1)?.timeline ?? 0) + 1;
}

/** By the member's own report, as in Patroni; a member without a timeline is behind. */
export function isBehind(one: Member, timeline: number | undefined): boolean {
	const own = one.restSees ? one.rest?.value.timeline : one.timeline;
	return timeline !== undefined && (own ?? 0) < timeline;
}
