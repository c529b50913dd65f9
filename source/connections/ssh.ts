/** SSH to the nodes: one connection a host, shared by all who use it; host keys are verified, a dead peer is found in seconds. */
import {readFile} from 'node:fs/promises';
import {connect} from 'node:net';
import type {NodeSSH} from 'node-ssh';
import type {AnyAuthMethod, ClientChannel, ServerHostKeyAlgorithm} from 'ssh2';
import {fingerprint, type KnownHostKey, keyType, knownHostKeys} from './known-hosts.ts';
import type {SshQuestions} from './ssh-questions.ts';
import {type SshOptions, type SshSettings, sshSettings} from './ssh-settings.ts';

/** Why SSH can't be used, with what the operator can do about it. */
export class SshError extends Error {
	override name = 'SshError';
	readonly remedy: string | undefined;
	/** What the operator could be asked, so that it works; resolves with whether it may work now. */
	readonly question: ((questions: SshQuestions) => Promise<boolean>) | undefined;

	constructor(message: string, remedy?: string, question?: SshError['question']) {
		super(message);
		this.remedy = remedy;
		this.question = question;
	}
}

export type SshAccess = SshOptions & {/** Milliseconds until a connection must stand. */ deadline: number};

/** With these, a peer that is gone without a word is found after three seconds. */
const keepalive = {keepaliveInterval: 1000, keepaliveCountMax: 2};
/** A command's answer that grows beyond this is not what was asked for. */
const longestAnswer = 1024 * 1024;

export class Ssh {
	readonly #access: SshAccess;
	readonly #questions: SshQuestions | undefined;
	readonly #connections = new Map<string, Promise<NodeSSH>>();

	/** @param questions where there is an operator to ask */
	constructor(access: SshAccess, questions?: SshQuestions) {
		this.#access = access;
		this.#questions = questions;
	}

