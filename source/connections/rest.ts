/**
 * GET requests to Patroni's REST API (HTTP/1.0, one connection per request), with a deadline and a limit on the body.
 */
import type {Agent} from 'node:http';
import type {Credentials} from '../config/access.ts';
import {deadline} from '../lib/own-time.ts';
import {agentFor, basic, type HttpAnswer, readTls, request, type TlsFiles, type TlsMaterial} from './http.ts';

export type RestAccess = {
	tls: TlsFiles & {keyPassword?: string; insecure?: boolean};
	/** Milliseconds. */
	deadline: number;
};

/** Bytes; a status has a few KiB, so a longer answer is not from Patroni. */
const bodyMaxBytes = 1024 * 1024;

const noCertificate = 'TLS closed by Patroni: it may require a client certificate (ctl.certfile)';
const certificateRejected = 'TLS closed by Patroni: it may not accept the client certificate (ctl.certfile)';

export class Rest {
	readonly #access: RestAccess;
	/** Aborts pending requests. */
	readonly #closed = new AbortController();
	#plain: Agent | undefined;
	#tls: Agent | undefined;

	constructor(access: RestAccess) {
		this.#access = access;
	}

	/** @returns the status code, the body for any code, and the Date header */
	async get(url: string, signal: AbortSignal, user?: Credentials): Promise<HttpAnswer> {
		const late = deadline(this.#access.deadline);
		try {
			return await request(url, this.#agent(url), {
				signal: AbortSignal.any([signal, this.#closed.signal, late.signal]),
				maxBytes: bodyMaxBytes,
				...(user && {headers: {authorization: basic(user)}}),
			});
		} catch (error) {
			// Certificates may have been renewed.
			this.#tls = undefined;
			throw this.#explain(error, url);
		} finally {
			late.cancel();
		}
	}

	async close(): Promise<void> {
		this.#closed.abort();
	}

	/** TLS files are read on first use, and again after a failure. */
	#agent(url: string): Agent {
		if (url.startsWith('https:')) {
			this.#tls ??= agentFor(url, tlsOptions(this.#access.tls));
			return this.#tls;
		}

		this.#plain ??= agentFor(url);
		return this.#plain;
	}

	/** With TLS 1.3 a client learns late that its certificate was rejected: by an alert, or by a closed connection. */
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

/**
 * patronictl's rule: `insecure` trusts any server; with a client certificate the CA is still verified, but not the host
 * name.
 */
export function tlsOptions({insecure, keyPassword, ...files}: RestAccess['tls']): TlsOptions {
	return {
		...readTls(files),
		...(keyPassword === undefined ? {} : {passphrase: keyPassword}),
		...(insecure && files.cert === undefined ? {rejectUnauthorized: false} : {}),
		...(insecure && files.cert !== undefined ? {checkServerIdentity: () => undefined} : {}),
	};
}
