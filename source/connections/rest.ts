/** GET requests to Patroni's REST API (HTTP/1.0, one connection a request), with a deadline and a bound on the body. */
import {readFileSync} from 'node:fs';
import {Agent, request} from 'undici';

export type RestAccess = {
	tls: {ca?: string; cert?: string; key?: string; keyPassword?: string; insecure?: boolean};
	/** Milliseconds. */
	deadline: number;
};

/** A status of a member is a few KiB; anything that goes on after this is not Patroni. */
const longestBody = 1024 * 1024;

export class Rest {
	readonly #agent: Agent;
	readonly #deadline: number;

	constructor({tls, deadline}: RestAccess) {
		this.#deadline = deadline;
		this.#agent = new Agent({
			maxResponseSize: longestBody,
			pipelining: 0,
			connect: {
				timeout: deadline,
				...(tls.ca === undefined ? {} : {ca: readFileSync(tls.ca)}),
				...(tls.cert === undefined ? {} : {cert: readFileSync(tls.cert)}),
				...(tls.key === undefined ? {} : {key: readFileSync(tls.key)}),
				...(tls.keyPassword === undefined ? {} : {passphrase: tls.keyPassword}),
				// patronictl's rule: `insecure` with a client certificate leaves the CA checked and the host name not.
				...(tls.insecure
					? tls.cert === undefined
						? {rejectUnauthorized: false}
						: {checkServerIdentity: () => undefined}
					: {}),
			},
		});
	}

	/** @returns the status code, the text of the body, whatever the code, and the Date header. */
	async get(url: string, signal: AbortSignal): Promise<{status: number; body: string; date: string | undefined}> {
		const response = await request(url, {
			dispatcher: this.#agent,
			signal: AbortSignal.any([signal, AbortSignal.timeout(this.#deadline)]),
		});
		const {date} = response.headers;
		return {
			status: response.statusCode,
			body: await response.body.text(),
			date: typeof date === 'string' ? date : undefined,
		};
	}

	async close(): Promise<void> {
		await this.#agent.destroy();
	}
}
