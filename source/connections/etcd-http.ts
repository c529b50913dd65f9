/**
 * One etcd endpoint by its JSON gateway: the same linearizable reads as gRPC, for `--once`, since loading gRPC takes
 * too long.
 */
import type {Agent} from 'node:http';
import type * as z from 'zod';
import {deadline} from '../lib/own-time.ts';
import {answerMaxBytes, checkKeys, checkMembers, keysMax, namesMax} from './etcd-bounds.ts';
import type {EtcdAccess, EtcdGrpc, RawRange} from './etcd-grpc.ts';
import {
	alarmsAnswer,
	answerOf,
	jsonOf,
	leaseAnswer,
	membersAnswer,
	rangeAnswer,
	statusAnswer,
	tokenAnswer,
} from './etcd-json.ts';
import {agentFor, readTls, request} from './http.ts';

/** Requests that both protocols serve. */
export type EtcdReads = Pick<
	EtcdGrpc,
	'url' | 'status' | 'read' | 'keys' | 'members' | 'leaseTimeToLive' | 'close'
>;

/** etcd accepts only tokens of the current revision of its auth store. */
const refusedToken = /invalid auth token|revision of auth store is old/;

/** The peer responds, but not as the gateway of etcd 3.4 or newer. */
class NoGateway extends Error {}

export class EtcdHttp implements EtcdReads {
	readonly url: string;
	readonly #access: EtcdAccess;
	readonly #grpc: () => Promise<EtcdReads>;
	readonly #closed = new AbortController();
	#agent: Agent | undefined;
	#token: Promise<string | undefined> | undefined;
	#fallback: Promise<EtcdReads> | undefined;

	/** @param grpc makes the gRPC client, used if there is no gateway */
	constructor(url: string, access: EtcdAccess, grpc: () => Promise<EtcdReads>) {
		this.url = url;
		this.#access = access;
		this.#grpc = grpc;
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
					this.#ask(alarmsAnswer, 'maintenance/alarm', {action: 'GET'}),
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
	async #either<T>(json: () => Promise<T>, grpc: (endpoint: EtcdReads) => Promise<T>): Promise<T> {
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

	/** Posts with the user's token, if there is a user; retries once with a new token if etcd rejects an older one. */
	async #ask<T>(shape: z.ZodType<T>, path: string, message: object): Promise<T> {
		const {credentials} = this.#access;
		if (credentials === undefined) {
			return this.#post(shape, path, message);
		}

		const isFresh = this.#token === undefined;
		this.#token ??= this.#authenticate(credentials.username, credentials.password);
		const using = this.#token;
		try {
			return await this.#post(shape, path, message, await using);
		} catch (error) {
			this.#token = this.#token === using ? undefined : this.#token;
			if (!(error instanceof Error && refusedToken.test(error.message))) {
				throw error;
			}

			if (isFresh) {
				throw new Error('etcd rejects its own token');
			}

			return this.#ask(shape, path, message);
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
		const {deadline: deadlineMs, tls, credentials} = this.#access;
		this.#agent ??= agentFor(this.url, {
			...(this.url.startsWith('https:') ? readTls(tls ?? {}) : {}),
			keepAlive: true,
		});
		const late = deadline(deadlineMs);
		const {status, body} = await request(`${this.url}/v3/${path}`, this.#agent, {
			method: 'POST',
			headers: {'content-type': 'application/json', ...(token !== undefined && {authorization: token})},
			body: JSON.stringify(message),
			signal: AbortSignal.any([this.#closed.signal, late.signal]),
			maxBytes: answerMaxBytes,
		})
			.catch((error: unknown) => {
				// A server with HTTP/2 only closes the connection.
				throw isNotHttp(error) ? new NoGateway() : error;
			})
			.finally(late.cancel);
		const answer = jsonOf(body);
		if (status === 200 && answer !== undefined) {
			return answerOf(shape, answer);
		}

		const {message: reason} = (answer ?? {}) as {message?: unknown};
		// etcd identifies a user by client certificate over gRPC only.
		const byCertificate = credentials === undefined && tls?.cert !== undefined;
		throw typeof reason === 'string' && reason.startsWith('etcdserver:') && !byCertificate
			? new Error(reason)
			: new NoGateway();
	}
}

function isNotHttp(error: unknown): boolean {
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return code.startsWith('HPE_') || code === 'ECONNRESET';
}

/** The first key after all with this prefix, which ends with a slash: `/service/main0`. */
function afterAll(prefix: string): string {
	return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}

function base64(text: string): string {
	return Buffer.from(text).toString('base64');
}
