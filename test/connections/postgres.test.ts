import {createServer, type Socket} from 'node:net';
import {describe, expect, it} from 'vitest';
import {PostgresConnection} from '../../source/connections/postgres.ts';
import type {Event} from '../../source/domain/events.ts';
import {probe} from '../../source/sources/probe/session.ts';
import {liveCount} from '../support/live-objects.ts';
import {listenOnLoopback} from '../support/loopback.ts';
import {
	type Hostile,
	int16,
	int32,
	message,
	PostgresServer,
	ready,
	text,
	welcome,
} from '../support/postgres-server.ts';

/** ms; a server that says nothing more has failed by then. */
const deadlineMs = 700;
/** ms; where the server's bytes decide, a busy machine must not. */
const busyDeadlineMs = 60_000;

/** The first report of a probe at a server; that this machine stalled is none. */
async function first(
	hostile: Hostile,
	options: {mode?: 'disable' | 'require'; deadline?: number} = {},
): Promise<Event> {
	const server = new PostgresServer({hostile});
	const event = await firstAt(await server.listen(), options);
	server.close();
	return event;
}

async function firstAt(
	port: number,
	{mode = 'disable', deadline = deadlineMs}: {mode?: 'disable' | 'require'; deadline?: number} = {},
): Promise<Event> {
	const facts: Event[] = [];
	const ended = new AbortController();
	await probe(
		{
			host: '127.0.0.1',
			port,
			user: 'app',
			database: 'app',
			password: 'secret',
			ssl: {mode},
			write: false,
			drill: false,
			deadline,
		},
		'read',
		{
			emit(event) {
				if (event.type !== 'console.stalled') {
					facts.push(event);
					ended.abort();
				}
			},
			signal: ended.signal,
			now: Date.now,
		},
	);
	return facts[0] ?? {type: 'tick'};
}

const column = [text('c'), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)];
const description = (columns: number, times = columns) =>
	message('T', int16(columns), Buffer.concat(Array.from({length: times}, () => Buffer.concat(column))));
const dataRow = (...parts: readonly Buffer[]) => message('D', ...parts);
const done = Buffer.concat([message('C', text('SELECT 1')), ready]);
/** A message of this type, with its length. */
const sized = (type: string, length: number, content = Buffer.alloc(0)) =>
	Buffer.concat([Buffer.from(type, 'latin1'), int32(length), content]);

const logins: readonly (readonly [string, Hostile['login']])[] = [
	...[1, 2, 4, 6, 7, 8, 9, 13, 99, -1].map(
		code => [`authentication ${code}`, message('R', int32(code))] as const,
	),
	['MD5 without a salt', message('R', int32(5))],
	['SASL without a mechanism', message('R', int32(10))],
	['SASL with an unknown one', message('R', int32(10), text('GS2'), Buffer.from([0]))],
	['SASL that continues before it began', message('R', int32(11), Buffer.from('r=x,s=,i=0'))],
	['SASL that ends before it began', message('R', int32(12), Buffer.from('v=AAAA'))],
	[
		'SASL with nonsense',
		Buffer.concat([
			message('R', int32(10), text('SCRAM-SHA-256'), Buffer.from([0])),
			message('R', int32(11), text('x')),
		]),
	],
	['an authentication without a code', message('R')],
	['a length of 0', sized('R', 0)],
	['a length of 3', sized('R', 3)],
	['a negative length', sized('R', -5)],
	['an error without an end', message('E', Buffer.from('SFATAL'))],
	['an error that is empty', message('E')],
	['an error of nothing but fields', message('E', Buffer.from('MMMMMMMM'))],
	['an unknown message', message('\u00ff', text('x'))],
	['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')],
	['parameters without end', () => message('S', text('a'.repeat(2000)), text('b'))],
	['notices without end', () => message('N', Buffer.from('M'), text('x'.repeat(2000)), Buffer.from([0]))],
	[
		'a message without end',
		(() => {
			let isFirst = true;
			return () => {
				const part = isFirst ? sized('S', 0x7f_ff_ff_ff) : Buffer.alloc(65_536, 'x');
				isFirst = false;
				return part;
			};
		})(),
	],
];

