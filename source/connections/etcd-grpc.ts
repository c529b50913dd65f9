/** One etcd endpoint over gRPC: linearizable reads, its status, a watch, the user's token; every call has a deadline. */
import {InterceptingCall, type Interceptor, Metadata, status} from '@grpc/grpc-js';
import {ConstantBackoff, noop} from 'cockatiel';
import {Etcd3, type IKeyValue, type IWatchResponse} from 'etcd3';
import {guardEmitter} from '../lib/faults.ts';
import {ownTime, within} from '../lib/own-time.ts';
import {answerMaxBytes, checkKeys, checkMembers, keysMax, namesMax} from './etcd-bounds.ts';
import {readTls, type TlsFiles} from './http.ts';

export type EtcdAccess = {
	credentials?: {username: string; password: string};
	tls?: TlsFiles;
	/** Milliseconds. */
	deadline: number;
};

export type RawKey = {
	key: string;
	value: string;
	createRevision: number;
	modRevision: number;
	lease: string | undefined;
};

/** etcd's name of the alarm, such as NOSPACE. */
export type EtcdAlarm = {memberId: string; alarm: string};

export type RawRange = {clusterId: string; revision: number; keys: RawKey[]};

export type WatchHandlers = {
	onPut: (key: RawKey) => void;
	onDelete: (key: string, revision: number) => void;
	/** The watch ended and does not restart itself. */
	onEnd: (error: unknown) => void;
};

/**
 * etcd refuses pings that come more often than every 5 s without traffic. A dead peer is found by the question that is put to it
 * every two seconds; gRPC's own clock runs on while this program is stalled, so that its pings are waited for long.
 */
const keepalive = {'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 20_000};
/** A node that comes back must not wait for grpc's default of up to two minutes. */
const reconnect = {'grpc.initial_reconnect_backoff_ms': 250, 'grpc.max_reconnect_backoff_ms': 1000};

export class EtcdGrpc {
	readonly url: string;
	readonly #access: EtcdAccess;
	#made: Etcd3 | undefined;

	constructor(url: string, access: EtcdAccess) {
		this.url = url;
		this.#access = access;
	}

	/** Made by the first call, so that a certificate that can't be read is a reason why the call failed. */
	get #client(): Etcd3 {
		this.#made ??= this.#make();
		return this.#made;
	}

	#make(): Etcd3 {
		const {credentials, tls, deadline} = this.#access;
		const user =
			credentials &&
			etcdUser(async () => {
				const {username: name, password} = credentials;
				return (await client.auth.authenticate({name, password})).token;
			});
		const client: Etcd3 = new Etcd3({
			hosts: this.url,
			...(this.url.startsWith('https:') ? {credentials: grpcTls(tls ?? {})} : {}),
			grpcOptions: {...keepalive, ...reconnect, 'grpc.max_receive_message_length': answerMaxBytes},
			// One host; the source retries itself: no retries and no circuit breaker here.
			faultHandling: {host: () => noop, global: noop, watchBackoff: new ConstantBackoff(1000).next()},
			defaultCallOptions: ({isStream, method}) => ({
				interceptors: [
					...(user === undefined || method === 'authenticate' ? [] : [user]),
					...(isStream ? [] : [callDeadline(deadline)]),
				],
			}),
		});
		return client;
	}

	/** All keys below a prefix by a linearizable read, which only an endpoint with a quorum can serve. */
	async read(prefix: string): Promise<RawRange> {
		const {header, kvs} = await this.#soon(async client =>
			client
				.getAll()
				.prefix(prefix)
				.limit(keysMax + 1)
				.exec(),
		);
		checkKeys(kvs.length, prefix);
		return {clusterId: header.cluster_id, revision: Number(header.revision), keys: kvs.map(rawKey)};
	}

	/** The names of the first keys below a prefix. */
	async keys(prefix: string): Promise<string[]> {
		return this.#soon(async client => client.getAll().prefix(prefix).limit(namesMax).keys());
	}

	/** The endpoint's own view of itself; served without a quorum, too. */
	async status() {
		const {header, version, dbSize, leader, raftTerm} = await this.#soon(async client =>
			client.maintenance.status(),
		);
		return {
			memberId: header.member_id,
			version,
			dbSize: Number(dbSize),
			raftLeader: leader === '0' ? undefined : leader,
			raftTerm: Number(raftTerm),
			revision: Number(header.revision),
		};
	}

	async members() {
		const {members} = await this.#soon(async client => client.cluster.memberList({}));
		const {alarms} = await this.#soon(async client => client.maintenance.alarm({action: 'Get'}));
		checkMembers(members, alarms);
		return {
			members: members.map(({ID, name, clientURLs, ...rest}) => ({
				id: ID,
				name,
				clientUrls: clientURLs,
				// The field is newer than etcd3's types (etcd 3.4).
				learner: 'isLearner' in rest && rest.isLearner === true,
			})),
			alarms: alarms.map(({memberID, alarm}): EtcdAlarm => ({memberId: memberID, alarm})),
		};
	}

	/** Seconds left of a lease and seconds granted; -1 left when it has expired. */
	async leaseTimeToLive(lease: string): Promise<{ttl: number; grantedTtl: number}> {
		const {TTL, grantedTTL} = await this.#soon(async client =>
			client.leaseClient.leaseTimeToLive({ID: lease}),
		);
		return {ttl: Number(TTL), grantedTtl: Number(grantedTTL)};
	}

	/** Watches a prefix from `revision` on. Resolves when etcd has confirmed it; a hung endpoint rejects by the deadline. */
	async watch(prefix: string, revision: number, {onPut, onDelete, onEnd}: WatchHandlers): Promise<void> {
		const watcher = await this.#soon(async client =>
			client.watch().prefix(prefix).startRevision(String(revision)).create(),
		);
		// An error thrown by a listener would end the program, not the watch.
		guardEmitter(watcher, onEnd);
		watcher.on('data', ({events}: IWatchResponse) => {
			for (const {type, kv} of events) {
				if (type === 'Put') {
					onPut(rawKey(kv));
				} else {
					onDelete(kv.key.toString(), Number(kv.mod_revision));
				}
			}
		});
		watcher.on('disconnected', onEnd);
		watcher.on('error', onEnd);
		watcher.on('end', () => {
			onEnd(new Error('the watch ended'));
		});
	}

	close(): void {
		this.#made?.close();
	}

	/** Whatever the call waits for (a token, a connection, the answer): it ends by the deadline. */
	async #soon<T>(ask: (client: Etcd3) => Promise<T>): Promise<T> {
		return within(this.#access.deadline, ask(this.#client));
	}
}

