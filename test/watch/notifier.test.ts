/** Notifications by a real server and real commands, which fail, hang, and talk. */
import {readFileSync, writeFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import type {NotifyConfig, WebhookConfig} from '../../source/config/watch-settings.ts';
import {learnSecrets} from '../../source/lib/secrets.ts';
import {initialState} from '../../source/state/state.ts';
import {type Message, testMessage} from '../../source/watch/message.ts';
import {channelsOf, Notifier, type Tries} from '../../source/watch/notifier.ts';
import {shownUrl} from '../../source/watch/webhook.ts';
import {copyCertificates} from '../support/certificates.ts';
import {temporaryFolder} from '../support/folder.ts';
import {start, target} from '../support/session.ts';

const folder = temporaryFolder('notifier');
const quick: Tries = {maxMs: 5000, retries: 4, pauseMs: 1};
const message = (change: Partial<Message> = {}): Message => ({
	...testMessage(initialState(target, start), '0.1.0', start),
	...change,
});

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

let answer: Answer;
let requests: {headers: IncomingMessage['headers']; url: string | undefined; body: Message}[] = [];
const servers: Server[] = [];

function listener(request: IncomingMessage, response: ServerResponse): void {
	let text = '';
	request
		.setEncoding('utf8')
		.on('data', (part: string) => {
			text += part;
		})
		.on('end', () => {
			requests.push({headers: request.headers, url: request.url, body: JSON.parse(text)});
			answer(request, response, requests.length);
		});
}

async function listen(server: Server): Promise<number> {
	servers.push(server);
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	return (server.address() as AddressInfo).port;
}

let url: string;

beforeAll(async () => {
	url = `http://127.0.0.1:${await listen(createServer(listener))}/hook`;
});

afterEach(() => {
	requests = [];
});

afterAll(() => {
	for (const server of servers) {
		server.close();
		server.closeAllConnections();
	}
});

const ok: Answer = (_, response) => {
	response.writeHead(204).end();
};

function notifierOf(config: Partial<NotifyConfig>, tries: Partial<Tries> = {}) {
	const reports: string[] = [];
	const notifier = new Notifier({
		channels: channelsOf({
			command: undefined,
			webhook: undefined,
			severity: 'unknown',
			afterMs: 0,
			...config,
		}),
		report: text => reports.push(text),
		tries: {...quick, ...tries},
	});
	return {notifier, reports};
}

const webhook = (change: Partial<WebhookConfig> = {}): WebhookConfig => ({
	url,
	headers: {},
	tokenFile: undefined,
	ca: undefined,
	...change,
});

describe('a webhook', () => {
	it('that fails twice gets it the third time, with its headers and its token', async () => {
		const tokenFile = path.join(folder, 'token');
		writeFileSync(tokenFile, 't0ken-of-the-hook\n');
		answer = (_, response, count) => {
			response.writeHead(count < 3 ? 503 : 200).end('no');
		};
		const {notifier, reports} = notifierOf({webhook: webhook({headers: {'x-team': 'dba'}, tokenFile})});
		expect(await notifier.send(message())).toEqual([{to: `webhook ${shownUrl(url)}`, failed: undefined}]);
		expect(requests.length).toBe(3);
		expect(requests[2]).toMatchObject({
			url: '/hook',
			headers: {
				'content-type': 'application/json',
				'x-team': 'dba',
				authorization: 'Bearer t0ken-of-the-hook',
			},
			body: {version: 1, test: true, phase: 'began', cluster: 'postgres-cluster'},
		});
		expect(reports).toEqual([]);
	});

	it('that hangs once is asked again after the time of one try', async () => {
		answer = (_, response, count) => {
			if (count > 1) {
				response.writeHead(200).end();
			}
		};
		const {notifier} = notifierOf({webhook: webhook()}, {maxMs: 200});
		expect((await notifier.send(message()))[0]?.failed).toBeUndefined();
		expect(requests.length).toBe(2);
	});

	it.each([
		[400, 1, 'it answered 400'],
		[302, 1, 'it answered 302'],
		[429, 5, 'it answered 429 (tried 5 times)'],
		[500, 5, 'it answered 500 (tried 5 times)'],
	])('that answers %i is asked %i times', async (status, count, failed) => {
		answer = (_, response) => {
			response.writeHead(status, {location: '/elsewhere'}).end();
		};
		const {notifier, reports} = notifierOf({webhook: webhook()});
		expect(await notifier.send(message())).toMatchObject([{failed}]);
		expect(requests.length).toBe(count);
		expect(reports).toEqual([expect.stringContaining(`not notified by webhook http://127.0.0.1`)]);
	});

	it('is named without its secrets, whatever goes wrong', async () => {
		const secret = 'T0/B0/s3cretPartOfThePath';
		const tokenFile = path.join(folder, 'missing-token');
		const bad = webhook({
			url: `http://user:hidd3nword@127.0.0.1:1/services/${secret}?key=q0ery-s3cret`,
			headers: {'x-key': 'h3ader-s3cret'},
		});
		learnSecrets(['h3ader-s3cret', bad.url]);
		const {notifier, reports} = notifierOf({webhook: bad}, {retries: 0});
		await notifier.send(message({text: 'lag of h3ader-s3cret'}));
		const {notifier: other, reports: more} = notifierOf({webhook: webhook({tokenFile})}, {retries: 0});
		await other.send(message());
		expect(more[0]).toContain(`${tokenFile}: no such file`);
		const all = [...reports, ...more].join('\n');
		expect(all).toContain('webhook http://127.0.0.1:1/…: connection refused');
		for (const word of ['hidd3nword', secret, 'q0ery', 'h3ader-s3cret']) {
			expect(all).not.toContain(word);
		}
	});

	it('is verified by the CA of its setting, and by no other one', async () => {
		const files = copyCertificates();
		const {cert, key} = files.server;
		const server = createTlsServer({cert: readFileSync(cert), key: readFileSync(key)}, listener);
		const port = await listen(server as unknown as Server);
		answer = ok;
		const secure = `https://127.0.0.1:${port}/`;
		const trusted = notifierOf({webhook: webhook({url: secure, ca: files.ca})});
		expect((await trusted.notifier.send(message()))[0]?.failed).toBeUndefined();
		const others = notifierOf({webhook: webhook({url: secure, ca: files.otherCa})}, {retries: 0});
		expect((await others.notifier.send(message()))[0]?.failed).toMatch(/certificate/i);
	});
});

describe('a command', () => {
	const out = () => path.join(folder, `out-${Math.random()}`);

	it('gets the JSON and the variables, without a shell', async () => {
		const file = out();
		const script =
			'cat > "$1"; printf "%s|%s|%s" "$PGHA_TOP_PHASE" "$PGHA_TOP_TEXT" "$PGHA_TOP_CLUSTER" >> "$1"';
		const {notifier, reports} = notifierOf({command: ['sh', '-c', script, '$(id)', file]});
		await notifier.send(message({text: '$(touch /tmp/no); `no`'}));
		const [json = '', variables] = readFileSync(file, 'utf8').split('\n');
		expect(JSON.parse(json)).toMatchObject({text: '$(touch /tmp/no); `no`', id: 'test'});
		expect(variables).toBe('began|$(touch /tmp/no); `no`|postgres-cluster');
		expect(reports).toEqual([]);
	});

	it('that hangs is ended with all that it started, and tried again', async () => {
		const file = out();
		const script = 'echo $$ >> "$0"; sleep 1000 & echo $! >> "$0"; wait';
		const {notifier, reports} = notifierOf({command: ['sh', '-c', script, file]}, {maxMs: 300, retries: 1});
		await notifier.send(message());
		expect(reports[0]).toMatch(/no answer within 0\.3 s \(tried 2 times\)/);
		const pids = readFileSync(file, 'utf8').trim().split('\n').map(Number);
		expect(pids.length).toBe(4);
		await expect.poll(() => pids.filter(isRunning), {timeout: 20_000}).toEqual([]);
	});

	it.each([
		[
			['sh', '-c', 'echo "no such pager: password=hunter22" >&2; exit 3'],
			'exit code 3: no such pager: password=•••',
		],
		[['sh', '-c', 'kill -TERM $$'], 'ended by SIGTERM'],
		[['/no/such/program'], 'no such file'],
	])('%j fails with its reason', async (command, words) => {
		const {notifier, reports} = notifierOf({command}, {retries: 0});
		await notifier.send(message());
		expect(reports[0]).toContain(words);
		expect(reports[0]).not.toContain('hunter22');
	});

	it('need not read, nor close what it inherited', async () => {
		const {notifier} = notifierOf({command: ['sh', '-c', 'sleep 5 & exit 0']});
		const before = performance.now();
		expect(await notifier.send(message({text: 'x'.repeat(200_000)}))).toMatchObject([{failed: undefined}]);
		expect(performance.now() - before).toBeLessThan(4000);
	});
});

it('those of one finding are delivered in order, others meanwhile', async () => {
	answer = (_, response, count) => {
		response.writeHead(count === 1 ? 500 : 200).end();
	};
	const {notifier} = notifierOf({webhook: webhook()}, {pauseMs: 300});
	await Promise.all([
		notifier.send(message({key: 'a', phase: 'began'})),
		notifier.send(message({key: 'a', phase: 'ended'})),
		notifier.send(message({key: 'b', phase: 'began'})),
	]);
	expect(requests.map(({body: {key, phase}}) => `${key} ${phase}`)).toEqual([
		'a began',
		'b began',
		'a began',
		'a ended',
	]);
});

it('more than can wait are dropped, and a close has its time', async () => {
	answer = () => undefined;
	const {notifier, reports} = notifierOf({webhook: webhook()}, {maxMs: 60_000});
	const all = Array.from({length: 130}, async (_, index) => notifier.send(message({key: String(index)})));
	await expect.poll(() => reports.length, {timeout: 20_000}).toBe(30);
	expect(reports[0]).toContain('dropped, since 100 are waiting');
	const before = performance.now();
	await notifier.close(200);
	expect(performance.now() - before).toBeLessThan(3000);
	const delivered = (await Promise.all(all)).flat();
	expect(delivered.filter(({failed}) => failed === 'the watch has ended').length).toBe(100);
	expect(requests.length).toBe(4);
});

function isRunning(pid: number): boolean {
	try {
		const state = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
		return state !== 'Z';
	} catch {
		// It has ended.
		return false;
	}
}
