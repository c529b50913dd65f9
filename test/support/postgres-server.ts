/** A small PostgreSQL on the loopback, without TLS: accepts any login, and answers each query with the same row. */
import {createServer, type Server, type Socket} from 'node:net';
import {listenOnLoopback} from './loopback.ts';

const sslRequest = 80_877_103;

export function message(type: string, ...parts: readonly Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	const head = Buffer.alloc(5);
	head.write(type, 0, 'latin1');
	head.writeInt32BE(body.length + 4, 1);
	return Buffer.concat([head, body]);
}

export const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
export const int32 = (value: number) =>
	Buffer.from([value >> 24, value >> 16, value >> 8, value].map(one => one & 255));
export const text = (value: string) => Buffer.from(`${value}\0`);

export const ready = message('Z', Buffer.from('I'));
export const welcome = Buffer.concat([message('R', int32(0)), message('K', int32(7), int32(42)), ready]);
/** Names, types (as the protocol numbers them) and values. */
const row: readonly (readonly [string, number, string])[] = [
	['recovery', 16, 'f'],
	['address', 25, '127.0.0.1'],
	['port', 23, '5432'],
	['location', 3220, '16/B374D848'],
];

/** The answer to a query: one row of these columns. */
export function rowAnswer(columns: readonly (readonly [string, number, string])[]): Buffer {
	return Buffer.concat([
		message(
			'T',
			int16(columns.length),
			...columns.flatMap(([name, type]) => [
				text(name),
				int32(0),
				int16(0),
				int32(type),
				int16(-1),
				int32(-1),
				int16(0),
			]),
		),
		message(
			'D',
			int16(columns.length),
			...columns.flatMap(([, , value]) => [int32(Buffer.byteLength(value)), Buffer.from(value)]),
		),
		message('C', text('SELECT 1')),
		ready,
	]);
}

/** The answer to a query: an error with this SQLSTATE. */
export function errorAnswer(state: string, words: string): Buffer {
	return Buffer.concat([
		message('E', text('SERROR'), text(`C${state}`), text(`M${words}`), Buffer.from([0])),
		ready,
	]);
}

const answer = rowAnswer(row);

/** Bytes to send; a function returns more while the client reads. */
type Said = Buffer | (() => Buffer);

export type Hostile = {
	/** Sent before any request. */
	first?: Said;
	/** Sent in answer to SSLRequest. */
	tls?: Said;
	login?: Said;
	/** Sent in answer to a query. */
	answer?: Said;
	/** Answers each query by its text; undefined: not at all. */
	reply?: (query: string, way: QueryWay) => Buffer | undefined;
};

/** Asked at once; prepared and then asked; or asked by the name of what was prepared before. */
export type QueryWay = 'simple' | 'parsed' | 'bound';

function say(socket: Socket, said: Said | undefined): void {
	if (typeof said !== 'function') {
		socket.write(said ?? '');
		return;
	}

	const more = () => {
		// One chunk per turn, since the client runs in the same event loop.
		if (socket.writable && !socket.destroyed) {
			socket.write(said(), () => setImmediate(more));
		}
	};
	more();
}

/** The query of Parse, Bind, Describe, Execute and Sync, which pg sends at once; of Bind alone, one that is prepared. */
function extended(data: Buffer, prepared: Map<string, string>): {query: string; way: QueryWay} {
	const [first = '', second = ''] = data.toString('utf8', 5).split('\0', 2);
	if (data.toString('latin1', 0, 1) === 'P') {
		prepared.set(first, second);
		return {query: second, way: 'parsed'};
	}

	const query = prepared.get(second);
	if (query === undefined) {
		throw new Error(`not prepared: ${second}`);
	}

	return {query, way: 'bound'};
}

export class PostgresServer {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	readonly #login = Promise.withResolvers<void>();
	/** Clients whose SSLRequest is not answered yet. */
	#asking: Socket[] = [];
	/** The queries of all clients, in the order of arrival. */
	readonly queries: string[] = [];
	/** The parameters of each login, as sent. */
	readonly logins: string[] = [];

	/**
	 * @param together refuses TLS only when this many clients have requested it, for all of them at once
	 * @param hostile bytes to send instead, at one of these points
	 */
	constructor({together = 1, hostile = {}}: {together?: number; hostile?: Hostile} = {}) {
		this.#server = createServer(socket => {
			this.#sockets.add(socket);
			socket.on('error', () => undefined);
			say(socket, hostile.first);
			/** Statements by name. */
			const prepared = new Map<string, string>();
			socket.on('data', data => {
				const code = data.length >= 8 ? data.readInt32BE(4) : 0;
				if (code === sslRequest && hostile.tls !== undefined) {
					say(socket, hostile.tls);
				} else if (code === sslRequest) {
					this.#asking.push(socket);
					if (this.#asking.length >= together) {
						for (const one of this.#asking.splice(0)) {
							one.write('N');
						}
					}
				} else if (code === 3 << 16) {
					this.#login.resolve();
					this.logins.push(data.toString('utf8', 8).replaceAll('\0', ' ').trim());
					say(socket, hostile.login ?? welcome);
				} else if (data.toString('latin1', 0, 1) === 'Q') {
					const query = data.toString('utf8', 5, data.readInt32BE(1));
					this.queries.push(query);
					say(
						socket,
						hostile.reply === undefined ? (hostile.answer ?? answer) : hostile.reply(query, 'simple'),
					);
				} else if (/^[PB]$/.test(data.toString('latin1', 0, 1))) {
					const {query, way} = extended(data, prepared);
					this.queries.push(query);
					const said = hostile.reply === undefined ? (hostile.answer ?? answer) : hostile.reply(query, way);
					const isError = said instanceof Buffer && said.toString('latin1', 0, 1) === 'E';
					if (!isError) {
						socket.write(Buffer.concat([...(way === 'parsed' ? [message('1')] : []), message('2')]));
					}

					say(socket, said);
				}
			});
		});
	}

	/** The first client has sent its login. */
	get hasLogin(): Promise<void> {
		return this.#login.promise;
	}

	async listen(): Promise<number> {
		return listenOnLoopback(this.#server);
	}

	close(): void {
		this.#server.close();
		for (const socket of this.#sockets) {
			socket.destroy();
		}
	}
}
