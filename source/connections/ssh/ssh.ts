/** SSH to the nodes: one shared connection per host; verifies host keys, and detects a dead peer in seconds. */
import type {NodeSSH} from 'node-ssh';
import type {ClientChannel} from 'ssh2';
import {ownTime} from '../../lib/own-time.ts';
import {endConnection, releaseChannel, whyFailed, whyLost} from './channel.ts';
import {NotStartedError, type SessionKind, Sessions} from './channel-slots.ts';
import {accessOfJump, logIn, type SshAccess} from './login.ts';
import {SshError, type SshPrompts} from './prompts.ts';
import {
	notRepeatable,
	type Repeated,
	RepeatedCommand,
	type RepeatedScript,
	shellCommand,
} from './repeated.ts';
import {lastJump} from './settings.ts';
import type {SshSettings} from './types.ts';

/** Characters of a command's output. */
const answerMaxLength = 1024 * 1024;
/** A longer chain of jump hosts is a loop. */
const jumpsMax = 8;

/** A host with a login; `way`: keys of the connections that depend on it, its own last. */
type Place = {key: string; host: string; access: SshAccess; way: readonly string[]};

export class Ssh {
	readonly #access: SshAccess;
	readonly #questions: SshPrompts | undefined;
	readonly #connections = new Map<string, Promise<NodeSSH>>();
	/** By host; they outlive its connections. */
	readonly #sessions = new Map<string, Sessions>();

	/** @param questions prompts for the operator, if there is one */
	constructor(access: SshAccess, questions?: SshPrompts) {
		this.#access = access;
		this.#questions = questions;
	}

