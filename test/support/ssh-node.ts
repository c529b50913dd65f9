/** A node on the loopback: the test's sshd, with the real shell of this machine behind it. */
import {spawn} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {onTestFinished} from 'vitest';
import {Ssh} from '../../source/connections/ssh/ssh.ts';
import {temporaryFolder} from './folder.ts';
import {type Answer, makeKey, SshServer} from './ssh-server.ts';

export const host = '127.0.0.1';

/** Of every node and its user: each is a program to run. */
const keys = {host: makeKey('host'), user: makeKey('user')};

/** The commands that were started, and the characters that their outputs had. */
export type Traffic = {commands: string[]; characters: number};

export function quiet(): Traffic {
	return {commands: [], characters: 0};
}

/** @param programs a folder whose programs are found first */
export function realShell(
	traffic: Traffic,
	{motd = '', programs}: {motd?: string; programs?: string} = {},
): Answer {
	return (command, channel) => {
		traffic.commands.push(command);
		const env =
			programs === undefined ? process.env : {...process.env, PATH: `${programs}:${process.env.PATH}`};
		// A group of its own, as from sshd.
		const child = spawn('sh', ['-c', command], {stdio: 'pipe', env, detached: true});
		channel.write(motd);
		// Read to its end, also when the child has ended: it would not close else.
		channel.on('data', (bytes: Buffer) => child.stdin.write(bytes));
		channel.on('end', () => child.stdin.end());
		child.stdin.on('error', () => undefined);
		child.stdout.on('data', (bytes: Buffer) => {
			traffic.characters += bytes.length;
			channel.write(bytes);
		});
		child.stderr.pipe(channel.stderr, {end: false});
		child.on('close', code => {
			channel.exit(code ?? 1);
			channel.end();
		});
		channel.on('close', () => child.kill());
	};
}

/** Ends with the test that runs. */
export async function sshNode(
	answer: Answer,
	{deadline = 10_000, sessionsMax}: {deadline?: number; sessionsMax?: number} = {},
): Promise<{ssh: Ssh; server: SshServer}> {
	const folder = temporaryFolder('test');
	const server = new SshServer({...keys, answer});
	server.sessionsMax = sessionsMax ?? server.sessionsMax;
	const port = await server.listen();
	const configFile = path.join(folder, 'ssh_config');
	const knownHosts = path.join(folder, 'known_hosts');
	writeFileSync(knownHosts, `[${host}]:${port} ${keys.host.public}\n`);
	writeFileSync(
		configFile,
		`Host *\n  User dba\n  IdentityFile ${keys.user.file}\n  IdentityAgent none\n  UserKnownHostsFile ${knownHosts}\n  GlobalKnownHostsFile /dev/null\n`,
	);
	const ssh = new Ssh({configFile, port, deadline});
	onTestFinished(async () => {
		await ssh.close();
		server.close();
	});
	return {ssh, server};
}
