import {afterEach, describe, expect, it, onTestFinished} from 'vitest';
import {reasonOf} from '../../source/connections/error-reason.ts';
import {keysMax, TooMany} from '../../source/connections/etcd-bounds.ts';
import {type EtcdAccess, type EtcdConnection, EtcdGrpc} from '../../source/connections/etcd-grpc.ts';
import {EtcdHttp} from '../../source/connections/etcd-http.ts';
import {copyCertificates} from '../support/certificates.ts';
import {EtcdServer, type EtcdServerOptions} from '../support/etcd-server.ts';

const {ca, otherCa, server, elsewhere, client} = copyCertificates();

const servers: EtcdServer[] = [];

afterEach(() => {
	for (const one of servers.splice(0)) {
		one.close();
	}
});

async function etcd(options: EtcdServerOptions): Promise<EtcdServer> {
	const one = await new EtcdServer(options).listen();
	servers.push(one);
	return one;
}

type Access = Omit<EtcdAccess, 'deadline'>;

function overGrpc(url: string, access: Access): EtcdConnection {
	return new EtcdGrpc(url, {...access, deadline: 5000});
}

/** An etcd that answers only by its gateway. */
function byGateway(url: string, access: Access): EtcdConnection {
	return new EtcdHttp(url, {...access, deadline: 5000}, async () => {
		throw new Error('gRPC was asked for');
	});
}

/** The revision that was read, or the reason that there is none, as on the screen. */
async function read(endpoint: EtcdConnection): Promise<number | string> {
	try {
		return (await endpoint.read('/service/main/')).revision;
	} catch (error) {
		return reasonOf(error);
	}
}

const withTls = {tls: {...server, ca, verifiesClient: true}};
const password = 's3cret-of-etcd';
const user = {name: 'pgha', password};
const credentials = {username: 'pgha', password};

