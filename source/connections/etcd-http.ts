/**
 * One etcd endpoint by its JSON gateway: the same linearizable reads and watch as over gRPC, whose package takes 12 MB of
 * memory.
 */
import type {Agent} from 'node:http';
import type * as z from 'zod';
import {deadline} from '../lib/own-time.ts';
import {answerMaxBytes, checkKeys, checkMembers, keysMax, namesMax} from './etcd-bounds.ts';
import type {EtcdAccess, EtcdConnection, RawRange, WatchHandlers} from './etcd-grpc.ts';
import {
	alarmsAnswer,
	answerOf,
	jsonOf,
	leaseAnswer,
	membersAnswer,
	type Refusal,
	rangeAnswer,
	refusalOf,
	refusedBy,
	statusAnswer,
	tokenAnswer,
} from './etcd-json.ts';
import {openWatch, RefusedWatch} from './etcd-watch.ts';
import {agentFor, readTls, request} from './http.ts';

/** etcd accepts only tokens of the current revision of its auth store. */
const refusedToken = /invalid auth token|revision of auth store is old/;

/** etcd does not know who asks. */
const unknownUser = /user name is empty|permission denied/;

/** The peer responds, but not as the gateway of etcd 3.4 or newer. */
class NoGateway extends Error {}

export class EtcdHttp implements EtcdConnection {
	readonly url: string;
	readonly #access: EtcdAccess;
	readonly #grpc: () => Promise<EtcdConnection>;
	readonly #closed = new AbortController();
	readonly #gateways: Set<string>;
	#agent: Agent | undefined;
	#token: Promise<string | undefined> | undefined;
	#fallback: Promise<EtcdConnection> | undefined;

	/**
	 * @param grpc makes the gRPC client, used if there is no gateway
	 * @param gateways URLs whose gateway has answered, for all connections: when one breaks, gRPC is not loaded
	 */
	constructor(
		url: string,
		access: EtcdAccess,
		grpc: () => Promise<EtcdConnection>,
		gateways: Set<string> = new Set(),
	) {
		this.url = url;
		this.#access = access;
		this.#grpc = grpc;
		this.#gateways = gateways;
	}