	/** The output of a command; rejects when it fails, says too much or takes longer than the deadline. */
	async run(host: string, command: string): Promise<string> {
		const channel = await this.stream(host, command);
		return new Promise((resolve, reject) => {
			let output = '';
			let errors = '';
			const timer = setTimeout(() => {
				channel.close();
				reject(new SshError('no answer in time'));
			}, this.#access.deadline);
			channel.on('data', (chunk: Buffer) => {
				output += chunk.toString();
				if (output.length > longestAnswer) {
					channel.close();
					reject(new SshError(`"${command}" answers without end`));
				}
			});
			channel.stderr.on('data', (chunk: Buffer) => {
				errors = (errors + chunk.toString()).slice(0, 500);
			});
			channel.on('close', (code: number | undefined) => {
				clearTimeout(timer);
				if (code === 0) {
					resolve(output);
				} else {
					reject(
						new SshError(
							code === undefined ? 'connection lost' : `"${command}" ended with ${code}: ${errors.trim()}`,
						),
					);
				}
			});
		});
	}

	/** Makes the connection stand, or rejects: until then nothing has been sent. */
	async reach(host: string): Promise<void> {
		await this.#connect(host);
	}

	/** Runs a command to its end, however it ends. `code` is undefined when the connection ended with it. */
	async execute(
		host: string,
		command: string,
		signal: AbortSignal,
	): Promise<{code: number | undefined; text: string}> {
		const channel = await this.stream(host, command);
		return new Promise((resolve, reject) => {
			let text = '';
			const abort = () => {
				channel.close();
				reject(new SshError('no answer in time'));
			};
			const keep = (chunk: Buffer) => {
				text = (text + chunk.toString()).slice(0, longestAnswer);
			};
			signal.addEventListener('abort', abort, {once: true});
			channel.on('data', keep);
			channel.stderr.on('data', keep);
			channel.on('close', (code: number | null | undefined) => {
				signal.removeEventListener('abort', abort);
				resolve({code: code ?? undefined, text});
			});
		});
	}

	/** A running command whose output is read as it comes. */
	async stream(host: string, command: string): Promise<ClientChannel> {
		const ssh = await this.#connect(host);
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				reject(new SshError('no answer in time'));
			}, this.#access.deadline);
			const client = ssh.connection;
			if (client === null) {
				clearTimeout(timer);
				reject(new SshError('connection lost'));
				return;
			}

			client.exec(command, (error, channel) => {
				clearTimeout(timer);
				if (error) {
					reject(error);
				} else {
					resolve(channel);
				}
			});
		});
	}

	/** Gives the host's connection up, so that the next use makes a new one. */
	async drop(host: string): Promise<void> {
		const connecting = this.#connections.get(host);
		this.#connections.delete(host);
		await connecting?.then(
			ssh => {
				ssh.dispose();
			},
			() => undefined,
		);
	}

	async close(): Promise<void> {
		await Promise.all([...this.#connections.keys()].map(async host => this.drop(host)));
		await this.#questions?.close();
	}

	/** Logs in ahead of the first use, which hears how it went. Resolves as soon as it is the node's turn to answer. */
	async begin(host: string): Promise<void> {
		await new Promise<void>(resolve => {
			this.#begin(host, resolve).then(
				() => resolve(),
				() => resolve(),
			);
		});
	}

	async #connect(host: string): Promise<NodeSSH> {
		const connecting = this.#connections.get(host) ?? this.#begin(host);
		try {
			return await connecting;
		} catch (error) {
			this.#forget(host, connecting);
			throw error;
		}
	}

	#begin(host: string, onCalled?: () => void): Promise<NodeSSH> {
		const connecting = this.#open(host, onCalled).then(ssh => {
			ssh.connection?.on('close', () => {
				this.#forget(host, connecting);
			});
			return ssh;
		});
		this.#connections.set(host, connecting);
		return connecting;
	}

	#forget(host: string, connecting: Promise<NodeSSH>): void {
		if (this.#connections.get(host) === connecting) {
			this.#connections.delete(host);
		}
	}

	/** Logs in; where the operator can be asked, what OpenSSH would ask is asked once. */
	async #open(host: string, onCalled?: () => void): Promise<NodeSSH> {
		try {
			return await this.#logIn(host, onCalled);
		} catch (error) {
			const questions = this.#questions;
			const question = error instanceof SshError ? error.question : undefined;
			// Who waits for the node's turn must not wait for the operator's.
			onCalled?.();
			if (questions === undefined || question === undefined || !(await question(questions))) {
				throw error;
			}

			return this.#logIn(host, onCalled);
		}
	}

	/** @param onCalled hears that the node is called, and what is left is up to it. */
	async #logIn(host: string, onCalled?: () => void): Promise<NodeSSH> {
		// The client is loaded while OpenSSH tells the settings.
		const [settings, {NodeSSH: Client}] = await Promise.all([
			sshSettings(host, this.#access),
			import('node-ssh'),
		]);
		if (settings.proxyCommand !== undefined) {
			throw new SshError('ProxyCommand is not supported', 'use ProxyJump for this host in your ssh config');
		}

		const jump =
			settings.proxyJump === undefined ? undefined : await this.#forward(settings.proxyJump, settings);
		const [known, {methods: authHandler, locked}] = await Promise.all([
			knownHostKeys(settings.hostKeyAlias, settings.port, settings.knownHostsFiles),
			authMethods(settings, await this.#questions?.agent()),
		]);
		const ssh = new Client();
		const verdict: {refusal?: SshError} = {};
		try {
			const connected = ssh.connect({
				// A login is many small messages: with Nagle's algorithm most of them wait 40 ms for the peer's delayed ACK.
				sock: jump ?? connect({host: settings.hostname, port: settings.port, noDelay: true}),
				username: settings.user,
				...keepalive,
				readyTimeout: this.#access.deadline * 2,
				authHandler,
				...(known.length === 0 ? {} : {algorithms: {serverHostKey: preferKnown(known)}}),
				hostVerifier: (key: Buffer) => {
					const refusal = verify(key, known, settings, host);
					if (refusal) {
						verdict.refusal = refusal;
					}

					return refusal === undefined;
				},
			});
			onCalled?.();
			await connected;
		} catch (error) {
			throw verdict.refusal ?? explain(error, settings, locked);
		}

		// Errors after the handshake end in 'close', which everybody who uses the connection sees.
		ssh.connection?.on('error', () => undefined);
		return ssh;
	}

	async #forward(jump: string, settings: SshSettings): Promise<ClientChannel> {
		if (jump.includes(',')) {
			throw new SshError(
				`ProxyJump over several hosts (${jump}) is not supported`,
				'give the last one a ProxyJump of its own',
			);
		}

		const ssh = await this.#connect(jump);
		return ssh.forwardOut('127.0.0.1', 0, settings.hostname, settings.port) as Promise<ClientChannel>;
	}
}

