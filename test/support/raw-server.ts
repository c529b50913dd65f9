/** A server on the loopback whose test handles each connection: for peers that no library provides. */
import {createServer, type Server, type Socket} from 'node:net';
import {listenOnLoopback} from './loopback.ts';

export class RawServer {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();

	/** @param serve with what the client sent first */
	constructor(serve: (socket: Socket, first: Buffer) => void) {
		this.#server = createServer(socket => {
			this.#sockets.add(socket);
			socket.on('error', () => undefined);
			socket.once('data', first => {
				serve(socket, first);
			});
		});
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
