/** The cluster's members: their keys in the DCS joined with what each says of itself. */

import type {SourceId} from '../facts.ts';
import {type Cluster, keyOf} from './cluster.ts';
import type {DynamicConfig, MemberKey} from './dcs.ts';
import {isFresh} from './freshness.ts';
import {dcsIsRead, dynamicConfig, leaderKey, syncStandbys} from './keys.ts';
import type {Health, Member, Role, Upstream} from './member.ts';
import {isPrimaryRole, type PatroniStatus} from './patroni.ts';
import {fleetOf, upstreamOf} from './upstream.ts';

/** Many ask for the members of one moment; a moment later they are the same, but for who is in sight. */
const known = new WeakMap<Cluster, {now: number; members: readonly Member[]}>();

/** Members by name, as `patronictl list` sorts them, with roles and lag by its rules (Patroni's `cluster_as_json`). */
export function members(cluster: Cluster, now: number): readonly Member[] {
	const before = known.get(cluster);
	if (before?.now === now) {
		return before.members;
	}

	const all =
		before !== undefined && areStill(before.members, cluster, now) ? before.members : joined(cluster, now);
	known.set(cluster, {now, members: all});
	return all;
}

/** The same sources see: all else comes from the cluster itself. */
function areStill(before: readonly Member[], cluster: Cluster, now: number): boolean {
	const dcsSees = dcsIsRead(cluster, now);
	return before.every(one => one.dcsSees === dcsSees && one.restSees === restIsSeen(cluster, one.name, now));
}

function joined(cluster: Cluster, now: number): Member[] {
	const keys = new Map<string, Member['key']>([...cluster.patroni.keys()].map(name => [name, undefined]));
	for (const key of cluster.keys.values()) {
		if (key.value.kind === 'member') {
			keys.set(key.value.name, {...key, data: key.value.data});
		}
	}

	const common = commonOf(cluster, now);
	const namesSorted = [...keys.keys()].sort();
	const judged = judge(
		namesSorted.map(name => member(cluster, name, keys.get(name), common, restIsSeen(cluster, name, now))),
		common,
	);
	if (judged.every(({rest, restSees}) => restSees || rest === undefined)) {
		return judged;
	}

	// What was last said by those that are out of sight now may make nothing better than it was.
	const remembered = judge(
		namesSorted.map(name => member(cluster, name, keys.get(name), common, cluster.patroni.has(name))),
		common,
	);
	return judged.map((one, index) => notBetter(one, remembered[index]));
}

function judge(all: readonly Unjudged[], common: Common): Member[] {
	const leader = presentLeader(all, common);
	const fleet = fleetOf(all, leader);
	const leading = all.find(({name}) => name === leader);
	return all.map(one => {
		const upstream =
			leads(one) || isPrimary(one) || !isRunningState(one.state) ? undefined : upstreamOf(one, fleet);
		const ahead = one === leading ? undefined : aheadOf(one, leading);
		return {...one, upstream, ahead, health: healthOf(one, upstream, ahead)};
	});
}

/** By losing sight of what speaks against it none becomes well. */
function notBetter(one: Member, remembered: Member | undefined): Member {
	const words = remembered && remembered.health !== 'well' ? ailment(remembered) : undefined;
	return one.health !== 'well' || leads(one) || words === undefined
		? one
		: {
				...one,
				upstream: {state: 'unknown', from: undefined, text: `when all were last in sight, ${words}`},
				health: 'unknown',
			};
}

/** It had more than the leader had written a moment later: on the same timeline that is not the leader's WAL. */
function aheadOf({rest, restSees}: Unjudged, leading: Unjudged | undefined): number | undefined {
	const theirs = leading?.restSees ? leading.rest : undefined;
	if (
		!restSees ||
		rest === undefined ||
		theirs === undefined ||
		theirs.value.timeline !== rest.value.timeline
	) {
		return undefined;
	}

	// Of its two last answers the newer one that the leader's followed: else it would be told every other second.
	const own =
		rest.at <= theirs.at
			? rest.value.received
			: rest.receivedBefore !== undefined && rest.receivedBefore.at <= theirs.at
				? Math.min(rest.receivedBefore.location, rest.value.received ?? 0)
				: undefined;
	const written = theirs.value.location;
	return own === undefined || written === undefined || own <= written ? undefined : own - written;
}

/** By the key, or, while the DCS is out of sight, the only one in sight that says so itself. */
function presentLeader(all: readonly Unjudged[], {dcsSees, leader}: Common): string | undefined {
	const primaries = dcsSees ? [] : all.filter(one => one.roleFrom === 'rest' && leads(one));
	return primaries.length === 1 ? primaries[0]?.name : leader;
}

/** It says so itself, whoever holds the key. */
export function isPrimary({rest, restSees}: Pick<Member, 'rest' | 'restSees'>): boolean {
	return restSees && rest !== undefined && isPrimaryRole(rest.value.role);
}

type Unjudged = Omit<Member, 'upstream' | 'ahead' | 'health'>;

function leads({role}: Pick<Member, 'role'>): boolean {
	return role === 'leader';
}

/** PostgreSQL runs; as a standby it may also be called by what it does. */
export function isRunningState(state: string): boolean {
	return state === 'running' || state === 'streaming' || state === 'in archive recovery';
}

