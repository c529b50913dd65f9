/** Who is who: the cluster's facts joined into members, the leader, the VIP's holders and etcd's quorum. */
import {type Cluster, type Known, type KnownAddress, type KnownKey, keyOf} from './cluster.ts';
import type {DynamicConfig, MemberKey} from './dcs.ts';
import type {EtcdMember, EtcdStatus, SourceId} from './events.ts';
import {isPrimaryRole, type PatroniStatus} from './patroni.ts';
import {sees} from './sight.ts';

/** What the operator's configuration says of the cluster; no secrets. */
export type Target = {
	scope: string;
	namespace: string;
	vip: string | undefined;
	endpoints: readonly string[];
	nodes: readonly {name: string; host: string; roles: readonly ('database' | 'etcd')[]}[];
	/** What the operator turned off that makes what is seen less trustworthy, such as the verification of TLS. */
	warnings: readonly string[];
};

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

/** Some endpoint read the DCS by a linearizable read within the last seconds: what the keys say is so now. */
export function dcsIsRead(cluster: Cluster, now: number): boolean {
	return Object.entries(cluster.sights).some(
		([source, sight]) => source.startsWith('dcs:') && sees(sight, source as SourceId, now),
	);
}

export function leaderKey(cluster: Cluster): (KnownKey & {member: string}) | undefined {
	const key = keyOf(cluster, 'leader', 'leader');
	return key && {...key, member: key.value.member};
}

export function dynamicConfig(cluster: Cluster): DynamicConfig | undefined {
	return keyOf(cluster, 'config', 'config')?.value.config;
}

export function syncStandbys(cluster: Cluster): readonly string[] {
	return keyOf(cluster, 'sync', 'sync')?.value.standbys ?? [];
}

/** Members by name, as `patronictl list` sorts them, with roles and lag by its rules (Patroni's `cluster_as_json`). */
export function members(cluster: Cluster, now: number): Member[] {
	const names = new Set(Object.keys(cluster.patroni));
	for (const key of Object.values(cluster.keys)) {
		if (key.value.kind === 'member') {
			names.add(key.value.name);
		}
	}

	const dcsSees = dcsIsRead(cluster, now);
	return [...names].sort((a, b) => a.localeCompare(b, 'en')).map(name => member(cluster, name, dcsSees, now));
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
		state:
			(stateFrom === 'rest' && rest ? restState(rest.value) : key && dcsState(key.data, name === leader)) ??
			'gone',
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

function dcsState(data: MemberKey, isLeader: boolean): string {
	return (isLeader ? undefined : data.replicationState) || data.state;
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

export type VipHolder = {node: string; address: KnownAddress; sees: boolean};

export type VipView = {
	/** Nodes that have the address as far as is known; `sees` tells whether that is so now. */
	holders: readonly VipHolder[];
	/** Database nodes whose addresses are not seen now: each could hold it unseen. */
	blind: readonly string[];
	/** Nodes that are looked at for the VIP. */
	nodes: readonly string[];
};

/** The nodes that may hold the VIP: the configured database nodes, else the hosts of Patroni's members. */
export function databaseNodes(cluster: Cluster, target: Target): {name: string; host: string}[] {
	const configured = target.nodes.filter(node => node.roles.includes('database'));
	const hosts = new Set(configured.map(node => node.host));
	const found = Object.values(cluster.keys).flatMap(key =>
		key.value.kind === 'member' && key.value.data.host !== undefined && !hosts.has(key.value.data.host)
			? [{name: key.value.name, host: key.value.data.host}]
			: [],
	);
	return [
		...configured.map(({name, host}) => ({name, host})),
		...found.filter(({name}) => !configured.some(node => node.name === name)),
	].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

export function vipView(cluster: Cluster, target: Target, now: number): VipView {
	const nodes = databaseNodes(cluster, target).map(({name}) => name);
	const seen = (node: string) => sees(cluster.sights[`vip:${node}`], `vip:${node}`, now);
	const holders = nodes.flatMap(node => {
		const address = cluster.addresses[node]?.value.find(({ip}) => ip === target.vip);
		return address ? [{node, address, sees: seen(node)}] : [];
	});
	return {holders, blind: nodes.filter(node => !seen(node)), nodes};
}

export type EtcdNode = {
	/** etcd's own name of the member; the endpoint's host while that is unknown. */
	name: string;
	endpoint: string | undefined;
	member: EtcdMember | undefined;
	status: Known<EtcdStatus> | undefined;
	/** It answers now at all. */
	answers: boolean;
	/** It served a linearizable read just now: it is in touch with a quorum. */
	readsLinearizably: boolean;
	raftLeader: boolean;
};

/** etcd's members, each with the endpoint through which it is looked at. */
export function etcdNodes(cluster: Cluster, target: Target, now: number): EtcdNode[] {
	const known = cluster.etcd.members?.value ?? [];
	const endpoints = etcdEndpoints(cluster, target);
	const nodes = endpoints.map(endpoint => {
		const status = cluster.etcd.status[endpoint];
		const member = known.find(
			({id, clientUrls}) => id === status?.value.memberId || clientUrls.includes(endpoint),
		);
		return {
			name: member?.name || new URL(endpoint).hostname,
			endpoint,
			member,
			status,
			answers: sees(cluster.sights[`etcd:${endpoint}`], `etcd:${endpoint}`, now),
			readsLinearizably: sees(cluster.sights[`dcs:${endpoint}`], `dcs:${endpoint}`, now),
			raftLeader: status !== undefined && status.value.raftLeader === status.value.memberId,
		};
	});
	const missing = known
		.filter(member => !nodes.some(node => node.member?.id === member.id))
		.map(member => ({
			name: member.name || member.id,
			endpoint: undefined,
			member,
			status: undefined,
			answers: false,
			readsLinearizably: false,
			raftLeader: false,
		}));
	return [...distinct(nodes), ...missing].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** One row a member, also where two endpoints lead to the same one (a host name and its address): the one that answers. */
function distinct(nodes: readonly EtcdNode[]): EtcdNode[] {
	const id = (node: EtcdNode) => node.member?.id ?? node.status?.value.memberId;
	return nodes.filter((node, index) => {
		const twins = nodes.filter(other => other === node || (id(node) !== undefined && id(other) === id(node)));
		return nodes.indexOf(twins.find(twin => twin.answers) ?? twins[0] ?? node) === index;
	});
}

/** The configured endpoints, and those that etcd's member list names beyond them (loopback aside: it is another host's). */
export function etcdEndpoints(cluster: Cluster, target: Target): string[] {
	const known = cluster.etcd.members?.value ?? [];
	const covered = new Set(Object.values(cluster.etcd.status).map(({value}) => value.memberId));
	const found = known.flatMap(({id, clientUrls}) => {
		if (covered.has(id) || clientUrls.some(url => target.endpoints.includes(url))) {
			return [];
		}

		const url = clientUrls.find(candidate => !/\/\/(127\.|localhost|\[::1\])/.test(candidate));
		return url === undefined ? [] : [url];
	});
	// What was found once stays an endpoint, or it would be forgotten as soon as it is covered.
	const asked = Object.keys(cluster.etcd.status);
	return [...new Set([...target.endpoints, ...asked, ...found])];
}

/** Voting members, how many of them are in touch with a quorum now, and how many that takes. */
export function quorum(nodes: readonly EtcdNode[]): {voters: number; healthy: number; needed: number} {
	const voters = nodes.filter(node => !node.member?.learner);
	return {
		voters: voters.length,
		healthy: voters.filter(node => node.answers && node.readsLinearizably).length,
		needed: Math.floor(voters.length / 2) + 1,
	};
}
