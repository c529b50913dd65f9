import {execFile} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {createServer as createHttpServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {type AddressInfo, createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterEach, describe, expect, it} from 'vitest';
import {Rest} from '../../source/connections/rest.ts';
import type {Event} from '../../source/domain/events.ts';
import {type HaproxyWays, haproxyPages, haproxySource, socketCommand} from '../../source/sources/haproxy.ts';
import {haproxyStats} from '../../source/sources/haproxy-csv.ts';
import {captureText} from '../support/captures.ts';

const stats = captureText('trixie', 'haproxy-stats.csv');
const servers: Server[] = [];
const folders: string[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.close();
	}

	for (const folder of folders.splice(0)) {
		rmSync(folder, {recursive: true});
	}
});

/** A server that answers requests; the requests that it got. */
async function serve(
	answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{url: string; asked: string[]}> {
	const asked: string[] = [];
	const server = createHttpServer((request, response) => {
		asked.push(`${request.url}${request.headers.authorization === undefined ? '' : ' with a user'}`);
		answer(request, response);
	});
	servers.push(server);
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked};
}

const page = (text: string, status = 200) =>
	serve((_, response) => {
		response.statusCode = status;
		response.end(text);
	});

/** What the source reports in its first polls. */
async function polls(
	ways: HaproxyWays,
	count: number,
	user?: {username: string; password: string},
	between: (poll: number) => void = () => undefined,
): Promise<Event[]> {
	const rest = new Rest({tls: {}, deadline: 300});
	const ended = new AbortController();
	const events: Event[] = [];
	await haproxySource(
		rest,
		'pgdb1',
		ways,
		user,
	)({
		emit(event) {
			if (event.type !== 'source.connecting') {
				events.push(event);
				between(events.length);
				if (events.length === count) {
					ended.abort();
				}
			}
		},
		signal: ended.signal,
		pause: async () => undefined,
		untilPoll: async () => undefined,
		pauseByCalm: async () => undefined,
	});
	await rest.close();
	return events;
}

describe('a configured page', () => {
	const right = {username: 'watcher', password: 's3cret: one'};
	const guarded = () =>
		serve(({headers}, response) => {
			const is = headers.authorization === `Basic ${Buffer.from('watcher:s3cret: one').toString('base64')}`;
			response.statusCode = is ? 200 : 401;
			response.end(is ? stats : 'no');
		});

	it('gets the configured user and password', async () => {
		const {url, asked} = await guarded();
		const [event] = await polls({pages: [`${url}/;csv`], isConfigured: true}, 1, right);
		expect(event).toMatchObject({type: 'haproxy.stats'});
		expect(asked).toEqual(['/;csv with a user']);
	});

	it('reports what to do if it requires a user, without a secret', async () => {
		const {url} = await guarded();
		const ways = {pages: [`${url}/;csv`], isConfigured: true};
		expect(await polls(ways, 1)).toMatchObject([
			{
				type: 'source.lost',
				reason: 'requires a user (stats auth): set haproxy.user and haproxy.password',
			},
		]);
		expect(await polls(ways, 1, {...right, password: 'wr0ng'})).toMatchObject([
			{type: 'source.lost', reason: 'rejects haproxy.user and haproxy.password (stats auth)'},
		]);
	});

	it('is the only way: neither the socket nor another page is tried', async () => {
		const {url} = await page('<html>', 404);
		const events = await polls(
			{
				pages: [`${url}/;csv`],
				isConfigured: true,
				socket: async () => {
					throw new Error('the socket was read');
				},
			},
			2,
		);
		expect(events).toMatchObject([
			{type: 'source.lost', reason: 'HAProxy answers 404: check haproxy.path'},
			{type: 'source.lost', reason: 'HAProxy answers 404: check haproxy.path'},
		]);
	});
});

