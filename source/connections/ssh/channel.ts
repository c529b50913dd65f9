/** Checks what a node sends on an SSH connection: within its window, valid SSH, and closed channels stay closed. */
import type {Duplex} from 'node:stream';
import type {Client, ClientChannel} from 'ssh2';
import {guardEmitter} from '../../lib/faults.ts';
import {ownTime} from '../../lib/own-time.ts';

/** A channel that was closed here is closed by the node within this, ms; else the connection is dropped. */
const closeMs = 2000;

const clients = new WeakMap<ClientChannel, Client>();
const connections = new WeakMap<Client, {socket: Duplex; lost?: string}>();

/** Errors of an established connection: they end it and its socket; its users get the reason from `whyLost`. */
export function guardConnection(client: Client, socket: Duplex, host: string): void {
	const connection: {socket: Duplex; lost?: string} = {socket};
	connections.set(client, connection);
	guardWindow(client, () => {
		connection.lost = `${host} sends more than its SSH window allows`;
		socket.destroy();
	});
	client.on('error', error => {
		if (isMalformed(error) || isBare(error)) {
			connection.lost = malformedError(host);
		}

		// ssh2 only ends its side, and reads on where the node does not end the other.
		socket.destroy();
	});
}

/** Internals of ssh2 (1.17). */
type Inside = {
	_protocol: {_handlers: Record<string, (protocol: unknown, id: number, ...rest: unknown[]) => void>};
	_chanMgr: {get: (id: number) => unknown};
};

/** Each channel lets the node send 2 MiB ahead of what is read: ssh2 only counts that, and takes in or drops whatever comes beyond. */
function guardWindow(client: Client, onBreach: () => void): void {
	const {_protocol: protocol, _chanMgr: channels} = client as unknown as Inside;
	const handlers = protocol._handlers;
	for (const name of ['CHANNEL_DATA', 'CHANNEL_EXTENDED_DATA']) {
		const take = handlers[name];
		handlers[name] = (from, id, data, ...rest) => {
			const channel = channels.get(id) as {incoming?: {window: number}} | undefined;
			const window = channel?.incoming?.window ?? Number.POSITIVE_INFINITY;
			if (data instanceof Uint8Array && data.length > window) {
				onBreach();
			} else {
				take?.(from, id, data, ...rest);
			}
		};
	}
}

/** Of a channel that ended with its connection. */
export function whyLost(channel: ClientChannel): string {
	const client = clients.get(channel);
	return (client && connections.get(client)?.lost) ?? 'connection lost';
}

export function malformedError(host: string): string {
	return `malformed SSH packet from ${host}`;
}

/** ssh2 rejected the bytes, or its parser threw: during a login, where other errors occur too. */
export function isMalformed(error: unknown): boolean {
	const {level, code} = error instanceof Error ? (error as Error & {level?: unknown; code?: unknown}) : {};
	const isThrown =
		error instanceof TypeError ||
		error instanceof RangeError ||
		(typeof code === 'string' && code.startsWith('ERR_'));
	return level === 'protocol' || (level === undefined && isThrown);
}

/** A lost socket, silence and the node's own message have it; an error thrown by a cipher does not. */
function isBare(error: Error): boolean {
	return !('level' in error || 'code' in error);
}

/** Closes a connection gracefully; after a timeout it is destroyed. */
export function endConnection(client: Client): void {
	const cancel = ownTime.after(closeMs, () => {
		destroy(client);
	});
	client.once('close', cancel);
	client.end();
}

/** With its socket: `destroy` of ssh2 leaves one alone that was ended on this side. */
function destroy(client: Client | undefined): void {
	client?.destroy();
	(client && connections.get(client))?.socket.destroy();
}

/** @param onFault what a listener throws, once the channel was closed for it */
export function guardChannel(
	channel: ClientChannel,
	client: Client,
	onFault: (error: unknown) => void = () => undefined,
): void {
	clients.set(channel, client);
	for (const stream of [channel, channel.stderr]) {
		guardEmitter(stream, error => {
			onFault(error);
			releaseChannel(channel);
		});
	}
}

/** Ends a channel that is no longer read: later data is dropped, and a peer that keeps sending loses the connection. */
export function releaseChannel(channel: ClientChannel): void {
	const client = clients.get(channel);
	const cancel = ownTime.after(closeMs, () => {
		destroy(client);
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
