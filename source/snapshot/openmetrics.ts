/**
 * `--format openmetrics`: for node_exporter's textfile collector. All are gauges without time, which both OpenMetrics
 * and Prometheus' older text format read. What is not known now has no sample.
 */
import {isStoreRead, knownLeader, knownMembers, knownPause, presentMembers} from './known.ts';
import type {Snapshot} from './schema.ts';

type Labels = Readonly<Record<string, string | number>>;
type Sample = {labels?: Labels; value: number | boolean | null | undefined};
type Metric = {name: string; help: string; samples: readonly Sample[]};

const severities = ['critical', 'degraded', 'unknown', 'notice'] as const;
const verdicts = ['healthy', 'degraded', 'critical', 'unknown'] as const;

export function snapshotOpenmetrics(snapshot: Snapshot): string {
	const {scope, profile} = snapshot;
	// Two profiles may have clusters of the same name, and one node_exporter may read the files of both.
	const cluster = {scope, ...(typeof profile === 'string' ? {profile} : {})};
	const lines = metricsOf(snapshot).flatMap(({name, help, samples}) => {
		const known = new Map(
			samples.flatMap(({labels = {}, value}): [string, number][] =>
				value === undefined || value === null
					? []
					: [[`${name}${labelText({...cluster, ...labels})}`, Number(value)]],
			),
		);
		return known.size === 0
			? []
			: [
					`# HELP ${name} ${help}`,
					`# TYPE ${name} gauge`,
					...[...known].map(([series, value]) => `${series} ${value}`),
				];
	});
	return `${[...lines, '# EOF'].join('\n')}\n`;
}

function labelText(labels: Labels): string {
	const pairs = Object.entries(labels).map(([name, value]) => {
		const escaped = String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
		return `${name}="${escaped}"`;
	});
	return `{${pairs.join(',')}}`;
}

function metricsOf(snapshot: Snapshot): Metric[] {
	return [
		...verdictMetrics(snapshot),
		...leaderMetrics(snapshot),
		...memberMetrics(snapshot),
		...etcdMetrics(snapshot),
		...vipMetrics(snapshot),
		...pathMetrics(snapshot),
		...nodeMetrics(snapshot),
	];
}

function metric(name: string, help: string, ...samples: readonly Sample[]): Metric {
	return {name: `pgha_${name}`, help, samples};
}

function verdictMetrics({at, verdict, findings, lost}: Snapshot): Metric[] {
	return [
		metric('snapshot_timestamp_seconds', 'When the snapshot was taken, Unix time.', {
			value: Date.parse(at) / 1000,
		}),
		metric(
			'verdict',
			'1 for the verdict of the cluster.',
			...verdicts.map(one => ({labels: {verdict: one}, value: one === verdict})),
		),
		metric(
			'findings',
			'Findings, by severity.',
			...severities.map(severity => ({
				labels: {severity},
				value: findings.filter(one => one.severity === severity).length,
			})),
		),
		metric(
			'finding',
			'1 for each finding.',
			...findings.map(({id, severity, about}) => ({labels: {id, severity, about: about ?? ''}, value: 1})),
		),
		metric(
			'source_lost',
			'1 for each source that does not answer.',
			...lost.map(({source}) => ({labels: {source}, value: 1})),
		),
	];
}

function leaderMetrics(snapshot: Snapshot): Metric[] {
	const isRead = isStoreRead(snapshot);
	const leader = knownLeader(snapshot);
	return [
		metric('store_read', '1 if the leader and the members are known now.', {value: isRead}),
		metric('has_leader', '1 if a member holds the leader key.', {
			value: leader === undefined ? undefined : leader !== null,
		}),
		metric(
			'leader',
			'1 for the member that holds the leader key.',
			...(leader === undefined || leader === null ? [] : [{labels: {member: leader}, value: 1}]),
		),
		metric('paused', '1 if Patroni is paused.', {value: knownPause(snapshot)}),
		metric('switchover_scheduled', '1 if a switchover is scheduled.', {
			value: isRead ? snapshot.scheduled_switchover !== null : undefined,
		}),
		metric('members', 'Members of the cluster.', {value: presentMembers(snapshot)?.length}),
		metric('sync_standbys', 'Synchronous standbys, as the sync key has them.', {
			value: isRead ? snapshot.sync.standbys.length : undefined,
		}),
	];
}

