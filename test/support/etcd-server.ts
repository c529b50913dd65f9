/**
 * A small etcd: the gRPC services that pgha-top calls, from etcd3's proto files, or its JSON gateway, with TLS and
 * users.
 */
import {readFileSync} from 'node:fs';
import {createServer, type Server as HttpServer, type RequestListener, type ServerResponse} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import {createRequire} from 'node:module';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {
	loadPackageDefinition,
	Metadata,
	Server,
	ServerCredentials,
	type ServerDuplexStream,
	type ServerUnaryCall,
	type sendUnaryData,
	status,
	type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {loadSync} from '@grpc/proto-loader';

export type EtcdServerOptions = {
	tls?: {cert: string; key: string; ca: string; verifiesClient: boolean};
	/** Authentication is enabled, with this user only. */
	user?: {name: string; password: string};
	/** HTTP and JSON instead of gRPC; a number is the status of every answer. */
	gateway?: true | number;
	/** Its content; empty by default. A watch reports only what the test puts. */
	keys?: Readonly<Record<string, string>>;
	/** Its own name in the list of members; by default the list is empty, which no etcd reports. */
	name?: string;
};

/** The revision of the store, and its keys with the revision of their last change. */
export type EtcdContent = {
	revision: number;
	keys: Readonly<Record<string, {value: string; revision: number}>>;
};

const proto = path.join(
	path.dirname(createRequire(import.meta.url).resolve('etcd3/package.json')),
	'proto',
	'rpc.proto',
);
const definition = loadSync(proto, {keepCase: true, longs: String, enums: String, defaults: true});

/** etcd's exact messages. */
const says = {
	authenticationFailed: {
		code: status.INVALID_ARGUMENT,
		details: 'etcdserver: authentication failed, invalid user ID or password',
	},
	notEnabled: {code: status.FAILED_PRECONDITION, details: 'etcdserver: authentication is not enabled'},
	noUser: {code: status.INVALID_ARGUMENT, details: 'etcdserver: user name is empty'},
	badToken: {code: status.UNAUTHENTICATED, details: 'etcdserver: invalid auth token'},
};

/** Paths of the gateway, from etcd 3.4 on. */
const gatewayPaths: Readonly<Record<string, string>> = {
	authenticate: '/v3/auth/authenticate',
	range: '/v3/kv/range',
	status: '/v3/maintenance/status',
	memberList: '/v3/cluster/member/list',
};

/** Bytes as the gateway encodes them. */
function withBase64(_: string, value: unknown): unknown {
	return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
		? Buffer.from(value as unknown as Uint8Array).toString('base64')
		: value;
}

function keyValue(key: string, value: string, revision: number): object {
	return {
		key: Buffer.from(key),
		value: Buffer.from(value),
		create_revision: String(revision),
		mod_revision: String(revision),
		version: '1',
		lease: '0',
	};
}

/** The name of an enum's value in etcd3's proto: an unknown one would be written as the first. */
function ofProto(name: string): string {
	return `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`;
}

type Unary = (call: ServerUnaryCall<Record<string, string>, object>, answer: sendUnaryData<object>) => void;

/** Of a field: bytes by gRPC, base64 by the gateway. */
function bytesOf(value: unknown): Buffer {
	return Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : '', 'base64');
}

export class EtcdServer {
	/** Number of token requests. */
	authentications = 0;
	/** etcd forgets each token at once. */
	forgetsTokens = false;
	/** Raised alarms; the gateway has them in the status only, since a request for them is written to etcd's log. */
	alarms: readonly {memberID: string; alarm: string}[] = [];
	/** Called right after a watch is confirmed: what it reports comes with the confirmation. */
	onWatch: () => void = () => undefined;
	/** May be changed at any time. */
	content: EtcdContent;
	/** Each writes a message to an open watch. */
	readonly #watches = new Set<(message: object) => void>();
	readonly #watched = Promise.withResolvers<void>();
	readonly #server = new Server();
	#gateway: HttpServer | undefined;
	readonly #methods = new Map<string, Unary>();
	readonly #options: EtcdServerOptions;
	#token = 0;
	#port = 0;

