/** What is wrong with the cluster, as far as can be told now: findings, worst first, and the one verdict. */
import {dcsFindings} from './checks/dcs.ts';
import {memberFindings} from './checks/members.ts';
import {restFindings} from './checks/rest.ts';
import {vipFindings} from './checks/vip.ts';
import type {Cluster} from './cluster.ts';
import type {SourceId} from './events.ts';
import type {Finding, Severity, Verdict} from './finding.ts';
import {sees} from './sight.ts';
import type {Target} from './target.ts';

const rank: Record<Severity, number> = {critical: 0, degraded: 1, unknown: 2};

/** All findings at `now`, worst first. */
export function findings(cluster: Cluster, target: Target, now: number): Finding[] {
	if (seesNothing(cluster, now)) {
		return [{severity: 'unknown', text: "nothing is in sight from here: is this machine's own network up?"}];
	}

	const all = [
		...dcsFindings(cluster, target, now),
		...memberFindings(cluster, now),
		...restFindings(cluster, now),
		...vipFindings(cluster, target, now),
	];
	return all.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** The worst finding decides; a cluster of which too little is known is not called healthy. */
export function verdict(all: readonly Finding[]): Verdict {
	return all[0]?.severity ?? 'healthy';
}

/** Not one source sees, though none is still connecting. */
function seesNothing(cluster: Cluster, now: number): boolean {
	const sights = Object.entries(cluster.sights).filter(([source]) => !source.startsWith('watch:'));
	return (
		sights.some(([source]) => !source.startsWith('etcd:') && !source.startsWith('dcs:')) &&
		sights.every(([source, sight]) => sight?.state !== 'connecting' && !sees(sight, source as SourceId, now))
	);
}
