/** etcd's members and their quorum, as the endpoints report them. */
import {byName, plainHost} from '../../lib/format.ts';
import type {EtcdMember, EtcdStatus, SourceId} from '../facts.ts';
import type {Target} from '../target.ts';
import type {Cluster, Known} from './cluster.ts';
import {isFresh} from './freshness.ts';
import {memoByCluster} from './memo.ts';
import {freshForMs, traitsOf} from './source-kinds.ts';
import {isForeign, isFromStore} from './store.ts';
import {trustedEndpoints, type Withheld} from './trust.ts';

/**
 * Whether a member is part of a quorum. `yes`: it just served a linearizable read. `no`: it answers, serves none, and
 * reports no raft leader. `unknown`: neither is proven; a read without an answer proves nothing.
 */
export type QuorumContact = 'yes' | 'no' | 'unknown';

export type EtcdNode = {
	/** etcd's name of the member; before that is known, the configured name or the address. */
	name: string;
	endpoint: string | undefined;
	/** Why the published address is not polled. */
	withheld: string | undefined;
	member: EtcdMember | undefined;
	status: Known<EtcdStatus> | undefined;
	/** The endpoint answers now, to any request. */
	answers: boolean;
	/** Why reads are not permitted; independent of its quorum. */
	refusal: string | undefined;
	contact: QuorumContact;
	/**
	 * Since when it answers without serving a linearizable read, Unix ms; undefined if it does not answer, or serves
	 * them.
	 */
	unreadSince: number | undefined;
	/** The connection is refused: nothing listens at its address. */
	isRefused: boolean;
	raftLeader: boolean;
	/** The endpoint serves another store than the one shown. */
	foreign: boolean;
};

/** etcd's members, each with the endpoint that is polled for it. */
export const etcdNodes = memoByCluster(findNodes);

function findNodes(cluster: Cluster, target: Target, now: number): readonly EtcdNode[] {
	const known = cluster.etcd.members?.value ?? [];
	const endpoints = etcdEndpoints(cluster, target);
	const withheld = etcdWithheld(cluster, target);
	const leader = raftLeader(cluster);
	const nodes = endpoints.map(endpoint => {
		const status = cluster.etcd.status.get(endpoint);
		const member = known.find(
			({id, clientUrls}) => id === status?.value.memberId || clientUrls.includes(endpoint),
		);
		return {
			name: member?.name || endpointName(endpoint, target),
			endpoint,
			withheld: undefined,
			member,
			status,
			refusal: refusalOf(cluster, endpoint),
			answers: isFresh(cluster.sourceStatuses.get(`etcd:${endpoint}`), `etcd:${endpoint}`, now),
			contact: contactOf(cluster, endpoint, now),
			unreadSince: unreadSince(cluster, endpoint, now),
			isRefused: isRefused(cluster, endpoint),
			// A raft leader names itself: the older status of another member may name one that has resigned.
			raftLeader:
				leader !== undefined && status?.value.memberId === leader && status.value.raftLeader === leader,
			foreign: isForeign(cluster.store, endpoint),
		};
	});
	const missing = known
		.filter(member => !nodes.some(node => node.member?.id === member.id))
		.map(member => ({
			name: member.name || member.id,
			endpoint: undefined,
			withheld: withheld.find(({name}) => name === (member.name || member.id))?.why,
			member,
			status: undefined,
			refusal: undefined,
			answers: false,
			contact: 'unknown' as const,
			unreadSince: undefined,
			isRefused: false,
			raftLeader: false,
			foreign: false,
		}));
	return [...distinct(nodes), ...missing].sort(byName);
}

/** An endpoint's name before etcd's member list is known: the configured node, else the host. */
export function endpointName(endpoint: string, {nodes}: Target): string {
	const host = URL.parse(endpoint)?.hostname || endpoint;
	return nodes.find(node => plainHost(node.host) === plainHost(host))?.name ?? host;
}

/**
 * Id of the raft leader by the members with the highest term. A member with a lower term may still name a deposed
 * leader.
 */
export function raftLeader({etcd, store}: Cluster): string | undefined {
	// Terms count within one store: a former store may have reached a higher term.
	const known = [...etcd.status.values()]
		.filter(({source, began}) => isFromStore(store, source, began))
		.map(({value}) => value);
	const term = Math.max(...known.map(({raftTerm}) => raftTerm));
	return known.find(one => one.raftTerm === term && one.raftLeader !== undefined)?.raftLeader;
}

function contactOf(cluster: Cluster, endpoint: string, now: number): QuorumContact {
	const {sourceStatuses, store, etcd} = cluster;
	if (
		isForeign(store, endpoint) ||
		!isFresh(sourceStatuses.get(`etcd:${endpoint}`), `etcd:${endpoint}`, now)
	) {
		return 'unknown';
	}

	if (isFresh(sourceStatuses.get(`dcs:${endpoint}`), `dcs:${endpoint}`, now)) {
		return 'yes';
	}

	// The member list keeps the source fresh, too, so the status may be older.
	const status = etcd.status.get(endpoint);
	const isNow = status !== undefined && now - status.at <= traitsOf(status.source).freshForMs;
	return isNow && status.value.raftLeader === undefined ? 'no' : 'unknown';
}

