/** The part of the configuration that the model needs: names and addresses, no secrets. */
import type {ClusterIdentity, Target, Vip} from '../domain/target.ts';
import type {Config} from './config.ts';
import type {ProbeAccess} from './probe.ts';

export function targetOf({
	scope,
	namespace,
	profile,
	titleColor,
	vip,
	vips,
	nodes,
	store,
	ssh,
	etcd,
	rest,
	operations,
	haproxy,
	probe,
	monitor,
	warnings,
	notices,
	logs,
	logBounds,
	units,
	found,
}: Config): Target {
	return {
		scope,
		namespace,
		...(profile === undefined ? {} : {profile}),
		...(titleColor === undefined ? {} : {titleColor}),
		vip,
		vips,
		ssh: ssh.isUsed,
		endpoints: etcd.endpoints,
		...(store.seeds === undefined
			? {}
			: {rest: {...(store.kind === undefined ? {} : {store: store.kind}), seeds: store.seeds}}),
		nodes,
		operations,
		restUser: rest.credentials !== undefined,
		trust: {
			...(rest.secureBy === undefined ? {} : {restTls: rest.secureBy}),
			etcdUser: etcd.credentials !== undefined,
			haproxyUser: haproxy.credentials !== undefined,
		},
		...(ssh.isUsed && haproxy.isUsed ? {haproxy: haproxyOf(haproxy, probe, vips)} : {}),
		...(probe === undefined
			? {}
			: {
					probe: {
						host: probe.host,
						ports: {
							write: probe.port,
							...(probe.readPort === undefined ? {} : {read: probe.readPort}),
						},
						write: probe.write,
						assumed: probe.assumed,
					},
				}),
		...(monitor === undefined ? {} : {monitor: {user: monitor.user, database: monitor.database}}),
		warnings,
		...(notices.length === 0 ? {} : {notices}),
		logs,
		logBounds,
		units,
		...(found.values.length === 0 && found.remarks.length === 0 ? {} : {found}),
	};
}

/** If the probe connects to a VIP, its configured ports are HAProxy's ports. */
function haproxyOf(
	{backends, foundBackends, ports, servers}: Config['haproxy'],
	probe: ProbeAccess | undefined,
	vips: readonly Vip[],
): NonNullable<Target['haproxy']> {
	const isVip = vips.some(({address}) => address === probe?.host);
	const isConfigured = (purpose: 'write' | 'read') => isVip && !probe?.assumed.includes(purpose);
	return {
		backends,
		...(foundBackends.length === 0 ? {} : {foundBackends}),
		servers,
		ports: {
			...(isConfigured('write') && probe !== undefined ? {primary: probe.port} : {}),
			...(isConfigured('read') && probe?.readPort !== undefined ? {replicas: probe.readPort} : {}),
			...ports,
		},
	};
}

/** `{namespace}/{scope}/`, or `{namespace}/{scope}/{group}/` for a Citus group. */
export function dcsPrefix({namespace, scope, group}: Pick<Config, 'namespace' | 'scope' | 'group'>): string {
	return ['', namespace, scope, ...(group === undefined ? [] : [String(group)]), '']
		.join('/')
		.replaceAll(/\/+/g, '/');
}

export function identityOf({scope, namespace, group, etcd, store}: Config): ClusterIdentity {
	return {scope, namespace, group: group ?? null, addresses: [...etcd.endpoints, ...(store.seeds ?? [])]};
}
