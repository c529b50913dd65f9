/** One login over SSH, as OpenSSH would do it: its settings, its host keys, its agent and keys. */
import {readFile} from 'node:fs/promises';
import {connect} from 'node:net';
import type {Duplex} from 'node:stream';
import type {NodeSSH} from 'node-ssh';
import type {AnyAuthMethod, ServerHostKeyAlgorithm} from 'ssh2';
import {fingerprint, type KnownHostKey, keyType, knownHostKeys} from './known-hosts.ts';
import {SshError} from './ssh-error.ts';
import {type SshOptions, type SshSettings, sshSettings} from './ssh-settings.ts';

export type SshAccess = SshOptions & {/** Milliseconds until a connection must stand. */ deadline: number};

/** With these, a peer that is gone without a word is found after three seconds. */
const keepalive = {keepaliveInterval: 1000, keepaliveCountMax: 2};

export type Login = {
	access: SshAccess;
	/** Socket of the agent with the keys that were unlocked here. */
	agent: () => Promise<string | undefined>;
	/** The way to the host through another one. */
	forward: (jump: string, settings: SshSettings) => Promise<Duplex>;
	/** Hears that the node is called, and what is left is up to it. */
	onCalled: () => void;
};

export async function logIn(host: string, {access, agent, forward, onCalled}: Login): Promise<NodeSSH> {
	// The client is loaded while OpenSSH tells the settings.
	const [settings, {NodeSSH: Client}] = await Promise.all([sshSettings(host, access), import('node-ssh')]);
	if (settings.proxyCommand !== undefined) {
		throw new SshError('ProxyCommand is not supported', 'use ProxyJump for this host in your ssh config');
	}

	const jump = settings.proxyJump === undefined ? undefined : await forward(settings.proxyJump, settings);
	const [known, {methods: authHandler, locked}] = await Promise.all([
		knownHostKeys(settings.hostKeyAlias, settings.port, settings.knownHostsFiles),
		authMethods(settings, await agent()),
	]);
	const ssh = new Client();
	const verdict: {refusal?: SshError} = {};
	try {
		const connected = ssh.connect({
			// A login is many small messages: with Nagle's algorithm most of them wait 40 ms for the peer's delayed ACK.
			sock: jump ?? connect({host: settings.hostname, port: settings.port, noDelay: true}),
			username: settings.user,
			...keepalive,
			readyTimeout: access.deadline * 2,
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
		onCalled();
		await connected;
	} catch (error) {
		throw verdict.refusal ?? explain(error, settings, locked);
	}

	// Errors after the handshake end in 'close', which everybody who uses the connection sees.
	ssh.connection?.on('error', () => undefined);
	return ssh;
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
