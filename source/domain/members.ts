/** The cluster's members: their keys in the DCS joined with what each says of itself. */
import {type Cluster, type Known, type KnownKey, keyOf} from './cluster.ts';
import type {DynamicConfig, MemberKey} from './dcs.ts';
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
	return [...keys.keys()].sort().map(name => member(cluster, name, keys.get(name), common, now));
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
	return sees(cluster.sights.get(source), source, now);
}

function member(cluster: Cluster, name: string, key: Member['key'], common: Common, now: number): Member {
	const {dcsSees} = common;
	const rest = cluster.patroni.get(name);
	const restSees = restIsSeen(cluster, name, now);
	const roleFrom = !dcsSees && restSees && rest ? 'rest' : 'dcs';
	const stateFrom = restSees && rest && (!dcsSees || key === undefined) ? 'rest' : 'dcs';
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
		timeline: stateFrom === 'rest' ? rest?.value.timeline : key?.data.timeline,
		...lagOf(name, key?.data, restSees ? rest?.value.received : undefined, common),
	};
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

function lag(optime: number | undefined, {location}: MemberKey): number | 'unknown' {
	return optime === undefined || location === undefined ? 'unknown' : Math.max(0, optime - location);
}
