/**
 * One etcd endpoint: polls its status and a linearizable read of Patroni's keys, and watches the keys.
 */
import {lossOf} from '../connections/error-reason.ts';
import {checkChanges, TooMany} from '../connections/etcd-bounds.ts';
import type {EtcdConnection, RawRange} from '../connections/etcd-grpc.ts';
import type {Event} from '../domain/events.ts';
import type {SourceId} from '../domain/facts.ts';
import {isFault} from '../lib/faults.ts';
import {askFairly, justStalled, lateness, ownTime} from '../lib/own-time.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {DcsEntries} from './dcs-values.ts';
import {
	checkedAlarms,
	checkedKey,
	checkedMembers,
	checkedRange,
	checkedRevision,
	checkedStatus,
} from './etcd-answers.ts';
import type {Order, Source, SourceContext} from './source.ts';
import {WatchLag} from './watch-lag.ts';

/** ms before a broken connection is replaced. */
const reconnectMs = 1000;
/** ms until a member that has no raft leader is asked once more: an election takes less time than a poll. */
const electionMs = 200;
/** Polls between two requests of the member list and the alarms, which change rarely. */
const membersEveryPolls = 3;
export type EtcdOptions = {
	/** `{namespace}/{scope}/` */
	prefix: string;
	/** These two are shared by all sources that query etcd. */
	order: Order;
	entries: DcsEntries;
	/** Watches the keys, besides reading them. */
	watch: boolean;
};

/** @param connect makes a new connection; called after each break, since an old one may be in its backoff */
export function etcdSource(connect: () => EtcdConnection, url: string, options: EtcdOptions): Source {
	return async context => {
		const {emit, signal, pause} = context;
		emit({type: 'source.connecting', source: `etcd:${url}`});
		emit({type: 'source.connecting', source: `dcs:${url}`});
		while (!signal.aborted) {
			const endpoint = connect();
			try {
				await new Session(endpoint, options, context).run();
			} finally {
				endpoint.close();
			}

			await pause(reconnectMs, signal);
		}
	};
}

/** The event of an answer. */
type Snapshot = Event & {type: 'etcd.status' | 'dcs.snapshot'};

/** One connection, from its first answer to its break. */
class Session {
	readonly #endpoint: EtcdConnection;
	readonly #prefix: string;
	readonly #order: Order;
	readonly #entries: DcsEntries;
	readonly #watches: boolean;
	readonly #context: SourceContext;
	readonly #broken = new AbortController();
	#watching = false;
	/** From the moment that etcd confirms the watch. */
	#lag: WatchLag | undefined;
	#polls = 0;
	/** Changes from the watch since the last read. */
	#changes = 0;
	/** The last answered read: the watch reports changes of the same store. */
	#read: {began: number; clusterId: string; revision: number} | undefined;

	constructor(
		endpoint: EtcdConnection,
		{prefix, order, entries, watch}: EtcdOptions,
		context: SourceContext,
	) {
		this.#endpoint = endpoint;
		this.#prefix = prefix;
		this.#order = order;
		this.#entries = entries;
		this.#watches = watch;
		this.#context = context;
	}

	async run(): Promise<void> {
		const {signal, untilPoll} = this.#context;
		const either = AbortSignal.any([signal, this.#broken.signal]);
		while (!either.aborted) {
			const since = performance.now();
			const began = this.#order();
			await Promise.all([this.#readStatus(began, either), this.#readKeys(began), this.#askMembers(began)]);
			await untilPoll(since, either);
		}

		this.#lag?.close();
	}

	/** Asks once more where the answer has no raft leader; then the usual interval counts. */
	async #readStatus(began: number, signal: AbortSignal): Promise<void> {
		if (await this.#askStatus(began)) {
			return;
		}

		await this.#context.pause(electionMs, signal);
		if (!signal.aborted) {
			await this.#askStatus(this.#order());
		}
	}

	/** @returns false if the member answers that it has no raft leader */
	async #askStatus(began: number): Promise<boolean> {
		const {url} = this.#endpoint;
		let hasLeader = true;
		await this.#ask(`etcd:${url}`, async () => {
			const status = checkedStatus(await this.#endpoint.status());
			hasLeader = status.raftLeader !== undefined;
			return {
				type: 'etcd.status',
				source: `etcd:${url}`,
				endpoint: url,
				status: {...status, version: sanitize(status.version)},
				began,
			};
		});
		return hasLeader;
	}

	async #readKeys(began: number): Promise<void> {
		const source = `dcs:${this.#endpoint.url}` as const;
		let range: RawRange | undefined;
		await this.#ask(source, async () => {
			range = checkedRange(await this.#endpoint.read(this.#prefix));
			const ended = this.#order();
			this.#followStore(range, began);
			const scopes = range.keys.length === 0 ? await this.#scopes() : [];
			return {
				type: 'dcs.snapshot',
				source,
				clusterId: range.clusterId,
				revision: range.revision,
				entries: range.keys.map(key => this.#entries.read(key, this.#prefix)),
				...(scopes.length === 0 ? {} : {scopes}),
				began,
				ended,
			};
		});
		if (range !== undefined && !this.#broken.signal.aborted) {
			this.#lag?.takeRead(range);
			// Started after the snapshot is emitted: its changes are later.
			void this.#startWatch(range);
		}
	}