function rawKey(kv: IKeyValue): RawKey {
	return {
		key: kv.key.toString(),
		value: kv.value.toString(),
		createRevision: Number(kv.create_revision),
		modRevision: Number(kv.mod_revision),
		lease: kv.lease === '0' ? undefined : kv.lease,
	};
}

function grpcTls(files: TlsFiles) {
	const {ca, cert, key} = readTls(files);
	return {
		rootCertificate: Buffer.from(ca),
		...(cert === undefined ? {} : {certChain: cert}),
		...(key === undefined ? {} : {privateKey: key}),
	};
}

/** A deadline on one call that counts our own time: the one of gRPC runs on while this program is stalled and its answer waits. */
function callDeadline(milliseconds: number): Interceptor {
	return (options, nextCall) => {
		const call = nextCall(options);
		return new InterceptingCall(call, {
			start(metadata, _, next) {
				const cancel = ownTime.after(milliseconds, () => {
					call.cancelWithStatus(status.DEADLINE_EXCEEDED, 'no answer in time');
				});
				next(metadata, {
					onReceiveStatus(received, pass) {
						cancel();
						pass(received);
					},
				});
			},
		});
	};
}

/** etcd accepts only tokens of the current auth store. */
const refusedToken = /invalid auth token|revision of auth store is old/;

/**
 * etcd3 has this built in, but leaves a connection behind each time, and fails if etcd requires no user.
 * @param authenticate requests a token from etcd.
 */
export function etcdUser(authenticate: () => Promise<string>): Interceptor {
	let token: Promise<string | undefined> | undefined;

	return (options, nextCall) => {
		const call = nextCall(options);
		return new InterceptingCall(call, {
			start(metadata, listener, next) {
				const isFresh = token === undefined;
				const using = token ?? authenticate().catch(withoutAuthentication);
				token = using;
				const forget = () => {
					token = token === using ? undefined : token;
				};
				using.then(
					value => {
						if (value !== undefined) {
							metadata.set('token', value);
						}

						next(metadata, {
							onReceiveStatus(received, pass) {
								const isRefused = refusedToken.test(received.details);
								if (isRefused) {
									forget();
								}

								// etcd3 retries at once after an invalid token: not for a new one.
								pass(isRefused && isFresh ? {...received, details: 'etcd rejects its own token'} : received);
							},
						});
					},
					(error: unknown) => {
						forget();
						const {code, details} = statusOf(error);
						call.cancelWithStatus(code, details);
						listener.onReceiveStatus({code, details, metadata: new Metadata()});
					},
				);
			},
		});
	};
}

/** As Patroni does: continues without a user if etcd requires none. */
function withoutAuthentication(error: unknown): undefined {
	if (!(error instanceof Error && error.message.includes('authentication is not enabled'))) {
		throw error;
	}

	return undefined;
}

/** gRPC's errors say `14 UNAVAILABLE: details`. */
function statusOf(error: unknown): {code: status; details: string} {
	const message = error instanceof Error ? error.message : String(error);
	const [, code, details] = /^(\d+) [A-Z_]+: (.*)$/s.exec(message) ?? [];
	return {code: code === undefined ? status.UNAUTHENTICATED : Number(code), details: details ?? message};
}
