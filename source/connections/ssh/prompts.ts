/**
 * Prompts during a login: an unknown host key, or the passphrase of a key. OpenSSH itself asks on the terminal and
 * writes
 * known_hosts; a passphrase never enters this program, only an agent of its own that ends with it.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {SshOptions, SshSettings} from './types.ts';

/** Lends the terminal for the duration of the task. */
export type Lend = (task: () => Promise<void>) => Promise<void>;

export class SshPrompts {
	readonly #lend: Lend;
	readonly #options: SshOptions;
	/** By subject, so that each is asked once: whether the operator accepted. */
	readonly #answers = new Map<string, Promise<boolean>>();
	/** One prompt at a time. */
	#last: Promise<unknown> = Promise.resolve();
	#agent: Promise<{child: ChildProcess; folder: string; socket: string}> | undefined;

	constructor(lend: Lend, options: SshOptions) {
		this.#lend = lend;
		this.#options = options;
	}

	/** Socket of the agent with the unlocked keys. */
	async agent(): Promise<string | undefined> {
		return (await this.#agent)?.socket;
	}

	/** Lets ssh ask about the host's key and record it. Resolves after the answer. */
	async hostKey(host: string, print: string, settings: SshSettings): Promise<boolean> {
		return this.#once(`${host} ${print}`, async () =>
			this.#run(`${settings.knownAs} shows a host key that is not known.`, 'ssh', [
				...hostKeyOptions(this.#options, ['StrictHostKeyChecking=ask']),
				'--',
				host,
				'true',
			]),
		);
	}

	/** Lets ssh-add ask for the key's passphrase. Resolves with whether the agent holds the key. */
	async unlock(file: string, settings: SshSettings): Promise<boolean> {
		return this.#once(file, async () => {
			this.#agent ??= startAgent();
			const {socket} = await this.#agent;
			return this.#run(
				`${settings.user}@${settings.hostname} needs a key, and ${file} is encrypted.`,
				'ssh-add',
				['-q', file],
				socket,
			);
		});
	}

	async close(): Promise<void> {
		const agent = await this.#agent;
		if (agent !== undefined) {
			agent.child.kill();
			await rm(agent.folder, {recursive: true, force: true});
		}
	}

	async #once(about: string, ask: () => Promise<boolean>): Promise<boolean> {
		let answer = this.#answers.get(about);
		if (answer === undefined) {
			answer = this.#last.then(ask);
			this.#last = answer.catch(() => undefined);
			this.#answers.set(about, answer);
			// The terminal could not be lent, so nothing was asked: the next call tries again.
			answer.catch(() => this.#answers.delete(about));
		}

		return answer;
	}

	async #run(why: string, command: string, args: readonly string[], agent?: string): Promise<boolean> {
		let good = false;
		await this.#lend(async () => {
			process.stdout.write(`pgha-top: ${why}\r\n`);
			const child = spawn(command, args, {
				stdio: 'inherit',
				// Asks on the terminal, not in a window.
				env: {
					...process.env,
					SSH_ASKPASS_REQUIRE: 'never',
					...(agent === undefined ? {} : {SSH_AUTH_SOCK: agent}),
				},
			});
			const [code] = (await once(child, 'exit')) as [number | null];
			good = code === 0;
		});
		return good;
	}
}

/**
 * Lets ssh record a new host key, if StrictHostKeyChecking (accept-new, no) allows it. It has no terminal, so
 * it cannot ask; known_hosts shows whether it did.
 */
export async function recordHostKey(host: string, options: SshOptions, deadline: number): Promise<void> {
	const child = spawn(
		'ssh',
		[
			...hostKeyOptions(options, ['StrictHostKeyChecking=accept-new', 'BatchMode=yes', 'UpdateHostKeys=no']),
			'--',
			host,
			'true',
		],
		{
			stdio: 'ignore',
			detached: true,
			timeout: deadline,
			env: {...process.env, SSH_ASKPASS_REQUIRE: 'never'},
		},
	);
	await once(child, 'exit');
}

/** Options that fetch the host key without a login. */
function hostKeyOptions({user, port, configFile}: SshOptions, options: readonly string[]): string[] {
	return [
		...(configFile === undefined ? [] : ['-F', configFile]),
		...(user === undefined ? [] : ['-l', user]),
		...(port === undefined ? [] : ['-p', String(port)]),
		...[...options, 'PreferredAuthentications=none', 'ControlPath=none', 'LogLevel=ERROR'].flatMap(option => [
			'-o',
			option,
		]),
	];
}

/** Starts ssh-agent in the foreground, so that it ends with this program. */
async function startAgent(): Promise<{child: ChildProcess; folder: string; socket: string}> {
	const folder = await mkdtemp(path.join(tmpdir(), 'pgha-top-agent-'));
	const socket = path.join(folder, 'agent');
	const child = spawn('ssh-agent', ['-D', '-a', socket], {stdio: ['pipe', 'ignore', 'ignore']});
	process.once('exit', () => {
		child.kill();
	});
	await once(child, 'spawn');
	for (let attempt = 0; attempt < 100; attempt++) {
		if (await stat(socket).catch(() => undefined)) {
			break;
		}

		await delay(20);
	}

	return {child, folder, socket};
}

export class SshError extends Error {
	override name = 'SshError';
	readonly remedy: string | undefined;
	/** Asks the operator for what the login lacks; resolves with whether a retry may succeed. */
	readonly question: ((questions: SshPrompts) => Promise<boolean>) | undefined;

	/** Does what the operator's ssh configuration allows without asking, before a retry. */
	readonly unasked: (() => Promise<void>) | undefined;

	constructor(
		message: string,
		remedy?: string,
		question?: SshError['question'],
		unasked?: SshError['unasked'],
	) {
		super(message);
		this.remedy = remedy;
		this.question = question;
		this.unasked = unasked;
	}
}
