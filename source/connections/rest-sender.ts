/** Sends changes to Patroni's REST API: once, never retried, with a long deadline. */
import {Agent, request} from 'undici';
import type {Credentials} from '../config/access.ts';
import {deadline as ownDeadline} from '../lib/own-time.ts';
import {basic} from './http.ts';
import {type RestAccess, tlsOptions} from './rest.ts';

export type SenderAccess = RestAccess & {
	credentials: Credentials | undefined;
	/** The setting that requires TLS; nothing is sent over http then. */
	secureBy?: string;
	/** Milliseconds to wait for an answer. */
	waitMs?: number;
};

export type Sending = {method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; url: string; body: string | undefined};

/** The connection was never established, so nothing arrived. */
export class UnsentError extends Error {
	override name = 'UnsentError';

	constructor(cause: unknown) {
		super(cause instanceof Error ? cause.message : String(cause), {cause});
	}
}

/** ms. `/switchover` responds at its end, up to twice max(10, loop_wait) seconds later; a restart takes longer. */
const answerWaitMs = 120_000;
/** Bytes; Patroni's texts are short, the dynamic configuration has a few KiB. */
const bodyMaxBytes = 1024 * 1024;

/** Codes of errors before a request can be served: no connection in time, no TLS session, or an invalid address. */
const notServed =
	/^(UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_OSSL_.*|ERR_TLS_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|ERR_SSL_(?!.*(BAD_RECORD|DECRYPT)).*)$/;

/**
 * Whether the connection was never established. The kernel's codes alone do not show it: established connections have
 * them, too.
 */
export function isUnsent(error: unknown): boolean {
	if (error instanceof AggregateError) {
		return error.errors.length > 0 && error.errors.every(isUnsent);
	}

	const {code, syscall} = (error instanceof Error ? error : {}) as {code?: unknown; syscall?: unknown};
	return syscall === 'connect' || syscall === 'getaddrinfo' || notServed.test(String(code));
}

export class RestSender {
	readonly #access: SenderAccess;

	constructor(access: SenderAccess) {
		this.#access = access;
	}

	/**
	 * @returns the status code and the body, for any code
	 * @throws UnsentError if nothing was sent; after any other error the request may have arrived
	 */
	async send({method, url, body}: Sending, signal: AbortSignal): Promise<{status: number; body: string}> {
		const {credentials, deadline, tls, secureBy, waitMs = answerWaitMs} = this.#access;
		if (secureBy !== undefined && !url.startsWith('https:')) {
			throw new UnsentError(new Error(`${url} is http, while TLS is configured (${secureBy})`));
		}

		// TLS files are read for each request: certificates may have been renewed.
		const agent = this.#agent(url, tls, deadline);
		const late = ownDeadline(waitMs);
		try {
			const response = await request(url, {
				dispatcher: agent,
				method,
				headers: {
					...(body === undefined ? {} : {'content-type': 'application/json'}),
					...(credentials === undefined ? {} : {authorization: basic(credentials)}),
				},
				...(body === undefined ? {} : {body}),
				headersTimeout: waitMs,
				bodyTimeout: waitMs,
				signal: AbortSignal.any([signal, late.signal]),
			});
			return {status: response.statusCode, body: await response.body.text()};
		} catch (error) {
			throw isUnsent(error) ? new UnsentError(error) : error;
		} finally {
			late.cancel();
			await agent.destroy();
		}
	}

	#agent(url: string, tls: RestAccess['tls'], deadline: number): Agent {
		try {
			return new Agent({
				maxResponseSize: bodyMaxBytes,
				pipelining: 0,
				connect: {timeout: deadline * 2, ...(url.startsWith('https:') ? tlsOptions(tls) : {})},
			});
		} catch (error) {
			throw new UnsentError(error);
		}
	}
}
