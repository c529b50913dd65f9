/** One etcd endpoint over gRPC: linearizable reads, status, watch, login; every call has a deadline. */
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

/** etcd's type of the alarm, e.g. NOSPACE. */
export type EtcdAlarm = {memberId: string; alarm: string};

export type RawRange = {clusterId: string; revision: number; keys: RawKey[]};

export type WatchHandlers = {
	onPut: (key: RawKey) => void;
	onDelete: (key: string, revision: number) => void;
	/** The watch ended; it is not restarted here. */
	onEnd: (error: unknown) => void;
};

/**
 * etcd closes connections that ping more often than every 5 s without traffic. The poll every two seconds detects a
 * dead peer;
 * gRPC's timeout is long, since its clock runs on during a stall of this program.
 */
const keepalive = {'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 20_000};
/** gRPC would wait up to two minutes for a node that returns. */
const reconnect = {'grpc.initial_reconnect_backoff_ms': 250, 'grpc.max_reconnect_backoff_ms': 1000};

/** One endpoint, by whatever protocol. */
export type EtcdConnection = Pick<EtcdGrpc, keyof EtcdGrpc>;

export class EtcdGrpc {
	readonly url: string;
	readonly #access: EtcdAccess;
	#made: Etcd3 | undefined;

	constructor(url: string, access: EtcdAccess) {
		this.url = url;
		this.#access = access;
	}

	/** Made by the first call, so that an unreadable certificate fails that call. */
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
			// One host, and the source retries: no retries and no circuit breaker here.
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

	/** All keys below a prefix, by a linearizable read, which requires a quorum. */
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

	/** The names of the first keys below a prefix, at most `namesMax`. */
	async keys(prefix: string): Promise<string[]> {
		return this.#soon(async client => client.getAll().prefix(prefix).limit(namesMax).keys());
	}

	/** The endpoint's own status; served without a quorum, too. */
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
				// The field (etcd 3.4) is missing in etcd3's types.
				learner: 'isLearner' in rest && rest.isLearner === true,
			})),
			alarms: alarms.map(
				({memberID, alarm}): EtcdAlarm => ({
					memberId: memberID,
					// etcd3 writes Nospace.
					alarm: alarm.toUpperCase(),
				}),
			),
		};
	}

	/** Remaining and granted seconds of a lease; -1 remaining if it has expired. */
	async leaseTimeToLive(lease: string): Promise<{ttl: number; grantedTtl: number}> {
		const {TTL, grantedTTL} = await this.#soon(async client =>
			client.leaseClient.leaseTimeToLive({ID: lease}),
		);
		return {ttl: Number(TTL), grantedTtl: Number(grantedTTL)};
	}

	/**
	 * Watches a prefix from `revision` on. Resolves when etcd confirms; rejects by the deadline if the endpoint hangs.
	 */
	async watch(prefix: string, revision: number, {onPut, onDelete, onEnd}: WatchHandlers): Promise<void> {
		const watcher = await this.#soon(async client =>
			client.watch().prefix(prefix).startRevision(String(revision)).create(),
		);
		// An error thrown by a listener would otherwise end the program instead of the watch.
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

	/** Bounds a whole call by the deadline: token, connection and answer. */
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

/** A deadline in own time: gRPC's own runs on during a stall of this program. */
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

/** etcd accepts only tokens of the current revision of its auth store. */
const refusedToken = /invalid auth token|revision of auth store is old/;

/**
 * Logs in and adds the token. etcd3's own way leaks a connection per login, and fails if etcd has no users.
 * @param authenticate requests a token from etcd
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

								// etcd3 retries after an invalid token; another wording prevents that for a new one.
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

/** Like Patroni, continues without a user if etcd requires none. */
function withoutAuthentication(error: unknown): undefined {
	if (!(error instanceof Error && error.message.includes('authentication is not enabled'))) {
		throw error;
	}

	return undefined;
}

/** Parses gRPC's messages: `14 UNAVAILABLE: details`. */
function statusOf(error: unknown): {code: status; details: string} {
	const message = error instanceof Error ? error.message : String(error);
	const [, code, details] = /^(\d+) [A-Z_]+: (.*)$/s.exec(message) ?? [];
	return {code: code === undefined ? status.UNAUTHENTICATED : Number(code), details: details ?? message};
}