const answers: readonly (readonly [string, Hostile['answer']])[] = [
	['65,535 columns of which none comes', message('T', int16(-1))],
	['65,535 columns', Buffer.concat([description(65_535), done])],
	['a column without an end', message('T', int16(1), Buffer.from('c'))],
	['a row before its description', Buffer.concat([dataRow(int16(1), int32(1), Buffer.from('x')), done])],
	['a row of more columns than described', Buffer.concat([description(1), dataRow(int16(30_000)), done])],
	[
		'a value with a length beyond its row',
		Buffer.concat([description(1), dataRow(int16(1), int32(1e9)), done]),
	],
	[
		'a value with a length below nothing',
		Buffer.concat([description(1), dataRow(int16(1), int32(-2)), done]),
	],
	[
		'rows without end',
		() => Buffer.concat([description(1), dataRow(int16(1), int32(2000), Buffer.alloc(2000, 'x'))]),
	],
	['notices without end', () => message('N', Buffer.from('M'), text('x'.repeat(2000)), Buffer.from([0]))],
	[
		'that a copy begins',
		Buffer.concat([message('G', Buffer.from([0]), int16(1)), message('H', Buffer.from([0]), int16(1))]),
	],
	['a command that is not ended', message('C', Buffer.from('SELECT'))],
];

const tls: readonly (readonly [string, Hostile['tls']])[] = [
	['an error', Buffer.from('E')],
	['junk', Buffer.from('HTTP/1.1 400 Bad Request')],
	['two letters', Buffer.from('NS')],
	['yes, and no TLS behind it', Buffer.from(`S${'x'.repeat(100)}`)],
	['yes, and answers at once', Buffer.concat([Buffer.from('S'), welcome])],
];

const early: readonly (readonly [string, Buffer])[] = [
	['a welcome', welcome],
	['an answer', Buffer.concat([description(1), dataRow(int16(1), int32(1), Buffer.from('x')), done])],
	['a row', dataRow(int16(1), int32(1), Buffer.from('x'))],
	['an error', message('E', text('SFATAL'), text('Mno'), Buffer.from([0]))],
];

const failed = {type: 'probe.failed', reason: expect.any(String)};

describe('a probe at a PostgreSQL server', () => {
	it('that is real is answered', async () => {
		expect(await first({}, {deadline: busyDeadlineMs})).toMatchObject({
			type: 'probe.answered',
			server: '127.0.0.1:5432',
		});
	});

	it.each(logins)('that answers its login with %s only fails', async (_, login) => {
		expect(await first({login: login ?? welcome})).toMatchObject(failed);
	});

	it.each(answers)('that answers its query with %s only fails', async (_, answer) => {
		expect(await first({answer: answer ?? ready})).toMatchObject(failed);
	});

	it.each(tls)('that answers the request for TLS with %s only fails', async (_, said) => {
		expect(await first({tls: said ?? ready}, {mode: 'require'})).toMatchObject(failed);
	});

	it.each(early)('that sends %s before a request fails, or is answered in order', async (_, said) => {
		const fact = await first({first: said});
		expect(['probe.failed', 'probe.answered']).toContain(fact.type);
	});

	it('has a reason that names the problem', async () => {
		const reasonAt = async (login: Hostile['login'] & {}) => first({login}, {deadline: busyDeadlineMs});
		expect(await reasonAt(message('R', int32(7)))).toMatchObject({
			reason: 'malformed answer: Unknown authenticationOk message type 7',
		});
		expect(await reasonAt(() => message('S', text('a'.repeat(2000)), text('b')))).toMatchObject({
			reason: 'answer exceeds 256 KiB',
		});
	});
});

describe('a proxy without a server', () => {
	it.each([
		['closes the connection', (socket: Socket) => void socket.end()],
		['resets it', (socket: Socket) => void socket.resetAndDestroy()],
	])('%s at once: the failure has a code, for decisions', async (_, close) => {
		const server = createServer(close);
		const port = await listenOnLoopback(server);
		const event = await firstAt(port, {deadline: busyDeadlineMs});
		server.close();
		expect(event).toMatchObject({type: 'probe.failed', code: expect.stringMatching(/^(closed|reset)$/)});
	});
});

it('keeps no answer of an earlier query', async () => {
	const server = new PostgresServer();
	const port = await server.listen();
	const access = {host: '127.0.0.1', port, user: 'app', database: 'app', ssl: {mode: 'disable' as const}};
	const connection = new PostgresConnection(access, {tls: false});
	await connection.connect();
	const askTimes = async (times: number) => {
		for (let time = 0; time < times; time++) {
			await connection.ask('SELECT 1');
		}
	};
	await askTimes(50);
	const before = liveCount(Promise);
	await askTimes(500);
	const after = liveCount(Promise);
	connection.close();
	server.close();
	expect(after - before).toBeLessThan(100);
});
