/** Formats one snapshot of the state as the JSON that scripts depend on. */

import {beliefs, freshStatus} from '../domain/cluster/beliefs.ts';
import {keyOf} from '../domain/cluster/cluster.ts';
import {type EtcdNode, etcdNodes, quorum} from '../domain/cluster/etcd.ts';
import {isFresh} from '../domain/cluster/freshness.ts';
import {destinationNames, routeTo} from '../domain/cluster/haproxy.ts';
import {membersByServer} from '../domain/cluster/haproxy-members.ts';
import {dcsIsRead, dynamicConfig, leaderKey, leaseLeft, syncStandbys} from '../domain/cluster/keys.ts';
import {isRoleNow, isStateNow, type Member} from '../domain/cluster/member.ts';
import {members} from '../domain/cluster/members.ts';
import {isProbeFresh} from '../domain/cluster/probe.ts';
import {restartOf} from '../domain/cluster/published.ts';
import {vipViews} from '../domain/cluster/vip.ts';
import type {HaproxyRole, SourceId} from '../domain/facts.ts';
import {postgresVersion} from '../domain/facts.ts';
import {advice, effectOn} from '../domain/findings/advice.ts';
import {keyOfFinding} from '../domain/findings/finding.ts';
import {isoTime} from '../lib/format.ts';
import type {State} from '../state/state.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import {postgresJson} from './postgres.ts';
import type {Snapshot} from './schema.ts';
import {lossesJson, takeoverJson} from './takeover.ts';

export function snapshotJson(state: State): Snapshot {
	const {cluster, target, now} = state;
	const {verdict, findings} = judgeCluster(state);
	const isRead = dcsIsRead(cluster, now);
	const failover = isRead ? keyOf(cluster, 'failover', 'failover')?.value : undefined;
	const nodes = etcdNodes(cluster, target, now);
	const vips = vipsJson(state);
	return {
		version: 2,
		at: new Date(now).toISOString(),
		scope: target.scope,
		namespace: target.namespace,
		profile: target.profile ?? null,
		system_id: (isRead ? keyOf(cluster, 'initialize', 'initialize')?.value.systemId : undefined) ?? null,
		verdict,
		findings: findings.map(({id, severity, text, about, part, evidence, cause}) => ({
			id,
			key: keyOfFinding({id, about, part}),
			cause: cause ?? null,
			severity,
			text,
			about: about ?? null,
			evidence: evidence.map(({text: quote, source, at, fresh}) => ({
				text: quote,
				source: source ?? null,
				at: isoTime(at),
				fresh,
			})),
			clients: effectOn({id, about}),
			remedy: advice[id].remedy,
		})),
		warnings: [...target.warnings, ...(target.notices ?? [])],
		found: {values: [...(target.found?.values ?? [])], remarks: [...(target.found?.remarks ?? [])]},
		pause: (isRead ? dynamicConfig(cluster)?.pause : undefined) ?? null,
		scheduled_switchover:
			failover?.scheduledAt === undefined
				? null
				: {at: failover.scheduledAt, from: failover.leader ?? null, to: failover.candidate ?? null},
		leader: leaderJson(state),
		members: members(cluster, now).map(one => {
			const restart = restartOf(one);
			return {
				name: one.name,
				host: one.key?.data.host ?? null,
				port: one.key?.data.port ?? null,
				role: one.role,
				role_from: one.roleFrom,
				role_is_now: isRoleNow(one),
				state: one.state,
				state_from: one.stateFrom,
				state_is_now: isStateNow(one),
				timeline: one.timeline ?? null,
				timeline_is_now: one.timeline !== undefined && one.restSees,
				lag: one.lag ?? null,
				lag_is_now: one.lag !== undefined && one.lag !== 'unknown' && one.lagIsNow,
				pending_restart: restart.isPending,
				pending_restart_is_now: one.restSees,
				pending_restart_reason: Object.fromEntries(
					Object.entries(restart.reasons).map(([parameter, [from, to]]) => [parameter, {old: from, new: to}]),
				),
				scheduled_restart: restart.scheduledAt ?? null,
				tags: {...one.key?.data.tags},
				...versionsJson(one),
				takeover: takeoverJson(one, state),
				witnesses: {
					etcd: target.rest === undefined && one.dcsSees && one.key !== undefined,
					rest: one.restSees,
				},
			};
		}),
		sync: {standbys: [...syncStandbys(cluster)], is_now: isRead},
		store: storeJson(state),
		etcd: {
			read: target.rest === undefined && isRead,
			revision: (target.rest === undefined && isRead ? cluster.read?.value : undefined) ?? null,
			quorum: quorumJson(nodes),
			members: nodes.map(node => ({
				name: node.name,
				endpoint: node.endpoint ?? null,
				answers: node.answers,
				reads_linearizably: node.contact === 'yes',
				quorum_contact: node.contact,
				raft_leader: node.raftLeader && node.answers,
				version: (node.answers ? node.status?.value.version : undefined) ?? null,
				db_size: (node.answers ? node.status?.value.dbSize : undefined) ?? null,
			})),
		},
		vip: vips[0] ?? null,
		vips,
		...pathJson(state),
		postgresql: postgresJson(state),
		losses: lossesJson(state),
		lost: [...cluster.sourceStatuses].flatMap(([source, status]) =>
			status?.state === 'lost' ? [{source, reason: status.reason}] : [],
		),
	};
}

