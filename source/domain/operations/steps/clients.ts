/** What clients notice of a new leader: each HAProxy that sends them there, and their own path through the VIP. */
import type {Cluster} from '../../cluster.ts';
import {keyOf} from '../../cluster.ts';
import {routeTo} from '../../haproxy.ts';
import {plainHost} from '../../host.ts';
import {sees} from '../../sight.ts';
import {isTicked, type Scene, type StepDefinition} from '../steps.ts';

/** @param after the step that must have been seen before these mean anything. */
export function clientSteps(leader: string, after: string, {cluster, target, now}: Scene): StepDefinition[] {
	const nodes = [...cluster.haproxy.keys()]
		.filter(node => sees(cluster.sights.get(`haproxy:${node}`), `haproxy:${node}`, now))
		.sort();
	const port = target.probe?.ports.write;
	return [
		...nodes.map(
			(node): StepDefinition => ({
				id: `routes ${node}`,
				text: `HAProxy on ${node} sends clients to ${leader}`,
				essential: false,
				seen: (run, scene) => {
					const to = routeTo(scene.cluster, scene.target, node, 'primary')?.to;
					return (
						isTicked(run, after) &&
						(scene.cluster.haproxy.get(node)?.at ?? 0) > run.confirmedAt &&
						to?.length === 1 &&
						to[0] === leader
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
						seen: (run, scene) =>
							isTicked(run, after) && isServedBy(scene.cluster, port, leader, run.confirmedAt),
					} satisfies StepDefinition,
				]),
	];
}

function isServedBy(cluster: Cluster, port: number, leader: string, since: number): boolean {
	const answer = cluster.probes.get(port)?.answer;
	const host = keyOf(cluster, `members/${leader}`, 'member')?.value.data.host;
	return (
		answer !== undefined &&
		answer.at > since &&
		!answer.inRecovery &&
		host !== undefined &&
		plainHost(answer.server.replace(/:\d+$/, '')) === plainHost(host)
	);
}
