/** What clients notice of a new leader: each HAProxy that sends them there, and their own path through the VIP. */

import {isFresh} from '../../cluster/freshness.ts';
import {routeState, routeTo, serverOf} from '../../cluster/haproxy.ts';
import {identities, memberAtAddress, splitAddress} from '../../cluster/identities.ts';
import {type ClusterContext, isTicked, type StepDefinition} from '../types.ts';

/**
 * Only what can be recognised when it happens: a HAProxy in which the leader's server is known, a path whose servers are.
 * @param after the step that must have been seen before these mean anything.
 */
export function clientSteps(leader: string, after: string, context: ClusterContext): StepDefinition[] {
	const {cluster, target, now} = context;
	const nodes = [...cluster.haproxy.keys()]
		.filter(node => {
			const route = routeTo(cluster, target, node, 'primary');
			return (
				isFresh(cluster.sourceStatuses.get(`haproxy:${node}`), `haproxy:${node}`, now) &&
				route !== undefined &&
				serverOf(route, leader) !== undefined
			);
		})
		.sort();
	const port = isPathKnown(context) ? target.probe?.ports.write : undefined;
	return [
		...nodes.map(
			(node): StepDefinition => ({
				id: `routes ${node}`,
				text: `HAProxy on ${node} sends clients to ${leader}`,
				essential: false,
				seen: (run, context) => {
					const route = routeTo(context.cluster, context.target, node, 'primary');
					return (
						isTicked(run, after) &&
						(context.cluster.haproxy.get(node)?.at ?? 0) > run.confirmedAt &&
						route !== undefined &&
						routeState(route, leader) === 'leader'
					);
				},
			}),
		),
		...(port === undefined
			? []
			: [
					{
						id: 'path',
						text: `VIP:${port} answers from ${leader}`,
						essential: false,
						seen: (run, context) =>
							isTicked(run, after) && isServedBy(context, port, leader, run.confirmedAt),
					} satisfies StepDefinition,
				]),
	];
}

/** The server that answers now is known, so the next one will be. */
function isPathKnown({cluster, target}: ClusterContext): boolean {
	const answer = cluster.probes.get(target.probe?.ports.write ?? 0)?.answer;
	return (
		answer === undefined ||
		memberAtAddress(identities(cluster, target), splitAddress(answer.server)) !== undefined
	);
}

function isServedBy({cluster, target}: ClusterContext, port: number, leader: string, since: number): boolean {
	const answer = cluster.probes.get(port)?.answer;
	return (
		answer !== undefined &&
		answer.at > since &&
		!answer.inRecovery &&
		memberAtAddress(identities(cluster, target), splitAddress(answer.server)) === leader
	);
}