	async status() {
		return this.#either(
			async () => this.#ask(statusAnswer, 'maintenance/status', {}),
			async endpoint => endpoint.status(),
		);
	}

	async read(prefix: string): Promise<RawRange> {
		return this.#either(
			async () => {
				const range = await this.#ask(rangeAnswer, 'kv/range', {
					key: base64(prefix),
					range_end: base64(afterAll(prefix)),
					limit: String(keysMax + 1),
				});
				checkKeys(range.keys.length, prefix);
				return range;
			},
			async endpoint => endpoint.read(prefix),
		);
	}

	async keys(prefix: string): Promise<string[]> {
		return this.#either(
			async () => {
				const {keys} = await this.#ask(rangeAnswer, 'kv/range', {
					key: base64(prefix),
					range_end: base64(afterAll(prefix)),
					keys_only: true,
					limit: String(namesMax),
				});
				return keys.map(({key}) => key);
			},
			async endpoint => endpoint.keys(prefix),
		);
	}

	async members() {
		return this.#either(
			async () => {
				const [members, alarms] = await Promise.all([
					this.#ask(membersAnswer, 'cluster/member/list', {}),
					this.#ask(alarmsAnswer, 'maintenance/status', {}),
				]);
				checkMembers(members, alarms);
				return {members, alarms};
			},
			async endpoint => endpoint.members(),
		);
	}

	async leaseTimeToLive(lease: string): Promise<{ttl: number; grantedTtl: number}> {
		return this.#either(
			async () => this.#ask(leaseAnswer, 'lease/timetolive', {ID: lease}),
			async endpoint => endpoint.leaseTimeToLive(lease),
		);
	}

	async watch(prefix: string, revision: number, handlers: WatchHandlers): Promise<void> {
		return this.#either(
			async () => this.#asUser(async token => this.#watch(prefix, revision, handlers, token)),
			async endpoint => endpoint.watch(prefix, revision, handlers),
		);
	}

	close(): void {
		this.#closed.abort();
		this.#agent?.destroy();
		// A failure was already reported to the caller.
		this.#fallback?.then(
			endpoint => {
				endpoint.close();
			},
			() => undefined,
		);
	}

	/** Uses the gateway; once it proves missing, gRPC. */
	async #either<T>(json: () => Promise<T>, grpc: (endpoint: EtcdConnection) => Promise<T>): Promise<T> {
		if (this.#fallback === undefined) {
			try {
				return await json();
			} catch (error) {
				if (!(error instanceof NoGateway)) {
					throw error;
				}
			}
		}

		this.#fallback ??= this.#grpc();
		return grpc(await this.#fallback);
	}

	async #ask<T>(shape: z.ZodType<T>, path: string, message: object): Promise<T> {
		return this.#asUser(async token => this.#post(shape, path, message, token));
	}

	/** Sends with the user's token, if there is a user; retries once with a new token if etcd rejects an older one. */
	async #asUser<T>(send: (token?: string) => Promise<T>): Promise<T> {
		const {credentials} = this.#access;
		if (credentials === undefined) {
			return send();
		}

		const isFresh = this.#token === undefined;
		this.#token ??= this.#authenticate(credentials.username, credentials.password);
		const using = this.#token;
		try {
			return await send(await using);
		} catch (error) {
			this.#token = this.#token === using ? undefined : this.#token;
			if (!(error instanceof Error && refusedToken.test(error.message))) {
				throw error;
			}

			if (isFresh) {
				throw new Error('etcd rejects its own token');
			}

			return this.#asUser(send);
		}
	}

	/** Requests a token. @returns undefined if etcd has no users, as Patroni does */
	async #authenticate(name: string, password: string): Promise<string | undefined> {
		try {
			return await this.#post(tokenAnswer, 'auth/authenticate', {name, password});
		} catch (error) {
			if (error instanceof Error && error.message.includes('authentication is not enabled')) {
				return undefined;
			}

			throw error;
		}
	}

	async #post<T>(shape: z.ZodType<T>, path: string, message: object, token?: string): Promise<T> {
		const agent = this.#connect();
		const late = deadline(this.#access.deadline);
		const {status, body} = await request(`${this.url}/v3/${path}`, agent, {
			method: 'POST',
			headers: headersOf(token),
			body: JSON.stringify(message),
			signal: AbortSignal.any([this.#closed.signal, late.signal]),
			maxBytes: answerMaxBytes,
		})
			.catch((error: unknown) => {
				throw this.#lossOf(error);
			})
			.finally(late.cancel);
		const answer = jsonOf(body);
		if (status !== 200 || answer === undefined) {
			throw this.#refusal(status, refusalOf(answer));
		}

		const read = answerOf(shape, answer);
		this.#gateways.add(this.url);
		return read;
	}

	/** By a socket of its own, since the answer does not end. */
	async #watch(prefix: string, revision: number, handlers: WatchHandlers, token?: string): Promise<void> {
		const agent = this.#connect();
		try {
			await openWatch(
				{
					url: `${this.url}/v3/watch`,
					agent,
					headers: headersOf(token),
					message: {
						key: base64(prefix),
						range_end: base64(afterAll(prefix)),
						start_revision: String(revision),
						progress_notify: true,
						// etcd splits what would be a message of more than 2 MiB.
						fragment: true,
					},
					deadline: this.#access.deadline,
					signal: this.#closed.signal,
				},
				handlers,
			);
		} catch (error) {
			throw error instanceof RefusedWatch ? this.#refusal(error.status, error.refusal) : this.#lossOf(error);
		}
	}

	/** Made by the first call, so that an unreadable certificate fails that call. */
	#connect(): Agent {
		this.#agent ??= agentFor(this.url, {
			...(this.url.startsWith('https:') ? readTls(this.#access.tls ?? {}) : {}),
			keepAlive: true,
		});
		return this.#agent;
	}

	/** A server with HTTP/2 only closes the connection; so does one that stops. */
	#lossOf(error: unknown): unknown {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		return code.startsWith('HPE_') || (code === 'ECONNRESET' && !this.#gateways.has(this.url))
			? new NoGateway()
			: error;
	}

	#refusal(status: number, refusal: Refusal | undefined): Error {
		const {credentials, tls} = this.#access;
		if (refusal?.reason.startsWith('etcdserver:')) {
			// etcd identifies a user by client certificate over gRPC only.
			const byCertificate = credentials === undefined && tls?.cert !== undefined;
			return byCertificate && unknownUser.test(refusal.reason) ? new NoGateway() : refusedBy(refusal);
		}

		// A gateway that is there cannot reach its etcd while that starts or stops; a watch says so in an answer that has begun.
		return (status >= 500 || status === 200) && this.#gateways.has(this.url)
			? refusedBy(
					refusal ?? {
						code: undefined,
						reason: status === 200 ? 'not an answer of etcd' : `HTTP status ${status}`,
					},
				)
			: new NoGateway();
	}
}

function headersOf(token: string | undefined): Readonly<Record<string, string>> {
	return {'content-type': 'application/json', ...(token !== undefined && {authorization: token})};
}

/** The first key after all with this prefix, which ends with a slash: `/service/main0`. */
function afterAll(prefix: string): string {
	return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}

function base64(text: string): string {
	return Buffer.from(text).toString('base64');
}
