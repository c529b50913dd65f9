/** A request is sent once, with the user that Patroni requires; one that was never sent differs from one whose answer is lost. */
import {readFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type RequestListener} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import {type AddressInfo, createServer as createPlainServer, type Socket} from 'node:net';
import {describe, expect, it, onTestFinished} from 'vitest';
import {reasonOf} from '../../source/connections/error-reason.ts';
import {isUnsent, RestSender, type Sending, UnsentError} from '../../source/connections/rest-sender.ts';
import {copyCertificates} from '../support/certificates.ts';

const {ca, otherCa, server, client, encryptedKey} = copyCertificates();

const credentials = {username: 'operator', password: 's3cret:of rest'};
const never = new AbortController().signal;
const post = (url: string): Sending => ({method: 'POST', url, body: '{"leader":"pgdb1"}'});

function sender(access: Partial<ConstructorParameters<typeof RestSender>[0]> = {}): RestSender {
	return new RestSender({tls: {}, deadline: 1000, credentials, ...access});
}

async function patroni(answer: RequestListener): Promise<string> {
	const server = createServer(answer);
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/switchover`;
}

/** A peer that treats a connection as no HTTP server would; `taken` counts its connections. */
async function peer(does: (socket: Socket) => void): Promise<{url: string; taken: () => number}> {
	let taken = 0;
	const server = createPlainServer(socket => {
		taken++;
		socket.on('error', () => undefined);
		does(socket);
	});
	onTestFinished(() => {
		server.close();
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/switchover`,
		taken: () => taken,
	};
}

async function read(request: IncomingMessage): Promise<string> {
	let body = '';
	for await (const chunk of request.setEncoding('utf8')) {
		body += String(chunk);
	}

	return body;
}

/** The reason that there was no answer. */
async function failure(sending: Promise<unknown>): Promise<unknown> {
	return sending.then(
		answer => {
			throw new Error(`answered: ${JSON.stringify(answer)}`);
		},
		(error: unknown) => error,
	);
}

describe('a request to Patroni', () => {
	it('is sent once, unchanged, with the user and the length of its body', async () => {
		const seen: unknown[] = [];
		const url = await patroni((request, response) => {
			void read(request).then(body => {
				const {method, headers} = request;
				seen.push({
					method,
					path: request.url,
					body,
					user: headers.authorization,
					type: headers['content-type'],
					length: headers['content-length'],
				});
				response.writeHead(412).end('leader name does not match');
			});
		});
		expect(await sender().send(post(url), never)).toEqual({status: 412, body: 'leader name does not match'});
		expect(seen).toEqual([
			{
				method: 'POST',
				path: '/switchover',
				body: '{"leader":"pgdb1"}',
				user: `Basic ${Buffer.from('operator:s3cret:of rest').toString('base64')}`,
				type: 'application/json',
				length: '18',
			},
		]);
	});

	it('has neither a user nor a body if there is none', async () => {
		const url = await patroni(({method, headers}, response) => {
			response.end(JSON.stringify({method, user: headers.authorization, type: headers['content-type']}));
		});
		const {body} = await sender({credentials: undefined}).send(
			{method: 'DELETE', url, body: undefined},
			never,
		);
		expect(JSON.parse(body)).toEqual({method: 'DELETE'});
	});

	it('follows no redirection: the user is only for the configured host', async () => {
		let elsewhere = 0;
		const other = await patroni((_, response) => {
			elsewhere++;
			response.end();
		});
		const url = await patroni((_, response) => {
			response.writeHead(307, {location: other}).end();
		});
		expect((await sender().send(post(url), never)).status).toBe(307);
		expect(elsewhere).toBe(0);
	});
});

