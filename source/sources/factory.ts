/** Makes the source of a subscription. */
import type {Config} from '../config/config.ts';
import type {LoginAccess} from '../config/login.ts';
import {drillAccess} from '../config/probe.ts';
import {dcsPrefix} from '../config/target.ts';
import type {Connections} from '../connections/connections.ts';
import type {EtcdConnection} from '../connections/etcd-grpc.ts';
import type {Store} from '../domain/cluster/cluster.ts';
import {firstStore} from '../domain/cluster/cluster.ts';
import {unitOn} from '../domain/cluster/roles.ts';
import {serviceIds} from '../domain/cluster/services.ts';
import {isForeign} from '../domain/cluster/store.ts';
import type {Subscription} from '../domain/subscription.ts';
import {addressesSource} from './addresses.ts';
import {viewSource} from './cluster-view.ts';
import {DcsEntries} from './dcs-values.ts';
import {etcdSource} from './etcd.ts';
import {leaseSource} from './etcd-answers.ts';
import {filesystemsSource} from './filesystems.ts';
import {haproxyPages, haproxySource, socketCommand} from './haproxy.ts';
import {ReadPositions} from './logs/streams.ts';
import {logsSource} from './logs.ts';
import {patroniSource} from './patroni-status.ts';
import type {ProbesThread} from './probe/probe.ts';
import {processesSource} from './processes.ts';
import {saidSource} from './said.ts';
import {clockSource, newOrder, type Pulse, type Source} from './source.ts';
import type {SqlLinks} from './sql/link.ts';
import {systemdSource} from './systemd.ts';

export class SourceFactory {
	/** The store of the last state. */
	store: Store = firstStore;

	config: Config;

	readonly #connections: Connections;
	readonly #pulse: Pulse;
	readonly #endpoints = new Map<string, EtcdConnection>();
	readonly #order = newOrder();
	readonly #entries = new DcsEntries();
	/** Undefined until a probe is started, and where it runs in this thread. */
	#probesThread: ProbesThread | undefined;
	/** Undefined until PostgreSQL is asked by SQL. */
	#sqlLinks: {monitor: LoginAccess; links: SqlLinks} | undefined;
	/** Read positions of each node's logs. */
	readonly #positions = new Map<string, ReadPositions>();

	constructor(config: Config, connections: Connections, pulse: Pulse) {
		this.config = config;
		this.#connections = connections;
		this.#pulse = pulse;
	}

	/** Whether the probes may ask half as often. */
	setCalm(isCalm: boolean): void {
		this.#probesThread?.setCalm(isCalm);
	}

	make(subscription: Subscription): Source {
		const {rest, ssh, watches, probesRestMs} = this.#connections;
		switch (subscription.kind) {
			case 'clock': {
				return clockSource(this.#pulse.untilTick);
			}

			case 'etcd': {
				const {endpoint: url} = subscription;
				return etcdSource(() => this.#connect(url), url, {
					prefix: dcsPrefix(this.config),
					order: this.#order,
					entries: this.#entries,
					watch: watches,
				});
			}

			case 'lease': {
				return leaseSource(() => this.#endpointsOfStore(), subscription.lease, this.#order);
			}

			case 'patroni': {
				return patroniSource(rest, subscription.member, subscription.url);
			}

			case 'view': {
				return viewSource(rest, subscription.origin, this.config.scope);
			}

			case 'addresses': {
				return addressesSource(ssh, subscription.node, subscription.host, {watch: watches});
			}

			case 'haproxy': {
				const {haproxy} = this.config;
				const {node, host, withUser} = subscription;
				const ways = {...haproxyPages(host, haproxy), socket: async () => ssh.run(host, socketCommand)};
				return haproxySource(rest, node, ways, withUser ? haproxy.credentials : undefined);
			}

			case 'units': {
				const {node, host, required, optional} = subscription;
				const asked = serviceIds
					.filter(service => required.includes(service) || optional.includes(service))
					.map(service => ({
						service,
						unit: unitOn(this.config, node, service),
						isOptional: optional.includes(service),
					}));
				return systemdSource(ssh, node, host, {
					units: asked,
					watch: watches,
					pulse: this.#pulse,
				});
			}

			case 'disk': {
				return filesystemsSource(ssh, subscription, this.#pulse, this.config.dataDir);
			}

			case 'processes': {
				const {node, host} = subscription;
				return processesSource(ssh, node, host, this.config.dataDir);
			}

			case 'sql':
			case 'details':
			case 'sessions': {
				const {monitor, deadline} = this.config;
				return async context => {
					if (monitor !== undefined) {
						const {SqlLinks} = await import('./sql/link.ts');
						const {sqlDetailsSource, sqlSessionsSource, sqlStatusSource} = await import('./sql/source.ts');
						const {member, host, port} = subscription;
						if (this.#sqlLinks?.monitor !== monitor) {
							this.#sqlLinks = {monitor, links: new SqlLinks()};
						}

						const link = this.#sqlLinks.links.at(JSON.stringify([member, host, port]), () => ({
							...monitor,
							host,
							port,
							deadline,
						}));
						const source =
							subscription.kind === 'details'
								? sqlDetailsSource(link, member, subscription.everyMs)
								: subscription.kind === 'sql'
									? sqlStatusSource(link, member)
									: sqlSessionsSource(link, member);
						await source(context);
					}
				};
			}

			case 'logs': {
				const {plan, system} = subscription;
				const positions = this.#positions.get(plan.node) ?? new ReadPositions();
				this.#positions.set(plan.node, positions);
				return logsSource(ssh, plan, system, positions);
			}

			case 'said': {
				return saidSource(ssh, subscription.plan);
			}

			case 'probe': {
				const {probe, deadline} = this.config;
				return async context => {
					if (probe !== undefined) {
						// The PostgreSQL client is loaded only when used.
						const {probeSource, ProbesThread} = await import('./probe/probe.ts');
						this.#probesThread ??= watches ? new ProbesThread() : undefined;
						const access = {
							...probe,
							...drillAccess(probe, subscription.drill),
							port: subscription.port,
							deadline,
						};
						await probeSource(access, subscription.purpose, this.#probesThread, probesRestMs)(context);
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