function memberMetrics(snapshot: Snapshot): Metric[] {
	const members = knownMembers(snapshot);
	const each = (measure: (one: (typeof members)[number]) => Sample['value']) =>
		members.map(one => ({labels: {member: one.name}, value: measure(one)}));
	return [
		metric(
			'member_info',
			'1 for the role and state of each member, as Patroni calls them.',
			...members.map(({name, role, state}) => ({
				labels: {member: name, role: role ?? '', state: state ?? ''},
				value: role === undefined || state === undefined ? undefined : 1,
			})),
		),
		metric('member_lag_bytes', 'WAL that the member is behind the leader.', ...each(one => one.lag)),
		metric('member_timeline', 'Timeline of the member.', ...each(one => one.timeline)),
		metric(
			'member_pending_restart',
			'1 if PostgreSQL must be restarted.',
			...each(one => one.pendingRestart),
		),
		metric(
			'member_rest_answers',
			"1 if Patroni's REST API of the member answers.",
			...snapshot.members.map(({name, witnesses}) => ({labels: {member: name}, value: witnesses.rest})),
		),
	];
}

function etcdMetrics({etcd: {quorum, members}}: Snapshot): Metric[] {
	return [
		metric('etcd_quorum', '1 if etcd has a quorum, 0 if it has lost it.', {
			value: quorum.state === 'held' ? 1 : quorum.state === 'lost' ? 0 : undefined,
		}),
		metric(
			'etcd_member_answers',
			'1 if the etcd member answers.',
			...members.map(({name, answers}) => ({labels: {member: name}, value: answers})),
		),
		metric(
			'etcd_member_db_size_bytes',
			'Size of the database of the etcd member.',
			...members.map(({name, answers, db_size: size}) => ({
				labels: {member: name},
				value: answers ? size : undefined,
			})),
		),
	];
}

function vipMetrics({vips}: Snapshot): Metric[] {
	return [
		metric(
			'vip_holders',
			'Watched nodes that hold the virtual address; 1 is right.',
			...vips.map(({address, state, holders, out_of_sight: unseen}) => ({
				labels: {vip: address},
				// A node that cannot be seen may hold it, too; so may another machine. Two are too many in any case.
				value: state === 'elsewhere' || (unseen.length > 0 && state !== 'two') ? undefined : holders.length,
			})),
		),
		metric(
			'vip_holder',
			'1 for each watched node that holds the virtual address.',
			...vips.flatMap(({address, holders}) =>
				holders.map(node => ({labels: {vip: address, node}, value: 1})),
			),
		),
	];
}

function pathMetrics({haproxy, probes}: Snapshot): Metric[] {
	const ofProbe = (purpose: string, port: number) => ({purpose, port});
	return [
		metric(
			'haproxy_server_up',
			'1 if HAProxy of the node has the server up.',
			...haproxy.flatMap(({node, servers}) =>
				servers.map(({backend, server, up}) => ({labels: {node, backend, server}, value: up})),
			),
		),
		metric(
			'probe_success',
			"1 if the last probe of the client's path succeeded.",
			...probes.map(({purpose, port, ok}) => ({labels: ofProbe(purpose, port), value: ok})),
		),
		metric(
			'probe_latency_seconds',
			'Time of the last successful probe.',
			...probes.map(({purpose, port, ok, latency}) => ({
				labels: ofProbe(purpose, port),
				value: ok && latency !== null ? Math.round(latency * 1000) / 1e6 : undefined,
			})),
		),
	];
}

function nodeMetrics({services, filesystems}: Snapshot): Metric[] {
	return [
		metric(
			'service_active',
			'1 if systemd has the unit active.',
			...services
				.filter(({load}) => load === 'loaded')
				.map(({node, service, unit, active}) => ({
					labels: {node, service, unit},
					value: active === 'active' || active === 'reloading',
				})),
		),
		metric(
			'filesystem_used_ratio',
			'Used part of the file system.',
			...filesystems.map(({node, mount, used_percent: used}) => ({
				labels: {node, mount},
				value: used / 100,
			})),
		),
		metric(
			'filesystem_read_only',
			'1 if the file system is mounted read-only.',
			...filesystems.map(({node, mount, read_only: readOnly}) => ({labels: {node, mount}, value: readOnly})),
		),
	];
}
