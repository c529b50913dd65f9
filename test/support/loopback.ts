/** The address on which the servers of the tests listen. */
import type {Server} from 'node:net';

/** @returns the port, any free one */
export async function listenOnLoopback(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	return typeof address === 'object' && address !== null ? address.port : 0;
}
