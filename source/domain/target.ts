/** The part of the configuration that the model may know: names and addresses, no secrets. */
import type {NodeRole, Service} from './cluster/services.ts';
import type {HaproxyRole, LogSource, ProbePurpose} from './facts.ts';
import type {LogBounds} from './logs/log-buffer.ts';

/** The stores that Patroni can use, by the names of their sections in patroni.yml. */
export const storeKinds = [
	'consul',
	'etcd',
	'etcd3',
	'exhibitor',
	'kubernetes',
	'raft',
	'zookeeper',
] as const;

export type StoreKind = (typeof storeKinds)[number];

const storeNames: Readonly<Record<StoreKind, string>> = {
	consul: 'Consul',
	etcd: 'etcd (v2)',
	etcd3: 'etcd',
	exhibitor: 'ZooKeeper (Exhibitor)',
	kubernetes: 'Kubernetes',
	raft: 'Raft',
	zookeeper: 'ZooKeeper',
};

/** Whether the machines are expected to run etcd, unless the configuration says otherwise. */
export function hasEtcd({rest}: Pick<Target, 'rest'>): boolean {
	return rest === undefined || rest.store === 'etcd' || rest.store === 'etcd3';
}

/** The DCS in words. */
export function storeName({rest}: Pick<Target, 'rest'>): string {
	return rest === undefined
		? storeNames.etcd3
		: rest.store === undefined
			? 'the DCS'
			: storeNames[rest.store];
}

export type Node = {
	name: string;
	host: string;
	roles: readonly NodeRole[];
	/** The systemd units whose names differ on this node. */
	units?: Readonly<Partial<Record<Service, string>>>;
};

export type Vip = {
	address: string;
	/** What moves it; `other`: nothing that this console watches. */
	manager: 'keepalived' | 'vip-manager' | 'other';
	/** `leader`: it must be on the node of the leader, since its clients connect to PostgreSQL there. */
	follows: 'leader' | 'none';
};

/** Colours of the title bar. */
export const titleColors = ['red', 'yellow', 'green', 'cyan', 'blue', 'magenta', 'white'] as const;

export type TitleColor = (typeof titleColors)[number];

/** What distinguishes a cluster from another one of the same name. */
export type ClusterIdentity = {
	scope: string;
	namespace: string;
	/** Of a Citus cluster; null for others. */
	group: number | null;
	/** URLs of etcd's endpoints, and of REST to begin with. */
	addresses: readonly string[];
};

/** Whether two configurations are of the same cluster; they may name different endpoints of it. */
export function isSameCluster(one: ClusterIdentity, other: ClusterIdentity): boolean {
	return (
		one.scope === other.scope &&
		one.namespace === other.namespace &&
		one.group === other.group &&
		one.addresses.some(address => other.addresses.includes(address))
	);
}

/** A cluster as the title bar and `--once` name it: two profiles may have clusters of the same name. */
export function clusterTitle({profile, scope}: {profile?: string | null | undefined; scope: string}): string {
	return profile === undefined || profile === null ? scope : `[${profile}] ${scope}`;
}

/** The operator's configuration of the cluster, without secrets. */
export type Target = {
	scope: string;
	namespace: string;
	/** The profile that was chosen, and the colour of the title bar; undefined without one. */
	profile?: string | undefined;
	titleColor?: TitleColor | undefined;
	/** The first VIP, which charts, drills and the probe are about. */
	vip: string | undefined;
	/** All VIPs; undefined in recordings of older programs, which know `vip` alone. */
	vips?: readonly Vip[];
	/** All that is known was read from logs, not from the cluster; undefined of all others. */
	isByLogs?: true;
	/** Whether the nodes are read over SSH; undefined in recordings of older programs: where a VIP is configured. */
	ssh?: boolean;
	endpoints: readonly string[];
	/**
	 * Where the members are followed by Patroni's REST API alone; undefined: by etcd's keys. `store`: Patroni's DCS;
	 * undefined if it is not configured here. `seeds`: `http(s)://HOST:PORT`.
	 */
	rest?: {store?: StoreKind; seeds: readonly string[]} | undefined;
	nodes: readonly Node[];
	/** Whether operations are sent, only shown, or not offered. */
	operations: 'enabled' | 'dry-run' | 'disabled';
	/** The operator's name; undefined in recordings of older programs. */
	operator?: string;
	/** Whether a user for Patroni's REST API is configured. */
	restUser: boolean;
	/**
	 * What addresses from the cluster are checked against; undefined in recordings of older programs. `restTls`: the
	 * setting that requires TLS for Patroni.
	 */
	trust?: {restTls?: string; etcdUser: boolean; haproxyUser: boolean} | undefined;
	/**
	 * Undefined without HAProxy, or where the nodes are not read. `backends`: configured names; `servers`: members by server name (`SERVER` or
	 * `BACKEND/SERVER`); `ports`: the client ports.
	 */
	haproxy?:
		| {
				backends: Readonly<Partial<Record<HaproxyRole, string>>>;
				/** Roles whose backend was found in a file of a node: HAProxy may not have read that file yet. */
				foundBackends?: readonly HaproxyRole[];
				servers?: Readonly<Record<string, string>>;
				ports?: Readonly<Partial<Record<HaproxyRole, number>>>;
		  }
		| undefined;
	/**
	 * Undefined without a probe. `write`: by durable writes, not only queries; `assumed`: ports that are not
	 * configured, so that silence there proves nothing.
	 */
	probe?:
		| {
				host: string;
				ports: Readonly<Partial<Record<ProbePurpose, number>>>;
				write: boolean;
				assumed?: readonly ProbePurpose[];
		  }
		| undefined;
	/** Undefined where the members are not asked by SQL. */
	monitor?: {user: string; database: string} | undefined;
	/** Settings that make observations less trustworthy, such as TLS without verification. */
	warnings: readonly string[];
	/** What Patroni reads in another way than it is written; undefined in recordings of older programs. */
	notices?: readonly string[] | undefined;
	/** Logs by node name or role, and the number of lines to keep. */
	logs: Readonly<Record<string, readonly LogSource[]>>;
	logBounds: LogBounds;
	/**
	 * Settings that the files of the nodes gave, each with its place (`pgdb1:/etc/haproxy/haproxy.cfg:4`), and what else is
	 * to be known of them; undefined where nothing was found, and in recordings of older programs.
	 */
	found?: {
		values: readonly {setting: string; value: string; from: string; why: string}[];
		remarks: readonly string[];
	};
	/** The systemd units of the services, where a node has no name of its own. */
	units: Readonly<Record<Service, string>>;
};
