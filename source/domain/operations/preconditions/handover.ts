/** Before a switchover or a failover: whether the candidate may take over, by Patroni's own rules and by what clients need. */
import {maximumLag} from '../../cluster/dcs.ts';
import {dynamicConfig, leaderKey, syncStandbys} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {ailment, isRunningState, isWell, members} from '../../cluster/members.ts';
import {isNoFailover, noFailoverTag} from '../../cluster/tags.ts';
import type {Operation, Precondition} from '../types.ts';
import {blocking, isBlocked, machineOf, memberOf, ok, type Scene, warning} from '../types.ts';
import {credentialsCheck, dcsCheck, knownCheck, otherOperationsCheck, restCheck, vipCheck} from './common.ts';
import {clientPathCheck, seenFromCheck} from './haproxy.ts';
import {dependentsChecks, syncAfterHandover} from './member-stops.ts';
import {clusterTimeline, failoverLag, isBehind, isInSyncKey} from './successors.ts';

export function switchoverChecks(operation: Operation & {kind: 'switchover'}, scene: Scene): Precondition[] {
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
		...(present === leader
			? [...dependentsChecks(scene, leader), ...syncAfterHandover(scene, leader, candidate)]
			: []),
		...restCheck(scene, leader, ', which is asked'),
		...seenFromCheck(scene, machineOf(scene, leader), candidate),
		...credentialsCheck(scene),
		...otherOperationsCheck(scene, {replaces: true}),
		...vipCheck(scene),
		...clientPathCheck(scene, candidate),
	];
}

export function failoverChecks({candidate}: Operation & {kind: 'failover'}, scene: Scene): Precondition[] {
	const one = memberOf(scene, candidate);
	const config = dynamicConfig(scene.cluster);
	const inSync = isInSyncKey(scene, candidate);
	const present = leaderKey(scene.cluster)?.member;
	return [
		...dcsCheck(scene),
		...betterBySwitchover(candidate, scene),
		...knownCheck(scene, candidate),
		...(one === undefined ? [] : candidateChecks(one, scene, leaderAsks(scene))),
		inSync && config?.synchronousMode !== 'off'
			? ok(`${candidate} is a synchronous standby: what was acknowledged is on it`)
			: warning(
					`${candidate} is not a synchronous standby: transactions that were acknowledged but have not reached it are LOST`,
				),
		...(present === undefined || present === candidate ? [] : dependentsChecks(scene, present)),
		...credentialsCheck(scene),
		...otherOperationsCheck(scene, {replaces: true}),
		...vipCheck(scene),
		...clientPathCheck(scene, candidate),
	];
}

/** Patroni takes a schedule as it comes, and asks whether the candidate may take over only when the time has come. */
function decidedThen(at: number | undefined, checks: readonly Precondition[]): Precondition[] {
	return checks.map(check =>
		at === undefined || check.level !== 'blocking'
			? check
			: {...check, level: 'warning', text: `${check.text}; if it is so at that time, nothing is done`},
	);
}

/** Lag and timeline are looked at by the leader before it hands over: one that does not answer, or is none, cannot. */
function leaderAsks(scene: Scene): boolean {
	const leader = leaderKey(scene.cluster)?.member;
	return leader !== undefined && memberOf(scene, leader)?.restSees === true;
}

function refusedByLeader(asks: boolean, text: string, rule: string): Precondition {
	return asks
		? blocking(text, rule)
		: warning(`${text}: without a leader that answers, Patroni lets it take over all the same`);
}

/** A failover is for when a switchover can't serve. */
function betterBySwitchover(candidate: string, scene: Scene): Precondition[] {
	const leader = members(scene.cluster, scene.now).find(
		({role}) => role === 'leader' || role === 'standby_leader',
	);
	if (!isWell(leader)) {
		return [ok(`no healthy leader is in sight${leader === undefined ? '' : ` (${ailment(leader)})`}`)];
	}

	const handover = {kind: 'switchover', leader: leader.name, candidate, at: undefined} as const;
	return [
		isBlocked(switchoverChecks(handover, scene))
			? warning(`${leader.name} leads and is well: what it has not sent to ${candidate} yet is lost`)
			: blocking(`a switchover to ${candidate} is possible, and loses nothing`),
	];
}

function candidateChecks(one: Member, scene: Scene, asks = true): Precondition[] {
	return [
		...streamingCheck(one, scene),
		...timelineCheck(one, scene, asks),
		...lagCheck(one, scene, asks),
		...limitationCheck(one),
		...replayCheck(one),
		...restCheck(scene, one.name),
	];
}

/** By the rule that Patroni has for a member that it gets no WAL location from. */
const notReachable = 'no good candidates have been found (412)';

function streamingCheck(one: Member, scene: Scene): Precondition[] {
	if (!isRunningState(one.state)) {
		return [
			isRefused(one)
				? blocking(`${one.name} is ${one.state}`, notReachable)
				: warning(`${one.name} is ${one.state}, and does not stream`),
		];
	}

	const words = ailment(one);
	if (one.health === 'well') {
		const timeline = leaderTimeline(scene);
		return [
			ok(
				`${one.name} is ${one.state}${timeline === undefined || timeline !== one.timeline ? '' : ` on the leader's timeline ${timeline}`}${one.upstream?.from === undefined ? '' : `, streams from ${one.upstream.from}`}`,
			),
		];
	}

	return words === undefined
		? []
		: [
				warning(
					one.health === 'unwell' ? `${words}: what it has not received is LOST when it takes over` : words,
				),
			];
}

