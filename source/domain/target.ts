/** The part of the configuration that the model may know: names and addresses, no secrets. */
import type {Service} from './cluster/services.ts';
import type {HaproxyRole, LogSource, ProbePurpose} from './facts.ts';
import type {LogBounds} from './logs/log-buffer.ts';

/** What the operator's configuration says of the cluster; no secrets. */
export type Target = {
	scope: string;
	namespace: string;
	vip: string | undefined;
	endpoints: readonly string[];
	nodes: readonly {name: string; host: string; roles: readonly ('database' | 'etcd')[]}[];
	/** Whether operations are offered: sent, only shown, or not at all. */
	operations: 'enabled' | 'dry-run' | 'disabled';
	/** Who operates this console, by name; undefined in recordings of older programs. */
	operator?: string;
	/** A user for Patroni's REST API is configured. */
	restUser: boolean;
	/**
	 * What the addresses that the cluster names are held against; undefined in recordings of older programs.
	 * `restTls`: the setting by which Patroni is spoken to with TLS.
	 */
	trust?: {restTls?: string; etcdUser: boolean; haproxyUser: boolean} | undefined;
	/**
	 * Undefined where no HAProxy is looked at. `backends`: the names of those that the operator's file calls otherwise;
	 * `servers`: members by the servers' names (`SERVER` or `BACKEND/SERVER`); `ports`: where clients come in.
	 */
	haproxy?:
		| {
				backends: Readonly<Partial<Record<HaproxyRole, string>>>;
				servers?: Readonly<Record<string, string>>;
				ports?: Readonly<Partial<Record<HaproxyRole, number>>>;
		  }
		| undefined;
	/**
	 * Undefined where no client's path is probed; `write`: by durable writes, and not only by questions; `assumed`: whose port
	 * is not configured, so that no answer there says nothing about the cluster.
	 */
	probe?:
		| {
				host: string;
				ports: Readonly<Partial<Record<ProbePurpose, number>>>;
				write: boolean;
				assumed?: readonly ProbePurpose[];
		  }
		| undefined;
	/** What the operator turned off that makes what is seen less trustworthy, such as the verification of TLS. */
	warnings: readonly string[];
	/** Where logs are, by a node's name or a role; and how many lines are kept. */
	logs: Readonly<Record<string, readonly LogSource[]>>;
	logBounds: LogBounds;
	/** What each service's unit is called on the nodes. */
	units: Readonly<Record<Service, string>>;
};