function vipsJson({cluster, target, now}: State): Snapshot['vips'] {
	return vipViews(cluster, target, now).flatMap(view => {
		const holders = view.holders.filter(({sees}) => sees).map(({node}) => node);
		return view.vip === undefined
			? []
			: [
					{
						...view.vip,
						holder: holders.length === 1 ? (holders[0] ?? null) : null,
						holders,
						state: view.nodes.length === 0 || view.state === 'blind' ? 'unknown' : view.state,
						reason: view.reason ?? null,
						out_of_sight: [...view.blind],
					},
				];
	});
}

/** The store, how it is seen, and, by REST, what each member believes. */
function storeJson({cluster, target, now}: State): Snapshot['store'] {
	const {rest} = target;
	return {
		kind: rest === undefined ? 'etcd3' : (rest.store ?? null),
		through: rest === undefined ? 'etcd' : 'rest',
		read: dcsIsRead(cluster, now),
		beliefs:
			rest === undefined
				? []
				: beliefs(cluster, now).map(one => ({
						member: one.member ?? null,
						address: one.origin,
						leader: one.leader ?? null,
						at: isoTime(one.at),
						fresh: one.isFresh,
						dcs: one.dcs.state,
						dcs_silent_ms: one.dcs.silentMs ?? null,
						timeline:
							(one.member === undefined
								? undefined
								: freshStatus(cluster, one.member, now)?.value.timeline) ?? null,
					})),
	};
}

function versionsJson({
	key,
	rest,
	restSees,
}: Member): Pick<Snapshot['members'][number], 'postgresql' | 'patroni'> {
	const own = restSees ? rest?.value : undefined;
	return {
		postgresql: own?.serverVersion === undefined ? null : postgresVersion(own.serverVersion),
		patroni: (restSees ? key?.data.version : undefined) ?? own?.version ?? null,
	};
}

function leaderJson({cluster, now}: State): Snapshot['leader'] {
	const key = dcsIsRead(cluster, now) ? leaderKey(cluster) : undefined;
	const lease = leaseLeft(cluster, key?.lease, now);
	return key === undefined
		? null
		: {
				member: key.member,
				create_revision: key.createRevision,
				lease_ttl: lease?.ttl ?? null,
				lease_granted_ttl: lease?.grantedTtl ?? null,
			};
}

export function pathJson({
	cluster,
	target,
	now,
}: State): Pick<Snapshot, 'haproxy' | 'services' | 'filesystems' | 'probes'> {
	const inSight = (source: SourceId) => isFresh(cluster.sourceStatuses.get(source), source, now);
	const to = (node: string, role: HaproxyRole) => {
		const route = routeTo(cluster, target, node, role);
		return route === undefined ? null : destinationNames(route.to);
	};
	return {
		haproxy: [...cluster.haproxy].flatMap(([node, {value}]) =>
			inSight(`haproxy:${node}`)
				? [
						{
							node,
							primary: to(node, 'primary'),
							replicas: to(node, 'replicas'),
							synchronous: to(node, 'synchronous'),
							asynchronous: to(node, 'asynchronous'),
							servers: value.servers.map(one => ({
								backend: one.backend,
								server: one.server,
								address: one.address ?? null,
								member: membersByServer(cluster, target, value).get(one) ?? null,
								status: one.status,
								up: one.up,
								check_status: one.checkStatus,
								check_code: one.checkCode ?? null,
								last_change: one.lastChange ?? null,
								sessions: one.sessions ?? null,
							})),
						},
					]
				: [],
		),
		services: [...cluster.units].flatMap(([node, {value}]) =>
			inSight(`units:${node}`)
				? value.map(({service, unit, load, active, sub, since}) => ({
						node,
						service,
						unit,
						load,
						active,
						sub,
						since: isoTime(since),
					}))
				: [],
		),
		filesystems: [...cluster.disks].flatMap(([node, {value}]) =>
			inSight(`disk:${node}`)
				? value.map(({mount, holds, size, usedPercent, readOnly}) => ({
						node,
						mount,
						holds: [...holds],
						size,
						used_percent: usedPercent,
						read_only: readOnly,
					}))
				: [],
		),
		probes: [...cluster.probes.values()]
			.filter(probe => isProbeFresh(probe, now))
			.map(({port, purpose, answer: last, failing}) => {
				const answer = failing === undefined ? last : undefined;
				return {
					port,
					purpose,
					ok: failing === undefined,
					server: answer?.server ?? null,
					in_recovery: answer?.inRecovery ?? null,
					latency: answer?.latency ?? null,
					wrote: answer?.write ?? null,
					reason: failing?.reason ?? null,
				};
			}),
	};
}

function quorumJson(nodes: readonly EtcdNode[]): Snapshot['etcd']['quorum'] {
	const {voters, healthy, needed, unseen, state} = quorum(nodes);
	// Without members nothing is known of their quorum.
	return nodes.length === 0
		? {voters: 0, healthy: 0, needed: 0, unseen: 0, state: 'unknown'}
		: {voters, healthy, needed, unseen, state};
}
