/** Makes the source of each subscription with its connections. */
import type {Config} from '../config/config.ts';
import type {ProbeAccess} from '../config/probe.ts';
import {dcsPrefix} from '../config/target.ts';
import type {Connections, EtcdConnection} from '../connections/connections.ts';
import {firstStore, type Store} from '../domain/cluster/cluster.ts';
import {isForeign} from '../domain/cluster/store.ts';
import type {Subscription} from '../domain/subscription.ts';
import {bracketHost} from '../lib/format.ts';
import {addressesSource} from './addresses.ts';
import {etcdSource} from './etcd.ts';
import {leaseSource} from './etcd-answers.ts';
import {filesystemsSource} from './filesystems.ts';
import {haproxySource} from './haproxy-csv.ts';
import {ReadPositions} from './logs/streams.ts';
import {logsSource} from './logs.ts';
import {patroniSource} from './patroni-status.ts';
import {clockSource, newOrder, type Source} from './source.ts';
import {systemdSource} from './systemd.ts';

export class SourceFactory {
	/** The store of the last state. */
	store: Store = firstStore;

	readonly #config: Config;
	readonly #connections: Connections;
	readonly #endpoints = new Map<string, EtcdConnection>();
	readonly #order = newOrder();
	/** Read positions of each node's logs. */
	readonly #positions = new Map<string, ReadPositions>();

	constructor(config: Config, connections: Connections) {
		this.#config = config;
		this.#connections = connections;
	}

	make(subscription: Subscription): Source {
		const {rest, ssh, watches} = this.#connections;
		switch (subscription.kind) {
			case 'clock': {
				return clockSource;
			}

			case 'etcd': {
				const {endpoint: url} = subscription;
				const prefix = dcsPrefix(this.#config);
				return etcdSource(() => this.#connect(url), url, prefix, this.#order);
			}

			case 'lease': {
				return leaseSource(() => this.#endpointsOfStore(), subscription.lease, this.#order);
			}

			case 'patroni': {
				return patroniSource(rest, subscription.member, subscription.url);
			}

			case 'addresses': {
				return addressesSource(ssh, subscription.node, subscription.host, {watch: watches});
			}

			case 'haproxy': {
				const {port, path, credentials} = this.#config.haproxy;
				const {node, host, withUser} = subscription;
				const url = `http://${bracketHost(host)}:${port}${path}`;
				return haproxySource(rest, node, url, withUser ? credentials : undefined);
			}

			case 'units': {
				const {units} = this.#config;
				const asked = Object.fromEntries(subscription.services.map(service => [service, units[service]]));
				return systemdSource(ssh, subscription.node, subscription.host, asked);
			}

			case 'disk': {
				return filesystemsSource(ssh, subscription.node, subscription.host, this.#config.dataDir);
			}

			case 'logs': {
				const {plan, system} = subscription;
				const positions = this.#positions.get(plan.node) ?? new ReadPositions();
				this.#positions.set(plan.node, positions);
				return logsSource(ssh, plan, system, positions);
			}

			case 'probe': {
				const {probe, deadline} = this.#config;
				return async context => {
					if (probe !== undefined) {
						// The PostgreSQL client is loaded only when used.
						const {probeSource} = await import('./probe/probe.ts');
						const access = {
							...probe,
							...drillAccess(probe, subscription.drill),
							port: subscription.port,
							deadline,
						};
						await probeSource(access, subscription.purpose, {thread: watches})(context);
					}
				};
			}
		}
	}

	/** Endpoints of the store that is shown. */
	#endpointsOfStore(): EtcdConnection[] {
		return [...this.#endpoints].flatMap(([url, endpoint]) => (isForeign(this.store, url) ? [] : [endpoint]));
	}

	#connect(url: string): EtcdConnection {
		const endpoint = this.#connections.etcd(url);
		this.#endpoints.set(url, endpoint);
		return endpoint;
	}
}

/** A drill has its own writes, whatever the configuration says. */
function drillAccess({table, rows}: ProbeAccess, drill: string | undefined): Partial<ProbeAccess> {
	return drill === undefined
		? {}
		: {write: true, drill: true, ...(table === undefined ? {} : {rows: rows ?? {table, drill}})};
}
