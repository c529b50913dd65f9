/** What keeps a node in bounds on a channel: it may send no more than it was let, and it closes what was given up. */
import type {Client, ClientChannel} from 'ssh2';
import {ownTime} from '../own-time.ts';
import {guardEmitter} from './guard.ts';

/** Bytes that a channel holds unread: ssh2 lets a peer send 2 MiB ahead, and takes in whatever comes beyond. */
const unreadMaxBytes = 4 * 1024 * 1024;
/** A channel that was closed here is closed by the node within this, ms; else the connection is given up with it. */
const closeMs = 2000;

const clients = new WeakMap<ClientChannel, Client>();

/** @param onFault what a listener throws, once the channel was closed for it */
export function guardChannel(
	channel: ClientChannel,
	client: Client,
	onFault: (error: unknown) => void = () => undefined,
): void {
	clients.set(channel, client);
	for (const stream of [channel, channel.stderr]) {
		const push = stream.push.bind(stream);
		stream.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
			if (chunk !== null && stream.readableLength + chunk.length > unreadMaxBytes) {
				client.destroy();
				return false;
			}

			return push(chunk, encoding);
		};
		guardEmitter(stream, error => {
			onFault(error);
			releaseChannel(channel);
		});
	}
}

/** Ends a channel that nobody reads any more: what still comes is dropped, and who goes on sending loses the connection. */
export function releaseChannel(channel: ClientChannel): void {
	const client = clients.get(channel);
	const cancel = ownTime.after(closeMs, () => {
		client?.destroy();
	});
	channel.once('close', cancel);
	client?.once('close', cancel);
	channel.removeAllListeners('data');
	channel.stderr.removeAllListeners('data');
	channel.resume();
	channel.stderr.resume();
	channel.end();
	channel.close();
}
