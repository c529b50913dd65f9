/** The oracle's samplers: an answer counts for the sample that requested it, and for no later one. */
import {createServer, type Socket} from 'node:net';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {askHaproxy, serversIn} from '../../lab/oracle/haproxy.ts';
import {Part} from '../../lab/oracle/part.ts';
import {Systemd} from '../../lab/oracle/systemd.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('oracle');
let sockets = 0;
const close: (() => void)[] = [];

afterEach(() => {
	for (const end of close.splice(0)) end();
});

/** A server on a new socket. @returns its path */
async function serve(onConnection: (socket: Socket) => void): Promise<string> {
	const file = path.join(folder, `${++sockets}.sock`);
	const server = createServer({allowHalfOpen: true}, onConnection);
	await new Promise<void>(resolve => {
		server.listen(file, resolve);
	});
	close.push(() => server.close());
	return file;
}

const never = new AbortController().signal;

describe('a part of a sample', () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	it('is its answer, or an error if the request failed', async () => {
		expect(await new Part(async () => 7).look()).toBe(7);
		const failing = new Part(async () => {
			throw new Error('connection refused');
		});
		expect(await failing.look()).toEqual({error: 'connection refused'});
	});

	it('does not wait again for an open request, and drops its late answer', async () => {
		const answers: ((value: string) => void)[] = [];
		const part = new Part(
			async () =>
				new Promise<string>(resolve => {
					answers.push(resolve);
				}),
			{deadlineMs: 300},
		);
		const first = part.look();
		await vi.advanceTimersByTimeAsync(300);
		expect(await first).toEqual({error: 'no answer for 300 ms'});
		expect(await part.look()).toEqual({error: 'no answer for 300 ms'});
		expect(answers).toHaveLength(1);
		answers[0]?.('late');
		await vi.advanceTimersByTimeAsync(0);
		const next = part.look();
		expect(answers).toHaveLength(2);
		answers[1]?.('now');
		expect(await next).toBe('now');
	});

	it('gives up a request that was open for too long, and asks again', async () => {
		let asked = 0;
		const part = new Part(
			async signal =>
				new Promise<number>((resolve, reject) => {
					if (++asked > 1) resolve(asked);
					signal.addEventListener('abort', () => reject(new Error('given up')));
				}),
			{deadlineMs: 300, giveUpMs: 3000},
		);
		const first = part.look();
		await vi.advanceTimersByTimeAsync(3000);
		expect(await first).toHaveProperty('error');
		expect(await part.look()).toHaveProperty('error');
		expect(asked).toBe(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(await part.look()).toHaveProperty('error');
		expect(await part.look()).toBe(2);
	});
});

describe("HAProxy's statistics", () => {
	const csv = `# pxname,svname,qcur,status,weight
primary,FRONTEND,0,OPEN,
primary,pgdb1,0,UP,1
primary,pgdb2,0,DOWN 1/2,1
primary,BACKEND,0,UP,1
replicas,pgdb1,0,MAINT,1

`;

	it('are servers by backend, as its socket reports them', async () => {
		const file = await serve(socket => {
			socket.once('data', question => {
				expect(question.toString()).toBe('show stat\n');
				socket.end(csv);
			});
		});
		expect(await askHaproxy(file, never)).toEqual({
			primary: {pgdb1: 'UP', pgdb2: 'DOWN 1/2'},
			replicas: {pgdb1: 'MAINT'},
		});
	});

	it('are an error if the socket is closed without an answer', async () => {
		const file = await serve(socket => {
			socket.once('data', () => socket.end());
		});
		await expect(askHaproxy(file, never)).rejects.toThrow('is no statistics');
	});

	it('are refused if they are truncated or something else', () => {
		expect(() => serversIn('')).toThrow('is no statistics');
		expect(() => serversIn('Unknown command\n')).toThrow('is no statistics');
	});
});

describe('systemd by D-Bus', () => {
	it('answers on one connection, between signals and in pieces', async () => {
		const calls: string[] = [];
		const file = await serve(socket => {
			const greeting = '\0AUTH EXTERNAL 30\r\nBEGIN\r\n';
			let bytes = Buffer.alloc(0);
			let greeted = false;
			socket.on('data', chunk => {
				bytes = Buffer.concat([bytes, chunk]);
				if (!greeted && bytes.length >= greeting.length) {
					expect(bytes.toString('utf8', 0, greeting.length)).toBe(greeting);
					bytes = bytes.subarray(greeting.length);
					greeted = true;
					socket.write('OK 0123456789abcdef\r\n');
				}

				if (!greeted || bytes.length === 0) return;
				const serial = bytes.readUInt32LE(8);
				const hello = bytes.includes('Hello\0');
				bytes = Buffer.alloc(0);
				calls.push(hello ? 'Hello' : 'ListUnitsByNames');
				const answer = Buffer.concat([
					message(4, 999, Buffer.from([])),
					message(2, serial, hello ? Buffer.from('\x04\0\0\0:1.7\0', 'latin1') : units()),
				]);
				// A piece at a time, as a busy bus delivers.
				socket.write(answer.subarray(0, 21));
				setImmediate(() => socket.write(answer.subarray(21)));
			});
		});
		const systemd = new Systemd(file);
		const expected = {patroni: 'active/running', haproxy: 'failed/failed'};
		expect(await systemd.states(['patroni', 'haproxy'], never)).toEqual(expected);
		expect(await systemd.states(['patroni', 'haproxy'], never)).toEqual(expected);
		expect(calls).toEqual(['Hello', 'ListUnitsByNames', 'ListUnitsByNames']);
	});

	it('is an error if it hangs up, and is asked on a new connection after that', async () => {
		let connections = 0;
		const file = await serve(socket => {
			connections++;
			socket.destroy();
		});
		const systemd = new Systemd(file);
		await expect(systemd.states(['etcd'], never)).rejects.toThrow();
		await expect(systemd.states(['etcd'], never)).rejects.toThrow();
		expect(connections).toBe(2);
	});
});

/** A message with the one header field REPLY_SERIAL. */
function message(type: number, replySerial: number, body: Buffer): Buffer {
	const start = Buffer.alloc(24);
	start.write('l');
	start[1] = type;
	start[3] = 1;
	start.writeUInt32LE(body.length, 4);
	start.writeUInt32LE(77, 8);
	start.writeUInt32LE(8, 12);
	start.set([5, 1, 'u'.charCodeAt(0), 0], 16);
	start.writeUInt32LE(replySerial, 20);
	return Buffer.concat([start, body]);
}

/** Two units as systemd lists them. */
function units(): Buffer {
	let bytes = Buffer.alloc(8);
	const pad = (to: number) => {
		bytes = Buffer.concat([bytes, Buffer.alloc(Math.ceil(bytes.length / to) * to - bytes.length)]);
	};
	const text = (value: string) => {
		pad(4);
		const size = Buffer.alloc(4);
		size.writeUInt32LE(value.length);
		bytes = Buffer.concat([bytes, size, Buffer.from(`${value}\0`)]);
	};
	for (const [name, active, sub] of [
		['patroni.service', 'active', 'running'],
		['haproxy.service', 'failed', 'failed'],
	] as const) {
		pad(8);
		for (const value of [name, 'described', 'loaded', active, sub, '', `/unit/${name}`]) text(value);
		pad(4);
		bytes = Buffer.concat([bytes, Buffer.alloc(4)]);
		text('');
		text('/');
	}

	bytes.writeUInt32LE(bytes.length - 8, 0);
	return bytes;
}
