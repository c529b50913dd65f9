/** Runs exactly the sources that the state asks for: starts what is new among its subscriptions, ends what has left them. */
import type {Config} from '../config/config.ts';
import type {ProbeAccess} from '../config/probe.ts';
import {dcsPrefix} from '../config/target.ts';
import type {Connections, EtcdConnection} from '../connections/connections.ts';
import {lossOf} from '../connections/error-reason.ts';
import {firstStore, type Store} from '../domain/cluster/cluster.ts';
import {isForeign} from '../domain/cluster/store.ts';
import type {Event} from '../domain/events.ts';
import type {SourceId} from '../domain/facts.ts';
import {attributed, unattributed} from '../lib/faults.ts';
import type {State} from '../state/state.ts';
import {type Subscription, subscriptions} from '../state/subscriptions.ts';
import {addressesSource} from './addresses.ts';
import {etcdSource} from './etcd.ts';
import {leaseSource} from './etcd-answers.ts';
import {filesystemsSource} from './filesystems.ts';
import {haproxySource} from './haproxy-csv.ts';
import {ReadPositions} from './logs/read-positions.ts';
import {logsSource} from './logs.ts';
import {patroniSource} from './patroni-status.ts';
import {clockSource, newOrder, Pulse, type Source, type SourceContext} from './source.ts';
import {systemdSource} from './systemd.ts';

type Running = {controller: AbortController; done: Promise<void>; closes: SourceId | undefined};

/** Before a source that fell over a fault of this program is begun again. */
const afterFaultMs = 5000;

export class Sources {
	readonly #config: Config;
	readonly #emit: (event: Event) => void;
	readonly #onFault: (error: unknown) => void;
	readonly #connections: Connections;
	readonly #wanted: (subscription: Subscription) => boolean;
	readonly #pulse = new Pulse();
	readonly #running = new Map<string, Running>();
	readonly #endpoints = new Map<string, EtcdConnection>();
	readonly #order = newOrder();
	/** As of the last state. */
	#store: Store = firstStore;
	/** How far each node's logs have been read. */
	readonly #places = new Map<string, ReadPositions>();

	/**
	 * @param onFault hears of a source that threw, which is a fault of the program and not of what it looks at.
	 * @param wanted leaves out what nobody would look at.
	 */
	constructor(
		config: Config,
		emit: (event: Event) => void,
		onFault: (error: unknown) => void,
		connections: Connections,
		wanted: (subscription: Subscription) => boolean = () => true,
	) {
		this.#config = config;
		this.#emit = emit;
		this.#onFault = onFault;
		this.#connections = connections;
		this.#wanted = wanted;
	}

	/** Called with each new state. */
	follow(state: State): void {
		this.#store = state.cluster.store;
		const wanted = new Map(
			subscriptions(state)
				.filter(this.#wanted)
				.map(one => [JSON.stringify(one), one]),
		);
		for (const [id, running] of this.#running) {
			if (!wanted.has(id)) {
				this.#running.delete(id);
				running.controller.abort();
				if (running.closes !== undefined) {
					this.#emit({type: 'source.closed', source: running.closes});
				}
			}
		}

		for (const [id, subscription] of wanted) {
			if (!this.#running.has(id)) {
				this.#start(id, subscription);
			}
		}
	}

	/** What changed by a push may have changed what is polled, too. */
	readonly #tell = (event: Event): void => {
		unattributed(() => {
			this.#emit(event);
		});
		if (isPush(event)) {
			this.#pulse.nudge();
		}
	};

	refresh(): void {
		this.#pulse.refresh();
	}

