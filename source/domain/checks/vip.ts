/** The virtual address: held by exactly one node, and seen to be. */
import type {Cluster} from '../cluster.ts';
import type {Finding} from '../finding.ts';
import {blindness} from '../sight.ts';
import type {Target} from '../target.ts';
import {vipView} from '../vip.ts';

export function vipFindings(cluster: Cluster, target: Target, now: number): Finding[] {
	if (target.vip === undefined) {
		return [];
	}

	const {holders, blind, nodes} = vipView(cluster, target, now);
	const seen = holders.filter(({sees}) => sees);
	if (seen.length > 1) {
		return [
			{
				severity: 'critical',
				text: `VIP ${target.vip} is held by ${seen.map(({node}) => node).join(' and ')} at once`,
			},
		];
	}

	const found: Finding[] = blind.map(node => ({
		severity: 'unknown',
		text: `${node}: its addresses are out of sight: ${blindness(cluster.sights[`vip:${node}`], `vip:${node}`, now) ?? ''}`,
		about: node,
	}));
	if (seen.length === 0 && nodes.length > 0) {
		found.push(
			blind.length === 0
				? {severity: 'critical', text: `nobody holds the VIP ${target.vip}`}
				: {severity: 'unknown', text: `who holds the VIP ${target.vip} can't be told`},
		);
	}

	return found;
}
