/** The watch by etcd's JSON gateway: what its lines say, and what ends it. */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {describe, expect, it, onTestFinished} from 'vitest';
import {reasonOf} from '../../source/connections/error-reason.ts';
import {type EtcdAccess, type EtcdConnection, EtcdGrpc} from '../../source/connections/etcd-grpc.ts';
import {EtcdHttp} from '../../source/connections/etcd-http.ts';
import {captureText, suites} from '../support/captures.ts';
import {EtcdServer, type EtcdServerOptions} from '../support/etcd-server.ts';
import {listenOnLoopback} from '../support/loopback.ts';

const prefix = '/service/main/';
const header = {cluster_id: '1', member_id: '1', revision: '7'};
const line = (result: object) => `${JSON.stringify({result: {header, ...result}})}\n`;
const confirmed = line({created: true});
const base64 = (text: string) => Buffer.from(text).toString('base64');
const put = (revision: number, value = 'pgdb1') =>
	line({
		events: [
			{
				kv: {
					key: base64(`${prefix}leader`),
					value: base64(value),
					mod_revision: String(revision),
					version: '1',
				},
			},
		],
	});

type Serve = (response: ServerResponse, request: IncomingMessage) => void;

/** A gateway whose every answer the test writes; the number of open connections, and what was asked. */
async function gateway(serve: Serve) {
	const asked: {url: string | undefined; body: unknown}[] = [];
	const server = createServer((request, response) => {
		let body = '';
		request.setEncoding('utf8').on('data', (text: string) => {
			body += text;
		});
		request.on('end', () => {
			asked.push({url: request.url, body: JSON.parse(body)});
			serve(response, request);
		});
	});
	const port = await listenOnLoopback(server);
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${port}`, asked, server};
}

type Options = {
	access?: Omit<EtcdAccess, 'deadline'>;
	deadline?: number;
	grpc?: () => Promise<EtcdConnection>;
};

function connect(url: string, {access = {}, deadline = 5000, grpc}: Options = {}) {
	const endpoint = new EtcdHttp(
		url,
		{...access, deadline},
		grpc ??
			(async () => {
				throw new Error('gRPC was asked for');
			}),
	);
	onTestFinished(() => {
		endpoint.close();
	});
	return endpoint;
}

/** What the watch reports; `ended` resolves with the words for its end, and rejects never. */
async function watch(endpoint: EtcdConnection, revision = 8) {
	const reported: unknown[] = [];
	const {promise: ended, resolve} = Promise.withResolvers<string>();
	let ends = 0;
	let wake: () => void = () => undefined;
	await endpoint.watch(prefix, revision, {
		onPut(key) {
			reported.push(key);
			wake();
		},
		onDelete(key, at) {
			reported.push([key, at]);
			wake();
		},
		onEnd(error) {
			ends++;
			resolve(reasonOf(error));
		},
	});
	const until = async (count: number) =>
		new Promise<void>(done => {
			wake = () => {
				if (reported.length >= count) {
					done();
				}
			};
			wake();
		});
	return {reported, ended, until, ends: () => ends};
}

const reasonFor = async (endpoint: EtcdConnection) => watch(endpoint).then(() => 'confirmed', reasonOf);

describe('a watch by the gateway', () => {
	it.each(suites)('reads what etcd of %s wrote, in any chunks', async suite => {
		const bytes = Buffer.from(captureText(suite, 'etcd-watch.ndjson'));
		const {url} = await gateway(response => {
			for (const byte of bytes) {
				response.write(Buffer.from([byte]));
			}

			response.end();
		});
		const {reported, ended} = await watch(connect(url));
		expect(await ended).toBe('connection closed');
		expect(reported).toEqual([
			{
				key: `${prefix}leader`,
				value: 'pgdb1',
				createRevision: 5,
				modRevision: 8,
				lease: expect.stringMatching(/^\d{19}$/),
			},
			{
				key: `${prefix}members/pgdb1`,
				value: '{"state":"running","tags":{"site":"Köln"}}',
				createRevision: 9,
				modRevision: 9,
				lease: undefined,
			},
			[`${prefix}leader`, 10],
		]);
	});

	it('asks for the keys of the prefix from the revision on, by a connection of its own', async () => {
		const {url, asked, server} = await gateway(response => {
			response.write(confirmed);
		});
		const endpoint = connect(url);
		const {ends} = await watch(endpoint);
		expect(asked).toEqual([
			{
				url: '/v3/watch',
				body: {
					create_request: {
						key: base64('/service/main/'),
						range_end: base64('/service/main0'),
						start_revision: '8',
						progress_notify: true,
						fragment: true,
					},
				},
			},
		]);
		expect(await connections(server)).toBe(1);
		endpoint.close();
		// Ended by its own side, which is no loss.
		await expect.poll(async () => connections(server)).toBe(0);
		expect(ends()).toBe(0);
	});

	it('reports a character that two chunks share', async () => {
		const text = Buffer.from(line({canceled: true, cancel_reason: 'Störung ☂'}));
		const {url} = await gateway(async response => {
			response.write(confirmed);
			for (const byte of text) {
				await new Promise(done => {
					response.write(Buffer.from([byte]), done);
				});
			}
		});
		expect(await (await watch(connect(url))).ended).toBe('Störung ☂');
	});

	it.each([
		['no reason', line({canceled: true}), 'etcd cancelled the watch'],
		[
			'a compacted revision',
			line({canceled: true, compact_revision: '5'}),
			'etcd has compacted the revision from which the watch began',
		],
		[
			'a reason of gRPC',
			line({canceled: true, cancel_reason: 'rpc error: code = Unavailable desc = etcdserver: no leader'}),
			'etcd has no leader',
		],
		[
			'an error of the gateway of etcd 3.4',
			'{"error":{"grpc_code":13,"http_code":500,"message":"out of order"}}',
			'out of order',
		],
		['an error of the gateway', '{"error":{"code":13,"message":"out of order"}}\n', 'out of order'],
		['another JSON', '{"a":1}\n', 'not an answer of etcd: is another service on its port?'],
		['another type of event', line({events: [{type: 'MOVE', kv: {}}]}), /^not an answer of etcd/],
		['no JSON', '<html>\n', /^not an answer of etcd/],
		['a cut line', '{"result":{"hea', /^not an answer of etcd/],
		['nothing', '', 'the watch ended'],
		[
			'more changes in a message than fit',
			line({events: Array(5001).fill({kv: {key: 'YQ==', mod_revision: '9'}})}),
			'the watch reports more than 5000 changes at once',
		],
	])('ends with %s', async (_, text, reason) => {
		const {url} = await gateway(response => {
			response.write(confirmed + put(8));
			response.end(text);
		});
		const {reported, ended, ends} = await watch(connect(url));
		expect(await ended).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
		expect(reported).toHaveLength(1);
		expect(ends()).toBe(1);
	});

	it('ends when the connection is cut', async () => {
		const {url} = await gateway(response => {
			response.write(confirmed + put(8), () => {
				response.destroy();
			});
		});
		expect(await (await watch(connect(url))).ended).toBe('connection reset');
	});

	it('ends with a line without an end, of which it keeps no more than the limit', async () => {
		const part = Buffer.alloc(1024 * 1024, 'x');
		let sent = 0;
		const {url} = await gateway(response => {
			response.write(confirmed);
			const more = () => {
				if (!response.destroyed) {
					sent++;
					response.write(part, more);
				}
			};
			more();
		});
		expect(await (await watch(connect(url))).ended).toBe('a message of the watch exceeds 16384 KiB');
		// The connection is closed, so that no more comes: the rest was on its way.
		expect(sent).toBeLessThan(40);
	});

	it('that etcd does not confirm is given up in time, with its connection', async () => {
		const {url, server} = await gateway(response => {
			response.writeHead(200).flushHeaders();
		});
		expect(await reasonFor(connect(url, {deadline: 100}))).toBe('no answer in time');
		await expect.poll(async () => connections(server)).toBe(0);
	});

	it('waits for no confirmation that etcd refuses', async () => {
		const {url} = await gateway(response => {
			response.write(
				line({
					created: true,
					canceled: true,
					cancel_reason: 'rpc error: code = X desc = etcdserver: permission denied',
				}),
			);
		});
		expect(await reasonFor(connect(url))).toBe('the etcd user has no permission for this');
	});
});

it('a watch of a known gateway is refused in an answer that has begun, as of an etcd that stops: no gRPC for that', async () => {
	const {url} = await gateway((response, {url: path}) => {
		response.end(
			path === '/v3/watch'
				? '{"error":{"grpc_code":14,"http_code":503,"message":"transport is closing"}}\n'
				: '{"header":{"cluster_id":"1","revision":"7"},"kvs":[],"count":"0"}',
		);
	});
	const endpoint = connect(url);
	await endpoint.read(prefix);
	await expect(watch(endpoint)).rejects.toThrow(/transport is closing/);
});

async function connections(server: ReturnType<typeof createServer>): Promise<number> {
	return new Promise(resolve => {
		server.getConnections((_, count) => resolve(count));
	});
}

describe('a watch by the gateway as a user', () => {
	const user = {name: 'pgha', password: 's3cret-of-etcd'};
	const access = {credentials: {username: user.name, password: user.password}};

	async function etcd(options: EtcdServerOptions): Promise<EtcdServer> {
		const server = await new EtcdServer(options).listen();
		onTestFinished(() => {
			server.close();
		});
		return server;
	}

	it('shares the token of the reads, and gets a new one when etcd has forgotten it', async () => {
		const server = await etcd({user, gateway: true});
		const endpoint = connect(server.url, {access});
		await endpoint.status();
		await watch(endpoint);
		expect(server.authentications).toBe(1);
		server.restart();
		const {reported, until} = await watch(endpoint);
		expect(server.authentications).toBe(2);
		server.reportPut(`${prefix}leader`, 'pgdb2', 8);
		server.reportDelete(`${prefix}leader`, 9);
		await until(2);
		expect(reported).toEqual([expect.objectContaining({value: 'pgdb2'}), [`${prefix}leader`, 9]]);
	});

	it('does not retry for ever if etcd refuses the token that it has just given', async () => {
		const server = await etcd({user, gateway: true});
		server.forgetsTokens = true;
		expect(await reasonFor(connect(server.url, {access}))).toBe('etcd rejects its own token');
		expect(server.authentications).toBe(1);
	});

	it('is asked for if none is configured', async () => {
		const server = await etcd({user, gateway: true});
		expect(await reasonFor(connect(server.url))).toBe(
			'etcd requires a user: set etcd3.username and etcd3.password',
		);
	});
});

describe('an etcd whose gateway is missing', () => {
	it.each([
		['speaks HTTP/2 alone', {}],
		['has none of its addresses', {gateway: 404}],
		['has a gateway that cannot reach it', {gateway: 503}],
	])('and that %s is watched over gRPC', async (_, options) => {
		const [bare, real] = await Promise.all([new EtcdServer(options).listen(), new EtcdServer().listen()]);
		const endpoint = connect(bare.url, {grpc: async () => new EtcdGrpc(real.url, {deadline: 5000})});
		onTestFinished(() => {
			bare.close();
			real.close();
		});
		const {reported, until} = await watch(endpoint);
		real.reportPut(`${prefix}leader`, 'pgdb2', 8);
		await until(1);
		expect(reported).toMatchObject([{value: 'pgdb2'}]);
	});

	it.each([
		['resets the connection', (response: ServerResponse) => response.destroy(), 'connection reset'],
		[
			'cannot reach its etcd',
			(response: ServerResponse) =>
				response.writeHead(503).end('{"error":"x","code":14,"message":"transport is closing"}'),
			'connection closed',
		],
		[
			'is behind a proxy that cannot reach it',
			(response: ServerResponse) => response.writeHead(502).end('<html>'),
			'HTTP status 502',
		],
	])('only while it stops or starts, and %s, is not asked over gRPC', async (_, fail, reason) => {
		let isStopping = false;
		const {url} = await gateway(response => {
			if (isStopping) {
				fail(response);
			} else {
				response.end(JSON.stringify({header}));
			}
		});
		const gateways = new Set<string>();
		const make = () =>
			new EtcdHttp(
				url,
				{deadline: 5000},
				async () => {
					throw new Error('gRPC was asked for');
				},
				gateways,
			);
		const first = make();
		await first.read(prefix);
		first.close();
		isStopping = true;
		const second = make();
		expect(await second.read(prefix).then(() => 'read', reasonOf)).toBe(reason);
		expect(await reasonFor(second)).toBe(reason);
		second.close();
	});
});
