import {isFresh} from '../../cluster/freshness.ts';
import {clientsOf} from '../../cluster/haproxy.ts';
import {membersByServer} from '../../cluster/haproxy-members.ts';
import {vipView} from '../../cluster/vip.ts';
import type {OperationContext, Precondition} from '../types.ts';
import {ok, warning} from '../types.ts';

/** From the leader's side: its node's HAProxy asks the candidate as often as Patroni would. */
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
					? ok(`from ${node}, too, ${member}'s REST API answers (HAProxy: ${reached.words})`)
					: warning(`from ${node} ${member}'s REST API does not answer (HAProxy: ${reached.words})`),
			];
}

/** Clients come in by the VIP: the HAProxy there must find the new leader. */
export function checkClientPath(context: OperationContext, member: string): Precondition[] {
	const {cluster, target, now} = context;
	const holder = vipView(cluster, target, now).holders.find(({sees: seen}) => seen)?.node;
	if (target.haproxy === undefined || holder === undefined) {
		return [];
	}

	const reached = reaches(context, holder, member);
	const source = `haproxy:${holder}` as const;
	const clients = `HAProxy on ${holder}, which holds the VIP,`;
	if (reached === undefined) {
		return [
			warning(
				`${clients} ${isFresh(cluster.sourceStatuses.get(source), source, now) ? `has no server that is known as ${member}` : 'can not be seen'}: whether ${clientsOf(cluster, target, 'primary')} will find ${member} is not known`,
			),
		];
	}

	return [
		reached.well
			? ok(`${clients} can reach ${member}`)
			: warning(`${clients} can not reach ${member} (${reached.words}): clients would not find it`),
	];
}

/** A check of HAProxy's that got an HTTP answer reached the member, whatever the answer was. */
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
	const best = found.find(({checkStatus}) => checkStatus.startsWith('L7')) ?? found[0];
	return (
		best && {
			well: best.checkStatus.startsWith('L7'),
			words: `${best.checkStatus} ${best.checkCode ?? ''}`.trim(),
		}
	);
}