describe('without an answer', () => {
	it('a closed port means that nothing was sent', async () => {
		const {url} = await new Promise<{url: string}>(resolve => {
			const server = createPlainServer().listen(0, '127.0.0.1', () => {
				const {port} = server.address() as AddressInfo;
				server.close(() => {
					resolve({url: `http://127.0.0.1:${port}/switchover`});
				});
			});
		});
		const error = await failure(sender().send(post(url), never));
		expect(error).toBeInstanceOf(UnsentError);
		expect(reasonOf(error)).toBe('connection refused');
	});

	it('a host without an address means that nothing was sent', async () => {
		const error = await failure(sender().send(post('http://nosuch.invalid:8008/switchover'), never));
		expect(error).toBeInstanceOf(UnsentError);
		expect(reasonOf(error)).toBe('host name not found');
	});

	it.each(['POST', 'PATCH', 'DELETE'] as const)(
		'a connection that is closed during a %s leaves its outcome open, and it is not sent again',
		async method => {
			const {url, taken} = await peer(socket => {
				socket.once('data', () => {
					socket.end();
				});
			});
			const body = method === 'DELETE' ? undefined : '{}';
			const error = await failure(sender().send({method, url, body}, never));
			expect(error).not.toBeInstanceOf(UnsentError);
			expect(reasonOf(error)).toBe('connection reset');
			expect(taken()).toBe(1);
		},
	);

	it('a connection that is closed at once leaves the outcome open: the request may have arrived', async () => {
		const {url, taken} = await peer(socket => {
			socket.destroy();
		});
		expect(await failure(sender().send(post(url), never))).not.toBeInstanceOf(UnsentError);
		expect(taken()).toBe(1);
	});

	it('a truncated answer leaves the outcome open', async () => {
		const {url, taken} = await peer(socket => {
			socket.once('data', () => {
				socket.end('HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nSuccessfully swi');
			});
		});
		expect(await failure(sender().send(post(url), never))).not.toBeInstanceOf(UnsentError);
		expect(taken()).toBe(1);
	});

	it('silence ends at the deadline, and leaves the outcome open', async () => {
		const {url, taken} = await peer(socket => {
			socket.resume();
		});
		const error = await failure(sender({waitMs: 300}).send(post(url), never));
		expect(error).not.toBeInstanceOf(UnsentError);
		expect(reasonOf(error)).toBe('no answer in time');
		expect(taken()).toBe(1);
	});

	it('a failed TLS handshake means that nothing was sent', async () => {
		const {url} = await peer(socket => {
			socket.end('HTTP/1.0 400 Bad Request\r\n\r\n');
		});
		const error = await failure(sender().send(post(url.replace('http:', 'https:')), never));
		expect(error).toBeInstanceOf(UnsentError);
	});

	it('an address that is not HTTP means that nothing was sent', async () => {
		expect(await failure(sender().send(post('ftp://127.0.0.1/switchover'), never))).toBeInstanceOf(
			UnsentError,
		);
	});

	it('a missing CA file means that nothing was sent', async () => {
		const error = await failure(
			sender({tls: {ca: '/nonexistent/ca.pem'}}).send(post('https://127.0.0.1:1/switchover'), never),
		);
		expect(error).toBeInstanceOf(UnsentError);
		expect(reasonOf(error)).toContain('/nonexistent/ca.pem');
	});

	it.each([
		['a wrong password of its key', {keyPassword: 'not that one', key: encryptedKey}],
		['a CA that did not sign', {ca: otherCa}],
	])('TLS with %s means that nothing was served', async (_, changed) => {
		let served = 0;
		const secure = createSecureServer(
			{
				cert: readFileSync(server.cert),
				key: readFileSync(server.key),
				ca: readFileSync(ca),
				requestCert: true,
				rejectUnauthorized: true,
			},
			(__, response) => {
				served++;
				response.end('Successfully switched over to "pgdb2"');
			},
		);
		onTestFinished(() => {
			secure.closeAllConnections();
			secure.close();
		});
		await new Promise<void>(resolve => secure.listen(0, '127.0.0.1', resolve));
		const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/switchover`;
		const whole = {ca, cert: client.cert, key: client.key};
		expect((await sender({tls: whole}).send(post(url), never)).status).toBe(200);
		const error = await failure(sender({tls: {...whole, ...changed}}).send(post(url), never));
		expect(served).toBe(1);
		expect(error).toBeInstanceOf(UnsentError);
		expect(reasonOf(error)).not.toMatch(/not that one|UnsentError/);
	});

	it('no error has the password or its encoded form', async () => {
		const encoded = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
		const {url} = await peer(socket => {
			socket.destroy();
		});
		for (const to of [url, 'http://127.0.0.1:1/switchover', 'http://nosuch.invalid/switchover']) {
			const error = await failure(sender().send(post(to), never));
			for (let one: unknown = error; one instanceof Error; one = one.cause) {
				const said = `${one.name} ${one.message} ${one.stack} ${JSON.stringify({...one})}`;
				expect(said).not.toContain(credentials.password);
				expect(said).not.toContain(encoded);
			}
		}
	});
});

describe('an error', () => {
	const system = (code: string, syscall: string) => Object.assign(new Error(code), {code, syscall});

	it.each(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'])(
		'%s before a connection was made means that nothing was sent',
		code => {
			expect(isUnsent(system(code, 'connect'))).toBe(true);
			expect(isUnsent(new AggregateError([system(code, 'connect'), system('ECONNREFUSED', 'connect')]))).toBe(
				true,
			);
		},
	);

	it.each(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNRESET', 'EPIPE'])(
		'%s of an established connection leaves the outcome open: a host that disappears causes it, too',
		code => {
			expect(isUnsent(system(code, 'read'))).toBe(false);
			expect(isUnsent(system(code, 'write'))).toBe(false);
			expect(isUnsent(new AggregateError([system('ECONNREFUSED', 'connect'), system(code, 'read')]))).toBe(
				false,
			);
		},
	);
});
