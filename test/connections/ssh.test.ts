import {appendFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {ServerChannel} from 'ssh2';
import {afterEach, expect, it} from 'vitest';
import {Ssh} from '../../source/connections/ssh.ts';
import {temporaryFolder} from '../support/folder.ts';
import {type Answer, makeKey, SshServer} from '../support/ssh-server.ts';

const host = '127.0.0.1';
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
	{deadline = 5000, ready}: {deadline?: number; ready?: Promise<void>} = {},
) {
	const folder = temporaryFolder('test');
	const keys = {host: makeKey('host'), user: makeKey('user')};
	server = new SshServer({...keys, answer, ...(ready === undefined ? {} : {ready})});
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

it('reads a character whose bytes come one by one', async () => {
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

it('names the signal that ended a command', async () => {
	const one = await node((_, channel) => {
		channel.stderr.write('half done\n');
		channel.exit('KILL');
		channel.end();
	});
	await expect(one.run(host, 'work')).rejects.toThrow('"work" ended with SIGKILL: half done');
	expect(await one.execute(host, 'work', new AbortController().signal)).toEqual({
		code: undefined,
		text: '"work" ended with SIGKILL: half done',
	});
});

it('closes a channel that opens when nobody waits for it any more', async () => {
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

it('runs nothing that was given up before', async () => {
	const ran: string[] = [];
	const one = await node((command, channel) => {
		ran.push(command);
		end(channel);
	});
	await expect(one.execute(host, 'reboot', AbortSignal.abort())).rejects.toThrow(
		'given up before it was sent',
	);
	await one.run(host, 'true');
	expect(ran).toEqual(['true']);
});