function unreadSince({sourceStatuses}: Cluster, endpoint: string, now: number): number | undefined {
	const answering = sourceStatuses.get(`etcd:${endpoint}`);
	const reading = sourceStatuses.get(`dcs:${endpoint}`);
	if (answering?.state !== 'seen' || isFresh(reading, `dcs:${endpoint}`, now)) {
		return undefined;
	}

	const lastReadAt =
		reading?.state === 'seen' ? reading.at : reading?.state === 'lost' ? reading.seenAt : undefined;
	return Math.max(answering.since, lastReadAt ?? 0);
}

function isRefused({sourceStatuses}: Cluster, endpoint: string): boolean {
	const status = sourceStatuses.get(`etcd:${endpoint}`);
	return status?.state === 'lost' && status.code === 'refused';
}

function refusalOf(cluster: Cluster, endpoint: string): string | undefined {
	const status = cluster.sourceStatuses.get(`dcs:${endpoint}`);
	return status?.state === 'lost' && status.refused ? status.reason : undefined;
}

/** One row for each member. If several endpoints lead to one member (host name and address), the one that answers. */
function distinct(nodes: readonly EtcdNode[]): EtcdNode[] {
	const id = (node: EtcdNode) => node.member?.id ?? node.status?.value.memberId;
	return nodes.filter((node, index) => {
		const twins = nodes.filter(other => other === node || (id(node) !== undefined && id(other) === id(node)));
		return nodes.indexOf(twins.find(twin => twin.answers) ?? twins[0] ?? node) === index;
	});
}

/** The configured endpoints, and the trusted ones from etcd's member list. */
export function etcdEndpoints(cluster: Cluster, target: Target): string[] {
	return [...new Set([...target.endpoints, ...learnt(cluster, target).endpoints])];
}

/** Endpoints from etcd's member list that nothing is sent to. */
export function etcdWithheld(cluster: Cluster, target: Target): readonly Withheld[] {
	return learnt(cluster, target).withheld;
}

function learnt(cluster: Cluster, target: Target): ReturnType<typeof trustedEndpoints> {
	const known = cluster.etcd.members?.value ?? [];
	const statuses = [...cluster.etcd.status];
	const covered = new Set(statuses.map(([, {value}]) => value.memberId));
	// An endpoint once found stays: otherwise its own status would make it look covered, and drop it.
	const asked = statuses
		.filter(([endpoint]) => !target.endpoints.includes(endpoint))
		.map(([endpoint, {value}]) => ({
			name: known.find(({id}) => id === value.memberId)?.name || endpoint,
			urls: [endpoint],
		}));
	const found = known
		.filter(({id, clientUrls}) => !covered.has(id) && !clientUrls.some(url => target.endpoints.includes(url)))
		.map(({id, name, clientUrls}) => ({name: name || id, urls: clientUrls}));
	return trustedEndpoints(target, [...asked, ...found]);
}

/** The member is not polled: none of its addresses is allowed or possible, so it is unknown whether it is up. */
export function isUnseen({endpoint, member, withheld}: EtcdNode): boolean {
	return withheld !== undefined || (endpoint === undefined && member !== undefined && member.name !== '');
}

/** It answers, but has not served a linearizable read for longer than a working member takes. */
export function isUnread({contact, unreadSince}: EtcdNode, now: number): boolean {
	return contact === 'unknown' && unreadSince !== undefined && now - unreadSince > freshForMs;
}

/** It may be part of a quorum, but that is not proven. */
export function isUncertain({contact, isRefused}: EtcdNode): boolean {
	return contact === 'unknown' && !isRefused;
}

export type Quorum = {
	voters: number;
	/** Voters that are part of a quorum now. */
	healthy: number;
	/** The size of a quorum. */
	needed: number;
	/** Voters that are not polled; they may be up. */
	unseen: number;
	/** Voters that may be part of a quorum. */
	possible: number;
	/**
	 * `held`: proven by one linearizable read. `lost`: too few voters may be part of a quorum. `unknown`: neither is
	 * proven.
	 */
	state: 'held' | 'lost' | 'unknown';
};

/**
 * A voter is out of quorum by its own report. If one reports so, voters that refuse connections are out as well: their
 * etcd is stopped or has not joined yet. A voter that does not answer may have a quorum across a network partition.
 */
export function quorum(nodes: readonly EtcdNode[]): Quorum {
	const voters = nodes.filter(node => !node.member?.learner);
	const healthy = voters.filter(({contact}) => contact === 'yes').length;
	const needed = Math.floor(voters.length / 2) + 1;
	const out = voters.filter(({contact, isRefused}) => contact === 'no' || isRefused);
	const possible = voters.length - (out.some(({contact}) => contact === 'no') ? out.length : 0);
	return {
		voters: voters.length,
		healthy,
		needed,
		unseen: voters.filter(isUnseen).length,
		possible,
		state: healthy > 0 ? 'held' : possible < needed ? 'lost' : 'unknown',
	};
}

/** The voters that do not answer, if the others are too few for a quorum; else none. */
export function votersWithoutQuorum(nodes: readonly EtcdNode[]): readonly EtcdNode[] {
	const {voters, needed} = quorum(nodes);
	const lost = nodes.filter(({answers, member}) => !member?.learner && !answers);
	return voters - lost.length < needed ? lost : [];
}

/** Linearizable reads of the DCS, one source an endpoint; one is enough. */
export function dcsSources(cluster: Cluster, target: Target): SourceId[] {
	return etcdEndpoints(cluster, target).map(endpoint => `dcs:${endpoint}` as const);
}
