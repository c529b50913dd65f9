/** The cluster's members: their keys in the DCS joined with what each says of itself. */
import {type Cluster, type Known, type KnownKey, keyOf} from './cluster.ts';
import type {MemberKey} from './dcs.ts';
import type {SourceId} from './events.ts';
import {dcsIsRead, dynamicConfig, leaderKey, syncStandbys} from './keys.ts';
import {isPrimaryRole, type PatroniStatus} from './patroni.ts';
import {sees} from './sight.ts';

export type Role = 'leader' | 'standby_leader' | 'sync_standby' | 'quorum_standby' | 'replica';

export type Member = {
	name: string;
	/** The member's key in the DCS; undefined when it is not (or no longer) there. */
	key: (KnownKey & {data: MemberKey}) | undefined;
	/** The member's own answer to GET /patroni, however old. */
	rest: Known<PatroniStatus> | undefined;
	/** The DCS is being read now, by a linearizable read. */
	dcsSees: boolean;
	/** The member's REST answers now: what it published in the DCS is what it says. */
	restSees: boolean;
	role: Role;
	/** Who says so: the DCS, or, while that is out of sight, the member itself. */
	roleFrom: 'dcs' | 'rest';
	state: string;
	stateFrom: 'dcs' | 'rest';
	timeline: number | undefined;
	/** Bytes behind the leader's published location; undefined for the leader, `unknown` when Patroni can't tell. */
	lag: number | 'unknown' | undefined;
	/** `dcs`: by the keys, as Patroni counts it; `rest`: by what both members say themselves, while the DCS is out of sight. */
	lagFrom: 'dcs' | 'rest';
};

/** Many ask for the members of one moment. */
const known = new WeakMap<Cluster, {now: number; members: readonly Member[]}>();

/** Members by name, as `patronictl list` sorts them, with roles and lag by its rules (Patroni's `cluster_as_json`). */
export function members(cluster: Cluster, now: number): readonly Member[] {
	const before = known.get(cluster);
	if (before?.now === now) {
		return before.members;
	}

	const all = joined(cluster, now);
	known.set(cluster, {now, members: all});
	return all;
}

function joined(cluster: Cluster, now: number): Member[] {
	const names = new Set(Object.keys(cluster.patroni));
	for (const key of Object.values(cluster.keys)) {
		if (key.value.kind === 'member') {
			names.add(key.value.name);
		}
	}

	const dcsSees = dcsIsRead(cluster, now);
	return [...names].sort().map(name => member(cluster, name, dcsSees, now));
}

function member(cluster: Cluster, name: string, dcsSees: boolean, now: number): Member {
	const found = keyOf(cluster, `members/${name}`, 'member');
	const key = found && {...found, data: found.value.data};
	const rest = cluster.patroni[name];
	const restSource: SourceId = `patroni:${name}`;
	const restSees = sees(cluster.sights[restSource], restSource, now);
	const leader = leaderKey(cluster)?.member;
	const roleFrom = !dcsSees && restSees && rest ? 'rest' : 'dcs';
	const stateFrom = restSees && rest && (!dcsSees || key === undefined) ? 'rest' : 'dcs';
	const role = roleFrom === 'rest' && rest ? restRole(rest.value) : dcsRole(cluster, name, leader);
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
		timeline: stateFrom === 'rest' ? rest?.value.timeline : key?.data.timeline,
		...lagOf(cluster, {name, key: key?.data, leader, dcsSees}, now),
	};
}

function lagOf(
	cluster: Cluster,
	{
		name,
		key,
		leader,
		dcsSees,
	}: {name: string; key: MemberKey | undefined; leader: string | undefined; dcsSees: boolean},
	now: number,
): Pick<Member, 'lag' | 'lagFrom'> {
	const byRest = dcsSees ? undefined : restLag(cluster, name, now);
	if (byRest !== undefined) {
		return {lag: byRest, lagFrom: 'rest'};
	}

	return {lag: name === leader || key === undefined ? undefined : lag(cluster, key), lagFrom: 'dcs'};
}

/** Bytes between what the one primary in sight has written and what this member has received. */
function restLag(cluster: Cluster, name: string, now: number): number | undefined {
	const seen = Object.entries(cluster.patroni).filter(([member]) =>
		sees(cluster.sights[`patroni:${member}`], `patroni:${member}`, now),
	);
	const primaries = seen.filter(([, {value}]) => isPrimaryRole(value.role));
	const [primary] = primaries;
	const received = seen.find(([member]) => member === name)?.[1].value.received;
	return primaries.length !== 1 || primary?.[1].value.location === undefined || received === undefined
		? undefined
		: Math.max(0, primary[1].value.location - received);
}

function dcsRole(cluster: Cluster, name: string, leader: string | undefined): Role {
	const config = dynamicConfig(cluster);
	if (name === leader) {
		return config?.standbyCluster ? 'standby_leader' : 'leader';
	}

	const matches = syncStandbys(cluster).some(standby => standby.toLowerCase() === name.toLowerCase());
	return config !== undefined && config.synchronousMode !== 'off' && matches
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
	return (role === 'leader' ? undefined : data.replicationState) || data.state;
}

/**
 * The state is what it should be for the role. From Patroni 3.0.4 on a standby tells that it streams; one that is merely
 * `running` then follows nobody.
 */
export function isHealthyState({role, state, key, rest}: Member): boolean {
	if (role === 'leader') {
		return state === 'running';
	}

	const follows = state === 'streaming' || state === 'in archive recovery';
	return (
		follows ||
		(state === 'running' &&
			(role === 'standby_leader' || !tellsStreaming(key?.data.version ?? rest?.value.version)))
	);
}

/** As it should be, and it says so itself now. */
export function isWell(member: Member | undefined): member is Member {
	return member?.restSees === true && isHealthyState(member);
}

function tellsStreaming(version: string | undefined): boolean {
	const [major = 0, minor = 0, patch = 0] = (version ?? '')
		.split('.')
		.map(part => Number.parseInt(part, 10) || 0);
	return major > 3 || (major === 3 && (minor > 0 || patch >= 4));
}

function restState(status: PatroniStatus): string {
	return (isPrimaryRole(status.role) ? undefined : status.replicationState) || status.state;
}

function lag(cluster: Cluster, data: MemberKey): number | 'unknown' {
	const optime = keyOf(cluster, 'status', 'status')?.value.optime;
	return optime === undefined || data.location === undefined
		? 'unknown'
		: Math.max(0, optime - data.location);
}
