/** What the members' own REST says, and where it says something else than the DCS. */
import {type Cluster, clockOffset} from '../cluster.ts';
import type {Finding} from '../finding.ts';
import {dcsIsRead, leaderKey} from '../keys.ts';
import {members} from '../members.ts';
import {isPrimaryRole} from '../patroni.ts';
import {blindness} from '../sight.ts';

/** Patroni's answers carry whole seconds and may be on their way for one more; ms. */
const clockTolerance = 5000;
export function restFindings(cluster: Cluster, now: number): Finding[] {
	const found: Finding[] = [];
	const all = members(cluster, now);
	const leader = leaderKey(cluster)?.member;
	const dcs = dcsIsRead(cluster, now);
	const primaries = all.filter(
		({rest, restSees}) =>
			restSees && rest && isPrimaryRole(rest.value.role) && rest.value.state === 'running',
	);
	if (primaries.length > 1) {
		found.push({
			severity: 'critical',
			text: `${primaries.map(({name}) => name).join(' and ')} each say that they are primary`,
		});
	}

	for (const {name, rest, restSees} of all) {
		const offset = restSees ? clockOffset(rest) : undefined;
		if (offset !== undefined && Math.abs(offset) > clockTolerance) {
			const apart = `${Math.round(Math.abs(offset) / 1000)} s ${offset > 0 ? 'ahead of' : 'behind'}`;
			found.push({severity: 'degraded', text: `${name}: its clock is ${apart} this console's`, about: name});
		}
	}

	for (const {name, rest, restSees, key} of all) {
		const reason = blindness(cluster.sights[`patroni:${name}`], `patroni:${name}`, now);
		if (!restSees && key?.data.apiUrl !== undefined) {
			found.push({
				severity: 'unknown',
				text: `${name}: its REST API is out of sight: ${reason ?? 'not asked'}`,
				about: name,
			});
		}

		if (
			dcs &&
			leader !== undefined &&
			leader !== name &&
			restSees &&
			rest &&
			isPrimaryRole(rest.value.role) &&
			rest.value.state === 'running'
		) {
			found.push({
				severity: 'critical',
				text: `${name} says that it is primary, etcd's leader is ${leader}`,
				about: name,
			});
		}
	}

	return found;
}