function healthOf(one: Unjudged, upstream: Upstream | undefined, ahead: number | undefined): Health {
	if (one.state === 'gone' || !isRunningState(one.state) || ahead !== undefined) {
		return 'unwell';
	}

	if (!one.dcsSees && !one.restSees) {
		return 'unknown';
	}

	if (!leads(one) && isPrimary(one)) {
		return 'unwell';
	}

	if (!leads(one)) {
		return upstream?.state === 'unknown' || upstream === undefined
			? 'unknown'
			: upstream.state === 'none' || (upstream.state === 'archive' && !upstream.meant)
				? 'unwell'
				: 'well';
	}

	// That it holds the key does not say that it takes writes: only it says that.
	return !one.restSees || one.rest === undefined
		? 'unknown'
		: isPrimaryRole(one.rest.value.role)
			? 'well'
			: 'unwell';
}

/** What each member is held against, read once for all of them. */
type Common = {
	dcsSees: boolean;
	leader: string | undefined;
	config: DynamicConfig | undefined;
	/** In lower case. */
	standbys: ReadonlySet<string>;
	/** Where the leader's WAL ends, as it published it. */
	optime: number | undefined;
	/** What the one primary in sight has written; only while the DCS is out of sight. */
	written: number | undefined;
};

function commonOf(cluster: Cluster, now: number): Common {
	const dcsSees = dcsIsRead(cluster, now);
	return {
		dcsSees,
		leader: leaderKey(cluster)?.member,
		config: dynamicConfig(cluster),
		standbys: new Set(syncStandbys(cluster).map(name => name.toLowerCase())),
		optime: keyOf(cluster, 'status', 'status')?.value.optime,
		written: dcsSees ? undefined : writtenOf(cluster, now),
	};
}

function writtenOf(cluster: Cluster, now: number): number | undefined {
	const primaries = [...cluster.patroni].filter(
		([member, {value}]) => isPrimaryRole(value.role) && restIsSeen(cluster, member, now),
	);
	return primaries.length === 1 ? primaries[0]?.[1].value.location : undefined;
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
	const roleFrom = !dcsSees && restSees && rest ? 'rest' : 'dcs';
	// A key is as old as the member's last loop: that PostgreSQL does not run any more is known sooner from itself.
	const stateFrom =
		restSees && rest && (!dcsSees || key === undefined || rest.value.state !== 'running') ? 'rest' : 'dcs';
	const role = roleFrom === 'rest' && rest ? restRole(rest.value) : dcsRole(name, common);
	return {
		name,
		key,
		rest,
		dcsSees,
		restSees,
		role,
		roleFrom,
		state: (stateFrom === 'rest' && rest ? restState(rest.value) : key && dcsState(key.data, role)) ?? 'gone',
		stateFrom,
		timeline: timelineOf(key, stateFrom === 'rest' ? rest?.value : undefined),
		...lagOf(name, key?.data, restSees ? rest?.value.received : undefined, common),
	};
}

/** One that stops names none, and keeps it; one that is being copied has none, whatever it last published. */
function timelineOf(key: Member['key'], own: PatroniStatus | undefined): number | undefined {
	return own !== undefined && /creating|initdb|uninit|bootstrap/.test(own.state)
		? own.timeline
		: (own?.timeline ?? key?.data.timeline);
}

function lagOf(
	name: string,
	key: MemberKey | undefined,
	received: number | undefined,
	{written, leader, optime}: Common,
): Pick<Member, 'lag' | 'lagFrom'> {
	return written !== undefined && received !== undefined
		? {lag: Math.max(0, written - received), lagFrom: 'rest'}
		: {lag: name === leader || key === undefined ? undefined : lag(optime, key), lagFrom: 'dcs'};
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

/** As it should be, and it says so itself now. */
export function isWell(member: Member | undefined): member is Member {
	return member?.restSees === true && member.health === 'well';
}

/** What is wrong with it, or not known, in a few words; undefined where all is well. */
export function ailment({name, state, health, upstream, ahead, restSees, role}: Member): string | undefined {
	if (health === 'well') {
		return restSees ? undefined : `${name} does not answer`;
	}

	if (!isRunningState(state)) {
		return `${name} is ${state}`;
	}

	if (ahead !== undefined && upstream?.state !== 'none') {
		return `${name} has ${ahead} bytes of WAL that the leader has not`;
	}

	switch (upstream?.state) {
		case 'none': {
			return `${name} is running, but streams from no member (${upstream.text})`;
		}

		case 'archive': {
			return `${name} takes WAL from the archive, and does not stream`;
		}

		case 'unknown': {
			return `it is not known whether ${name} streams: ${upstream.text}`;
		}

		default: {
			return health === 'unwell'
				? `${name} is ${state}, and ${role === 'leader' ? 'is not a primary' : 'says that it is primary without the leader key'}`
				: role === 'leader'
					? `whether ${name} takes writes is not known: it does not answer`
					: `${name} is out of sight`;
		}
	}
}

function restState(status: PatroniStatus): string {
	return (
		(!isPrimaryRole(status.role) && status.state === 'running' && status.replicationState) || status.state
	);
}

export function lag(optime: number | undefined, {location}: MemberKey): number | 'unknown' {
	return optime === undefined || location === undefined ? 'unknown' : Math.max(0, optime - location);
}
