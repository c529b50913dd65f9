/** Checks a node's SSH traffic: it keeps to the window, is valid SSH, and closed channels stay closed. */
import type {Duplex} from 'node:stream';
import type {Client, ClientChannel} from 'ssh2';
import {guardEmitter} from '../../lib/faults.ts';
import {ownTime} from '../../lib/own-time.ts';

/** ms for the node to close a channel that was closed here; else the connection is dropped. */
const closeMs = 2000;

const clients = new WeakMap<ClientChannel, Client>();
const closed = new WeakSet<ClientChannel>();
const connections = new WeakMap<Client, {socket: Duplex; lost?: string}>();

/** Errors of an established connection end it and its socket; its users get the reason from `whyLost`. */
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

		// ssh2 only ends its own side, and continues to read if the node does not end the other.
		socket.destroy();
	});
}

/** Internals of ssh2 1.17. */
type Inside = {
	_protocol: {_handlers: Record<string, (protocol: unknown, id: number, ...rest: unknown[]) => void>};
	_chanMgr: {get: (id: number) => unknown};
};

/** Internals of ssh2 1.17: `_callbacks` get the answers to global requests, or an error, in their order. */
type Pinging = {_protocol: {ping: () => void}; _callbacks: (() => void)[]};

/** Each channel allows 2 MiB of unread data; ssh2 counts it, but does not enforce the limit. */
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

/** The reason why a channel ended with its connection. */
export function whyLost(channel: ClientChannel): string {
	const client = clients.get(channel);
	return (client && connections.get(client)?.lost) ?? 'connection lost';
}

/** Calls back when the node has done all that it was sent before, or the connection has ended. */
export function afterRoundTrip(client: Client, done: () => void): void {
	if (connections.get(client)?.socket.destroyed) {
		done();
		return;
	}

	const {_protocol: protocol, _callbacks: callbacks} = client as unknown as Pinging;
	callbacks.push(done);
	protocol.ping();
}

/** Rejects with ssh2's error, whose reason `whyNotStarted` says. */
export async function startCommand(client: Client, command: string): Promise<ClientChannel> {
	return new Promise((resolve, reject) => {
		client.exec(command, (error, channel) => {
			if (error) {
				reject(error);
			} else {
				guardChannel(channel, client);
				resolve(channel);
			}
		});
	});
}

/** Why sshd refuses a session, by the code in `CHANNEL_OPEN_FAILURE` (RFC 4254, 5.1). */
const refusals: ReadonlyMap<unknown, string> = new Map([
	[1, 'prohibited'],
	// OpenSSH's code for MaxSessions.
	[2, 'open failed'],
	[4, 'shortage of resources'],
]);

/** sshd refused a session: no command was sent. */
export function isRefusal(error: Error & {reason?: unknown}): boolean {
	return refusals.has(error.reason);
}

/** ssh2's text for a session that refuses to run a command, the one error that has no code. */
const execRefused = 'Unable to exec';

/** The reason why no command was started: ssh2 says the same when the node refuses and when the connection ends meanwhile. */
export function whyNotStarted(client: Client, error: Error & {reason?: unknown}): string {
	const connection = connections.get(client);
	if (connection?.socket.destroyed || connection?.lost !== undefined) {
		return connection.lost ?? 'connection lost';
	}

	if ('reason' in error) {
		const refusal = refusals.get(error.reason);
		return `sshd refuses a session${refusal === undefined ? '' : `: ${refusal}`}`;
	}

	return error.message === execRefused ? 'sshd refuses to run commands for this login' : error.message;
}

export function malformedError(host: string): string {
	return `malformed SSH packet from ${host}`;
}

/** ssh2 rejected the bytes, or its parser threw; a login has other errors, too. */
export function isMalformed(error: unknown): boolean {
	const {level, code} = error instanceof Error ? (error as Error & {level?: unknown; code?: unknown}) : {};
	const isThrown =
		error instanceof TypeError ||
		error instanceof RangeError ||
		(typeof code === 'string' && code.startsWith('ERR_'));
	return level === 'protocol' || (level === undefined && isThrown);
}

/** Errors for a lost socket, silence and the node's own message lack both fields; a cipher's error has one. */
function isBare(error: Error): boolean {
	return !('level' in error || 'code' in error);
}

/** Closes a connection gracefully; destroys it after a timeout. */
export function endConnection(client: Client): void {
	const cancel = ownTime.after(closeMs, () => {
		destroy(client);
	});
	client.once('close', cancel);
	client.end();
}

/** Destroys the socket, too: ssh2's `destroy` does not if this side has already ended it. */
function destroy(client: Client | undefined): void {
	client?.destroy();
	(client && connections.get(client))?.socket.destroy();
}

/** @param onFault gets the error of a listener, after the channel was closed */
export function guardChannel(
	channel: ClientChannel,
	client: Client,
	onFault: (error: unknown) => void = () => undefined,
): void {
	clients.set(channel, client);
	channel.once('close', () => closed.add(channel));
	for (const stream of [channel, channel.stderr]) {
		guardEmitter(stream, error => {
			onFault(error);
			releaseChannel(channel);
		});
	}
}

/**
 * Ends a channel that is not read any more: later data is dropped, and a peer that keeps sending loses the connection.
 */
export function releaseChannel(channel: ClientChannel): void {
	if (closed.has(channel)) {
		return;
	}

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

/** @param how the exit code, or the signal that ended it */
export function whyFailed(command: string, how: number | string | undefined, errors: string): string {
	return `"${command}" exited with ${how ?? 'a signal'}${errors.trim() === '' ? '' : `: ${errors.trim()}`}`;
}
