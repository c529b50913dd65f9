/** Which server the probe trusts over TLS: a PostgreSQL with real certificates, in each of libpq's modes. */
import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:net';
import path from 'node:path';
import {createServer as createTlsServer, TLSSocket, type TlsOptions} from 'node:tls';
import {afterEach, describe, expect, it} from 'vitest';
import {PostgresConnection} from '../../source/connections/postgres.ts';
import type {PostgresAccess} from '../../source/connections/postgres-access.ts';
import {copyCertificates} from '../support/certificates.ts';
import {welcome} from '../support/postgres-server.ts';

const {folder, ca, otherCa, server, elsewhere, client} = copyCertificates();
const servers: Server[] = [];

afterEach(() => {
	for (const one of servers.splice(0)) {
		one.close();
	}
});

type Pair = {cert: string; key: string};

const tlsOf = ({cert, key}: Pair, more: TlsOptions = {}): TlsOptions => ({
	cert: readFileSync(cert),
	key: readFileSync(key),
	...more,
});

async function listen(one: Server): Promise<number> {
	one.listen(0, '127.0.0.1');
	servers.push(one);
	await once(one, 'listening');
	const address = one.address();
	return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Answers the request for TLS, and accepts any login. */
async function postgres(pair: Pair, more: TlsOptions = {}): Promise<number> {
	return listen(
		createServer(socket => {
			socket.on('error', () => undefined);
			socket.once('data', () => {
				socket.write('S');
				const secure = new TLSSocket(socket, {isServer: true, ...tlsOf(pair, more)});
				secure.on('error', () => undefined);
				secure.once('data', () => secure.write(welcome));
			});
		}),
	);
}

/** Speaks TLS from the first byte on, with ALPN, as PostgreSQL 17 does. */
async function directPostgres(pair: Pair): Promise<{port: number; protocol: () => string | false | null}> {
	let protocol: string | false | null = null;
	const port = await listen(
		createTlsServer(tlsOf(pair, {ALPNProtocols: ['postgresql']}), socket => {
			protocol = socket.alpnProtocol;
			socket.on('error', () => undefined);
			socket.once('data', () => socket.write(welcome));
		}),
	);
	return {port, protocol: () => protocol};
}

async function outcome(access: Partial<PostgresAccess> & {port: number; ssl: PostgresAccess['ssl']}) {
	const connection = new PostgresConnection(
		{host: '127.0.0.1', user: 'u', database: 'd', password: 'x', ...access},
		{tls: true},
	);
	const said = await connection.connect().then(
		() => 'connected',
		(error: unknown) => (error instanceof Error ? error.message : String(error)),
	);
	connection.close();
	return said;
}

describe('TLS', () => {
	it.each([
		['verify-full, its CA, its address', {mode: 'verify-full', ca}, server, 'connected'],
		['verify-full, its CA, another name', {mode: 'verify-full', ca}, elsewhere, 'does not match'],
		['verify-full, another CA', {mode: 'verify-full', ca: otherCa}, server, 'certificate'],
		['verify-full, the CAs of this machine', {mode: 'verify-full', ca: 'system'}, server, 'certificate'],
		['verify-ca, its CA, another name', {mode: 'verify-ca', ca}, elsewhere, 'connected'],
		['verify-ca, another CA', {mode: 'verify-ca', ca: otherCa}, server, 'certificate'],
		['require, no CA', {mode: 'require'}, elsewhere, 'connected'],
		['require, another CA', {mode: 'require', ca: otherCa}, server, 'certificate'],
	] as const)('%s', async (_, ssl, pair, result) => {
		expect(await outcome({port: await postgres(pair), ssl})).toContain(result);
	});

	it('checks the configured name, and not the address, with hostaddr', async () => {
		const ssl = {mode: 'verify-full', ca} as const;
		const at = {address: '127.0.0.1', port: await postgres(elsewhere), ssl};
		expect(await outcome({...at, host: 'elsewhere.test'})).toBe('connected');
		expect(await outcome({...at, host: 'other.test'})).toContain('does not match');
		expect(await outcome({...at, port: await postgres(server), host: 'other.test'})).toContain(
			'does not match',
		);
	});

	it('refuses a certificate that is on the revocation list', async () => {
		const at = (name: string) => path.join(folder, name);
		writeFileSync(at('index.txt'), '');
		writeFileSync(
			at('ca.cnf'),
			'[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\ndefault_crl_days=2\n',
		);
		const openssl = (...args: readonly string[]) =>
			execFileSync('openssl', ['ca', '-config', 'ca.cnf', ...args], {cwd: folder, stdio: 'pipe'});
		openssl('-gencrl', '-out', 'none.crl');
		openssl('-revoke', 'server.pem');
		openssl('-gencrl', '-out', 'one.crl');
		const port = await postgres(server);
		expect(await outcome({port, ssl: {mode: 'verify-full', ca, crl: at('none.crl')}})).toBe('connected');
		expect(await outcome({port, ssl: {mode: 'verify-full', ca, crl: at('one.crl')}})).toContain('revoked');
	});

	it('sends the client certificate', async () => {
		const port = await postgres(server, {ca: readFileSync(ca), requestCert: true, rejectUnauthorized: true});
		expect(await outcome({port, ssl: {mode: 'verify-full', ca, ...client}})).toBe('connected');
		expect(await outcome({port, ssl: {mode: 'verify-full', ca}})).not.toBe('connected');
	});

	it('starts with TLS with sslnegotiation=direct, and sends ALPN', async () => {
		const {port, protocol} = await directPostgres(server);
		expect(await outcome({port, direct: true, ssl: {mode: 'verify-full', ca}})).toBe('connected');
		expect(protocol()).toBe('postgresql');
		expect(await outcome({port, direct: true, ssl: {mode: 'verify-full', ca: otherCa}})).toContain(
			'certificate',
		);
	});
});
