/** The cluster's members (DCS keys joined with REST answers), and its machines. */

import {byName, hostOf, plainHost} from '../../lib/format.ts';
import type {SourceId} from '../facts.ts';
import {isPrimaryRole, type PatroniStatus} from '../facts.ts';
import type {Target} from '../target.ts';
import {type Cluster, type KnownStatus, keyOf} from './cluster.ts';
import type {DynamicConfig, HistoryLine, MemberKey} from './dcs.ts';
import {etcdNodes} from './etcd.ts';
import {isFresh} from './freshness.ts';
import {judgeHealth, notBetter, type Unjudged} from './health.ts';
import {dcsIsRead, dynamicConfig, isDcsUnread, leaderKey, syncStandbys} from './keys.ts';
import type {Member, Role} from './member.ts';
import {memoByCluster} from './memo.ts';
import {isNewer, type Leading, lagOf, leadingOf} from './published.ts';
import {watchedNodes} from './vip.ts';

/** Many callers read the members of one moment; at the next moment only freshness differs. */
const known = new WeakMap<Cluster, {now: number; members: readonly Member[]}>();

/** Members in the order of `patronictl list`, with roles and lag by Patroni's rules (`cluster_as_json`). */
export function members(cluster: Cluster, now: number): readonly Member[] {
	const before = known.get(cluster);
	if (before?.now === now) {
		return before.members;
	}

	const all =
		before !== undefined && areStill(before.members, cluster, now)
			? before.members
			: joinMembers(cluster, now);
	known.set(cluster, {now, members: all});
	return all;
}

/** Whether the same sources are fresh as before; all else depends on the cluster object. */
function areStill(before: readonly Member[], cluster: Cluster, now: number): boolean {
	const common = commonOf(cluster, now);
	return before.every(one => {
		const restSees = restIsSeen(cluster, one.name, now);
		const {lagFrom, lagIsNow} = lagOf(
			one.name,
			one.key,
			restSees ? one.rest : undefined,
			common.leading,
			common,
		);
		return (
			one.dcsSees === common.dcsSees &&
			one.restSees === restSees &&
			one.lagFrom === lagFrom &&
			one.lagIsNow === lagIsNow
		);
	});
}

function joinMembers(cluster: Cluster, now: number): Member[] {
	const keys = new Map<string, Member['key']>([...cluster.patroni.keys()].map(name => [name, undefined]));
	for (const key of cluster.keys.values()) {
		if (key.value.kind === 'member') {
			keys.set(key.value.name, {...key, data: key.value.data});
		}
	}

	const common = commonOf(cluster, now);
	const namesSorted = [...keys.keys()].sort();
	const judged = judgeHealth(
		namesSorted.map(name => member(cluster, name, keys.get(name), common, restIsSeen(cluster, name, now))),
		common,
	);
	if (judged.every(({rest, restSees}) => restSees || rest === undefined)) {
		return judged;
	}

	// Old answers of lost sources must not improve the result.
	const remembered = judgeHealth(
		namesSorted.map(name => member(cluster, name, keys.get(name), common, cluster.patroni.has(name))),
		common,
	);
	return judged.map((one, index) => notBetter(one, remembered[index]));
}

/** What all members are compared with, read once. */
type Common = {
	dcsSees: boolean;
	leader: string | undefined;
	config: DynamicConfig | undefined;
	/** Names of the sync standbys in lower case. */
	standbys: ReadonlySet<string>;
	leading: Leading;
	/** Where each earlier timeline ended. */
	history: readonly HistoryLine[];
	now: number;
};

function commonOf(cluster: Cluster, now: number): Common {
	const dcsSees = dcsIsRead(cluster, now);
	const config = dynamicConfig(cluster);
	const leader = leaderKey(cluster)?.member;
	const rest =
		leader !== undefined && restIsSeen(cluster, leader, now) ? cluster.patroni.get(leader) : undefined;
	return {
		dcsSees,
		leader,
		config,
		standbys: new Set(syncStandbys(cluster).map(name => name.toLowerCase())),
		history: keyOf(cluster, 'history', 'history')?.value.lines ?? [],
		leading: leadingOf(
			leader,
			keyOf(cluster, 'status', 'status'),
			dcsSees ? rest : onlyPrimary(cluster, now),
			{config, now},
		),
		now,
	};
}

function onlyPrimary(cluster: Cluster, now: number): KnownStatus | undefined {
	const primaries = [...cluster.patroni].filter(
		([member, {value}]) => isPrimaryRole(value.role) && restIsSeen(cluster, member, now),
	);
	return primaries.length === 1 ? primaries[0]?.[1] : undefined;
}

function restIsSeen(cluster: Cluster, member: string, now: number): boolean {
	const source: SourceId = `patroni:${member}`;
	return isFresh(cluster.sourceStatuses.get(source), source, now);
}

