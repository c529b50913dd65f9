/** Requests that change something, to Patroni's REST API: sent once, never again by themselves, and waited for long enough. */
import {Agent, request} from 'undici';
import type {Credentials} from '../config/config.ts';
import {type RestAccess, tlsOptions} from './rest.ts';

export type SenderAccess = RestAccess & {credentials: Credentials | undefined};

export type Sending = {method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; url: string; body: string | undefined};

/** The connection was never made, so that nothing can have arrived. */
export class UnsentError extends Error {
	override name = 'UnsentError';
}

/** `/switchover` answers at its end, which may take twice max(10, loop_wait) seconds; a restart takes what it takes. Ms. */
const patience = 120_000;
/** Patroni's own texts are short; the dynamic configuration is a few KiB. */
const longestBody = 1024 * 1024;

/** Codes of a connection that did not come to stand. */
const notConnected =
	/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|ERR_SSL_.*)$/;

export class RestSender {
	readonly #access: SenderAccess;

	constructor(access: SenderAccess) {
		this.#access = access;
	}

	/**
	 * @returns the status code and the body, whatever the code.
	 * @throws UnsentError when nothing was sent; anything else leaves open whether it arrived.
	 */
	async send({method, url, body}: Sending, signal: AbortSignal): Promise<{status: number; body: string}> {
		const {credentials, deadline, tls} = this.#access;
		// The files of TLS are read anew with each: certificates may have been renewed.
		const agent = this.#agent(url, tls, deadline);
		try {
			const response = await request(url, {
				dispatcher: agent,
				method,
				headers: {
					...(body === undefined ? {} : {'content-type': 'application/json'}),
					...(credentials === undefined ? {} : {authorization: basic(credentials)}),
				},
				...(body === undefined ? {} : {body}),
				headersTimeout: patience,
				bodyTimeout: patience,
				signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
			});
			return {status: response.statusCode, body: await response.body.text()};
		} catch (error) {
			const code = error instanceof Error && 'code' in error ? String(error.code) : '';
			throw notConnected.test(code) ? new UnsentError(code, {cause: error}) : error;
		} finally {
			await agent.destroy();
		}
	}

	#agent(url: string, tls: RestAccess['tls'], deadline: number): Agent {
		try {
			return new Agent({
				maxResponseSize: longestBody,
				pipelining: 0,
				connect: {timeout: deadline * 2, ...(url.startsWith('https:') ? tlsOptions(tls) : {})},
			});
		} catch (error) {
			throw new UnsentError('TLS files', {cause: error});
		}
	}
}

function basic({username, password}: Credentials): string {
	return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
