import type {Socket} from 'node:net';
import {describe, expect, it, onTestFinished} from 'vitest';
import {reasonOf} from '../../source/connections/error-reason.ts';
import {Rest} from '../../source/connections/rest.ts';
import type {Event} from '../../source/domain/events.ts';
import {haproxySource} from '../../source/sources/haproxy.ts';
import {patroniSource} from '../../source/sources/patroni-status.ts';
import type {Source} from '../../source/sources/source.ts';
import {RawServer} from '../support/raw-server.ts';

const page = [
	'# pxname,svname,scur,status,type,',
	'primary,FRONTEND,0,OPEN,0,',
	'primary,pgdb1,0,UP,2,',
	'primary,pgdb2,0,DOWN,2,',
	'primary,BACKEND,0,UP,1,',
	'',
].join('\n');
const status = JSON.stringify({state: 'running', role: 'primary'});

async function serve(answer: (socket: Socket) => void): Promise<string> {
	const server = new RawServer(answer);
	onTestFinished(() => {
		server.close();
	});
	return `http://127.0.0.1:${await server.listen()}/`;
}

async function get(url: string, deadline = 1000): Promise<string> {
	const rest = new Rest({tls: {}, deadline});
	onTestFinished(async () => rest.close());
	try {
		return `body: ${(await rest.get(url, new AbortController().signal)).body}`;
	} catch (error) {
		return reasonOf(error);
	}
}

/** The first event of the source after "connecting". */
async function firstWord(source: Source): Promise<Event> {
	const ended = new AbortController();
	return new Promise((resolve, reject) => {
		source({
			emit(event) {
				if (event.type !== 'source.connecting') {
					ended.abort();
					resolve(event);
				}
			},
			signal: ended.signal,
			pause: async () => undefined,
			untilPoll: async () => undefined,
			pauseByCalm: async () => undefined,
		}).catch(reject);
	});
}

const inTheMiddle = 'connection reset during the answer';
const endings: readonly [string, string, (socket: Socket) => void, string][] = [
	[
		'a reset, without a length',
		'HTTP/1.0 200 OK\r\n\r\n',
		socket => void socket.resetAndDestroy(),
		inTheMiddle,
	],
	[
		'a reset, with Connection: close',
		'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n',
		socket => void socket.resetAndDestroy(),
		inTheMiddle,
	],
	['our deadline, without a length', 'HTTP/1.0 200 OK\r\n\r\n', () => undefined, 'no answer in time'],
	[
		'an end before its length',
		'HTTP/1.0 200 OK\r\nContent-Length: 5000\r\n\r\n',
		socket => void socket.end(),
		'connection reset',
	],
	[
		'an end in the middle of chunks',
		'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n',
		socket => void socket.end(),
		'connection reset',
	],
];

describe('a truncated HTTP answer', () => {
	it.each(endings)('by %s is a loss', async (_, head, end, reason) => {
		const url = await serve(socket => {
			socket.write(`${head}${page}`, () => setImmediate(() => end(socket)));
		});
		expect(await get(url, 300)).toBe(reason);
	});

	it('is complete if the connection ends in order', async () => {
		const url = await serve(socket => {
			socket.end(`HTTP/1.0 200 OK\r\n\r\n${page}`);
		});
		expect(await get(url)).toBe(`body: ${page}`);
	});

	it('is bounded in bytes', async () => {
		const url = await serve(socket => {
			const more = () => {
				while (socket.writable && socket.write(Buffer.alloc(65_536, 'x'))) {
					// As fast as possible.
				}
			};
			socket.write('HTTP/1.0 200 OK\r\n\r\n');
			socket.on('drain', more);
			more();
		});
		expect(await get(url, 20_000)).toBe('answer exceeds 1024 KiB');
	});
});

describe('half an answer on an orderly connection', () => {
	// Each place at which it may be truncated, but after its last line end.
	const cuts = [...page.slice(0, -1)].map((_, length) => page.slice(0, length));

	it('of HAProxy is refused as statistics', async () => {
		let next = 0;
		const url = await serve(socket => {
			socket.end(`HTTP/1.0 200 OK\r\n\r\n${cuts[next]}`);
		});
		for (next = 0; next < cuts.length; next += 7) {
			const rest = new Rest({tls: {}, deadline: 5000});
			expect(await firstWord(haproxySource(rest, 'pgdb1', {pages: [url], isConfigured: true}))).toMatchObject(
				{
					type: 'source.lost',
					reason: expect.stringMatching(/truncated|not HAProxy statistics/),
				},
			);
		}
	});

	it('of Patroni is refused as a status', async () => {
		const url = await serve(socket => {
			socket.end(`HTTP/1.0 200 OK\r\n\r\n${status.slice(0, -1)}`);
		});
		const rest = new Rest({tls: {}, deadline: 5000});
		expect(await firstWord(patroniSource(rest, 'pgdb1', url))).toMatchObject({
			type: 'source.lost',
			reason: 'the answer is not JSON: is this Patroni?',
		});
	});
});
