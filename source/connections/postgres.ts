/** One client connection to PostgreSQL: one small query at a time, closed immediately when it is not needed. */
import type {EventEmitter} from 'node:events';
import {connect, Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import pg from 'pg';
import type {AuthMethod} from '../config/libpq.ts';
import {crypto} from '../lib/builtin.ts';
import {guardEmitter} from '../lib/faults.ts';
import {within} from '../lib/own-time.ts';
import {FrameCheck, type PostgresAccess, PostgresError, readPassword, tlsOptions} from './postgres-access.ts';

/** Protocol code of CancelRequest. */
const cancelRequest = 80_877_102;
/** Milliseconds. */
const cancelMaxMs = 2000;
const notBound = 'the server does not offer SCRAM with channel binding, which channel_binding=require needs';
/** Bytes per query; the answer is one row of some ten columns. */
const usualAnswerMaxBytes = 256 * 1024;

export class PostgresConnection {
	readonly #client: pg.Client;
	readonly #socket = new Socket();
	#ready = false;
	/** The authentication method that the server requests; `none` until then. */
	#asked: {method: AuthMethod; bound: boolean; proved: boolean} = {
		method: 'none',
		bound: false,
		proved: true,
	};
	#notice: string | undefined;
	/** The error that broke the connection, once known. */
	#broken: Error | undefined;
	/** Whether the connection was given up: what is asked now rejects at once. */
	#isLost = false;
	/** Rejects what waits now. */
	readonly #waiting = new Set<(error: unknown) => void>();
	readonly #answerMaxBytes: number;
	/** Bytes received since the last query. */
	#received = 0;

	constructor(access: PostgresAccess, {tls}: {tls: boolean}) {
		this.#answerMaxBytes = access.answerMaxBytes ?? usualAnswerMaxBytes;
		this.#client = new pg.Client({
			host: access.address ?? access.host,
			port: access.port,
			user: access.user,
			database: access.database,
			password: async () => {
				// The requested method is checked before anything is sent.
				this.#refuseMethod(access, tls);
				return access.password ?? readPassword(access);
			},
			application_name: access.applicationName ?? 'pgha-top',
			...(access.options === undefined ? {} : {options: access.options}),
			...(access.direct ? {sslnegotiation: 'direct'} : {}),
			enableChannelBinding: access.channelBinding === true,
			ssl: tls ? tlsOptions(access) : false,
			stream: () => this.#socket,
		});
		// The current query, or the next one, rejects with the reason.
		this.#client.on('error', error => {
			this.#broken ??= error;
		});
		this.#client.on('notice', ({message}) => {
			this.#notice = message;
		});
		const {connection} = this.#client as unknown as {connection: EventEmitter & {stream: Duplex}};
		this.#watchMethod(connection, access);
		// With TLS the first byte is the answer to SSLRequest, which pg reads itself.
		this.#guard(this.#socket, tls ? undefined : new FrameCheck());
		connection.once('sslconnect', () => {
			this.#guard(connection.stream, new FrameCheck());
		});
	}

	/** Runs before pg's handler, which sends the password. */
	#watchMethod(connection: EventEmitter, access: PostgresAccess): void {
		connection.on('authenticationCleartextPassword', () => {
			this.#asked = {method: 'password', bound: false, proved: true};
		});
		connection.on('authenticationMD5Password', () => {
			this.#asked = {method: 'md5', bound: false, proved: true};
		});
		connection.on('authenticationSASL', ({mechanisms}: {mechanisms: readonly string[]}) => {
			this.#asked = {
				method: 'scram-sha-256',
				bound: mechanisms.includes('SCRAM-SHA-256-PLUS'),
				proved: false,
			};
		});
		connection.on('authenticationSASLFinal', () => {
			this.#asked = {...this.#asked, proved: true};
		});
		connection.on('authenticationOk', () => {
			const {methods, channelBinding} = access;
			const problem =
				methods !== undefined && !methods.includes(this.#asked.method)
					? this.#notAllowed()
					: (channelBinding || methods !== undefined) && !this.#asked.proved
						? 'the server accepts the login before it has proved that it knows the password'
						: channelBinding && !this.#asked.bound
							? notBound
							: undefined;
			if (problem !== undefined) {
				this.#refuse(problem);
			}
		});
	}

	/** @throws PostgresError if the requested authentication method is not allowed */
	#refuseMethod({methods, channelBinding}: PostgresAccess, tls: boolean): void {
		if (methods !== undefined && !methods.includes(this.#asked.method)) {
			throw new PostgresError(this.#notAllowed(), true);
		}

		if (channelBinding && !(tls && this.#asked.bound)) {
			throw new PostgresError(notBound, true);
		}
	}

	#notAllowed(): string {
		return `the server asks for authentication by ${this.#asked.method}, which require_auth does not allow`;
	}

	#refuse(problem: string): void {
		this.#giveUp(new PostgresError(problem, true));
	}

	/** The session is established: from now on a query may run even if its answer is late. */
	get isReady(): boolean {
		return this.#ready;
	}

	/** Process id of the server process of this session. */
	get pid(): number | undefined {
		return this.#key.processID ?? undefined;
	}

	async connect(): Promise<void> {
		try {
			await this.#whileOpen(this.#client.connect());
			this.#ready = true;
		} catch (error) {
			throw this.#explain(error);
		}
	}

	/**
	 * @param isPrepared for a long question that is asked again: the server plans it once
	 * @returns the first row, and the server's warnings
	 */
	async ask(
		question: string,
		{isPrepared = false}: {isPrepared?: boolean} = {},
	): Promise<{row: Readonly<Record<string, unknown>>; notice: string | undefined}> {
		this.#notice = undefined;
		this.#received = 0;
		try {
			const query = isPrepared ? {name: preparedName(question), text: question} : question;
			const {rows} = await this.#whileOpen(this.#client.query<Record<string, unknown>>(query));
			return {row: rows[0] ?? {}, notice: this.#notice};
		} catch (error) {
			throw this.#explain(error);
		}
	}

	/** Cancels the query over a separate connection, as the protocol requires. */
	cancel(): void {
		const {host, port} = this.#client;
		const {processID, secretKey} = this.#key;
		if (typeof processID !== 'number' || typeof secretKey !== 'number') {
			return;
		}

		const request = Buffer.alloc(16);
		request.writeInt32BE(16, 0);
		request.writeInt32BE(cancelRequest, 4);
		request.writeInt32BE(processID, 8);
		request.writeInt32BE(secretKey, 12);
		const socket = connect({host, port, timeout: cancelMaxMs});
		// The protocol has no answer; a lost request is ignored.
		socket.on('error', () => undefined);
		socket.on('timeout', () => socket.destroy());
		socket.end(request);
	}

	/** Closes without waiting. */
	close(): void {
		// A live peer gets a Terminate message; its answer is not awaited.
		if (this.#ready && this.#socket.writable) {
			this.#client.end(() => undefined);
			this.#socket.destroySoon();
			return;
		}

		this.#socket.destroy();
	}

	/** pg throws in stream callbacks for unknown input, and has no size limit. */
	#guard(stream: Duplex, frames: FrameCheck | undefined): void {
		guardEmitter(
			stream,
			error => {
				this.#lose(error);
			},
			(event, chunk) => {
				if (event === 'data' && chunk instanceof Uint8Array) {
					this.#received += chunk.length;
					if (this.#received > this.#answerMaxBytes) {
						throw new PostgresError(`answer exceeds ${this.#answerMaxBytes / 1024} KiB`, false);
					}

					frames?.push(chunk);
				}
			},
		);
	}

	#lose(error: unknown): void {
		const why =
			error instanceof PostgresError
				? error
				: new PostgresError(
						`malformed answer: ${error instanceof Error ? error.message : String(error)}`,
						false,
					);
		this.#giveUp(why);
	}

	#giveUp(why: Error): void {
		this.#broken ??= why;
		this.#isLost = true;
		for (const reject of this.#waiting) {
			reject(this.#broken);
		}

		this.#socket.destroy();
	}

	/** The work, or a rejection once the connection is given up. One promise for all would keep each answer. */
	async #whileOpen<T>(work: Promise<T>): Promise<T> {
		const {promise: lost, reject} = Promise.withResolvers<never>();
		this.#waiting.add(reject);
		if (this.#isLost) {
			reject(this.#broken);
		}

		try {
			return await Promise.race([work, lost]);
		} finally {
			this.#waiting.delete(reject);
		}
	}

	/** The server's cancel key of this session. */
	get #key(): {processID?: number | null; secretKey?: number | null} {
		return this.#client as {processID?: number | null; secretKey?: number | null};
	}

	#explain(late: unknown): unknown {
		const error = this.#broken ?? late;
		if (error instanceof pg.DatabaseError) {
			// 28: authentication; 3D: no such database; 42501: permissions; 3F, 42P01, 42703: no such schema, table,
			// column
			const state = error.code ?? '';
			const isRefused = /^(28|3D|42501)/.test(state);
			const code = /^(3D|3F|42P01|42703)/.test(state) ? 'missing' : isRefused ? 'denied' : undefined;
			return new PostgresError(error.message, isRefused, code, state);
		}

		if (error instanceof Error && /^Connection terminated/.test(error.message)) {
			return new PostgresError(
				this.#ready ? 'the connection was closed' : 'connection closed at once',
				false,
				'closed',
			);
		}

		return error;
	}
}

/** By its text: a pooler may give a client a session in which another console has prepared its questions. */
function preparedName(question: string): string {
	return `pgha_top_${crypto().createHash('sha256').update(question).digest('hex').slice(0, 32)}`;
}

/**
 * Opens a connection; `prefer` continues without TLS if the server has none, as in libpq.
 * @param begun gets each connection before it is open, so that it can be closed
 * @throws PostgresError, or the socket's error; the connection is closed then
 */
export async function openPostgres(
	access: PostgresAccess,
	deadline: number,
	begun: (connection: PostgresConnection) => void = () => undefined,
	tls = access.ssl.mode !== 'disable' && access.ssl.mode !== 'allow',
): Promise<PostgresConnection> {
	const connection = new PostgresConnection(access, {tls});
	begun(connection);
	try {
		await within(deadline, connection.connect());
		return connection;
	} catch (error) {
		connection.close();
		if (tls && access.ssl.mode === 'prefer' && /does not support SSL/.test(String(error))) {
			return openPostgres(access, deadline, begun, false);
		}

		throw error;
	}
}