describe.each([
	['gRPC', overGrpc, {}],
	['the JSON gateway', byGateway, {gateway: true as const}],
])('etcd over %s', (_way, make, kind) => {
	const start = async (options: EtcdServerOptions) => etcd({...options, ...kind});

	function connect(url: string, access: Access): EtcdConnection {
		const endpoint = make(url, access);
		onTestFinished(() => {
			endpoint.close();
		});
		return endpoint;
	}

	it('lists the names of keys', async () => {
		const {url} = await start({keys: {'/service/main/leader': 'pgdb1', '/service/orders/config': '{}'}});
		expect(await connect(url, {}).keys('/service/')).toEqual([
			'/service/main/leader',
			'/service/orders/config',
		]);
	});

	it('reads nothing of more keys than the limit', async () => {
		const keys = (count: number) =>
			Object.fromEntries(Array.from({length: count}, (_, index) => [`/service/main/members/${index}`, '{}']));
		const full = await start({keys: keys(keysMax)});
		expect((await connect(full.url, {}).read('/service/main/')).keys).toHaveLength(keysMax);
		const over = await start({keys: keys(keysMax + 1)});
		await expect(connect(over.url, {}).read('/service/main/')).rejects.toBeInstanceOf(TooMany);
	});

	it('reads the raised alarms', async () => {
		const server = await start({});
		const endpoint = connect(server.url, {});
		expect((await endpoint.members()).alarms).toEqual([]);
		server.alarms = [
			{memberID: '10276657743932975437', alarm: 'NOSPACE'},
			{memberID: '7', alarm: 'CORRUPT'},
		];
		expect((await endpoint.members()).alarms).toEqual([
			{memberId: '10276657743932975437', alarm: 'NOSPACE'},
			{memberId: '7', alarm: 'CORRUPT'},
		]);
	});

	it('reports the changes that come with the confirmation of a watch', async () => {
		const server = await start({});
		server.onWatch = () => {
			server.reportPut('/service/main/leader', 'pgdb2', 8);
			server.reportDelete('/service/main/leader', 9);
		};
		const changes: unknown[] = [];
		const deleted = Promise.withResolvers<void>();
		await connect(server.url, {}).watch('/service/main/', 8, {
			onPut: ({key, value}) => changes.push([key, value]),
			onDelete(key) {
				changes.push([key]);
				deleted.resolve();
			},
			onEnd: deleted.reject,
		});
		await deleted.promise;
		expect(changes).toEqual([['/service/main/leader', 'pgdb2'], ['/service/main/leader']]);
	});

	describe('with TLS', () => {
		it('is verified by the CA, and sends the requested client certificate', async () => {
			const {url} = await start(withTls);
			expect(await read(connect(url, {tls: {ca, ...client}}))).toBe(7);
		});

		it.each([
			[
				'a CA that did not sign the certificate',
				{ca: otherCa, ...client},
				'TLS certificate not trusted: check cacert',
			],
			["no CA but the system's", {...client}, 'TLS certificate not trusted: check cacert'],
			['no client certificate', {ca}, 'requires a client certificate: check certfile and keyfile'],
			['a CA file that is gone', {ca: '/nonexistent/ca.pem'}, /no such file.*\/nonexistent\/ca\.pem/],
		])('fails with %s, with the reason', async (_, tls, reason) => {
			const {url} = await start(withTls);
			expect(await read(connect(url, {tls}))).toEqual(
				typeof reason === 'string' ? reason : expect.stringMatching(reason),
			);
		});

		it('fails when the certificate is for another host', async () => {
			const {url} = await start({tls: {...elsewhere, ca, verifiesClient: false}});
			expect(await read(connect(url, {tls: {ca}}))).toBe('the TLS certificate is for another host name');
		});

		it('is refused on a plain port', async () => {
			const {url} = await start({});
			expect(await read(connect(url.replace('http:', 'https:'), {tls: {ca}}))).toBe(
				'TLS to a port without TLS, or the reverse',
			);
		});
	});

	describe('as a user', () => {
		it('gets a token once and sends it with each call, with TLS too', async () => {
			const one = await start({...withTls, user});
			const endpoint = connect(one.url, {tls: {ca, ...client}, credentials});
			const all = await Promise.all([endpoint.status(), read(endpoint), endpoint.members()]);
			expect(all[1]).toBe(7);
			expect(await read(endpoint)).toBe(7);
			expect(one.authentications).toBe(1);
		});

		it('gets a new token when etcd has forgotten the old one', async () => {
			const one = await start({user});
			const endpoint = connect(one.url, {credentials});
			await endpoint.status();
			one.restart();
			expect(await read(endpoint)).toBe(7);
			expect(one.authentications).toBe(2);
		});

		it('does not retry for ever if etcd refuses the token that it has just given', async () => {
			const one = await start({user});
			one.forgetsTokens = true;
			expect(await read(connect(one.url, {credentials}))).toBe('etcd rejects its own token');
			expect(one.authentications).toBe(1);
		});

		it('gets the reason of a wrong password, without the password', async () => {
			const one = await start({user});
			const wrong = {username: 'pgha', password: `${password}!`};
			const endpoint = connect(one.url, {credentials: wrong});
			const error: unknown = await endpoint.read('/').catch((reason: unknown) => reason);
			expect(reasonOf(error)).toBe('etcd rejects the user name or the password');
			expect(String(error)).not.toContain(password);
		});

		it('is asked for if none is configured', async () => {
			const one = await start({user});
			expect(await read(connect(one.url, {}))).toBe(
				'etcd requires a user: set etcd3.username and etcd3.password',
			);
		});

		it('is left out if etcd has no users, as in Patroni', async () => {
			const one = await start({});
			expect(await read(connect(one.url, {credentials}))).toBe(7);
		});

		it('gets the reason that etcd is unreachable, if it is', async () => {
			const endpoint = connect('http://127.0.0.1:1', {credentials});
			expect(await read(endpoint)).toBe('connection refused');
		});
	});
});

describe('an etcd without its gateway', () => {
	it.each([
		['that speaks HTTP/2 alone', {}],
		['that has none of its addresses', {gateway: 404}],
		['whose gateway cannot reach it', {gateway: 503}],
	])('%s is asked over gRPC, once that is known, by the same connection', async (_, options) => {
		const {url} = await etcd(options);
		const real = await etcd({});
		let times = 0;
		const endpoint = new EtcdHttp(url, {deadline: 5000}, async () => {
			times++;
			return overGrpc(real.url, {});
		});
		onTestFinished(() => {
			endpoint.close();
		});
		expect(await read(endpoint)).toBe(7);
		expect((await endpoint.status()).version).toBe('3.5.16');
		expect(times).toBe(1);
	});

	it('authenticates users by their certificates only over gRPC', async () => {
		const one = await etcd({...withTls, user, gateway: true});
		const real = await etcd(withTls);
		const tls = {ca, ...client};
		const endpoint = new EtcdHttp(one.url, {tls, deadline: 5000}, async () => overGrpc(real.url, {tls}));
		onTestFinished(() => {
			endpoint.close();
		});
		expect(await read(endpoint)).toBe(7);
	});
});
