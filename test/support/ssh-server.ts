/** A small sshd on the loopback: a host key, one user's public key, and the answers to the commands that it is asked. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import ssh2, {type ServerChannel} from 'ssh2';

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
	/** Users that were let in. */
	logins = 0;
	readonly #server: InstanceType<typeof ssh2.Server>;

	/** @param ready each command is taken only then */
	constructor({
		host,
		user,
		answer,
		ready,
	}: {host: SshKey; user: SshKey; answer: Answer; ready?: Promise<void>}) {
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
				client.on('session', accept => {
					accept().on('exec', async (acceptExec, _, {command}) => {
						await ready;
						answer(command, acceptExec());
					});
				});
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
	}
}

/** A node that has the given addresses, and nothing else to say. */
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