	/** @returns the output of a command; rejects if it fails, prints too much or exceeds the deadline */
	async run(host: string, command: string): Promise<string> {
		const channel = await this.#start(host, command, 'command');
		return new Promise((resolve, reject) => {
			let output = '';
			let errors = '';
			const giveUp = (why: string) => {
				cancel();
				releaseChannel(channel);
				reject(new SshError(why));
			};
			const cancel = ownTime.after(this.#access.deadline, () => {
				giveUp('no answer in time');
			});
			channel.setEncoding('utf8').on('data', (text: string) => {
				output += text;
				if (output.length > answerMaxLength) {
					output = '';
					giveUp(`output of "${command}" exceeds 1 MiB`);
				}
			});
			channel.stderr.setEncoding('utf8').on('data', (text: string) => {
				errors = (errors + text).slice(0, 500);
			});
			channel.on('close', (code?: number | null, killedBy?: string) => {
				cancel();
				if (code === 0) {
					resolve(output);
				} else {
					reject(
						new SshError(
							code === undefined ? whyLost(channel) : whyFailed(command, code ?? killedBy, errors),
						),
					);
				}
			});
		});
	}

	/** A script that is run again and again, in a shell that stays open where the node allows it. */
	repeat(host: string, {script, word, ...more}: RepeatedScript): Repeated {
		const repeated = new RepeatedCommand(
			async () => this.#start(host, shellCommand({script, ...more}), 'shell'),
			this.#access.deadline,
			word,
		);
		return {
			run: async () => {
				const answer = await repeated.run();
				return answer === notRepeatable ? this.run(host, `sh -c '${script}'`) : answer;
			},
			close: () => {
				repeated.close();
			},
		};
	}

	/** Resolves when the connection is established; nothing was sent to the host before. */
	async reach(host: string): Promise<void> {
		await this.#connect(host);
	}

	/**
	 * Runs a command to its end. `code` is undefined if the connection or a signal ended it, which the text
	 * reports. After an abort nothing is sent.
	 */
	async execute(
		host: string,
		command: string,
		signal: AbortSignal,
	): Promise<{code: number | undefined; text: string}> {
		const channel = await this.#start(host, command, 'operation', signal);
		return new Promise((resolve, reject) => {
			let text = '';
			const abort = () => {
				releaseChannel(channel);
				reject(new SshError('no answer in time'));
			};
			const keep = (more: string) => {
				text = (text + more).slice(0, answerMaxLength);
			};
			signal.addEventListener('abort', abort, {once: true});
			channel.setEncoding('utf8').on('data', keep);
			channel.stderr.setEncoding('utf8').on('data', keep);
			channel.on('close', (code?: number | null, killedBy?: string) => {
				signal.removeEventListener('abort', abort);
				resolve({
					code: code ?? undefined,
					text: code === null ? whyFailed(command, killedBy, text) : text,
				});
			});
			if (signal.aborted) {
				abort();
			}
		});
	}

	/** Starts a command and returns its channel, whose output is read as it arrives. */
	async stream(host: string, command: string): Promise<ClientChannel> {
		return this.#start(host, command, 'stream');
	}

	/**
	 * A stream whose input is ended where its session is needed; the command must end then, too.
	 * @returns undefined if there is no session for it
	 */
	async spareStream(host: string, command: string): Promise<ClientChannel | undefined> {
		return this.#start(host, command, 'spare');
	}

	async #start(
		host: string,
		command: string,
		kind: 'command' | 'operation' | 'stream',
		signal?: AbortSignal,
	): Promise<ClientChannel>;
	async #start(host: string, command: string, kind: 'spare' | 'shell'): Promise<ClientChannel | undefined>;
	async #start(
		host: string,
		command: string,
		kind: SessionKind,
		signal?: AbortSignal,
	): Promise<ClientChannel | undefined> {
		const {connection: client} = await this.#connect(host);
		if (signal?.aborted) {
			throw new NotStartedError('aborted before it was sent');
		}

		if (client === null) {
			throw new SshError('connection lost');
		}

		const sessions = this.#sessions.get(host) ?? new Sessions();
		this.#sessions.set(host, sessions);
		const late = new AbortController();
		const cancel = ownTime.after(this.#access.deadline, () => {
			late.abort();
		});
		try {
			return await sessions.open(client, command, kind, {late: late.signal, unwanted: signal});
		} finally {
			cancel();
		}
	}

	/**
	 * Drops the host's connection; the next use makes a new one.
	 * @param error why: the connection is kept if it may serve the next command
	 */
	async drop(host: string, error?: unknown): Promise<void> {
		if (error instanceof NotStartedError) {
			return;
		}

		const connecting = this.#connections.get(host);
		this.#connections.delete(host);
		await connecting?.then(
			ssh => {
				if (ssh.connection !== null) {
					endConnection(ssh.connection);
				}

				ssh.dispose();
			},
			() => undefined,
		);
	}

	async close(): Promise<void> {
		await Promise.all([...this.#connections.keys()].map(async host => this.drop(host)));
		await this.#questions?.close();
	}

	/** Logs in before the first use, which shares the result. Resolves as soon as the node must answer. */
	async begin(host: string): Promise<void> {
		await new Promise<void>(resolve => {
			const done = () => resolve();
			this.#begin(this.#node(host), resolve).then(done, done);
		});
	}

	async #connect(host: string): Promise<NodeSSH> {
		return this.#connectTo(this.#node(host));
	}

	#node(host: string): Place {
		return {key: host, host, access: this.#access, way: [host]};
	}

	async #connectTo(place: Place): Promise<NodeSSH> {
		const connecting = this.#connections.get(place.key) ?? this.#begin(place);
		try {
			return await connecting;
		} catch (error) {
			this.#forget(place.key, connecting);
			throw error;
		}
	}

	#begin(place: Place, onCalled?: () => void): Promise<NodeSSH> {
		const connecting = this.#open(place, onCalled).then(ssh => {
			ssh.connection?.on('close', () => {
				this.#forget(place.key, connecting);
			});
			return ssh;
		});
		this.#connections.set(place.key, connecting);
		return connecting;
	}

	#forget(host: string, connecting: Promise<NodeSSH>): void {
		if (this.#connections.get(host) === connecting) {
			this.#connections.delete(host);
		}
	}

	/** Logs in; lets OpenSSH prompt the operator once for each question. */
	async #open(place: Place, onCalled?: () => void): Promise<NodeSSH> {
		try {
			return await this.#logIn(place, onCalled);
		} catch (error) {
			if (error instanceof SshError && error.unasked !== undefined) {
				await error.unasked();
				return this.#logIn(place, onCalled);
			}

			const questions = this.#questions;
			const question = error instanceof SshError ? error.question : undefined;
			// The deadline for the node must not include the operator's time.
			onCalled?.();
			if (questions === undefined || question === undefined || !(await question(questions))) {
				throw error;
			}

			return this.#logIn(place, onCalled);
		}
	}

	async #logIn({host, access, way}: Place, onCalled: () => void = () => undefined): Promise<NodeSSH> {
		return logIn(host, {
			access,
			agent: async () => this.#questions?.agent(),
			forward: async (jump, settings) => this.#forward(jump, settings, way),
			onCalled,
		});
	}

	async #forward(text: string, settings: SshSettings, way: readonly string[]): Promise<ClientChannel> {
		const {host, ...jump} = lastJump(text);
		const access = accessOfJump(this.#access, jump);
		const {user, port, through} = jump;
		const isPlain = user === undefined && port === undefined && through === undefined;
		const isAsNode = isPlain && this.#access.user === undefined && this.#access.port === undefined;
		const key = isAsNode ? host : `${text} as a jump host`;
		if (way.includes(key) || way.length >= jumpsMax) {
			throw new SshError(`ProxyJump loops, or passes more than ${jumpsMax} hosts: ${text}`);
		}

		const ssh = await this.#connectTo({key, host, access, way: [...way, key]});
		return ssh.forwardOut('127.0.0.1', 0, settings.hostname, settings.port) as Promise<ClientChannel>;
	}
}
