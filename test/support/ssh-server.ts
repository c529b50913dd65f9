/** A small sshd on the loopback: a host key, one user's public key, and the answers to commands. */
import {execFileSync} from 'node:child_process';
import type {EventEmitter} from 'node:events';
import {mkdtempSync, readFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import ssh2, {type ServerChannel} from 'ssh2';
import {listenOnLoopback} from './loopback.ts';

export type SshKey = {file: string; public: string; fingerprint: string};

export function makeKey(name: string, passphrase = ''): SshKey {
	const file = path.join(mkdtempSync(path.join(tmpdir(), 'pgha-top-key-')), name);
	const run = (...args: readonly string[]) => execFileSync('ssh-keygen', args, {encoding: 'utf8'});
	run('-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', file);
	return {
		file,
		public: readFileSync(`${file}.pub`, 'utf8').trim(),
		fingerprint: run('-l', '-f', `${file}.pub`).split(' ')[1] ?? '',
	};
}

export type Answer = (command: string, channel: ServerChannel) => void;

export class SshServer {
	/** Users that logged in. */
	logins = 0;
	/** Sessions that were refused. */
	refusals = 0;
	/** As sshd's MaxSessions. */
	sessionsMax = Number.POSITIVE_INFINITY;
	readonly #server: InstanceType<typeof ssh2.Server>;

	/** @param ready awaited before each command; `instead`: no command runs */
	constructor({
		host,
		user,
		answer,
		ready,
		instead,
	}: {
		host: SshKey;
		user: SshKey;
		answer: Answer;
		ready?: Promise<void>;
		instead?: 'refuses' | 'disconnects';
	}) {
		const allowed = ssh2.utils.parseKey(readFileSync(`${user.file}.pub`));
		if (allowed instanceof Error) {
			throw allowed;
		}

		this.#server = new ssh2.Server({hostKeys: [readFileSync(host.file)]}, client => {
			client.on('error', () => undefined);
			client.on('authentication', context => {
				const isKey = context.method === 'publickey' && context.key.data.equals(allowed.getPublicSSH());
				const isSigned =
					isKey &&
					(context.signature === undefined ||
						allowed.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo) === true);
				if (isSigned) {
					context.accept();
				} else {
					context.reject(['publickey']);
				}
			});
			client.on('ready', () => {
				this.logins++;
				/** As of OpenSSH, a session is free again a moment after its channel was closed on both sides. */
				let sessions = 0;
				client.on('session', (accept, reject) => {
					if (sessions >= this.sessionsMax) {
						this.refusals++;
						reject();
						return;
					}

					sessions++;
					accept().on('exec', async (acceptExec, rejectExec, {command}) => {
						await ready;
						if (instead === 'refuses') {
							rejectExec();
						} else if (instead === 'disconnects') {
							client.end();
						} else {
							const channel = acceptExec();
							channel.once('close', () => {
								setImmediate(() => {
									sessions--;
								});
							});
							answer(command, channel);
						}
					});
				});
			});
		});
	}

	async listen(): Promise<number> {
		return listenOnLoopback(this.#server);
	}

	close(): void {
		this.#server.close();
	}
}

/** A node with the given addresses, without an answer to other commands. */
export function nodeWith(...addresses: readonly string[]): Answer {
	return (command, channel) => {
		if (command.includes('ip -j address')) {
			channel.write(JSON.stringify([{ifname: 'eth0', addr_info: addresses.map(local => ({local}))}]));
			channel.exit(0);
			channel.end();
		} else if (!command.includes('ip -o monitor')) {
			channel.stderr.write('no such thing\n');
			channel.exit(127);
			channel.end();
		}
	};
}

/** Private fields of ssh2 for a channel's connection. */
type Inside = {
	_client: EventEmitter & {
		_sock: Socket;
		_protocol: {
			channelData: (id: number, data: Buffer) => void;
			channelClose: (id: number) => void;
			channelEOF: (id: number) => void;
			_cipher: {encrypt: (packet: Buffer) => void};
			_packetRW: {
				write: {
					allocStart: number;
					alloc: (length: number) => Buffer;
					finalize: (packet: Buffer) => Buffer;
				};
			};
		};
	};
	outgoing: {id: number};
};

/** A channel whose server breaks the protocol. */
export class HostileChannel {
	/** Whether the connection is closed. */
	readonly gone: Promise<void>;
	/** Bytes of the channel's data. */
	sentBytes = 0;
	readonly #inside: Inside;

	constructor(channel: ServerChannel) {
		this.#inside = channel as unknown as Inside;
		this.gone = new Promise(resolve => {
			this.#inside._client.once('close', resolve);
		});
		// Sent on a connection that is being closed.
		channel.on('error', () => undefined);
	}

	/** Does not answer CHANNEL_CLOSE any more. */
	ignoreClose(): void {
		const {_protocol: protocol} = this.#inside._client;
		protocol.channelClose = () => undefined;
		protocol.channelEOF = () => undefined;
	}

	/** Sends regardless of the window, as fast as the socket allows, while the connection lasts. */
	flood(bytes: Buffer): void {
		const {_client: client, outgoing} = this.#inside;
		const {_sock: socket, _protocol: protocol} = client;
		const send = () => {
			if (socket.destroyed || !socket.writable) {
				return;
			}

			protocol.channelData(outgoing.id, bytes);
			this.sentBytes += bytes.length;
			if (socket.writableNeedDrain) {
				socket.once('drain', send);
			} else {
				setImmediate(send);
			}
		};
		send();
	}

	/** Sends a packet with any content, correctly encrypted. */
	sendPacket(payload: Uint8Array): void {
		const {_cipher: cipher, _packetRW: packets} = this.#inside._client._protocol;
		const packet = packets.write.alloc(payload.length);
		packet.set(payload, packets.write.allocStart);
		cipher.encrypt(packets.write.finalize(packet));
	}

	/** Sends raw bytes instead of packets. */
	sendBytes(bytes: Uint8Array): void {
		this.#inside._client._sock.write(bytes);
	}

	/** Ends the connection when everything is sent. */
	endConnection(): void {
		this.#inside._client._sock.end();
	}
}
