/** GET requests to Patroni's REST API (HTTP/1.0, one connection a request), with a deadline and a bound on the body. */
import {Agent, buildConnector, errors, request} from 'undici';
import {readTls, type TlsFiles} from './tls.ts';

export type RestAccess = {
	tls: TlsFiles & {keyPassword?: string; insecure?: boolean};
	/** Milliseconds. */
	deadline: number;
};

/** A status of a member is a few KiB; anything that goes on after this is not Patroni. */
const longestBody = 1024 * 1024;

const noCertificate = 'TLS closed by Patroni: it may ask for a client certificate (ctl.certfile)';
const refused = 'TLS closed by Patroni: it may not accept the client certificate (ctl.certfile)';

export class Rest {
	readonly #agent: Agent;
	readonly #connector: Connector;
	readonly #deadline: number;

	constructor(access: RestAccess) {
		this.#deadline = access.deadline;
		this.#connector = new Connector(access);
		this.#agent = new Agent({
			maxResponseSize: longestBody,
			pipelining: 0,
			connect: this.#connector.connect,
		});
	}

	/** @returns the status code, the text of the body, whatever the code, and the Date header. */
	async get(
		url: string,
		signal: AbortSignal,
	): Promise<{status: number; body: string; date: string | undefined}> {
		try {
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
		} catch (error) {
			this.#connector.forget();
			throw this.#connector.explain(error, url);
		}
	}

	async close(): Promise<void> {
		await this.#agent.destroy();
	}
}

/** Plain or TLS, as the URL says; the files of TLS are read when they are first needed, and again after a failure. */
class Connector {
	readonly #access: RestAccess;
	readonly #plain: buildConnector.connector;
	#tls: buildConnector.connector | undefined;

	constructor(access: RestAccess) {
		this.#access = access;
		this.#plain = buildConnector({timeout: access.deadline});
	}

	readonly connect: buildConnector.connector = (options, callback) => {
		let connect: buildConnector.connector;
		try {
			connect = options.protocol === 'https:' ? this.#withTls() : this.#plain;
		} catch (error) {
			callback(error instanceof Error ? error : new Error(String(error)), null);
			return;
		}

		connect(options, callback);
	};

	/** The certificates may have been renewed. */
	forget(): void {
		this.#tls = undefined;
	}

	/** With TLS 1.3 a client learns only by a closed connection that the server did not like its certificate. */
	explain(error: unknown, url: string): unknown {
		const isClosed = error instanceof errors.SocketError && url.startsWith('https:');
		return isClosed ? new Error(this.#access.tls.cert === undefined ? noCertificate : refused) : error;
	}

	#withTls(): buildConnector.connector {
		const {tls, deadline} = this.#access;
		this.#tls ??= buildConnector({timeout: deadline, ...tlsOptions(tls)});
		return this.#tls;
	}
}

/** patronictl's rule: `insecure` trusts anybody; but with a client certificate the CA is checked and the host name is not. */
export function tlsOptions({
	insecure,
	keyPassword,
	...files
}: RestAccess['tls']): buildConnector.BuildOptions {
	return {
		...readTls(files),
		...(keyPassword === undefined ? {} : {passphrase: keyPassword}),
		...(insecure && files.cert === undefined ? {rejectUnauthorized: false} : {}),
		...(insecure && files.cert !== undefined ? {checkServerIdentity: () => undefined} : {}),
	};
}
