/** A client's access to PostgreSQL: address, password and TLS by libpq's rules, and reasons of a refusal. */
import {isIP} from 'node:net';
import {PassThrough} from 'node:stream';
import {type ConnectionOptions, checkServerIdentity} from 'node:tls';
import pgpass from 'pgpass';
import type {ProbeAccess} from '../config/probe.ts';
import type {ErrorCode} from '../domain/facts.ts';
import {readFileBytes} from '../lib/files.ts';
import {learnSecrets} from '../lib/secrets.ts';
import {systemAuthorities} from './http.ts';

// pgpass warns on the terminal about a file that others can read, and ignores it as psql does.
pgpass.warnTo(new PassThrough().resume());

export type PostgresAccess = {
	host: string;
	port: number;
	user: string;
	database: string;
	/** Undefined: .pgpass is read. */
	password?: string;
	ssl: ProbeAccess['ssl'];
	/** Bytes of one answer; by default those of a row of some columns. */
	answerMaxBytes?: number;
} & Pick<ProbeAccess, 'address' | 'methods' | 'channelBinding' | 'direct' | 'options' | 'applicationName'>;

/** `refused`: the server denies access, and a retry will not help; `code`: for decisions; `state`: the SQLSTATE. */
export class PostgresError extends Error {
	override name = 'PostgresError';
	readonly refused: boolean;
	readonly code: ErrorCode | undefined;
	readonly state: string | undefined;

	constructor(
		message: string,
		refused: boolean,
		code: ErrorCode | undefined = refused ? 'denied' : undefined,
		state?: string,
	) {
		super(message);
		this.refused = refused;
		this.code = code;
		this.state = state;
	}
}

/** libpq's rules: up to `require` any certificate is accepted, unless a CA is set. */
export function tlsOptions({host, ssl}: PostgresAccess): ConnectionOptions {
	const {mode, ca, cert, key, keyPassword, crl, minVersion, maxVersion} = ssl;
	return {
		rejectUnauthorized: mode.startsWith('verify-') || (mode === 'require' && ca !== undefined),
		// Verifies the configured host: Node.js would verify "localhost" instead of an address, and an address instead
		// of the name with hostaddr.
		checkServerIdentity: (_, certificate) =>
			mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
		// With hostaddr, too, the certificate is for the name.
		...(isIP(host) === 0 ? {servername: host} : {}),
		...(ca === undefined ? {} : {ca: ca === 'system' ? systemAuthorities() : readFileBytes(ca)}),
		...(crl === undefined ? {} : {crl: readFileBytes(crl)}),
		...(cert === undefined ? {} : {cert: readFileBytes(cert), key: readFileBytes(key ?? cert)}),
		...(keyPassword === undefined ? {} : {passphrase: keyPassword}),
		// libpq's default.
		minVersion: minVersion ?? 'TLSv1.2',
		...(maxVersion === undefined ? {} : {maxVersion}),
	};
}

export async function readPassword({host, port, database, user}: PostgresAccess): Promise<string> {
	return new Promise(resolve => {
		pgpass({host, port, database, user}, password => {
			learnSecrets([password], {users: [user], plain: [user, database, host]});
			resolve(password ?? '');
		});
	});
}

const headBytes = 5;

const shortest = 4;

/** Messages ErrorResponse and NoticeResponse: fields that each end with a zero byte, and a final zero byte. */
const reports = new Set([0x45, 0x4e]);

export class FrameCheck {
	readonly #head = Buffer.alloc(headBytes);
	#headLength = 0;
	/** Bytes of the body that are missing. */
	#left = 0;
	#isReport = false;
	/** Last two bytes of the body so far. */
	#tail = [1, 1];

	/** @throws for bytes that are not messages, or an unterminated report */
	push(chunk: Uint8Array): void {
		for (let at = 0; at < chunk.length; ) {
			if (this.#headLength < headBytes) {
				this.#head[this.#headLength++] = chunk[at++] ?? 0;
				if (this.#headLength === headBytes) {
					this.#begin();
				}
			} else {
				const end = Math.min(chunk.length, at + this.#left);
				this.#tail = [...this.#tail, ...chunk.subarray(Math.max(at, end - 2), end)].slice(-2);
				this.#left -= end - at;
				at = end;
			}

			if (this.#headLength === headBytes && this.#left === 0) {
				this.#end();
			}
		}
	}

	#begin(): void {
		const length = this.#head.readInt32BE(1);
		if (length < shortest) {
			throw new Error(`a message of ${length} bytes`);
		}

		this.#left = length - shortest;
		this.#isReport = reports.has(this.#head[0] ?? 0);
		// A report without fields is a single zero byte.
		this.#tail = [1, this.#left === 1 ? 0 : 1];
	}

	#end(): void {
		const [before, last] = this.#tail;
		if (this.#isReport && (before !== 0 || last !== 0)) {
			throw new Error('an unterminated error report');
		}

		this.#headLength = 0;
	}
}
