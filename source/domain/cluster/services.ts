/** The table of the cluster's services, and what systemd and df report of a node. */

/** `balancer`: HAProxy, and what moves a VIP. Where no node has this role, the database nodes have these services. */
export type NodeRole = 'database' | 'etcd' | 'balancer';

export type ServiceTraits = {
	/** The name as its project writes it. */
	label: string;
	/** The default systemd unit; `units` in the configuration overrides it. */
	unit: string;
	/** The roles of nodes that may run the service. */
	runsOn: readonly NodeRole[];
	/**
	 * Where the node must have it, so that a missing unit is reported: `role` on each node with the role that `runsOn`
	 * names first, `haproxy` only if HAProxy is configured, `vip` only if it manages a VIP, `never` otherwise.
	 */
	requiredBy: 'role' | 'haproxy' | 'vip' | 'never';
	/** Names of its logs, in the order of the log picker. */
	logs: readonly string[];
	/** Whether the console offers a restart. */
	isRestartable: boolean;
	/** What the cluster loses while the service is stopped. */
	carries: 'member' | 'etcd' | 'connections' | 'nothing';
	/** A VIP may leave the node when it stops: by the service itself, or by keepalived's check of it. */
	movesVip: boolean;
};

const table = {
	patroni: {
		label: 'Patroni',
		unit: 'patroni',
		runsOn: ['database'],
		requiredBy: 'role',
		logs: ['patroni', 'postgresql'],
		isRestartable: true,
		carries: 'member',
		movesVip: false,
	},
	etcd: {
		label: 'etcd',
		unit: 'etcd',
		runsOn: ['etcd'],
		requiredBy: 'role',
		logs: ['etcd'],
		isRestartable: true,
		carries: 'etcd',
		movesVip: false,
	},
	haproxy: {
		label: 'HAProxy',
		unit: 'haproxy',
		runsOn: ['balancer'],
		requiredBy: 'haproxy',
		logs: ['haproxy'],
		isRestartable: true,
		carries: 'connections',
		movesVip: true,
	},
	keepalived: {
		label: 'keepalived',
		unit: 'keepalived',
		runsOn: ['balancer', 'database'],
		requiredBy: 'vip',
		logs: ['keepalived'],
		isRestartable: true,
		carries: 'nothing',
		movesVip: true,
	},
	'vip-manager': {
		label: 'vip-manager',
		unit: 'vip-manager',
		runsOn: ['database', 'balancer'],
		requiredBy: 'vip',
		logs: ['vip-manager'],
		isRestartable: true,
		carries: 'nothing',
		movesVip: true,
	},
	pgbouncer: {
		label: 'PgBouncer',
		unit: 'pgbouncer',
		runsOn: ['database', 'balancer'],
		requiredBy: 'never',
		logs: ['pgbouncer'],
		isRestartable: true,
		carries: 'connections',
		movesVip: false,
	},
} as const satisfies Record<string, ServiceTraits>;

/** A service, independent of its unit's name on the nodes. */
export type Service = keyof typeof table;

export const services: Readonly<Record<Service, ServiceTraits>> = table;

export const serviceIds = Object.keys(table) as readonly Service[];

/** Makes one value for each service. */
export function forEachService<T>(make: (traits: ServiceTraits) => T): Record<Service, T> {
	return Object.fromEntries(serviceIds.map(service => [service, make(services[service])])) as Record<
		Service,
		T
	>;
}

export type ServiceUnit = {
	service: Service;
	/** The unit's name in systemd: `patroni.service`. */
	unit: string;
	/** `loaded`, `not-found`, `masked`, … */
	load: string;
	/** `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`. */
	active: string;
	/** `running`, `dead`, `auto-restart`, … */
	sub: string;
	/** systemd's InvocationID, another one for each start; empty before the first start. */
	invocationId: string;
	/** Time of the last change of state by the node's clock, Unix ms (whole seconds); undefined if there was none. */
	since: number | undefined;
	/** Process id of the main process; 0 without one. */
	pid: number;
	/** Number of automatic restarts by systemd. */
	restarts: number;
};

export type Filesystem = {
	mount: string;
	/** What the file system stores. */
	holds: readonly ('postgresql' | 'etcd' | 'root')[];
	/** Size in bytes. */
	size: number;
	used: number;
	/** Share of the space that ordinary users may use. */
	usedPercent: number;
	readOnly: boolean;
	/** That it is PostgreSQL's is only known from the name of its mount point. */
	byName?: boolean;
};

export function isRunning({active}: ServiceUnit): boolean {
	return active === 'active' || active === 'reloading';
}
