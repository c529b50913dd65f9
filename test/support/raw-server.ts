/** A server on the loopback that does with each connection whatever it is told: for peers that no library would play. */
import {createServer, type Server, type Socket} from 'node:net';

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
		await new Promise<void>(resolve => {
			this.#server.listen(0, '127.0.0.1', resolve);
		});
		const address = this.#server.address();
		return typeof address === 'object' && address !== null ? address.port : 0;
	}

	close(): void {
		this.#server.close();
		for (const socket of this.#sockets) {
			socket.destroy();
		}
	}
}
