/** How PostgreSQL is reached as a client: address, password and TLS by libpq's rules, and why it refuses. */
import {isIP} from 'node:net';
import {PassThrough} from 'node:stream';
import {type ConnectionOptions, checkServerIdentity} from 'node:tls';
import pgpass from 'pgpass';
import type {ProbeAccess} from '../config/probe.ts';
import type {ErrorCode} from '../domain/facts.ts';
import {readFileBytes} from '../lib/read-file.ts';
import {learnSecrets} from '../lib/secrets.ts';
import {systemAuthorities} from './http.ts';

// pgpass warns on the terminal about a file that others may read, and passes over it as psql does.
pgpass.warnTo(new PassThrough().resume());

export type PostgresAccess = {
	host: string;
	port: number;
	user: string;
	database: string;
	/** Where it is not given, .pgpass is asked. */
	password?: string;
	ssl: ProbeAccess['ssl'];
} & Pick<ProbeAccess, 'address' | 'methods' | 'channelBinding' | 'direct' | 'options' | 'applicationName'>;

/** `kind`: it was not let in, for a reason that lasts; the path there is closed; or anything else. */
export class PostgresError extends Error {
	override name = 'PostgresError';
	readonly refused: boolean;
	readonly code: ErrorCode | undefined;

	constructor(
		message: string,
		refused: boolean,
		code: ErrorCode | undefined = refused ? 'denied' : undefined,
	) {
		super(message);
		this.refused = refused;
		this.code = code;
	}
}

/** libpq's rules: up to `require` anybody is trusted, unless a CA is given. */
export function tlsOptions({host, ssl}: PostgresAccess): ConnectionOptions {
	const {mode, ca, cert, key, keyPassword, crl, minVersion, maxVersion} = ssl;
	return {
		rejectUnauthorized: mode.startsWith('verify-') || (mode === 'require' && ca !== undefined),
		// By the name that was given: Node.js would take localhost for an address, and an address for the name with hostaddr.
		checkServerIdentity: (_, certificate) =>
			mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
		// Also where the address is given (hostaddr) the certificate is for the name.
		...(isIP(host) === 0 ? {servername: host} : {}),
		...(ca === undefined ? {} : {ca: ca === 'system' ? systemAuthorities() : readFileBytes(ca)}),
		...(crl === undefined ? {} : {crl: readFileBytes(crl)}),
		...(cert === undefined ? {} : {cert: readFileBytes(cert), key: readFileBytes(key ?? cert)}),
		...(keyPassword === undefined ? {} : {passphrase: keyPassword}),
		// As libpq has it, where nothing else is asked for.
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
