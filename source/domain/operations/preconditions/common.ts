/** Preconditions that several operations share: DCS, REST API, VIP, other operations. */
import {utc} from '../../../lib/parse-time.ts';
import {beliefs, type RestLeadership, restLeadership} from '../../cluster/beliefs.ts';
import {keyOf} from '../../cluster/cluster.ts';
import {etcdNodes, isUncertain, quorum} from '../../cluster/etcd.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {clientsOf, routeTo} from '../../cluster/haproxy.ts';
import {isRunningState} from '../../cluster/health.ts';
import {dcsIsRead, dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import {isNoLoadBalance} from '../../cluster/member.ts';
import {members} from '../../cluster/members.ts';
import {vipsOf} from '../../cluster/roles.ts';
import {type VipView, vipViews} from '../../cluster/vip.ts';
import {misplacedVip} from '../../cluster/vip-leader.ts';
import {storeName, type Target, type Vip} from '../../target.ts';
import type {Precondition} from '../types.ts';
import {blocking, memberOf, type OperationContext, ok, warning} from '../types.ts';
import {type Successor, successors} from './successors.ts';

/** Whether the leader is known now: without it, the operator would confirm something else than what happens. */
export function checkDcs({cluster, target, now}: OperationContext): Precondition[] {
	if (target.rest !== undefined) {
		return checkLeadershipByRest({cluster, target, now});
	}

	if (!dcsIsRead(cluster, now)) {
		return [blocking('etcd cannot be read: the leader is not known')];
	}

	const nodes = etcdNodes(cluster, target, now);
	const {healthy, needed, voters, unseen} = quorum(nodes);
	const silent = nodes.filter(node => !node.member?.learner && isUncertain(node)).length - unseen;
	if (unseen + silent > 0 && healthy <= needed) {
		const others = [
			...(unseen > 0 ? [`${unseen} not watched`] : []),
			...(silent > 0 ? [`${silent} without an answer`] : []),
		].join(', ');
		return [
			warning(
				`etcd: ${healthy} of ${voters} members healthy, ${others}: how many more may fail is not known`,
			),
		];
	}

	return [
		healthy <= needed && voters > 1
			? warning(`etcd: ${healthy} of ${voters} members healthy; one more loss ends the quorum`)
			: ok(`etcd has quorum: ${healthy} of ${voters} members healthy`),
	];
}

const whyUnknown: Readonly<Record<(RestLeadership & {state: 'unknown'})['why'], string>> = {
	silent: 'no member answers',
	'cut-off': 'no member is known to reach',
	unconfirmed: 'the member that is named as leader does not confirm it',
	contradicted: 'the members contradict each other',
};

/** What the members say instead of the store; what only the store could say is named. */
function checkLeadershipByRest({cluster, target, now}: Pick<OperationContext, 'cluster' | 'target' | 'now'>) {
	const store = storeName(target);
	const leadership = restLeadership(cluster, now);
	const leader = leaderKey(cluster)?.member;
	if (leadership.state === 'unknown' || !dcsIsRead(cluster, now)) {
		const why = leadership.state === 'unknown' ? leadership.why : 'unconfirmed';
		return [blocking(`the leader is not known: ${whyUnknown[why]}${why === 'cut-off' ? ` ${store}` : ''}`)];
	}

	const all = beliefs(cluster, now);
	const counted = all.filter(({counts}) => counts);
	return [
		leader === undefined
			? ok(`no member leads, as ${counted.length} of ${all.length} say`)
			: ok(`${leader} answers as leader, and reaches ${store}; ${counted.length} of ${all.length} name it`),
		...(counted.length < all.length
			? [warning(`what ${all.length - counted.length} of ${all.length} members believe is not known now`)]
			: []),
		...(counted.some(one => one.leader !== leader)
			? [warning('members believe in different leaders: see the findings')]
			: []),
		warning(`not checked: the quorum of ${store}, and the leader key's lease (seen by REST alone)`),
	];
}

/** Whether the REST API of the member that gets the request answers. */
export function checkRest(context: OperationContext, name: string, why = ''): Precondition[] {
	const source = `patroni:${name}` as const;
	const reason = unavailableReason(context.cluster.sourceStatuses.get(source), source, context.now);
	return [
		reason === undefined
			? ok(`${name}'s REST API answers${why}`)
			: warning(`${name}'s REST API does not answer: ${reason}; the request may not arrive`),
	];
}

export function checkCredentials({target}: OperationContext): Precondition[] {
	return target.restUser
		? [ok("a user for Patroni's REST API is configured")]
		: [warning("no user for Patroni's REST API is configured: where it asks for one it answers 401")];
}

/** @param replaces the operation replaces a scheduled switchover */
export function checkOtherOperations(
	context: OperationContext,
	{replaces} = {replaces: false},
): Precondition[] {
	const {cluster, running} = context;
	const asked = keyOf(cluster, 'failover', 'failover')?.value;
	const isAsked = asked?.leader !== undefined || asked?.candidate !== undefined;
	const between = `${asked?.leader ?? 'any'} → ${asked?.candidate ?? 'any'}`;
	return [
		...(context.target.rest === undefined
			? []
			: [
					warning(
						'not checked: a switchover of another client that is under way (REST shows scheduled ones)',
					),
				]),
		...running.map(({text, unknown}) =>
			unknown ? warning(`the result is not known: ${text}`) : blocking(`still running: ${text}`),
		),
		...(isAsked
			? [
					asked?.scheduledAt === undefined
						? warning(`another switchover or failover is running: ${between}`)
						: warning(
								`a switchover is scheduled at ${utc(asked.scheduledAt)}: ${between}${replaces ? '; this one replaces it' : ''}`,
							),
				]
			: running.length === 0
				? [ok('no other operation is running')]
				: []),
	];
}

/** `the VIP`, with its address if there are several. */
export function vipName(target: Target, vip: Vip | undefined): string {
	return vip === undefined || vipsOf(target).length < 2 ? 'the VIP' : `the VIP ${vip.address}`;
}

export function checkVip(context: OperationContext): Precondition[] {
	const {cluster, target, now} = context;
	return vipViews(cluster, target, now).flatMap(view => checkOneVip(context, view));
}

function checkOneVip({cluster, target, now}: OperationContext, view: VipView): Precondition[] {
	const {holders, blind, state, reason, answers} = view;
	const name = vipName(target, view.vip);
	const seen = holders.filter(({sees}) => sees).map(({node}) => node);
	const [holder] = seen;
	if (seen.length > 1) {
		return [warning(`${name} is held by ${seen.join(' and ')} at once`)];
	}

	if (holder === undefined) {
		return [
			state === 'none'
				? warning(`no node holds ${name}`)
				: state !== 'elsewhere'
					? warning(`the holder of ${name} is not known`)
					: answers
						? ok(`${name} answers; a machine that is not watched holds it`)
						: warning(`the holder of ${name} is not known: ${reason}`),
		];
	}

	const misplaced = misplacedVip(view, cluster, target, now);
	if (misplaced !== undefined) {
		return [warning(`${name} is on ${holder}, but the leader is ${misplaced.leader}`)];
	}

	return [
		blind.length === 0
			? ok(`${name} has one holder: ${holder}`)
			: warning(
					`${name} is on ${holder}; it is not known whether ${blind.join(' or ')} also ${blind.length === 1 ? 'has' : 'have'} it`,
				),
	];
}

/**
 * Whether there is a schedule to cancel.
 * @param at the scheduled time as Patroni stores it
 */
export function checkScheduled(at: string | undefined): Precondition[] {
	return [
		at === undefined
			? blocking('nothing is scheduled', 'nothing to cancel (404)')
			: ok(`scheduled at ${utc(at)}`),
	];
}

export function checkPause(context: OperationContext, what: string): Precondition[] {
	return dynamicConfig(context.cluster)?.pause ? [warning(`the cluster is paused: ${what}`)] : [];
}

/** Blocking if the member has no key. */
export function checkRegistered(context: OperationContext, name: string): Precondition[] {
	return memberOf(context, name)?.key === undefined
		? [
				blocking(
					context.target.rest === undefined
						? `${name} has no key in etcd`
						: `${name} is not listed by the members`,
					'candidate does not exists (412)',
				),
			]
		: [];
}

/** What depends on a replica that stops: readers, and the next failover. */
export function checkOnlyReplica(context: OperationContext, name: string): Precondition[] {
	const {cluster, now} = context;
	const leader = leaderKey(cluster)?.member;
	if (leader === undefined || leader === name) {
		return [];
	}

	const readable = members(cluster, now).some(
		one =>
			one.name !== name &&
			one.name !== leader &&
			isRunningState(one.state) &&
			one.restSees &&
			!isNoLoadBalance(one),
	);
	return [
		...(readable ? [] : checkReaders(context, name)),
		...checkRemainingSuccessors(successors(context, [name, leader], {mayBecomeSync: true}), leader, name),
	];
}

function checkRemainingSuccessors(
	others: readonly Successor[],
	leader: string,
	name: string,
): Precondition[] {
	if (others.some(({concern}) => concern === undefined)) {
		return [];
	}

	return [
		others.length === 0
			? warning(`no member could take over from ${leader} until ${name} is back`)
			: warning(
					`it is not known whether another could take over from ${leader} until ${name} is back: ${others.map(({concern}) => concern).join('; ')}`,
				),
	];
}

/** Warns that readers have no server without this replica, unless HAProxy sends them to the leader as well (`/read-only`). */
export function checkReaders({cluster, target}: OperationContext, until: string): Precondition[] {
	const leader = leaderKey(cluster)?.member;
	const hasOther = [...cluster.haproxy.keys()].some(node =>
		routeTo(cluster, target, node, 'replicas')?.to.some(
			({member}) => member === leader && member !== undefined && member !== until,
		),
	);
	return target.haproxy === undefined || hasOther
		? []
		: [
				warning(
					`${clientsOf(cluster, target, 'replicas')} have no server until ${until} is back: there is no other replica`,
				),
			];
}
