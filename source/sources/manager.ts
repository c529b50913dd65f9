/** Runs exactly the sources that the state requires: starts new subscriptions, ends those that are gone. */
import {isDeepStrictEqual} from 'node:util';
import type {Config} from '../config/config.ts';
import type {Connections} from '../connections/connections.ts';
import {lossOf} from '../connections/error-reason.ts';
import type {Store} from '../domain/cluster/cluster.ts';
import {traitsOf} from '../domain/cluster/source-kinds.ts';
import type {Event} from '../domain/events.ts';
import type {SourceId} from '../domain/facts.ts';
import {type Subscription, sourcesOf} from '../domain/subscription.ts';
import {runAsSource, runOutsideSources} from '../lib/faults.ts';
import {SourceFactory} from './factory.ts';
import {haproxyPages} from './haproxy.ts';
import {Pushes} from './pushes.ts';
import {Pulse, type SourceContext} from './source.ts';

type Running = {
	kind: Subscription['kind'];
	controller: AbortController;
	done: Promise<void>;
	closes: readonly SourceId[];
	sources: readonly SourceId[];
};

/** ms before a source is restarted after a fault of this program. */
const afterFaultMs = 5000;

export class Sources {
	readonly #emit: (event: Event) => void;
	readonly #onFault: (error: unknown) => void;
	readonly #connections: Connections;
	readonly #factory: SourceFactory;
	readonly #pulse = new Pulse();
	readonly #pushes = new Pushes();
	readonly #running = new Map<string, Running>();
	#isCalm = false;

	/** @param onFault called when a source throws, which is a fault of this program */
	constructor(
		config: Config,
		emit: (event: Event) => void,
		onFault: (error: unknown) => void,
		connections: Connections,
	) {
		this.#emit = emit;
		this.#onFault = onFault;
		this.#connections = connections;
		this.#factory = new SourceFactory(config, connections, this.#pulse);
	}

	/** Starts the state's new subscriptions, and ends those that are gone. */
	follow(subscriptions: readonly Subscription[], store: Store): void {
		this.#factory.store = store;
		const wanted = new Map(subscriptions.map(one => [JSON.stringify(one), one]));
		for (const [id, running] of this.#running) {
			if (!wanted.has(id)) {
				this.#running.delete(id);
				running.controller.abort();
				for (const source of running.closes) {
					this.#emit({type: 'source.closed', source});
				}
			}
		}

		for (const [id, subscription] of wanted) {
			if (!this.#running.has(id)) {
				this.#start(id, subscription);
			}
		}
	}

	/** Continues with another configuration: what depends on a change starts again with the next `follow`. */
	configure(config: Config): void {
		const [before, after] = [partsOf(this.#factory.config), partsOf(config)];
		this.#factory.config = config;
		const ended = [...this.#running].filter(([, {kind}]) => !isDeepStrictEqual(before[kind], after[kind]));
		for (const [id, {controller}] of ended) {
			this.#running.delete(id);
			controller.abort();
		}

		// The last answer, or its absence, was of what is no longer polled.
		for (const source of ended.flatMap(([, {sources}]) => sources)) {
			this.#emit({type: 'source.closed', source});
		}
	}

	/** A pushed change may affect polled values, too. */
	readonly #dispatch = (event: Event): void => {
		runOutsideSources(() => {
			this.#emit(event);
		});
		if (this.#pushes.isNews(event)) {
			this.#pulse.nudge();
		}
	};

	refresh(): void {
		this.#pulse.refresh();
	}

	/** Whether sources may be asked less often. */
	setCalm(isCalm: boolean): void {
		if (isCalm !== this.#isCalm) {
			this.#isCalm = isCalm;
			this.#pulse.setCalm(isCalm);
			this.#factory.setCalm(isCalm);
		}
	}

	/** Ends all sources and closes their connections. */
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
		// Started after its entry in the map: its first event leads here again, and would otherwise start it twice.
		const done = Promise.resolve()
			.then(async () => this.#run(subscription, signal))
			.catch(this.#onFault);
		const sources = sourcesOf(subscription);
		const closes = sources.filter(source => traitsOf(source).endsWithSubscription);
		this.#running.set(id, {kind: subscription.kind, controller, done, closes, sources});
	}

	/** Reports an error in the source's work or callbacks as its loss; restarts it after a while. */
	async #run(subscription: Subscription, signal: AbortSignal): Promise<void> {
		const sources = sourcesOf(subscription);
		while (!signal.aborted) {
			const broken = new AbortController();
			const {promise: fault, reject} = Promise.withResolvers<never>();
			const context: SourceContext = {
				emit: this.#dispatch,
				signal: AbortSignal.any([signal, broken.signal]),
				pause: this.#pulse.pause,
				untilPoll: this.#pulse.untilPoll,
				pauseByCalm: this.#pulse.pauseByCalm,
			};
			const take = (error: unknown) => {
				const isRunning = !broken.signal.aborted && sources.length > 0;
				if (isRunning) {
					reject(error);
				}

				return isRunning;
			};
			try {
				await runAsSource(take, async () => Promise.race([this.#factory.make(subscription)(context), fault]));
				return;
			} catch (error) {
				// The clock is indispensable, and the lease's reader has no source of its own to report a loss.
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
}

/** What the sources of a kind read of the configuration, where the nodes may complete it. */
function partsOf({haproxy, probe, monitor, dataDir, units, nodes}: Config) {
	return {
		clock: undefined,
		etcd: undefined,
		lease: undefined,
		patroni: undefined,
		view: undefined,
		addresses: undefined,
		// Pages that were found where they are looked for anyway are asked already.
		haproxy: [haproxyPages('node', haproxy), haproxy.credentials],
		units: [units, nodes],
		disk: dataDir,
		processes: dataDir,
		// Whether its ports were given or are the usual ones is the same path.
		probe: probe && {...probe, assumed: undefined},
		sql: monitor,
		details: monitor,
		sessions: monitor,
		logs: undefined,
		said: undefined,
	} satisfies Record<Subscription['kind'], unknown>;
}