function verify(
	key: Buffer,
	known: readonly KnownHostKey[],
	settings: SshSettings,
	host: string,
): SshError | undefined {
	const name = settings.hostKeyAlias;
	const found = known.find(one => one.key.equals(key));
	if (found && !found.revoked) {
		return undefined;
	}

	const print = `${keyType(key)} ${fingerprint(key)}`;
	if (found) {
		return new SshError(
			`the host key of ${name} is REVOKED (${print})`,
			'do not connect before you know why',
		);
	}

	return known.length > 0
		? new SshError(
				`the host key of ${name} has CHANGED: it now is ${print}`,
				`if that is right: ssh-keygen -R ${name}, then ssh ${host}`,
			)
		: new SshError(
				`the host key of ${name} is not known (${print})`,
				`check it and connect once: ssh ${settings.user}@${host}`,
				async questions => {
					await questions.hostKey(host, print, settings);
					// Whatever was answered: only what known_hosts holds now counts.
					return true;
				},
			);
}

/** The types of the known keys first, as OpenSSH does: else the server might offer another key than the one we know. */
function preferKnown(known: readonly KnownHostKey[]): ServerHostKeyAlgorithm[] {
	const algorithms = known.flatMap(({type}): string[] =>
		type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type],
	);
	return [...new Set(algorithms)] as ServerHostKeyAlgorithm[];
}

/** @param unlocked socket of the agent with the keys that were unlocked here */
async function authMethods(
	{user, agent, identityFiles}: SshSettings,
	unlocked: string | undefined,
): Promise<{methods: AnyAuthMethod[]; locked: string[]}> {
	const {default: ssh2} = await import('ssh2');
	const methods = [agent, unlocked].flatMap((socket): AnyAuthMethod[] =>
		socket === undefined ? [] : [{type: 'agent', username: user, agent: socket}],
	);
	const locked: string[] = [];
	for (const file of identityFiles) {
		let key: Buffer;
		try {
			key = await readFile(file);
		} catch {
			// `ssh -G` lists the default names whether they exist or not; OpenSSH passes over the missing ones, too.
			continue;
		}

		const parsed = ssh2.utils.parseKey(key);
		if (!(parsed instanceof Error)) {
			methods.push({type: 'publickey', username: user, key});
		} else if (/encrypted/i.test(parsed.message)) {
			locked.push(file);
		}
	}

	return {methods, locked};
}

/** @param locked keys that have a passphrase and were not tried */
function explain(error: unknown, settings: SshSettings, locked: readonly string[]): unknown {
	if (error instanceof Error && /All configured authentication methods failed/.test(error.message)) {
		return new SshError(
			`${settings.user}@${settings.hostname} is refused`,
			locked.length === 0
				? 'none of the agent and the identity files of your ssh config was accepted'
				: `neither the agent nor a key without passphrase was accepted; try: ssh-add ${locked.join(' ')}`,
			async questions => {
				for (const file of locked) {
					if (await questions.unlock(file, settings)) {
						return true;
					}
				}

				return false;
			},
		);
	}

	return error;
}