	/** Ends all sources and closes what they used. */
	async close(): Promise<void> {
		const running = [...this.#running.values()];
		this.#running.clear();
		for (const {controller} of running) {
			controller.abort();
		}

		await Promise.all([this.#connections.ssh.close(), this.#connections.rest.close()]);
		await Promise.all(running.map(async ({done}) => done));
	}

	#start(id: string, subscription: Subscription): void {
		const controller = new AbortController();
		const {signal} = controller;
		// Begun only once it is on the list: its first word makes a new state, which is followed at once, and would begin it again.
		const done = Promise.resolve()
			.then(async () => this.#run(subscription, signal))
			.catch(this.#onFault);
		this.#running.set(id, {controller, done, closes: closes(subscription)});
	}

	/** Whatever is thrown in the source's work, or in a callback that it led to, is its loss; it is begun again after a while. */
	async #run(subscription: Subscription, signal: AbortSignal): Promise<void> {
		const sources = sourcesOf(subscription);
		while (!signal.aborted) {
			const broken = new AbortController();
			const {promise: fault, reject} = Promise.withResolvers<never>();
			const context: SourceContext = {
				emit: this.#tell,
				signal: AbortSignal.any([signal, broken.signal]),
				pause: this.#pulse.pause,
				untilPoll: this.#pulse.untilPoll,
			};
			const take = (error: unknown) => {
				const isRunning = !broken.signal.aborted && sources.length > 0;
				if (isRunning) {
					reject(error);
				}

				return isRunning;
			};
			try {
				await attributed(take, async () => Promise.race([this.#source(subscription)(context), fault]));
				return;
			} catch (error) {
				// Without the clock nothing goes on, and of the lease nobody would hear.
				if (sources.length === 0) {
					throw error;
				}

				for (const source of signal.aborted ? [] : sources) {
					this.#emit({type: 'source.lost', source, ...lossOf(error, true)});
				}
			} finally {
				broken.abort();
			}

			await this.#pulse.pause(afterFaultMs, signal);
		}
	}

	#source(subscription: Subscription): Source {
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
				return leaseSource(() => this.#ofOneStore(), subscription.lease, this.#order);
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
				const url = `http://${bracketed(host)}:${port}${path}`;
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
				const places = this.#places.get(plan.node) ?? new ReadPositions();
				this.#places.set(plan.node, places);
				return logsSource(ssh, plan, system, places);
			}

			case 'probe': {
				const {probe, deadline} = this.#config;
				return async context => {
					if (probe !== undefined) {
						// Only who probes has to load a client of PostgreSQL.
						const {probeSource} = await import('./probe/probe.ts');
						const access = {
							...probe,
							...drilled(probe, subscription.drill),
							port: subscription.port,
							deadline,
						};
						await probeSource(access, subscription.purpose, {thread: watches})(context);
					}
				};
			}
		}
	}

	/** The endpoints that answer for the store that is shown. */
	#ofOneStore(): EtcdConnection[] {
		return [...this.#endpoints].flatMap(([url, endpoint]) => (isForeign(this.#store, url) ? [] : [endpoint]));
	}

	#connect(url: string): EtcdConnection {
		const endpoint = this.#connections.etcd(url);
		this.#endpoints.set(url, endpoint);
		return endpoint;
	}
}

/** A drill's writes are its own, and are written whatever the configuration says. */
function drilled({table, rows}: ProbeAccess, drill: string | undefined): Partial<ProbeAccess> {
	return drill === undefined
		? {}
		: {write: true, drill: true, ...(table === undefined ? {} : {rows: rows ?? {table, drill}})};
}

function bracketed(host: string): string {
	return host.includes(':') ? `[${host}]` : host;
}

/** Patroni puts `status` with each of its loops: that is its pulse, and no change. */
function isPush(event: Event): boolean {
	return (
		(event.type === 'dcs.put' && event.entry.path !== 'status') ||
		event.type === 'dcs.deleted' ||
		event.type === 'addresses.added' ||
		event.type === 'addresses.removed'
	);
}

/** Whose loss it is when the work on a subscription falls over. */
function sourcesOf(subscription: Subscription): readonly SourceId[] {
	switch (subscription.kind) {
		case 'etcd': {
			return [`etcd:${subscription.endpoint}`, `dcs:${subscription.endpoint}`];
		}

		case 'lease': {
			return [];
		}

		case 'clock': {
			return [];
		}

		case 'patroni': {
			return [`patroni:${subscription.member}`];
		}

		case 'addresses': {
			return [`vip:${subscription.node}`];
		}

		case 'haproxy':
		case 'units':
		case 'disk': {
			return [`${subscription.kind}:${subscription.node}`];
		}

		case 'probe': {
			return [`probe:${subscription.port}`];
		}

		case 'logs': {
			return [`logs:${subscription.plan.node}`];
		}
	}
}

/** A member's REST is asked under another name or address later on, logs are closed; the rest stays for the session. */
function closes(subscription: Subscription): SourceId | undefined {
	if (subscription.kind === 'logs') {
		return `logs:${subscription.plan.node}`;
	}

	return subscription.kind === 'patroni' ? `patroni:${subscription.member}` : undefined;
}
