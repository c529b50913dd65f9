/** Preconditions of a takeover: Patroni's rules, received WAL, and the path of clients. */
import {bytes, comparedBytes} from '../../../lib/format.ts';
import {maximumLag} from '../../cluster/dcs.ts';
import {isFresh} from '../../cluster/freshness.ts';
import {clientsOf} from '../../cluster/haproxy.ts';
import {membersByServer} from '../../cluster/haproxy-members.ts';
import {healthProblem, isRunningState} from '../../cluster/health.ts';
import {dynamicConfig, leaderKey, syncStandbys} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {isNoFailover, noFailoverTag} from '../../cluster/member.ts';
import {hasHaproxy} from '../../cluster/roles.ts';
import {vipView} from '../../cluster/vip.ts';
import type {HaproxyServer} from '../../facts.ts';
import type {OperationContext, Precondition} from '../types.ts';
import {blocking, memberOf, ok, warning} from '../types.ts';
import {checkRest} from './common.ts';
import {clusterTimeline, failoverLag, isBehind, isInSyncKey} from './successors.ts';

export function checkCandidate(one: Member, context: OperationContext, asks = true): Precondition[] {
	return [
		...checkStreaming(one, context),
		...checkTimeline(one, context, asks),
		...checkLag(one, context, asks),
		...checkLimitations(one),
		...checkReplay(one),
		...checkRest(context, one.name),
	];
}

/** Patroni's refusal of a member without a WAL location. */
const notReachable = 'no good candidates have been found (412)';

