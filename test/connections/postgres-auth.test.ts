/** A server that requests the password by a method that is not allowed does not get it. */
import {once} from 'node:events';
import {createServer, type Server} from 'node:net';
import {afterEach, describe, expect, it} from 'vitest';
import {PostgresConnection} from '../../source/connections/postgres.ts';
import type {PostgresAccess} from '../../source/connections/postgres-access.ts';

const servers: Server[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.close();
	}
});

/** AuthenticationRequest. */
function request(code: number, rest = Buffer.alloc(0)): Buffer {
	const head = Buffer.alloc(9);
	head.write('R');
	head.writeInt32BE(8 + rest.length, 1);
	head.writeInt32BE(code, 5);
	return Buffer.concat([head, rest]);
}

async function serverThatAsks(answer: Buffer): Promise<{port: number; heard: () => string}> {
	const heard: Buffer[] = [];
	const server = createServer(socket => {
		socket.on('error', () => undefined);
		socket.once('data', () => {
			socket.on('data', bytes => heard.push(bytes));
			socket.write(answer);
		});
	}).listen(0, '127.0.0.1');
	servers.push(server);
	await once(server, 'listening');
	const address = server.address();
	return {
		port: typeof address === 'object' && address !== null ? address.port : 0,
		heard: () => Buffer.concat(heard).toString('latin1'),
	};
}

async function connect(answer: Buffer, more: Partial<PostgresAccess>) {
	const {port, heard} = await serverThatAsks(answer);
	const access: PostgresAccess = {
		host: '127.0.0.1',
		port,
		user: 'u',
		database: 'd',
		password: 'hunter2',
		ssl: {mode: 'disable'},
		...more,
	};
	const connection = new PostgresConnection(access, {tls: false});
	const reason = await connection.connect().then(
		() => 'connected',
		(error: unknown) => (error instanceof Error ? error.message : String(error)),
	);
	connection.close();
	return {reason, heard: heard()};
}

describe('a password', () => {
	it.each([
		['password', request(3)],
		['md5', request(5, Buffer.from('salt'))],
	])('is not sent by %s if require_auth has SCRAM only', async (method, answer) => {
		const {reason, heard} = await connect(answer, {methods: ['scram-sha-256']});
		expect(reason).toBe(`the server asks for authentication by ${method}, which require_auth does not allow`);
		expect(heard).toBe('');
	});

	it('is not sent if channel binding is required and not offered', async () => {
		const {reason, heard} = await connect(request(10, Buffer.from('SCRAM-SHA-256\0\0')), {
			channelBinding: true,
		});
		expect(reason).toContain('channel_binding=require');
		expect(heard).toBe('');
	});

	it('that the server does not request is a failed login if require_auth demands one', async () => {
		expect((await connect(request(0), {methods: ['scram-sha-256']})).reason).toBe(
			'the server asks for authentication by none, which require_auth does not allow',
		);
	});
});
