/** One snapshot as JSON, version 1: what scripts may rely on; fields are added, never changed in meaning, within a version. */

import type {Severity, Verdict} from '../domain/checks.ts';
import {keyOf} from '../domain/cluster.ts';
import {postgresVersion} from '../domain/patroni.ts';
import {
	dcsIsRead,
	dynamicConfig,
	etcdNodes,
	leaderKey,
	members,
	quorum,
	syncStandbys,
	vipView,
} from '../domain/topology.ts';
import {judge} from '../state/selectors/verdict.ts';
import type {State} from '../state/state.ts';

export type Snapshot = {
	version: 1;
	/** When the snapshot was taken, ISO 8601 in UTC. */
	at: string;
	scope: string;
	namespace: string;
	/** PostgreSQL's system identifier, as Patroni's `initialize` key has it. */
	system_id: string | null;
	verdict: Verdict;
	findings: {severity: Severity; text: string; about: string | null}[];
	/** Null where the dynamic configuration could not be read. */
	pause: boolean | null;
	/** Out of the `failover` key: a switchover that waits for its time. */
	scheduled_switchover: {at: string; from: string | null; to: string | null} | null;
	/** The leader key; null when it is not there, or (`read` false) when that can't be told. */
	leader: {
		member: string;
		create_revision: number;
		/** Seconds; null when the lease could not be read. */
		lease_ttl: number | null;
		lease_granted_ttl: number | null;
	} | null;
	members: {
		name: string;
		host: string | null;
		port: number | null;
		role: string;
		/** `dcs`, or `rest` when the DCS could not be read. */
		role_from: 'dcs' | 'rest';
		state: string;
		state_from: 'dcs' | 'rest';
		timeline: number | null;
		/** Bytes; `unknown` when Patroni can't tell, null on the leader. */
		lag: number | 'unknown' | null;
		pending_restart: boolean;
		scheduled_restart: string | null;
		tags: Record<string, string>;
		postgresql: string | null;
		patroni: string | null;
		/** Who vouches for this row at this moment. */
		witnesses: {etcd: boolean; rest: boolean};
	}[];
	sync: {standbys: string[]};
	etcd: {
		/** The DCS was read by a linearizable read: it has a quorum. */
		read: boolean;
		revision: number | null;
		quorum: {voters: number; healthy: number; needed: number};
		members: {
			name: string;
			endpoint: string | null;
			answers: boolean;
			reads_linearizably: boolean;
			raft_leader: boolean;
			version: string | null;
			/** Bytes. */
			db_size: number | null;
		}[];
	};
	/** Null when no VIP is configured. `holder` is null when nobody, more than one or nobody in sight holds it. */
	vip: {address: string; holder: string | null; holders: string[]; out_of_sight: string[]} | null;
	/** Sources that do not see, and why. */
	lost: {source: string; reason: string}[];
};

export function snapshotJson(state: State): Snapshot {
	const {cluster, target, now} = state;
	const {verdict, findings} = judge(state);
	const failover = keyOf(cluster, 'failover', 'failover')?.value;
	const nodes = etcdNodes(cluster, target, now);
	const view = vipView(cluster, target, now);
	const holders = view.holders.filter(({sees}) => sees).map(({node}) => node);
	return {
		version: 1,
		at: new Date(now).toISOString(),
		scope: target.scope,
		namespace: target.namespace,
		system_id: keyOf(cluster, 'initialize', 'initialize')?.value.systemId ?? null,
		verdict,
		findings: findings.map(({severity, text, about}) => ({severity, text, about: about ?? null})),
		pause: dynamicConfig(cluster)?.pause ?? null,
		scheduled_switchover:
			failover?.scheduledAt === undefined
				? null
				: {at: failover.scheduledAt, from: failover.leader ?? null, to: failover.candidate ?? null},
		leader: leaderJson(state),
		members: members(cluster, now).map(one => ({
			name: one.name,
			host: one.key?.data.host ?? null,
			port: one.key?.data.port ?? null,
			role: one.role,
			role_from: one.roleFrom,
			state: one.state,
			state_from: one.stateFrom,
			timeline: one.timeline ?? null,
			lag: one.lag ?? null,
			pending_restart: one.key?.data.pendingRestart ?? one.rest?.value.pendingRestart ?? false,
			scheduled_restart: one.key?.data.scheduledRestart ?? null,
			tags: {...one.key?.data.tags},
			postgresql:
				one.rest?.value.serverVersion === undefined ? null : postgresVersion(one.rest.value.serverVersion),
			patroni: one.key?.data.version ?? one.rest?.value.version ?? null,
			witnesses: {etcd: one.dcsSees && one.key !== undefined, rest: one.restSees},
		})),
		sync: {standbys: [...syncStandbys(cluster)]},
		etcd: {
			read: dcsIsRead(cluster, now),
			revision: cluster.read?.value ?? null,
			quorum: quorum(nodes),
			members: nodes.map(node => ({
				name: node.name,
				endpoint: node.endpoint ?? null,
				answers: node.answers,
				reads_linearizably: node.readsLinearizably,
				raft_leader: node.raftLeader,
				version: node.status?.value.version ?? null,
				db_size: node.status?.value.dbSize ?? null,
			})),
		},
		vip:
			target.vip === undefined
				? null
				: {
						address: target.vip,
						holder: holders.length === 1 ? (holders[0] ?? null) : null,
						holders,
						out_of_sight: [...view.blind],
					},
		lost: Object.entries(cluster.sights).flatMap(([source, sight]) =>
			sight?.state === 'lost' ? [{source, reason: sight.reason}] : [],
		),
	};
}

function leaderJson({cluster}: State): Snapshot['leader'] {
	const key = leaderKey(cluster);
	const lease = cluster.lease?.value.lease === key?.lease ? cluster.lease?.value : undefined;
	return key === undefined
		? null
		: {
				member: key.member,
				create_revision: key.createRevision,
				lease_ttl: lease?.ttl ?? null,
				lease_granted_ttl: lease?.grantedTtl ?? null,
			};
}