	/**
	 * If the revision goes back or the cluster id changes, the store is another one, but the watch is still on the old
	 * one.
	 */
	#followStore({clusterId, revision}: RawRange, began: number): void {
		const before = this.#read;
		this.#changes = 0;
		this.#read = {began, clusterId, revision};
		if (before !== undefined && (before.clusterId !== clusterId || revision < before.revision)) {
			this.#break(new Error('etcd was rebuilt or restored'));
		}
	}

	/** The scopes in the namespace, for the error of a mistyped scope. */
	async #scopes(): Promise<string[]> {
		const namespace = this.#prefix.replace(/[^/]+\/(?:\d+\/)?$/, '');
		try {
			const keys = await this.#endpoint.keys(namespace);
			const scopes = keys.flatMap(key => key.slice(namespace.length).split('/').slice(0, -1).slice(0, 1));
			return [...new Set(scopes)].filter(Boolean).map(sanitize);
		} catch {
			// The user may have access to this scope only: then it is just reported as empty.
			return [];
		}
	}

	async #askMembers(began: number): Promise<void> {
		if (this.#polls++ % membersEveryPolls !== 0) {
			return;
		}

		const source = `etcd:${this.#endpoint.url}` as const;
		try {
			const {members, alarms} = await this.#endpoint.members();
			const clean = checkedMembers(members).map(member => ({
				...member,
				name: sanitize(member.name),
				clientUrls: member.clientUrls.map(sanitize),
			}));
			this.#emit({type: 'etcd.members', source, members: clean, alarms: checkedAlarms(alarms), began});
		} catch (error) {
			if (isFault(error)) {
				throw error;
			}

			if (error instanceof TooMany) {
				this.#emit({type: 'source.lost', source, ...lossOf(error)});
				this.#break(error);
				return;
			}

			// The status, requested at the same time, reports the loss and its reason; the member list is requested
			// again soon.
			this.#polls = 0;
		}
	}

	/** Emits the event of an answer, or the loss of the source; drops a connection without an answer. */
	async #ask(source: SourceId, question: () => Promise<Snapshot>): Promise<void> {
		try {
			const {answer, timing} = await askFairly(question, this.#context.signal);
			this.#emit({...answer, ...lateness(timing())});
		} catch (error) {
			this.#emit({type: 'source.lost', source, ...lossOf(error)});
			if (source.startsWith('etcd:')) {
				this.#break(error);
			}
		}
	}

	async #startWatch(range: RawRange): Promise<void> {
		if (!this.#watches || this.#watching) {
			return;
		}

		this.#watching = true;
		const lag = new WatchLag(range, error => {
			this.#break(error);
		});
		const source = `watch:${this.#endpoint.url}` as const;
		try {
			await this.#endpoint.watch(this.#prefix, range.revision + 1, {
				onPut: key => {
					lag.takeChange(key.modRevision);
					this.#emitKey(() => ({
						type: 'dcs.put',
						source,
						entry: this.#entries.read(checkedKey(key), this.#prefix),
					}));
				},
				onDelete: (key, at) => {
					lag.takeChange(at);
					this.#emitKey(() => ({
						type: 'dcs.deleted',
						source,
						path: sanitize(key.slice(this.#prefix.length)),
						revision: checkedRevision(at),
					}));
				},
				onEnd: error => {
					this.#break(error);
				},
			});
			if (!this.#broken.signal.aborted) {
				this.#lag = lag;
				this.#emit({type: 'source.alive', source});
			}
		} catch (error) {
			this.#break(error);
		}
	}

	/** Emits a change from the watch; an unreadable one breaks the connection. */
	#emitKey(eventOf: () => Event & {type: 'dcs.put' | 'dcs.deleted'}): void {
		try {
			this.#emitWatched(eventOf());
		} catch (error) {
			this.#break(error);
		}
	}

	/** Drops the connection with its watch. */
	#break(error: unknown): void {
		if (this.#broken.signal.aborted) {
			return;
		}

		// A watch that broke during a stall of this program is restarted, and says nothing about etcd.
		if (this.#watching && !ownTime.hasStalledWithin(justStalled)) {
			this.#emit({type: 'source.lost', source: `watch:${this.#endpoint.url}`, ...lossOf(error)});
		}

		this.#lag?.close();
		this.#broken.abort();
	}

	/** A change after the break may belong to another time or another store: it is dropped. */
	#emitWatched(event: Event & {type: 'dcs.put' | 'dcs.deleted'}): void {
		if (this.#read === undefined || this.#broken.signal.aborted) {
			return;
		}

		checkChanges(++this.#changes);
		this.#emit({...event, began: this.#read.began, ended: this.#order()});
	}

	#emit(event: Event): void {
		if (!this.#context.signal.aborted) {
			this.#context.emit(event);
		}
	}
}
