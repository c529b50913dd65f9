/** GET requests to Patroni's REST API (HTTP/1.0, one connection a request), with a deadline and a bound on the body. */
import type {Agent} from 'node:http';
import type {Credentials} from '../config/access.ts';
import {deadline} from '../lib/own-time.ts';
import {agentFor, basic, type HttpAnswer, readTls, request, type TlsFiles, type TlsMaterial} from './http.ts';

export type RestAccess = {
	tls: TlsFiles & {keyPassword?: string; insecure?: boolean};
	/** Milliseconds. */
	deadline: number;
};

/** A status is a few KiB; a longer answer is not from Patroni. */
const bodyMaxBytes = 1024 * 1024;

const noCertificate = 'TLS closed by Patroni: it may require a client certificate (ctl.certfile)';
const certificateRejected = 'TLS closed by Patroni: it may not accept the client certificate (ctl.certfile)';

export class Rest {
	readonly #access: RestAccess;
	/** Ends what is under way. */
	readonly #closed = new AbortController();
	#plain: Agent | undefined;
	#tls: Agent | undefined;

	constructor(access: RestAccess) {
		this.#access = access;
	}

	/** @returns the status code, the text of the body, whatever the code, and the Date header. */
	async get(url: string, signal: AbortSignal, user?: Credentials): Promise<HttpAnswer> {
		const late = deadline(this.#access.deadline);
		try {
			return await request(url, this.#agent(url), {
				signal: AbortSignal.any([signal, this.#closed.signal, late.signal]),
				maxBytes: bodyMaxBytes,
				...(user && {headers: {authorization: basic(user)}}),
			});
		} catch (error) {
			// The certificates may have been renewed.
			this.#tls = undefined;
			throw this.#explain(error, url);
		} finally {
			late.cancel();
		}
	}

	async close(): Promise<void> {
		this.#closed.abort();
	}

	/** The files of TLS are read when they are first needed, and again after a failure. */
	#agent(url: string): Agent {
		if (url.startsWith('https:')) {
			this.#tls ??= agentFor(url, tlsOptions(this.#access.tls));
			return this.#tls;
		}

		this.#plain ??= agentFor(url);
		return this.#plain;
	}

	/** With TLS 1.3 a client learns late that its certificate was rejected: by an alert, or a closed connection. */
	#explain(error: unknown, url: string): unknown {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		return url.startsWith('https:') && (code === 'ECONNRESET' || /_ALERT_/.test(code))
			? new Error(this.#access.tls.cert === undefined ? noCertificate : certificateRejected)
			: error;
	}
}

type TlsOptions = TlsMaterial & {
	passphrase?: string;
	rejectUnauthorized?: boolean;
	checkServerIdentity?: () => undefined;
};

/** patronictl's rule: `insecure` trusts any server; but with a client certificate the CA is checked and the host name is not. */
export function tlsOptions({insecure, keyPassword, ...files}: RestAccess['tls']): TlsOptions {
	return {
		...readTls(files),
		...(keyPassword === undefined ? {} : {passphrase: keyPassword}),
		...(insecure && files.cert === undefined ? {rejectUnauthorized: false} : {}),
		...(insecure && files.cert !== undefined ? {checkServerIdentity: () => undefined} : {}),
	};
}