/** Patroni asks the candidate itself: without a WAL location in its answer it counts as not reachable. */
function isRefused({rest, restSees, state}: Member): boolean {
	const {received, replayed, location} = rest?.value ?? {};
	return (
		/stop|crash|fail|creating|initdb|uninit/.test(state) ||
		(restSees && (received ?? replayed ?? location) === undefined)
	);
}

function leaderTimeline(scene: Scene): number | undefined {
	const leader = leaderKey(scene.cluster)?.member;
	return leader === undefined ? undefined : memberOf(scene, leader)?.timeline;
}

function timelineCheck(one: Member, scene: Scene, asks: boolean): Precondition[] {
	const config = dynamicConfig(scene.cluster);
	const history = clusterTimeline(scene);
	if (config?.checkTimeline && isBehind(one, history)) {
		const own = one.restSees ? one.rest?.value.timeline : one.timeline;
		return [
			refusedByLeader(
				asks,
				`${one.name} is on ${own === undefined ? 'no timeline that it names' : `timeline ${own}`}, the cluster on ${history}`,
				'check_timeline: the HA loop lets nobody lead whose timeline is behind (Switchover failed)',
			),
		];
	}

	const timeline = leaderTimeline(scene);
	return timeline !== undefined && one.timeline !== undefined && one.timeline !== timeline
		? [warning(`${one.name} is on timeline ${one.timeline}, the leader on ${timeline}`)]
		: [];
}

function lagCheck(one: Member, {cluster}: Scene, asks: boolean): Precondition[] {
	const config = dynamicConfig(cluster);
	const most = config && maximumLag(config);
	const mostInSync = config?.synchronousMode === 'off' ? 0 : (config?.maximumLagOnSyncnode ?? 0);
	const lag = failoverLag(one, cluster);
	if (lag === undefined) {
		return [];
	}

	if (lag === 'unknown') {
		return [warning(`${one.name}: its lag is not known`)];
	}

	if (most !== undefined && lag > most) {
		return [
			refusedByLeader(
				asks,
				`${one.name} is ${lag} bytes behind, more than maximum_lag_on_failover (${most})`,
				'the HA loop lets nobody lead who is further behind (Switchover failed)',
			),
		];
	}

	if (mostInSync > 0 && lag > mostInSync && isInSyncKey({cluster}, one.name)) {
		return [
			warning(
				`${one.name} is ${lag} bytes behind, more than maximum_lag_on_syncnode (${mostInSync}): Patroni replaces it in the sync key where another standby is nearer`,
			),
		];
	}

	if (one.ahead !== undefined) {
		return [
			warning(
				`${one.name} has ${one.ahead} bytes of WAL that the leader has not: its history went another way, and what the leader wrote since is not in it`,
			),
		];
	}

	return [ok(`${one.name}: lag ${lag} bytes${most === undefined ? '' : `, at most ${most} allowed`}`)];
}

/** What Patroni's `failover_limitation` asks of the candidate. */
function limitationCheck(one: Member): Precondition[] {
	const {name, rest, restSees} = one;
	return [
		...(isNoFailover(one) ? [blocking(`${name} is tagged ${noFailoverTag(one)}`, notReachable)] : []),
		...(restSees && rest?.value.watchdogFailed
			? [
					blocking(
						`${name}'s watchdog is required and cannot be used`,
						`${notReachable}: not watchdog capable`,
					),
				]
			: []),
	];
}

/** What it has received and not replayed it must replay before it takes writes. */
function replayCheck({name, rest, restSees}: Member): Precondition[] {
	const {replayPaused, received, replayed} = rest?.value ?? {};
	const open = received === undefined || replayed === undefined ? undefined : received - replayed;
	return restSees && replayPaused
		? [
				warning(
					`replay of WAL is paused on ${name}: ${open === undefined ? 'what it has received' : `${open} bytes`} must be replayed before it takes writes`,
				),
			]
		: [];
}

/** In synchronous mode only a member of the sync key may take over without loss. */
function syncCheck(candidate: string, {cluster}: Scene): Precondition[] {
	const mode = dynamicConfig(cluster)?.synchronousMode ?? 'off';
	if (mode === 'off') {
		return [];
	}

	const standbys = syncStandbys(cluster);
	if (standbys.some(standby => standby.toLowerCase() === candidate.toLowerCase())) {
		return [ok(`${candidate} is in the sync key: what was acknowledged is on it`)];
	}

	// With quorum commit the REST API does not ask for it; the HA loop does, once the sync key names standbys.
	if (mode === 'quorum') {
		return [
			standbys.length === 0
				? warning(`no standby is in the sync key yet: what was acknowledged may not be on ${candidate}`)
				: blocking(
						`${candidate} is not in the sync key (${standbys.join(', ')})`,
						'the HA loop hands over to a synchronous standby alone (Switchover failed)',
					),
		];
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

function pauseRule(at: number | undefined, {cluster}: Scene): Precondition[] {
	if (!dynamicConfig(cluster)?.pause) {
		return [];
	}

	return at === undefined
		? [warning('the cluster is paused: the switchover is done all the same')]
		: [blocking('the cluster is paused', 'nothing can be scheduled in a paused state (400)')];
}
