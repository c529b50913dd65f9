/** Standing readiness: which members could take over now, and what would follow if a machine died now. Pure. */
import {bytes, comparedBytes} from '../../../lib/format.ts';
import type {Cluster} from '../../cluster/cluster.ts';
import {type DynamicConfig, maximumLag, patroniDefaults} from '../../cluster/dcs.ts';
import {etcdNodes} from '../../cluster/etcd.ts';
import {healthProblem, isWell} from '../../cluster/health.ts';
import {dcsIsRead, dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import {type Member, noFailoverTag} from '../../cluster/member.ts';
import {type Machine, members} from '../../cluster/members.ts';
import {mayWaitForStandby} from '../../cluster/postgres.ts';
import {locationOf} from '../../cluster/published.ts';
import {storeName, type Target} from '../../target.ts';
import type {OperationContext, Precondition} from '../types.ts';
import {blocking, ok, unknown, warning} from '../types.ts';
import {
	checkEtcdStops,
	checkPatroniStops,
	checkVipMoves,
	machineNamed,
	unknownMachine,
} from './machine-stops.ts';
import {
	clusterTimeline,
	failoverLag,
	isInSyncKey,
	type Successor,
	successors,
	type TakeoverRule,
	takeoverRule,
} from './successors.ts';

export type Readiness =
	/** It holds the leader key. */
	| {state: 'leads'}
	/** `concern`: what would be missing then, or is not known; undefined without one. */
	| {state: 'yes'; concern: string | undefined}
	| {state: 'no'; rule: TakeoverRule | 'paused'; text: string}
	| {state: 'unknown'; text: string};

/** These follow from keys alone; the others need an answer of the member. */
const byKeys: ReadonlySet<TakeoverRule> = new Set<TakeoverRule>(['unregistered', 'nofailover', 'sync']);

/** Whether the member could take over now if the leader were gone, by Patroni's rules. */
export function readinessOf(one: Member, context: OperationContext): Readiness {
	const {cluster, target, now} = context;
	if (!dcsIsRead(cluster, now)) {
		return {state: 'unknown', text: `${storeName(target)} is not read`};
	}

	if (leaderKey(cluster)?.member === one.name) {
		return {state: 'leads'};
	}

	if (dynamicConfig(cluster)?.pause) {
		return {state: 'no', rule: 'paused', text: 'the cluster is paused'};
	}

	const rule = takeoverRule(one, context);
	if (!one.restSees && (rule === undefined || !byKeys.has(rule))) {
		return {state: 'unknown', text: `no data from ${one.name} itself`};
	}

	if (rule !== undefined) {
		return {state: 'no', rule, text: ruleText(rule, one, context)};
	}

	if (failoverLag(one, cluster) === 'unknown') {
		return {state: 'unknown', text: 'its lag is not known'};
	}

	const leader = leaderKey(cluster)?.member;
	const successor = successors(context, leader === undefined ? [] : [leader]).find(
		({member}) => member.name === one.name,
	);
	return {state: 'yes', concern: successor?.concern ?? (isWell(one) ? undefined : healthProblem(one))};
}

function ruleText(rule: TakeoverRule, one: Member, {cluster, target, now}: OperationContext): string {
	switch (rule) {
		case 'unregistered': {
			return target.rest === undefined ? 'it has no key in etcd' : 'it is not listed by the members';
		}

		case 'state': {
			return `it is ${one.state}`;
		}

		case 'nofailover': {
			return `it is tagged ${noFailoverTag(one)}`;
		}

		case 'watchdog': {
			return 'its watchdog is required and cannot be used';
		}

		case 'lag': {
			const config = dynamicConfig(cluster);
			const lag = failoverLag(one, cluster);
			const [is, allowed] = comparedBytes(
				typeof lag === 'number' ? lag : 0,
				config === undefined ? patroniDefaults.maximumLagOnFailover : maximumLag(config),
			);
			return `it is ${is} behind, more than maximum_lag_on_failover (${allowed})`;
		}

		case 'timeline': {
			const own = one.restSees ? one.rest?.value.timeline : one.timeline;
			return `it is on timeline ${own ?? 'unknown'}, the cluster on ${clusterTimeline({cluster, now})}`;
		}

		case 'sync': {
			return 'it is not in the sync key';
		}
	}
}

/** The lease may have been renewed up to one loop ago; then etcd ends it, and a dead member is polled in vain. */
const afterLeaseSeconds = 3;

/**
 * The seconds from the leader's death until another member holds the leader key.
 * @returns `to` is undefined where etcd's leader dies as well, or may do so: the next one restarts each lease after an
 * election, whose timeout etcd does not report
 */
export function takeoverSeconds(
	leader: Machine,
	{cluster, target, now}: OperationContext,
): {from: number; to: number | undefined} {
	const {ttl = patroniDefaults.ttl, loopWait = patroniDefaults.loopWait} = dynamicConfig(cluster) ?? {};
	const one = members(cluster, now).find(({name}) => name === leader.member);
	const raftLeader = raftLeaderOf(cluster, target, now);
	// A leader that does not answer may have been dead for a while.
	const from = !one?.restSees
		? 0
		: raftLeader !== undefined && raftLeader === leader.etcd
			? ttl
			: ttl - loopWait;
	return {
		from: Math.max(0, from),
		to: raftLeader === undefined || raftLeader === leader.etcd ? undefined : ttl + afterLeaseSeconds,
	};
}

/** etcd's name of its leader; undefined while none that answers says that it leads. */
function raftLeaderOf(cluster: Cluster, target: Target, now: number): string | undefined {
	return etcdNodes(cluster, target, now).find(({raftLeader, answers}) => raftLeader && answers)?.name;
}

function takeoverText(leader: Machine, context: OperationContext): string {
	const {cluster, target, now} = context;
	const {from, to} = takeoverSeconds(leader, context);
	const store = storeName(target);
	const span =
		to !== undefined
			? `after ${from} to ${to} s (ttl, loop_wait)`
			: raftLeaderOf(cluster, target, now) === undefined
				? `after ${from} s or more (which member leads ${store} is not known)`
				: `after ${from} s or more (${leader.etcd} leads etcd as well: after an election, whose timeout is not known here, the next one restarts the lease)`;
	return `another member takes the leader key ${span}; clients follow after the checks of HAProxy and of the VIP, whose times are not known here`;
}

/** What would follow if the machine died now: of the checks of a power off what does not depend on an orderly stop, and what only a sudden death costs. */
export function ifItDied(node: string, context: OperationContext): Precondition[] {
	const {cluster, target, now} = context;
	const machine = machineNamed(context, node);
	if (machine === undefined) {
		return [unknownMachine(node)];
	}

	const {member} = machine;
	const isRead = dcsIsRead(cluster, now);
	const leads = isRead && member !== undefined && leaderKey(cluster)?.member === member;
	return [
		...(isRead || member === undefined
			? checkPatroniStops(machine, context, {suddenly: true})
			: [unknown(`whether ${member} leads: ${storeName(target)} is not read`)]),
		...(leads ? checkSuddenDeath(machine, member, context) : []),
		...checkVipMoves(machine, context, 'the machine'),
		...checkEtcdStops(machine, context),
	];
}

function checkSuddenDeath(machine: Machine, leader: string, context: OperationContext): Precondition[] {
	const next = successors(context, [leader]);
	if (next.length === 0 || dynamicConfig(context.cluster)?.pause) {
		return [blocking(`${leader} is not replaced: writes stop until it is back`)];
	}

	return [warning(takeoverText(machine, context)), checkLoss(leader, next, context)];
}

/** Patroni prefers the member with the most WAL. */
function checkLoss(leader: string, next: readonly Successor[], context: OperationContext): Precondition {
	const {cluster, now} = context;
	const mode = dynamicConfig(cluster)?.synchronousMode ?? 'off';
	const sure = next.filter(({concern}) => concern === undefined);
	const isWaitedFor = mode === 'on' && mayWaitForStandby(cluster.leaders?.current?.synchronousCommit);
	if (isWaitedFor && sure.length > 0 && sure.every(({member}) => isInSyncKey({cluster}, member.name))) {
		return ok('nothing acknowledged would be lost: a synchronous standby takes over');
	}

	const leading = members(cluster, now).find(({name}) => name === leader);
	const written = leading?.restSees ? leading.rest?.value.location : undefined;
	const received = sure.flatMap(({member: {rest, restSees}}) => (restSees && rest && locationOf(rest)) || []);
	const limit = lossLimit(dynamicConfig(cluster));
	if (written === undefined || received.length === 0) {
		return unknown(`what could be lost: no present WAL locations of the leader and a successor; ${limit}`);
	}

	const behind = Math.max(0, written - Math.max(...received));
	const gap =
		behind === 0
			? 'what is written from now on (a successor has the rest, by the last answers)'
			: `${bytes(behind)} of WAL that no successor has, by the last answers, and what is written from now on`;
	return warning(`could be lost: ${gap}; ${limit}`);
}

/** Who is further behind what the leader published in its last loop may not take over. */
function lossLimit(config: DynamicConfig | undefined): string {
	const {loopWait} = config ?? patroniDefaults;
	const most = config === undefined ? patroniDefaults.maximumLagOnFailover : maximumLag(config);
	return `at most ${bytes(most)} (maximum_lag_on_failover) and the writes of the last ${loopWait} s (loop_wait)`;
}
