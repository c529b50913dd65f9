/** The part of the configuration that the model may know: names and addresses, no secrets. */
import type {Service} from './cluster/services.ts';
import type {HaproxyRole, LogSource, ProbePurpose} from './facts.ts';
import type {LogBounds} from './logs/log-buffer.ts';

/** The operator's configuration of the cluster, without secrets. */
export type Target = {
	scope: string;
	namespace: string;
	vip: string | undefined;
	endpoints: readonly string[];
	nodes: readonly {name: string; host: string; roles: readonly ('database' | 'etcd')[]}[];
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
	 * Undefined without HAProxy. `backends`: configured names; `servers`: members by server name (`SERVER` or
	 * `BACKEND/SERVER`); `ports`: the client ports.
	 */
	haproxy?:
		| {
				backends: Readonly<Partial<Record<HaproxyRole, string>>>;
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
	/** Settings that make observations less trustworthy, such as TLS without verification. */
	warnings: readonly string[];
	/** Logs by node name or role, and the number of lines to keep. */
	logs: Readonly<Record<string, readonly LogSource[]>>;
	logBounds: LogBounds;
	/** The systemd units of the services. */
	units: Readonly<Record<Service, string>>;
};
