/** Before a switchover or a failover: whether the candidate may take over, by Patroni's own rules and by what clients need. */
import {dynamicConfig, leaderKey, syncStandbys} from '../../keys.ts';
import {isHealthyState, type Member, members} from '../../members.ts';
import {blocking, type Check, isBlocked, ok, warning} from '../check.ts';
import type {Operation} from '../operation.ts';
import {machineOf, memberOf, type Scene} from '../scene.ts';
import {
	credentialsCheck,
	dcsCheck,
	isTagged,
	knownCheck,
	otherOperationsCheck,
	restCheck,
	vipCheck,
} from './common.ts';
import {clientPathCheck, seenFromCheck} from './haproxy.ts';

export function switchoverChecks(operation: Operation & {kind: 'switchover'}, scene: Scene): Check[] {
	const {leader, candidate, at} = operation;
	const one = memberOf(scene, candidate);
	const present = leaderKey(scene.cluster)?.member;
	return [
		...dcsCheck(scene),
		...(present === leader ? [] : [blocking(`${leader} does not lead`, 'leader name does not match (412)')]),
		...(candidate === leader ? [blocking(`${candidate} leads already`, 'same source and target (400)')] : []),
		...decidedThen(at, [
			...knownCheck(scene, candidate),
			...(one === undefined ? [] : candidateChecks(one, scene)),
			...syncCheck(candidate, scene),
		]),
		...pauseRule(at, scene),
		...restCheck(scene, leader, ', which is asked'),
		...seenFromCheck(scene, machineOf(scene, leader), candidate),
		...credentialsCheck(scene),
		...otherOperationsCheck(scene, {replaces: true}),
		...vipCheck(scene),
		...clientPathCheck(scene, candidate),
	];
}

export function failoverChecks({candidate}: Operation & {kind: 'failover'}, scene: Scene): Check[] {
	const one = memberOf(scene, candidate);
	const config = dynamicConfig(scene.cluster);
	const inSync = syncStandbys(scene.cluster).includes(candidate);
	return [
		...dcsCheck(scene),
		...betterBySwitchover(candidate, scene),
		...knownCheck(scene, candidate),
		...(one === undefined ? [] : candidateChecks(one, scene)),
		inSync && config?.synchronousMode !== 'off'
			? ok(`${candidate} is a synchronous standby: what was acknowledged is on it`)
			: warning(
					`${candidate} is not a synchronous standby: transactions that were acknowledged but have not reached it are LOST`,
				),
		...credentialsCheck(scene),
		...otherOperationsCheck(scene, {replaces: true}),
		...vipCheck(scene),
		...clientPathCheck(scene, candidate),
	];
}

/** Patroni takes a schedule as it comes, and asks whether the candidate may take over only when the time has come. */
function decidedThen(at: number | undefined, checks: readonly Check[]): Check[] {
	return checks.map(check =>
		at === undefined || check.level !== 'blocking'
			? check
			: {...check, level: 'warning', text: `${check.text}; if it is so at that time, nothing is done`},
	);
}

/** A failover is for when a switchover can't serve. */
function betterBySwitchover(candidate: string, scene: Scene): Check[] {
	const leader = members(scene.cluster, scene.now).find(
		({role}) => role === 'leader' || role === 'standby_leader',
	);
	if (leader === undefined || !isHealthyState(leader) || !leader.restSees) {
		return [
			ok(`no healthy leader is in sight${leader === undefined ? '' : ` (${leader.name}: ${leader.state})`}`),
		];
	}

	const handover = {kind: 'switchover', leader: leader.name, candidate, at: undefined} as const;
	return [
		isBlocked(switchoverChecks(handover, scene))
			? warning(`${leader.name} leads and is well: what it has not sent to ${candidate} yet is lost`)
			: blocking(`a switchover to ${candidate} is possible, and loses nothing`),
	];
}

function candidateChecks(one: Member, scene: Scene): Check[] {
	return [
		...streamingCheck(one, scene),
		...lagCheck(one, scene),
		...tagCheck(one),
		...restCheck(scene, one.name),
	];
}

function streamingCheck(one: Member, scene: Scene): Check[] {
	const leader = leaderKey(scene.cluster)?.member;
	const timeline = leader === undefined ? undefined : memberOf(scene, leader)?.timeline;
	if (/stop|crash|fail|creating|initdb|uninit/.test(one.state)) {
		return [blocking(`${one.name} is ${one.state}`, 'no good candidates have been found (412)')];
	}

	if (!isHealthyState(one)) {
		return [warning(`${one.name} is ${one.state}, and does not stream`)];
	}

	return timeline !== undefined && one.timeline !== undefined && one.timeline !== timeline
		? [warning(`${one.name} is on timeline ${one.timeline}, the leader on ${timeline}`)]
		: [
				ok(
					`${one.name} is ${one.state}${timeline === undefined ? '' : ` on the leader's timeline ${timeline}`}`,
				),
			];
}

function lagCheck(one: Member, {cluster}: Scene): Check[] {
	const most = dynamicConfig(cluster)?.maximumLagOnFailover;
	if (one.lag === undefined) {
		return [];
	}

	if (one.lag === 'unknown') {
		return [warning(`${one.name}: its lag is not known`)];
	}

	if (most !== undefined && one.lag > most) {
		return [
			blocking(
				`${one.name} is ${one.lag} bytes behind, more than maximum_lag_on_failover (${most})`,
				'the HA loop lets nobody lead who is further behind (Switchover failed)',
			),
		];
	}

	return [ok(`${one.name}: lag ${one.lag} bytes${most === undefined ? '' : `, at most ${most} allowed`}`)];
}

function tagCheck(one: Member): Check[] {
	const {name} = one;
	return isTagged(one, 'nofailover')
		? [blocking(`${name} is tagged nofailover`, 'no good candidates have been found (412)')]
		: [];
}

/** In synchronous mode only a member of the sync key may take over without loss. */
function syncCheck(candidate: string, {cluster}: Scene): Check[] {
	const mode = dynamicConfig(cluster)?.synchronousMode ?? 'off';
	if (mode === 'off') {
		return [];
	}

	const standbys = syncStandbys(cluster);
	if (standbys.some(standby => standby.toLowerCase() === candidate.toLowerCase())) {
		return [ok(`${candidate} is in the sync key: what was acknowledged is on it`)];
	}

	// With quorum commit Patroni does not ask for it, and its race decides.
	if (mode === 'quorum') {
		return [warning(`${candidate} is not in the sync key: whoever has the most of the WAL takes over`)];
	}

	return [
		standbys.length === 0
			? blocking(
					'there is no synchronous standby at the moment',
					'candidate name does not match with sync_standby (412)',
				)
			: blocking(
					`${candidate} is not in the sync key (${standbys.join(', ')})`,
					'candidate name does not match with sync_standby (412)',
				),
	];
}

function pauseRule(at: number | undefined, {cluster}: Scene): Check[] {
	if (!dynamicConfig(cluster)?.pause) {
		return [];
	}

	return at === undefined
		? [warning('the cluster is paused: the switchover is done all the same')]
		: [blocking('the cluster is paused', 'nothing can be scheduled in a paused state (400)')];
}
