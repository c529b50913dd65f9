/** The members as their keys in the DCS tell of them: leader, standbys, states, lag, timelines. */
import type {Cluster} from '../cluster.ts';
import type {Finding} from '../finding.ts';
import {dcsIsRead, dynamicConfig, leaderKey} from '../keys.ts';
import {isHealthyState, type Member, members} from '../members.ts';

export function memberFindings(cluster: Cluster, now: number): Finding[] {
	if (!dcsIsRead(cluster, now)) {
		return [];
	}

	const found: Finding[] = [];
	const all = members(cluster, now);
	const config = dynamicConfig(cluster);
	const leader = leaderKey(cluster)?.member;
	const groups = citusGroups(cluster);
	if (all.length === 0 && groups.length > 0) {
		return [
			{
				severity: 'unknown',
				text: `a Citus cluster with the groups ${groups.join(', ')}: choose one with --group`,
			},
		];
	}

	if (cluster.keys.initialize === undefined && all.length === 0) {
		return [{severity: 'critical', text: 'no such cluster in etcd: nothing below this namespace and scope'}];
	}

	if (leader === undefined) {
		const why =
			cluster.keys.initialize === undefined
				? 'the cluster is not initialised yet'
				: 'the leader key is not there';
		found.push({severity: 'critical', text: `no leader: ${why}`});
	}

	for (const {value} of Object.values(cluster.keys)) {
		if (value.kind === 'other' && value.problem !== undefined) {
			found.push({severity: 'unknown', text: `etcd's key ${value.problem}`});
		}
	}

	if (config === undefined) {
		found.push({severity: 'unknown', text: 'the dynamic configuration is not known'});
	}

	if (config?.pause) {
		found.push({severity: 'degraded', text: 'paused: Patroni will not fail over'});
	}

	if (
		config !== undefined &&
		config.synchronousMode !== 'off' &&
		!all.some(({role}) => role === 'sync_standby' || role === 'quorum_standby')
	) {
		found.push({severity: 'degraded', text: 'no synchronous standby in synchronous mode'});
	}

	const leaderTimeline = all.find(({name}) => name === leader)?.timeline;
	for (const one of all) {
		found.push(...oneMember(one, {leader, leaderTimeline, maximumLag: config?.maximumLagOnFailover}));
	}

	return found;
}

/** In a Citus cluster each group has keys of its own, one level below the scope. */
function citusGroups(cluster: Cluster): string[] {
	const found = Object.keys(cluster.keys).flatMap(path => /^(\d+)\//.exec(path)?.[1] ?? []);
	return [...new Set(found)].sort((a, b) => Number(a) - Number(b));
}

type Measure = {
	leader: string | undefined;
	leaderTimeline: number | undefined;
	maximumLag: number | undefined;
};

function oneMember(one: Member, {leader, leaderTimeline, maximumLag}: Measure): Finding[] {
	const {name} = one;
	if (one.key === undefined) {
		return [{severity: 'degraded', text: `${name}: its key in etcd is gone`, about: name}];
	}

	const found: Finding[] = [];
	if (!isHealthyState(one)) {
		const what = one.state === 'running' && name !== leader ? 'running, but it follows nobody' : one.state;
		found.push({severity: name === leader ? 'critical' : 'degraded', text: `${name}: ${what}`, about: name});
	}

	if (typeof one.lag === 'number' && maximumLag !== undefined && one.lag > maximumLag) {
		found.push({
			severity: 'degraded',
			text: `${name}: lag ${one.lag} bytes, over maximum_lag_on_failover`,
			about: name,
		});
	}

	if (one.lag === 'unknown' && leader !== undefined) {
		found.push({severity: 'degraded', text: `${name}: lag unknown`, about: name});
	}

	if (leaderTimeline !== undefined && one.timeline !== undefined && one.timeline !== leaderTimeline) {
		found.push({
			severity: 'degraded',
			text: `${name}: on timeline ${one.timeline}, the leader is on ${leaderTimeline}`,
			about: name,
		});
	}

	if (one.key.data.pendingRestart) {
		found.push({severity: 'degraded', text: `${name}: a restart is pending`, about: name});
	}

	return found;
}
