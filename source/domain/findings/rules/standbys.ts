/** Who could take over: no standby at all, and configured nodes on which no member is known. */

import {hostOf, plainHost} from '../../../lib/host.ts';
import type {Member} from '../../cluster/member.ts';
import {type FindingContext, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';

export function standbyFindings(look: FindingContext): Finding[] {
	return look.dcs && !look.absent ? [...noStandby(look), ...nodesWithoutMember(look)] : [];
}

/** In synchronous mode the missing synchronous standby says it already. */
function noStandby(look: FindingContext): Finding[] {
	const {members, leader, config} = look;
	const registered = members.filter(({key}) => key !== undefined);
	return config?.synchronousMode !== 'off' || registered.length !== 1 || registered[0]?.name !== leader
		? []
		: [
				{
					id: 'standby.none',
					severity: 'degraded',
					text: `no standby: ${leader} is the only member`,
					evidence: [quoteDcs(look, `members: ${leader}`)],
				},
			];
}

/** Only where each member can be told to be on one of the configured nodes: else they may just be called otherwise. */
function nodesWithoutMember(look: FindingContext): Finding[] {
	const {members, target} = look;
	const nodes = target.nodes.filter(({roles}) => roles.includes('database'));
	const registered = members.filter(({key}) => key !== undefined);
	const isAttributed = registered.every(one => nodes.some(node => isOn(one, node)));
	return isAttributed
		? nodes
				.filter(node => !members.some(one => isOn(one, node)))
				.map(({name}) => ({
					id: 'node.no-member',
					severity: 'degraded',
					text: `${name}: configured, but no member of the cluster is known there`,
					about: name,
					evidence: [quoteDcs(look, `members: ${registered.map(one => one.name).join(', ') || 'nobody'}`)],
				}))
		: [];
}

function isOn({name, key}: Member, node: {name: string; host: string}): boolean {
	const hosts = [key?.data.host, hostOf(key?.data.apiUrl)];
	return name === node.name || hosts.includes(plainHost(node.host));
}