describe('the usual pages', () => {
	it('are those of the ports and paths that are not configured', () => {
		expect(haproxyPages('10.0.0.1', {}).pages).toEqual([
			'http://10.0.0.1:7000/;csv',
			'http://10.0.0.1:7000/stats;csv',
			'http://10.0.0.1:8404/;csv',
			'http://10.0.0.1:8404/stats;csv',
		]);
		expect(haproxyPages('fd00::1', {port: 9000})).toEqual({
			pages: ['http://[fd00::1]:9000/;csv', 'http://[fd00::1]:9000/stats;csv'],
			isConfigured: false,
		});
		expect(haproxyPages('a', {port: 9000, path: '/x;csv'})).toEqual({
			pages: ['http://a:9000/x;csv'],
			isConfigured: true,
		});
	});

	it('are tried in one poll until one has the header of HAProxy, which is then the only one', async () => {
		const web = await page('<html>a page of another service</html>');
		const like = await page('pxname,svname,status\na,b,UP\n');
		const right = await page(stats);
		const unused = await page(stats);
		const pages = [web, like, right, unused].map(({url}) => `${url}/stats;csv`);
		const events = await polls({pages, isConfigured: false}, 3);
		expect(events.map(({type}) => type)).toEqual(['haproxy.stats', 'haproxy.stats', 'haproxy.stats']);
		expect(events).toMatchObject([1, 2, 3].map(() => ({by: `${right.url}/stats;csv`})));
		// A failed request is repeated if this machine stalled meanwhile.
		expect([right, unused].map(({asked}) => asked.length)).toEqual([3, 0]);
	});

	it('get the user only if they ask for one', async () => {
		const web = await page('<html>');
		const guarded = await serve(({headers}, response) => {
			response.statusCode = headers.authorization === undefined ? 401 : 200;
			response.end(stats);
		});
		const pages = [`${web.url}/;csv`, `${guarded.url}/;csv`];
		const [event] = await polls({pages, isConfigured: false}, 1, {username: 'a', password: 'b'});
		expect(event).toMatchObject({type: 'haproxy.stats'});
		expect(new Set(web.asked)).toEqual(new Set(['/;csv']));
		expect(guarded.asked).toEqual(['/;csv', '/;csv with a user']);
	});

	it('that ask for a user give the reason, whatever the others say', async () => {
		const web = await page('<html>');
		const guarded = await page('no', 401);
		const pages = [web, guarded, web].map(({url}) => `${url}/;csv`);
		expect(await polls({pages, isConfigured: false}, 1)).toMatchObject([
			{reason: 'requires a user (stats auth): set haproxy.user and haproxy.password'},
		]);
	});

	it('that do not answer end a poll, and the next poll continues after them', async () => {
		const silent = await serve(() => undefined);
		const right = await page(stats);
		const pages = [silent, right].map(({url}) => `${url}/;csv`);
		const events = await polls({pages, isConfigured: false}, 3);
		expect(events).toMatchObject([
			{type: 'source.lost', code: 'timeout'},
			{type: 'haproxy.stats'},
			{type: 'haproxy.stats'},
		]);
		expect(right.asked).toHaveLength(2);
	});

	it('are left for another one only after the found one failed several times', async () => {
		let isUp = true;
		const first = await serve((_, response) => {
			response.statusCode = isUp ? 200 : 503;
			response.end(stats);
		});
		const second = await page(stats);
		const pages = [first, second].map(({url}) => `${url}/;csv`);
		const events = await polls({pages, isConfigured: false}, 6, undefined, () => {
			isUp = false;
		});
		expect(events.map(({type}) => type)).toEqual([
			'haproxy.stats',
			'source.lost',
			'source.lost',
			'source.lost',
			'haproxy.stats',
			'haproxy.stats',
		]);
	});
});

describe('the socket', () => {
	it('is read if no page shows statistics', async () => {
		const web = await page('<html>');
		let reads = 0;
		const events = await polls(
			{
				pages: [`${web.url}/;csv`],
				isConfigured: false,
				socket: async () => {
					reads++;
					return stats;
				},
			},
			3,
		);
		expect(events).toMatchObject([1, 2, 3].map(() => ({type: 'haproxy.stats', by: 'socket'})));
		expect(reads).toBe(3);
	});

	it('is not tried again with each poll if it cannot be read', async () => {
		const web = await page('<html>');
		let reads = 0;
		const events = await polls(
			{
				pages: [`${web.url}/;csv`],
				isConfigured: false,
				socket: async () => {
					reads++;
					return '';
				},
			},
			5,
		);
		expect(new Set(events.map(({type}) => type))).toEqual(new Set(['source.lost']));
		expect(reads).toBe(1);
	});

	it('is found and read by the command', async () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'pgha-socket-'));
		folders.push(folder);
		mkdirSync(path.join(folder, 'haproxy'));
		const file = path.join(folder, 'haproxy', 'admin.sock');
		const asked: string[] = [];
		const server = createServer(socket => {
			socket.once('data', data => {
				asked.push(String(data));
				socket.end(stats);
			});
		});
		servers.push(server);
		await new Promise<void>(resolve => server.listen(file, resolve));
		// The command as it is, with this folder in place of the system's, and more time on a busy machine.
		const command = socketCommand
			.replaceAll('/run/haproxy/', `${folder}/haproxy/`)
			.replaceAll('timeout 2', 'timeout 60');
		const {stdout} = await promisify(execFile)('/bin/sh', ['-c', command]);
		expect(stdout).toBe(stats);
		expect(asked).toEqual(['show stat\n']);
	});

	it.runIf(!existsSync('/run/haproxy') && !existsSync('/var/lib/haproxy'))(
		'is not an error of the command if there is none',
		async () => {
			const {stdout, stderr} = await promisify(execFile)('/bin/sh', ['-c', socketCommand]);
			expect({stdout, stderr}).toEqual({stdout: '', stderr: ''});
		},
	);
});

it.each(['\n', '\r\n\r\n', '\uFEFF', '\uFEFF\n', ' \n'])('reads statistics after %j', before => {
	expect(haproxyStats(before + stats)).toEqual(haproxyStats(stats));
	expect(() => haproxyStats(`${before}<html>`)).toThrow();
});
