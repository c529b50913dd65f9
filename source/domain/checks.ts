/** What is wrong with the cluster, as far as can be told now: findings, worst first, and the one verdict. */
import {type Cluster, clockOffset} from './cluster.ts';
import type {SourceId} from './events.ts';
import {isPrimaryRole} from './patroni.ts';
import {blindness, sees} from './sight.ts';
import {
	dcsIsRead,
	dynamicConfig,
	etcdNodes,
	leaderKey,
	type Member,
	members,
	quorum,
	type Target,
	vipView,
} from './topology.ts';

/** `unknown`: the console is blind on something it would need to call the cluster healthy. */
export type Severity = 'critical' | 'degraded' | 'unknown';

export type Finding = {
	severity: Severity;
	text: string /** The member or node it concerns. */;
	about?: string;
};

export type Verdict = 'healthy' | Severity;

/** Patroni's answers carry whole seconds and may be on their way for one more; ms. */
const clockTolerance = 5000;

const rank: Record<Severity, number> = {critical: 0, degraded: 1, unknown: 2};

/** All findings at `now`, worst first. */
export function findings(cluster: Cluster, target: Target, now: number): Finding[] {
	if (seesNothing(cluster, now)) {
		return [{severity: 'unknown', text: "nothing is in sight from here: is this machine's own network up?"}];
	}

	const all = [
		...dcsFindings(cluster, target, now),
		...memberFindings(cluster, now),
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

function dcsFindings(cluster: Cluster, target: Target, now: number): Finding[] {
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

function memberFindings(cluster: Cluster, now: number): Finding[] {
	if (!dcsIsRead(cluster, now)) {
		return memberRestFindings(cluster, now);
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

	for (const one of all) {
		found.push(...oneMember(cluster, one, leader, config?.maximumLagOnFailover, now));
	}

	return [...found, ...memberRestFindings(cluster, now)];
}

/** In a Citus cluster each group has keys of its own, one level below the scope. */
function citusGroups(cluster: Cluster): string[] {
	const found = Object.keys(cluster.keys).flatMap(path => /^(\d+)\//.exec(path)?.[1] ?? []);
	return [...new Set(found)].sort((a, b) => Number(a) - Number(b));
}

function oneMember(
	cluster: Cluster,
	one: Member,
	leader: string | undefined,
	maximumLag: number | undefined,
	now: number,
): Finding[] {
	const {name} = one;
	if (one.key === undefined) {
		return [{severity: 'degraded', text: `${name}: its key in etcd is gone`, about: name}];
	}

	const found: Finding[] = [];
	const healthyStates = name === leader ? ['running'] : ['running', 'streaming'];
	if (!healthyStates.includes(one.state)) {
		found.push({
			severity: name === leader ? 'critical' : 'degraded',
			text: `${name}: ${one.state}`,
			about: name,
		});
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

	const leaderTimeline =
		leader === undefined ? undefined : members(cluster, now).find(other => other.name === leader)?.timeline;
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

/** What the members' own REST says, and where it says something else than etcd. */
function memberRestFindings(cluster: Cluster, now: number): Finding[] {
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

function vipFindings(cluster: Cluster, target: Target, now: number): Finding[] {
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
