/** One SSH login as OpenSSH would do it: with its settings, host keys, agent and keys. */
import {connect, isIP, Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import type {NodeSSH} from 'node-ssh';
import type {AnyAuthMethod} from 'ssh2';
import {readFileBytes} from '../../lib/files.ts';
import {within} from '../../lib/own-time.ts';
import {guardConnection, isMalformed, malformedError} from './channel.ts';
import {
	fingerprint,
	hostKeyAlgorithms,
	hostKeyName,
	isRevokedBy,
	type KnownHostKey,
	keyType,
	knownHostKeys,
	verdictOn,
} from './known-hosts.ts';
import {recordHostKey, SshError} from './prompts.ts';
import {type Jump, sshSettings} from './settings.ts';
import type {SshOptions, SshSettings} from './types.ts';

export type SshAccess = SshOptions & {
	/** Milliseconds to establish a connection. */ deadline: number;
};

/** Configured user and port apply to nodes only: a jump host has those of ProxyJump and the ssh configuration. */
export function accessOfJump(
	{deadline, configFile}: SshAccess,
	{user, port, through}: Omit<Jump, 'host'>,
): SshAccess {
	return {
		deadline,
		...(configFile === undefined ? {} : {configFile}),
		...(user === undefined ? {} : {user}),
		...(port === undefined ? {} : {port}),
		...(through === undefined ? {} : {jump: through}),
	};
}

/** Detects a vanished peer after three seconds. */
const keepalive = {keepaliveInterval: 1000, keepaliveCountMax: 2};

export type Login = {
	access: SshAccess;
	/** Socket of the agent that holds the keys unlocked in this session. */
	agent: () => Promise<string | undefined>;
	/** Connects to the host through a jump host. */
	forward: (jump: string, settings: SshSettings) => Promise<Duplex>;
	/** Called when the handshake is sent: from now on the node must answer. */
	onCalled: () => void;
};

export async function logIn(host: string, {access, agent, forward, onCalled}: Login): Promise<NodeSSH> {
	// Loads ssh2 while OpenSSH resolves the settings.
	const [settings, {NodeSSH: Client}] = await Promise.all([sshSettings(host, access), import('node-ssh')]);
	if (settings.proxyCommand !== undefined) {
		throw new SshError('ProxyCommand is not supported', 'use ProxyJump for this host in your ssh config');
	}

	if (settings.knownHostsCommand !== undefined) {
		throw new SshError(
			'KnownHostsCommand is not supported: a key may be revoked by it',
			'keep the host keys of this host in a known_hosts file of your ssh config',
		);
	}

	const jump = settings.proxyJump === undefined ? undefined : await forward(settings.proxyJump, settings);
	const known = keysKnown(settings);
	const {methods: authHandler, locked} = await authMethods(settings, await agent());
	const ssh = new Client();
	const verdict: {refusal?: unknown} = {};
	// A login consists of many small messages: Nagle's algorithm would delay most by the peer's 40 ms of delayed ACK.
	const socket = jump ?? connect({host: settings.hostname, port: settings.port, noDelay: true});
	try {
		const connected = ssh.connect({
			sock: socket,
			username: settings.user,
			...keepalive,
			// Disabled: `within` counts own time, while ssh2's timeout would blame the node for a stall of this
			// program.
			readyTimeout: 0,
			authHandler,
			algorithms: {serverHostKey: hostKeyAlgorithms(known, settings)},
			hostVerifier: (key: Buffer, accept: (accepted: boolean) => void) => {
				verify(key, {
					known,
					settings,
					host,
					access,
					address: socket instanceof Socket ? socket.remoteAddress : undefined,
				})
					.then(
						() => true,
						(error: unknown) => {
							verdict.refusal = error;
							return false;
						},
					)
					.then(accept)
					// `emit` continues the handshake with the node's data, so its errors arrive here.
					.catch((error: unknown) => ssh.connection?.emit('error', error as Error));
			},
		});
		onCalled();
		await within(access.deadline * 2, connected);
	} catch (error) {
		ssh.connection?.on('error', () => undefined).destroy();
		socket.destroy();
		throw verdict.refusal ?? explain(error, settings, locked, host);
	}

	if (ssh.connection !== null) {
		guardConnection(ssh.connection, socket, host);
	}

	return ssh;
}

/** The known keys of the host; if its name with the port is not listed, those of the bare name, as in OpenSSH. */
function keysKnown({knownAs, knownAsElse, knownHostsFiles}: SshSettings): KnownHostKey[] {
	const known = knownHostKeys(knownAs, knownHostsFiles);
	if (knownAsElse === undefined) {
		return known;
	}

	const portless = knownHostKeys(knownAsElse, knownHostsFiles);
	const isListed = known.some(({marker}) => marker === 'none');
	return [...known, ...portless.filter(({marker}) => !isListed || marker === 'revoked')];
}

type Shown = {
	known: readonly KnownHostKey[];
	settings: SshSettings;
	host: string;
	access: SshAccess;
	/** The host's address, on a direct connection. */
	address: string | undefined;
};

/**
 * @throws SshError if the key is not trusted. At least as strict as OpenSSH: a changed or revoked key is never
 * accepted.
 */
async function verify(key: Buffer, {known, settings, host, access, address}: Shown): Promise<void> {
	const name = settings.knownAs;
	const print = `${keyType(key)} ${fingerprint(key)}`;
	const atAddress = keysAtAddress(settings, address);
	const byFile = settings.revokedHostKeys !== undefined && (await isRevokedBy(settings.revokedHostKeys, key));
	if (byFile || verdictOn(key, [...known, ...atAddress]) === 'revoked') {
		throw new SshError(`the host key of ${name} is REVOKED (${print})`, 'do not connect before you know why');
	}

	const verdict = verdictOn(key, known);
	if (verdict === 'unknown') {
		throw unknownKeyError(print, {known, settings, host, access});
	}

	if (verdict === 'changed') {
		throw new SshError(
			`the host key of ${name} has CHANGED: it is now ${print}`,
			`if that is right: ssh-keygen -R ${name}, then ssh ${host}`,
		);
	}

	if (verdictOn(key, atAddress) === 'changed') {
		throw new SshError(
			`the host key of ${name} is not the one known for its address ${address} (${print}; CheckHostIP)`,
			`if that is right: ssh-keygen -R ${hostKeyName(address ?? '', settings.port)}, then ssh ${host}`,
		);
	}
}

/** Keys known for the address, if CheckHostIP is set; not through a jump host, nor on this machine. */
function keysAtAddress(settings: SshSettings, address: string | undefined): KnownHostKey[] {
	const isLocal = address === undefined || /^(?:::ffff:)?127\.|^::1$/.test(address);
	return !settings.checkHostIp || isLocal || isIP(settings.hostname) !== 0
		? []
		: knownHostKeys(hostKeyName(address.replace(/^::ffff:/, ''), settings.port), settings.knownHostsFiles);
}

function unknownKeyError(print: string, {known, settings, host, access}: Omit<Shown, 'address'>): SshError {
	const {knownAs: name, user, strictHostKeyChecking} = settings;
	const what = `the host key of ${name} is not known (${print})`;
	if (known.some(({marker}) => marker === 'authority')) {
		return new SshError(
			`${what}; only its authority is (@cert-authority), and pgha-top cannot check host certificates`,
			`add the key itself: ssh-keyscan -p ${settings.port} ${settings.hostname}`,
		);
	}

	const remedy = `check it and connect once: ssh ${user}@${host}`;
	switch (strictHostKeyChecking) {
		case 'yes': {
			return new SshError(`${what}, and StrictHostKeyChecking is yes`, `check it and add it to known_hosts`);
		}

		case 'ask': {
			return new SshError(what, remedy, async questions => {
				await questions.hostKey(host, print, settings);
				// Whatever the operator answered, only known_hosts decides.
				return true;
			});
		}

		case 'accept-new':
		case 'off': {
			// The operator's ssh configuration accepts it: OpenSSH records the key, which makes it known here, too.
			return new SshError(what, remedy, undefined, async () =>
				recordHostKey(host, access, access.deadline * 2),
			);
		}
	}
}

/** @param unlocked socket of the agent with the keys unlocked in this session */
async function authMethods(
	{user, agent, identityFiles, identitiesOnly}: SshSettings,
	unlocked: string | undefined,
): Promise<{methods: AnyAuthMethod[]; locked: string[]}> {
	const {default: ssh2} = await import('ssh2');
	const {agentWith} = await import('./agent.ts');
	const offered = agent === undefined ? undefined : identitiesOnly ? agentWith(agent, identityFiles) : agent;
	const methods = [offered, unlocked].flatMap((one): AnyAuthMethod[] =>
		one === undefined ? [] : [{type: 'agent', username: user, agent: one}],
	);
	const locked: string[] = [];
	for (const file of identityFiles) {
		let key: Buffer;
		try {
			key = readFileBytes(file);
		} catch {
			// `ssh -G` lists default names whether the files exist or not; like OpenSSH, skips the missing ones.
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

/** @param locked keys with a passphrase, which were not tried */
function explain(error: unknown, settings: SshSettings, locked: readonly string[], host: string): unknown {
	if (isMalformed(error)) {
		return new SshError(malformedError(host));
	}

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