	constructor(options: EtcdServerOptions = {}) {
		this.#options = options;
		this.#serve('Auth', {
			authenticate: ({request}, answer) => {
				this.authentications++;
				const {user} = this.#options;
				if (user === undefined) {
					answer(says.notEnabled);
				} else if (request.name === user.name && request.password === user.password) {
					answer(null, {header: {}, token: `token.${++this.#token}`});
				} else {
					answer(says.authenticationFailed);
				}
			},
		});
		const header = {cluster_id: '1', member_id: '1', revision: '7'};
		this.content = {
			revision: 7,
			keys: Object.fromEntries(
				Object.entries(options.keys ?? {}).map(([key, value]) => [key, {value, revision: 3}]),
			),
		};
		this.#serve('KV', {
			range: this.#guarded(request => {
				const [first, end] = [bytesOf(request.key), bytesOf(request.range_end)];
				const kvs = Object.entries(this.content.keys)
					.filter(([key]) => {
						const own = Buffer.from(key);
						return end.length === 0 ? own.equals(first) : own.compare(first) >= 0 && own.compare(end) < 0;
					})
					.map(([key, {value, revision}]) => keyValue(key, value, revision));
				return {
					header: {...header, revision: String(this.content.revision)},
					kvs,
					more: false,
					count: String(kvs.length),
				};
			}),
		});
		this.#serve('Maintenance', {
			status: this.#guarded(() => ({
				header,
				version: '3.5.16',
				dbSize: '1',
				leader: '1',
				raftTerm: '2',
				errors: this.alarms.map(({memberID, alarm}) => `memberID:${memberID} alarm:${alarm} `),
			})),
			alarm: this.#guarded(() => ({
				header,
				alarms: this.alarms.map(({memberID, alarm}) => ({memberID, alarm: ofProto(alarm)})),
			})),
		});
		const {name} = options;
		const members = name === undefined ? [] : [{ID: '1', name, peerURLs: [], clientURLs: []}];
		this.#serve('Cluster', {memberList: this.#guarded(() => ({header, members}))});
		this.#implement('Watch', {
			watch: (call: ServerDuplexStream<object, object>) => {
				const write = (message: object) => call.write(message);
				call.on('close', () => {
					this.#watches.delete(write);
				});
				call.on('data', () => {
					write({header, watch_id: '0', created: true, canceled: false, events: []});
					this.#addWatch(write);
				});
				call.on('end', () => {
					call.end();
				});
			},
		});
	}

	get url(): string {
		return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`;
	}

	async listen(): Promise<this> {
		const {tls, gateway} = this.#options;
		if (gateway !== undefined) {
			this.#port = await this.#listenGateway();
			return this;
		}

		const credentials =
			tls === undefined
				? ServerCredentials.createInsecure()
				: ServerCredentials.createSsl(
						readFileSync(tls.ca),
						[{cert_chain: readFileSync(tls.cert), private_key: readFileSync(tls.key)}],
						tls.verifiesClient,
					);
		this.#port = await new Promise<number>((resolve, reject) => {
			this.#server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
				if (error) {
					reject(error);
				} else {
					resolve(port);
				}
			});
		});
		return this;
	}

	/** As after a restart: earlier tokens are invalid. */
	restart(): void {
		this.#token++;
	}

	close(): void {
		this.#gateway?.closeAllConnections();
		this.#gateway?.close();
		this.#server.forceShutdown();
	}

	/** Resolves when a first watch is confirmed. */
	async untilWatched(): Promise<void> {
		await this.#watched.promise;
	}

	/** Open watches report that a key was put. */
	reportPut(key: string, value: string, revision: number): void {
		this.reportPuts([[key, value, revision]]);
	}

	/** All in one message of the watch. */
	reportPuts(puts: readonly (readonly [key: string, value: string, revision: number])[]): void {
		const revision = puts.at(-1)?.[2] ?? 0;
		for (const write of this.#watches) {
			write({
				header: {cluster_id: '1', member_id: '1', revision: String(revision)},
				watch_id: '0',
				created: false,
				canceled: false,
				events: puts.map(put => ({type: ofProto('PUT'), kv: keyValue(...put)})),
			});
		}
	}

	/** Open watches report that a key was deleted. */
	reportDelete(key: string, revision: number): void {
		for (const write of this.#watches) {
			write({
				header: {cluster_id: '1', member_id: '1', revision: String(revision)},
				watch_id: '0',
				created: false,
				canceled: false,
				events: [{type: ofProto('DELETE'), kv: {key: Buffer.from(key), mod_revision: String(revision)}}],
			});
		}
	}

	#addWatch(write: (message: object) => void): void {
		this.#watches.add(write);
		this.onWatch();
		this.#watched.resolve();
	}

	#guarded(message: (request: Readonly<Record<string, unknown>>) => object): Unary {
		return ({metadata, request}, answer) => {
			const problem = this.#refuses(metadata);
			if (problem) {
				answer({...problem, metadata: new Metadata()});
			} else {
				answer(null, message(request));
			}
		};
	}

	#refuses(metadata: Metadata) {
		if (this.#options.user === undefined) {
			return undefined;
		}

		const [token] = metadata.get('token');
		if (token === undefined) {
			return says.noUser;
		}

		return token === `token.${this.#token}` && !this.forgetsTokens ? undefined : says.badToken;
	}

	async #listenGateway(): Promise<number> {
		const {tls} = this.#options;
		const server =
			tls === undefined
				? createServer(this.#answerJson)
				: createTlsServer(
						{
							cert: readFileSync(tls.cert),
							key: readFileSync(tls.key),
							ca: readFileSync(tls.ca),
							requestCert: tls.verifiesClient,
							rejectUnauthorized: tls.verifiesClient,
						},
						this.#answerJson,
					);
		this.#gateway = server;
		await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
		return (server.address() as AddressInfo).port;
	}

	readonly #answerJson: RequestListener = (request, response) => {
		const answer = (code: number, body: object) => {
			response.writeHead(code, {'content-type': 'application/json'}).end(JSON.stringify(body, withBase64));
		};
		const isWatch = request.url === '/v3/watch';
		const method = this.#methods.get(request.url ?? '');
		if (typeof this.#options.gateway === 'number' || (method === undefined && !isWatch)) {
			answer(typeof this.#options.gateway === 'number' ? this.#options.gateway : 404, {
				code: 5,
				message: 'Not Found',
			});
			return;
		}

		let body = '';
		request.setEncoding('utf8').on('data', (chunk: string) => {
			body += chunk;
		});
		request.on('end', () => {
			const metadata = new Metadata();
			if (request.headers.authorization !== undefined) {
				metadata.set('token', request.headers.authorization);
			}

			if (isWatch) {
				this.#watchJson(metadata, response);
				return;
			}

			const call = {request: JSON.parse(body), metadata} as Parameters<Unary>[0];
			method?.(call, (error, value) => {
				answer(error ? 400 : 200, error ? {code: error.code, message: error.details} : (value ?? {}));
			});
		});
	};

	/** etcd confirms a watch that it refuses, and cancels it in the same line. */
	#watchJson(metadata: Metadata, response: ServerResponse): void {
		response.writeHead(200, {'content-type': 'application/json'});
		const write = (message: object) =>
			response.write(
				`${JSON.stringify({result: message}, withBase64)
					.replaceAll('"type":"Put",', '')
					.replaceAll('"type":"Delete"', '"type":"DELETE"')}\n`,
			);
		const header = {cluster_id: '1', member_id: '1', revision: '7'};
		const problem = this.#refuses(metadata);
		if (problem) {
			const code = problem.code === status.UNAUTHENTICATED ? 'Unauthenticated' : 'InvalidArgument';
			const reason = `rpc error: code = ${code} desc = ${problem.details}`;
			write({header, watch_id: '-1', created: true, canceled: true, cancel_reason: reason});
			return;
		}

		response.on('close', () => {
			this.#watches.delete(write);
		});
		write({header, created: true});
		this.#addWatch(write);
	}

	#serve(name: string, methods: Record<string, Unary>): void {
		for (const [method, unary] of Object.entries(methods)) {
			this.#methods.set(gatewayPaths[method] ?? method, unary);
		}

		this.#implement(name, methods);
	}

	#implement(name: string, implementation: UntypedServiceImplementation): void {
		const services = loadPackageDefinition(definition).etcdserverpb;
		const client = services !== undefined && name in services ? Reflect.get(services, name) : undefined;
		if (typeof client !== 'function' || !('service' in client)) {
			throw new Error(`etcd3's proto has no service ${name}`);
		}

		this.#server.addService(client.service, implementation);
	}
}
