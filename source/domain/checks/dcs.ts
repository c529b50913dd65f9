/** etcd itself: quorum, members that are down, alarms. */

import type {Cluster} from '../cluster.ts';
import {etcdNodes, quorum} from '../etcd.ts';
import type {Finding} from '../finding.ts';
import {dcsIsRead} from '../keys.ts';
import {blindness} from '../sight.ts';
import type {Target} from '../target.ts';

export function dcsFindings(cluster: Cluster, target: Target, now: number): Finding[] {
	const nodes = etcdNodes(cluster, target, now);
	const {voters, healthy, needed} = quorum(nodes);
	const connecting = target.endpoints.every(endpoint => {
		const sight = cluster.sights[`etcd:${endpoint}`];
		return sight === undefined || sight.state === 'connecting';
	});
	if (connecting) {
		return [{severity: 'unknown', text: 'etcd: not reached yet'}];
	}

	const found: Finding[] = [];
	if (!dcsIsRead(cluster, now)) {
		const answering = nodes.filter(node => node.answers).length;
		const refusal = nodes.find(node => node.answers && node.refusal !== undefined)?.refusal;
		if (refusal !== undefined) {
			return [{severity: 'unknown', text: `etcd answers, but can not be read: ${refusal}`}];
		}

		found.push(
			answering === 0
				? {
						severity: 'unknown',
						text: 'etcd: no endpoint answers; who leads can be told only by the members themselves',
					}
				: {
						severity: 'critical',
						text: `etcd without quorum: ${answering} of ${voters} answer, none in touch with a majority of ${needed}`,
					},
		);
		return found;
	}

	for (const node of nodes.filter(({answers, readsLinearizably}) => !answers || !readsLinearizably)) {
		const why = node.answers
			? 'answers, but serves no linearizable read'
			: `does not answer${node.endpoint === undefined ? ' (no address to reach it)' : `: ${blindness(cluster.sights[`etcd:${node.endpoint}`], `etcd:${node.endpoint}`, now) ?? ''}`}`;
		found.push({
			severity: 'degraded',
			text: `etcd ${node.name} ${why}${healthy === needed ? '; one more loss ends the quorum' : ''}`,
			about: node.name,
		});
	}

	for (const {memberId, alarm} of cluster.etcd.alarms) {
		const name = nodes.find(node => node.member?.id === memberId)?.name ?? memberId;
		found.push({severity: 'critical', text: `etcd ${name}: alarm ${alarm}`, about: name});
	}

	return found;
}
