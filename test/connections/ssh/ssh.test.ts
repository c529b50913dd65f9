import {appendFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type {ServerChannel} from 'ssh2';
import {afterEach, describe, expect, it} from 'vitest';
import {whyLost} from '../../../source/connections/ssh/channel.ts';
import {Ssh} from '../../../source/connections/ssh/ssh.ts';
import {isFault} from '../../../source/lib/faults.ts';
import {temporaryFolder} from '../../support/folder.ts';
import {type Answer, HostileChannel, makeKey, SshServer} from '../../support/ssh-server.ts';

const host = '127.0.0.1';
/** Of the node and of its user in all tests: each is a program to run. */
const keys = {host: makeKey('host'), user: makeKey('user')};
let server: SshServer | undefined;
let ssh: Ssh | undefined;

afterEach(async () => {
	await ssh?.close();
	server?.close();
	ssh = undefined;
	server = undefined;
});

async function node(
	answer: Answer,
	{
		deadline = 5000,
		ready,
		instead,
	}: {deadline?: number; ready?: Promise<void>; instead?: 'refuses' | 'disconnects'} = {},
) {
	const folder = temporaryFolder('test');
	server = new SshServer({
		...keys,
		answer,
		...(ready === undefined ? {} : {ready}),
		...(instead === undefined ? {} : {instead}),
	});
	const port = await server.listen();
	const configFile = path.join(folder, 'ssh_config');
	const knownHosts = path.join(folder, 'known_hosts');
	appendFileSync(knownHosts, `[${host}]:${port} ${keys.host.public}\n`);
	writeFileSync(
		configFile,
		`Host *\n  User dba\n  IdentityFile ${keys.user.file}\n  IdentityAgent none\n  UserKnownHostsFile ${knownHosts}\n  GlobalKnownHostsFile /dev/null\n`,
	);
	ssh = new Ssh({configFile, port, deadline});
	return ssh;
}

function end(channel: ServerChannel): void {
	channel.exit(0);
	channel.end();
}

it('reads a character whose bytes arrive one by one', async () => {
	const one = await node((_, channel) => {
		const bytes = Buffer.from('Köln 東京');
		const next = (at: number) => {
			if (at === bytes.length) {
				end(channel);
			} else {
				channel.write(bytes.subarray(at, at + 1), () => {
					setImmediate(next, at + 1);
				});
			}
		};
		next(0);
	});
	expect(await one.run(host, 'hostname')).toBe('Köln 東京');
	expect(await one.execute(host, 'hostname', new AbortController().signal)).toEqual({
		code: 0,
		text: 'Köln 東京',
	});
});

it('reports the signal that ended a command', async () => {
	const one = await node((_, channel) => {
		channel.stderr.write('half done\n');
		channel.exit('KILL');
		channel.end();
	});
	await expect(one.run(host, 'work')).rejects.toThrow('"work" exited with SIGKILL: half done');
	expect(await one.execute(host, 'work', new AbortController().signal)).toEqual({
		code: undefined,
		text: '"work" exited with SIGKILL: half done',
	});
});

it('closes a channel that opens after its deadline', async () => {
	const {promise: ready, resolve: release} = Promise.withResolvers<void>();
	const {promise: closed, resolve: close} = Promise.withResolvers<void>();
	const one = await node(
		(_, channel) => {
			channel.resume().on('close', close);
		},
		{deadline: 500, ready},
	);
	await expect(one.stream(host, 'tail -f log')).rejects.toThrow('no answer in time');
	release();
	await closed;
});

it.each([
	['refuses', 'sshd refuses to run commands for this login'],
	['disconnects', 'connection lost'],
] as const)('says what happened when the node %s instead of running the command', async (instead, reason) => {
	const one = await node((_, channel) => end(channel), {instead});
	await expect(one.run(host, 'true')).rejects.toThrow(reason);
});

it('does not run a command that was cancelled before', async () => {
	const ran: string[] = [];
	const one = await node((command, channel) => {
		ran.push(command);
		end(channel);
	});
	await expect(one.execute(host, 'reboot', AbortSignal.abort())).rejects.toThrow(
		'aborted before it was sent',
	);
	await one.run(host, 'true');
	expect(ran).toEqual(['true']);
});

describe('a node that breaks the protocol', () => {
	const chunk = Buffer.alloc(32 * 1024, 'x');

	it('and sends beyond the window is disconnected before unread data fills the memory', async () => {
		let hostile: HostileChannel | undefined;
		const one = await node((_, channel) => {
			hostile = new HostileChannel(channel);
			hostile.flood(chunk);
		});
		const channel = await one.stream(host, 'tail -f log');
		let most = 0;
		const push = channel.push.bind(channel);
		channel.push = (...args) => {
			const isWanted = push(...args);
			most = Math.max(most, channel.readableLength);
			return isWanted;
		};
		// Nothing is read here: SSH allows a node 2 MiB, plus what the channel has buffered.
		await hostile?.gone;
		expect(most).toBeGreaterThan(0);
		expect(most).toBeLessThanOrEqual(4 * 1024 * 1024);
		expect(hostile?.sentBytes).toBeLessThan(64 * 1024 * 1024);
		expect(whyLost(channel)).toBe(`${host} sends more than its SSH window allows`);
	});

	it('and keeps sending on a closed channel loses the connection, and the next command makes a new one', async () => {
		const hostiles: HostileChannel[] = [];
		const one = await node((command, channel) => {
			if (command === 'true') {
				end(channel);
				return;
			}

			const hostile = new HostileChannel(channel);
			hostiles.push(hostile);
			hostile.ignoreClose();
			hostile.flood(chunk);
		});
		await expect(one.run(host, 'ip -j address show')).rejects.toThrow(
			'output of "ip -j address show" exceeds 1 MiB',
		);
		await hostiles[0]?.gone;
		expect(await one.run(host, 'true')).toBe('');
		expect(server?.logins).toBe(2);
	});

	it('and does not end a dropped connection loses it', async () => {
		let hostile: HostileChannel | undefined;
		const one = await node((_, channel) => {
			hostile = new HostileChannel(channel);
			hostile.ignoreClose();
			hostile.flood(chunk);
		});
		const channel = await one.stream(host, 'tail -f log');
		channel.resume();
		await one.drop(host);
		await hostile?.gone;
	});

	it.each([
		['a packet that is cut short', (hostile: HostileChannel) => hostile.sendPacket(Buffer.from([94, 0]))],
		['bytes that are no packet', (hostile: HostileChannel) => hostile.sendBytes(Buffer.alloc(64, 0xff))],
	])('and sends %s is lost', async (_, send) => {
		const one = await node((__, channel) => {
			send(new HostileChannel(channel));
		});
		await expect(one.run(host, 'work')).rejects.toThrow(`malformed SSH packet from ${host}`);
	});

	it('and sends any packets is at most a loss, and never a fault of this program', async () => {
		let packets: readonly Uint8Array[] = [];
		const one = await node((_, channel) => {
			const hostile = new HostileChannel(channel);
			for (const packet of packets) {
				hostile.sendPacket(packet);
			}

			hostile.endConnection();
		});
		const packet = fc
			.tuple(fc.integer({min: 1, max: 255}), fc.uint8Array({maxLength: 64}))
			.map(([type, rest]) => Uint8Array.from([type, ...rest]));
		await fc.assert(
			fc.asyncProperty(fc.array(packet, {minLength: 1, maxLength: 4}), async some => {
				packets = some;
				const error: unknown = await one.run(host, 'work').catch((reason: unknown) => reason);
				expect(isFault(error)).toBe(false);
				await one.drop(host);
			}),
			{numRuns: 25},
		);
	});
});
