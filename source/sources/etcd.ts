/** One etcd endpoint: its status and a linearizable read of Patroni's keys, again and again, and a watch on them where the connection has one. */
import type {EtcdConnection} from '../connections/connections.ts';
import {lossOf} from '../connections/error-reason.ts';
import {TooMany} from '../connections/etcd-bounds.ts';
import type {RawRange} from '../connections/etcd-grpc.ts';
import type {Event} from '../domain/events.ts';
import type {SourceId} from '../domain/facts.ts';
import {isFault} from '../lib/faults.ts';
import {askFairly, justStalled, lateness, ownTime} from '../lib/own-time.ts';
import {sanitize} from '../lib/sanitize.ts';
import {dcsEntry} from './dcs-values.ts';
import {
	checkedAlarms,
	checkedKey,
	checkedMembers,
	checkedRange,
	checkedRevision,
	checkedStatus,
} from './etcd-answers.ts';
import type {Order, Source, SourceContext} from './source.ts';

/** Before a broken connection is opened again. */
const reconnectMs = 1000;
/** The member list and the alarms change seldom: every so many polls. */
const membersEveryPolls = 3;
/** Between two reads, two seconds apart: Patroni puts some few keys a second. Beyond that the keys are read afresh. */
const changesMax = 5000;

/**
 * @param connect makes a new connection; called again after each break, so that nothing waits for an old one to wake up.
 * @param prefix `{namespace}/{scope}/`.
 * @param order shared by all sources that ask etcd.
 */
export function etcdSource(connect: () => EtcdConnection, url: string, prefix: string, order: Order): Source {
	return async context => {
		const {emit, signal, pause} = context;
		emit({type: 'source.connecting', source: `etcd:${url}`});
		emit({type: 'source.connecting', source: `dcs:${url}`});
		while (!signal.aborted) {
			const endpoint = connect();
			try {
				await new Session(endpoint, prefix, order, context).run();
			} finally {
				endpoint.close();
			}

			await pause(reconnectMs, signal);
		}
	};
}

/** What one question is answered with. */
type Snapshot = Event & {type: 'etcd.status' | 'dcs.snapshot'};

/** One connection's life, from its first answer to its break. */
class Session {
	readonly #endpoint: EtcdConnection;
	readonly #prefix: string;
	readonly #order: Order;
	readonly #context: SourceContext;
	readonly #broken = new AbortController();
	#watching = false;
	#polls = 0;
	/** That the watch reported since the last read. */
	#changes = 0;
	/** The last read that was answered: what the watch reports is of the same store. */
	#read: {began: number; clusterId: string; revision: number} | undefined;

	constructor(endpoint: EtcdConnection, prefix: string, order: Order, context: SourceContext) {
		this.#endpoint = endpoint;
		this.#prefix = prefix;
		this.#order = order;
		this.#context = context;
	}

	async run(): Promise<void> {
		const {signal, untilPoll} = this.#context;
		const either = AbortSignal.any([signal, this.#broken.signal]);
		while (!either.aborted) {
			const since = performance.now();
			const began = this.#order();
			await Promise.all([this.#askStatus(began), this.#readKeys(began), this.#askMembers(began)]);
			await untilPoll(since, either);
		}
	}

	async #askStatus(began: number): Promise<void> {
		const {url} = this.#endpoint;
		await this.#ask(`etcd:${url}`, async () => {
			const status = checkedStatus(await this.#endpoint.status());
			return {
				type: 'etcd.status',
				source: `etcd:${url}`,
				endpoint: url,
				status: {...status, version: sanitize(status.version)},
				began,
			};
		});
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
				entries: range.keys.map(key => dcsEntry(key, this.#prefix)),
				...(scopes.length === 0 ? {} : {scopes}),
				began,
				ended,
			};
		});
		if (range !== undefined) {
			// After its snapshot is out: what it reports is later than that.
			void this.#startWatch(range);
		}
	}

	/** A connection whose own reads go back has come to another store: its watch is still on the old one. */
	#followStore({clusterId, revision}: RawRange, began: number): void {
		const before = this.#read;
		this.#changes = 0;
		this.#read = {began, clusterId, revision};
		if (before !== undefined && (before.clusterId !== clusterId || revision < before.revision)) {
			this.#break(new Error('etcd was rebuilt or restored'));
		}
	}

	/** The first part of each key in the namespace, which a scope that is mistyped is not among. */
	async #scopes(): Promise<string[]> {
		const namespace = this.#prefix.replace(/[^/]+\/(?:\d+\/)?$/, '');
		try {
			const keys = await this.#endpoint.keys(namespace);
			const scopes = keys.flatMap(key => key.slice(namespace.length).split('/').slice(0, -1).slice(0, 1));
			return [...new Set(scopes)].filter(Boolean).map(sanitize);
		} catch {
			// The user may be allowed to read this scope only: then it is known only that it is empty.
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

			// The status, asked at the same moment, reports whether and why the endpoint is lost; ask again soon.
			this.#polls = 0;
		}
	}

	/** Events out of an answer, or the loss of the source; a connection without an answer is given up. */
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

	async #startWatch({revision}: RawRange): Promise<void> {
		if (this.#endpoint.watch === undefined || this.#watching || this.#broken.signal.aborted) {
			return;
		}

		this.#watching = true;
		const source = `watch:${this.#endpoint.url}` as const;
		try {
			await this.#endpoint.watch(this.#prefix, revision + 1, {
				onPut: key => {
					this.#emitKey(() => ({type: 'dcs.put', source, entry: dcsEntry(checkedKey(key), this.#prefix)}));
				},
				onDelete: (key, at) => {
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
				this.#emit({type: 'source.alive', source});
			}
		} catch (error) {
			this.#break(error);
		}
	}

	/** What the watch says; what cannot be read breaks it. */
	#emitKey(eventOf: () => Event & {type: 'dcs.put' | 'dcs.deleted'}): void {
		try {
			this.#emitWatched(eventOf());
		} catch (error) {
			this.#break(error);
		}
	}

	/** Gives the connection up, and with it the watch that hung on it. */
	#break(error: unknown): void {
		if (this.#broken.signal.aborted) {
			return;
		}

		// One that broke while we did not run is made again, and no news of etcd.
		if (this.#watching && !ownTime.hasStalledWithin(justStalled)) {
			this.#emit({type: 'source.lost', source: `watch:${this.#endpoint.url}`, ...lossOf(error)});
		}

		this.#broken.abort();
	}

	/** What comes after the break may be of another time, and of another store. */
	#emitWatched(event: Event & {type: 'dcs.put' | 'dcs.deleted'}): void {
		if (this.#read === undefined || this.#broken.signal.aborted) {
			return;
		}

		if (++this.#changes > changesMax) {
			this.#break(new Error(`the watch reports more than ${changesMax} changes at once`));
		} else {
			this.#emit({...event, began: this.#read.began, ended: this.#order()});
		}
	}

	#emit(event: Event): void {
		if (!this.#context.signal.aborted) {
			this.#context.emit(event);
		}
	}
}