function checkStreaming(one: Member, context: OperationContext): Precondition[] {
	if (!isRunningState(one.state)) {
		return [
			isRefused(one)
				? blocking(`${one.name} is ${one.state}`, notReachable)
				: warning(`${one.name} is ${one.state}, and does not stream`),
		];
	}

	const words = healthProblem(one);
	if (one.health === 'well') {
		const timeline = leaderTimeline(context);
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

/** Patroni polls the candidate, and refuses it without a WAL location in the answer. */
function isRefused({rest, restSees, state}: Member): boolean {
	const {received, replayed, location} = rest?.value ?? {};
	return (
		/stop|crash|fail|creating|initdb|uninit/.test(state) ||
		(restSees && (received ?? replayed ?? location) === undefined)
	);
}

function leaderTimeline(context: OperationContext): number | undefined {
	const leader = leaderKey(context.cluster)?.member;
	return leader === undefined ? undefined : memberOf(context, leader)?.timeline;
}

function checkTimeline(one: Member, context: OperationContext, asks: boolean): Precondition[] {
	const config = dynamicConfig(context.cluster);
	const history = clusterTimeline(context);
	if (config?.checkTimeline && isBehind(one, history)) {
		const own = one.restSees ? one.rest?.value.timeline : one.timeline;
		return [
			refusedByLeader(
				asks,
				`${one.name} is on ${own === undefined ? 'an unknown timeline' : `timeline ${own}`}, the cluster on ${history}`,
				'check_timeline: the HA loop refuses a leader whose timeline is behind (Switchover failed)',
			),
		];
	}

	const timeline = leaderTimeline(context);
	return timeline !== undefined && one.timeline !== undefined && one.timeline !== timeline
		? [warning(`${one.name} is on timeline ${one.timeline}, the leader on ${timeline}`)]
		: [];
}

function refusedByLeader(asks: boolean, text: string, rule: string): Precondition {
	return asks ? blocking(text, rule) : warning(`${text}: Patroni lets it take over if no leader answers`);
}

function checkLag(one: Member, {cluster}: OperationContext, asks: boolean): Precondition[] {
	const config = dynamicConfig(cluster);
	const lagMax = config && maximumLag(config);
	const syncLagMax = config?.synchronousMode === 'off' ? 0 : (config?.maximumLagOnSyncnode ?? 0);
	const lag = failoverLag(one, cluster);
	if (lag === undefined) {
		return [];
	}

	if (lag === 'unknown') {
		return [warning(`${one.name}: its lag is not known`)];
	}

	if (lagMax !== undefined && lag > lagMax) {
		const [is, allowed] = comparedBytes(lag, lagMax);
		return [
			refusedByLeader(
				asks,
				`${one.name} is ${is} behind, more than maximum_lag_on_failover (${allowed})`,
				'the HA loop refuses a leader that is further behind (Switchover failed)',
			),
		];
	}

	if (syncLagMax > 0 && lag > syncLagMax && isInSyncKey({cluster}, one.name)) {
		const [is, allowed] = comparedBytes(lag, syncLagMax);
		return [
			warning(
				`${one.name} is ${is} behind, more than maximum_lag_on_syncnode (${allowed}): Patroni replaces it in the sync key where another standby is nearer`,
			),
		];
	}

	if (one.ahead !== undefined) {
		return [
			warning(
				`${one.name} has ${bytes(one.ahead)} of WAL that the leader does not have: its history diverged, and what the leader wrote since is missing there`,
			),
		];
	}

	return [
		ok(`${one.name}: lag ${bytes(lag)}${lagMax === undefined ? '' : `, at most ${bytes(lagMax)} allowed`}`),
	];
}

/** Patroni's rules in `failover_limitation`. */
function checkLimitations(one: Member): Precondition[] {
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

/** Received WAL must be replayed before the member accepts writes. */
function checkReplay({name, rest, restSees}: Member): Precondition[] {
	const {replayPaused, received, replayed} = rest?.value ?? {};
	const open = received === undefined || replayed === undefined ? undefined : received - replayed;
	return restSees && replayPaused
		? [
				warning(
					`replay of WAL is paused on ${name}: ${open === undefined ? 'what it has received' : bytes(open)} must be replayed before it takes writes`,
				),
			]
		: [];
}

/** In synchronous mode only members of the sync key take over without loss. */
export function checkSyncKey(candidate: string, {cluster}: OperationContext): Precondition[] {
	const mode = dynamicConfig(cluster)?.synchronousMode ?? 'off';
	if (mode === 'off') {
		return [];
	}

	const standbys = syncStandbys(cluster);
	if (standbys.some(standby => standby.toLowerCase() === candidate.toLowerCase())) {
		return [ok(`${candidate} is in the sync key: what was acknowledged is on it`)];
	}

	// With quorum commit the REST API accepts any candidate; the HA loop requires the sync key once it names standbys.
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

/** Whether the leader reaches the candidate: HAProxy on its node polls the same REST API as Patroni does. */
export function checkSeenFrom(
	context: OperationContext,
	node: string | undefined,
	member: string,
): Precondition[] {
	if (node === undefined) {
		return [];
	}

	const reached = reaches(context, node, member);
	return reached === undefined
		? []
		: [
				reached.well
					? ok(`${member}'s REST API also answers from ${node} (HAProxy's checks)`)
					: warning(`${member}'s REST API does not answer from ${node} (HAProxy: ${reached.words})`),
			];
}

/** Whether HAProxy on the VIP's holder reaches the new leader. */
export function checkClientPath(context: OperationContext, member: string): Precondition[] {
	const {cluster, target, now} = context;
	const holder = vipView(cluster, target, now).holders.find(({sees: seen}) => seen)?.node;
	if (holder === undefined || !hasHaproxy(target, holder)) {
		return [];
	}

	const reached = reaches(context, holder, member);
	const source = `haproxy:${holder}` as const;
	const clients = `HAProxy on ${holder}, which holds the VIP,`;
	if (reached === undefined) {
		return [
			warning(
				`${clients} ${isFresh(cluster.sourceStatuses.get(source), source, now) ? `has no server that is known as ${member}` : 'cannot be seen'}: whether ${clientsOf(cluster, target, 'primary')} will reach ${member} is not known`,
			),
		];
	}

	return [
		reached.well
			? ok(`${clients} can reach ${member}`)
			: warning(`${clients} cannot reach ${member} (${reached.words}): clients would not reach it`),
	];
}

/** HAProxy's check reached the member if it got an HTTP answer, of any status. */
function reaches(
	{cluster, target, now}: OperationContext,
	node: string,
	member: string,
): {well: boolean; words: string} | undefined {
	const source = `haproxy:${node}` as const;
	const stats = cluster.haproxy.get(node)?.value;
	if (stats === undefined || !isFresh(cluster.sourceStatuses.get(source), source, now)) {
		return undefined;
	}

	const members = membersByServer(cluster, target, stats);
	const found = stats.servers.filter(server => members.get(server) === member);
	const best = found.find(isAnswer) ?? found[0];
	return (
		best && {
			well: isAnswer(best),
			words: `${best.checkStatus} ${best.checkCode ?? ''}`.trim(),
		}
	);
}

/** Of any status: 503 is the answer to a check of another role. */
function isAnswer({checkStatus}: HaproxyServer): boolean {
	return /^L7(?:OKC?|STS)$/.test(checkStatus);
}