function member(
	cluster: Cluster,
	name: string,
	key: Member['key'],
	common: Common,
	restSees: boolean,
): Unjudged {
	const {dcsSees} = common;
	const rest = cluster.patroni.get(name);
	const seen = restSees ? rest : undefined;
	const restIsNewer = seen !== undefined && isNewer(seen, key);
	const roleFrom = !dcsSees && seen !== undefined ? 'rest' : 'dcs';
	const role = roleFrom === 'rest' && seen ? restRole(seen.value) : dcsRole(name, common);
	const published = key && dcsState(key.data, role);
	const reported = seen && restState(seen.value, role);
	// A key may be one loop old; the member's own answer shows sooner that PostgreSQL stopped.
	const stateFrom =
		seen !== undefined &&
		(!dcsSees ||
			key === undefined ||
			seen.value.state !== 'running' ||
			(restIsNewer && reported !== published))
			? 'rest'
			: 'dcs';
	return {
		name,
		key,
		rest,
		dcsSees,
		restSees,
		role,
		roleFrom,
		state: (stateFrom === 'rest' ? reported : published) ?? (isDcsUnread(cluster) ? 'unread' : 'gone'),
		stateFrom,
		restIsNewer,
		timeline: timelineOf(key, seen?.value, {
			isOld: seen?.value.state === 'running' && dcsSees && key !== undefined,
			isNewer: restIsNewer,
		}),
		...lagOf(name, key, seen, common.leading, common),
	};
}

/**
 * A stopping member reports no timeline, and keeps its own; while its data is being copied it has none, whatever it
 * published.
 */
function timelineOf(
	key: Member['key'],
	own: PatroniStatus | undefined,
	/** `isOld`: of one that runs the answer has the timeline of the last checkpoint, which may be lower. */
	{isOld, isNewer}: {isOld: boolean; isNewer: boolean},
): number | undefined {
	if (isOld) {
		return isNewer ? maximum(key?.data.timeline, own?.timeline) : key?.data.timeline;
	}

	return own !== undefined && /creating|initdb|uninit|bootstrap/.test(own.state)
		? own.timeline
		: (own?.timeline ?? key?.data.timeline);
}

function maximum(one: number | undefined, other: number | undefined): number | undefined {
	return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function dcsRole(name: string, {leader, config, standbys}: Common): Role {
	if (name === leader) {
		return config?.standbyCluster ? 'standby_leader' : 'leader';
	}

	return config !== undefined && config.synchronousMode !== 'off' && standbys.has(name.toLowerCase())
		? config.synchronousMode === 'quorum'
			? 'quorum_standby'
			: 'sync_standby'
		: 'replica';
}

function restRole(status: PatroniStatus): Role {
	if (isPrimaryRole(status.role)) {
		return 'leader';
	}

	if (status.role === 'standby_leader') {
		return 'standby_leader';
	}

	return status.syncStandby ? 'sync_standby' : status.quorumStandby ? 'quorum_standby' : 'replica';
}

function dcsState(data: MemberKey, role: Role): string {
	return (role !== 'leader' && data.state === 'running' && data.replicationState) || data.state;
}

function restState(status: PatroniStatus, role: Role): string {
	return (
		(role !== 'leader' &&
			!isPrimaryRole(status.role) &&
			status.state === 'running' &&
			status.replicationState) ||
		status.state
	);
}

export type Machine = {
	/** The configured name, else the member's, else etcd's. */
	name: string;
	/** The host for SSH. */
	host: string;
	/** The Patroni member on the machine. */
	member: string | undefined;
	/** The etcd member on the machine, by etcd's own name. */
	etcd: string | undefined;
};

/** All known machines, sorted by name. */
export const machines = memoByCluster(findMachines);

function findMachines(cluster: Cluster, target: Target, now: number): readonly Machine[] {
	const found = new Map<string, Machine>();
	const known = (host: string) => found.get(plainHost(host));
	for (const {name, host} of [...target.nodes, ...watchedNodes(cluster, target)]) {
		if (known(host) === undefined) {
			found.set(plainHost(host), {name, host, member: undefined, etcd: undefined});
		}
	}

	for (const {value} of cluster.keys.values()) {
		if (value.kind === 'member') {
			const host = value.data.host ?? hostOf(value.data.apiUrl);
			const machine = host === undefined ? undefined : known(host);
			if (machine !== undefined) {
				found.set(plainHost(machine.host), {...machine, member: value.name});
			}
		}
	}

	for (const {name, endpoint} of etcdNodes(cluster, target, now)) {
		const host = hostOf(endpoint);
		if (host !== undefined) {
			const machine = known(host) ?? {name, host, member: undefined, etcd: undefined};
			found.set(plainHost(host), {...machine, etcd: name});
		}
	}

	return [...found.values()].sort(byName);
}
