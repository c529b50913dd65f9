/** The services of the cluster in one table, and what systemd and df report of a node. */

export type ServiceTraits = {
	/** As its own project writes it. */
	label: string;
	/** Its systemd unit, unless `units` in the configuration names another one. */
	unit: string;
	/** The machines that it runs on. */
	runsOn: 'database' | 'etcd';
	/** Names of the logs that it writes, in the order of the log picker. */
	logs: readonly string[];
	/** The console offers to restart it. */
	isRestartable: boolean;
	/** What the cluster lacks while it is stopped. */
	carries: 'member' | 'etcd' | 'connections' | 'nothing';
	/** keepalived moves the VIP away when it stops. */
	movesVip: boolean;
};

const table = {
	patroni: {
		label: 'Patroni',
		unit: 'patroni',
		runsOn: 'database',
		logs: ['patroni', 'postgresql'],
		isRestartable: true,
		carries: 'member',
		movesVip: false,
	},
	etcd: {
		label: 'etcd',
		unit: 'etcd',
		runsOn: 'etcd',
		logs: ['etcd'],
		isRestartable: true,
		carries: 'etcd',
		movesVip: false,
	},
	haproxy: {
		label: 'HAProxy',
		unit: 'haproxy',
		runsOn: 'database',
		logs: ['haproxy'],
		isRestartable: true,
		carries: 'connections',
		movesVip: true,
	},
	keepalived: {
		label: 'keepalived',
		unit: 'keepalived',
		runsOn: 'database',
		logs: ['keepalived'],
		isRestartable: true,
		carries: 'nothing',
		movesVip: true,
	},
} as const satisfies Record<string, ServiceTraits>;

/** Whatever its unit is called on the nodes. */
export type Service = keyof typeof table;

export const services: Readonly<Record<Service, ServiceTraits>> = table;

export const serviceIds = Object.keys(table) as readonly Service[];

/** Of machines with these roles. */
export function servicesOn(roles: readonly string[]): Service[] {
	return serviceIds.filter(service => roles.includes(services[service].runsOn));
}

/** One value for each service. */
export function forEachService<T>(make: (traits: ServiceTraits) => T): Record<Service, T> {
	return Object.fromEntries(serviceIds.map(service => [service, make(services[service])])) as Record<
		Service,
		T
	>;
}

export type ServiceUnit = {
	service: Service;
	/** `patroni.service`, as systemd calls it. */
	unit: string;
	/** `loaded`, `not-found`, `masked`, … */
	load: string;
	/** `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`. */
	active: string;
	/** `running`, `dead`, `auto-restart`, … */
	sub: string;
	/** Another one with each start; empty before the first. */
	invocationId: string;
	/** When it came into its present state by the node's clock, Unix ms (whole seconds); undefined when it never did. */
	since: number | undefined;
	/** Of the main process; 0 when there is none. */
	pid: number;
	/** How often systemd restarted it automatically. */
	restarts: number;
};

export type Filesystem = {
	/** Where it is mounted. */
	mount: string;
	/** What is stored there. */
	holds: readonly ('postgresql' | 'etcd' | 'root')[];
	/** Bytes. */
	size: number;
	used: number;
	/** Of what an ordinary user may use. */
	usedPercent: number;
	readOnly: boolean;
};

export function isRunning({active}: ServiceUnit): boolean {
	return active === 'active' || active === 'reloading';
}
