/** OpenSSH itself: an sshd on the loopback with given host keys, and the verdict of OpenSSH's client on them. */
import {execFile, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import path from 'node:path';
import {createInterface} from 'node:readline';

const sshd = ['/usr/sbin/sshd', '/usr/bin/sshd'].find(file => existsSync(file));

/** Client and server are installed. */
export const hasOpenSsh = sshd !== undefined && runs('ssh', ['-V']);

function runs(command: string, args: readonly string[]): boolean {
	try {
		execFileSync(command, args, {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
}

export type Sshd = {port: number; stop: () => Promise<void>};

/** @param options lines of sshd_config, such as `HostKey FILE` */
export async function startSshd(folder: string, options: readonly string[]): Promise<Sshd> {
	if (process.getuid?.() === 0) {
		// The privilege separation folder of sshd as root; Debian's unit makes it.
		mkdirSync('/run/sshd', {recursive: true, mode: 0o755});
	}

	const port = await freePort();
	const file = path.join(folder, `sshd_config-${port}`);
	writeFileSync(
		file,
		[
			`Port ${port}`,
			'ListenAddress 127.0.0.1',
			'PidFile none',
			'StrictModes no',
			'UsePAM no',
			'PasswordAuthentication no',
			'KbdInteractiveAuthentication no',
			'MaxStartups 1000',
			...options,
			'',
		].join('\n'),
	);
	const child = spawn(sshd ?? 'sshd', ['-D', '-e', '-f', file], {stdio: ['ignore', 'ignore', 'pipe']});
	const said: string[] = [];
	await new Promise<void>((resolve, reject) => {
		createInterface(child.stderr).on('line', line => {
			said.push(line);
			if (line.startsWith('Server listening')) {
				resolve();
			}
		});
		child.once('exit', () => {
			reject(new Error(`sshd ended: ${said.join(' ')}`));
		});
	});
	return {
		port,
		async stop() {
			child.removeAllListeners('exit');
			const ended = once(child, 'exit');
			child.kill();
			await ended;
		},
	};
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Whether `ssh` accepts the host key; it gets as far as asking for the login. */
export async function sshAccepts(host: string, configFile: string): Promise<boolean> {
	const args = ['-F', configFile, '-o', 'BatchMode=yes', '-o', 'ControlPath=none', '--', host, 'true'];
	const {stderr} = await new Promise<{stderr: string}>(resolve => {
		execFile('ssh', args, {timeout: 20_000}, (_, stdout, text) => {
			resolve({stderr: `${text}${stdout}`});
		});
	});
	const accepted = /Permission denied/.test(stderr);
	if (!accepted && !/Host key verification failed|REVOKED|revoked/.test(stderr)) {
		throw new Error(`ssh says neither: ${stderr}`);
	}

	return accepted;
}
