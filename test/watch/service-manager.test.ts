/** What systemd hears, by its own program and a real datagram socket. */
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {expect, it} from 'vitest';
import {serviceManager} from '../../source/watch/service-manager.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('service-manager');
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
`;
const hasTools = ['systemd-notify', 'python3'].every(
	tool => spawnSync(tool, ['--version'], {stdio: 'ignore'}).error === undefined,
);

it.runIf(hasTools)('hears that it is ready, works and stops', async () => {
	const socket = path.join(folder, 'notify');
	const child = spawn('python3', ['-c', listener, socket], {stdio: ['ignore', 'pipe', 'inherit']});
	const heard: string[] = [];
	createInterface({input: child.stdout}).on('line', line => heard.push(line));
	await expect.poll(() => heard.length, {timeout: 20_000}).toBe(1);
	const {NOTIFY_SOCKET: before} = process.env;
	process.env.NOTIFY_SOCKET = socket;
	try {
		const problems: string[] = [];
		const manager = serviceManager({NOTIFY_SOCKET: socket, WATCHDOG_USEC: '30000000'}, text =>
			problems.push(text),
		);
		manager.ready('recording main');
		await expect.poll(() => heard.join(' '), {timeout: 20_000}).toContain('READY=1 STATUS=recording main');
		manager.alive(1000);
		// A third of the time of the watchdog has not passed.
		manager.alive(10_999);
		await expect.poll(() => heard.join(' '), {timeout: 20_000}).toContain('WATCHDOG=1');
		manager.stopping();
		await expect.poll(() => heard.join(' '), {timeout: 20_000}).toContain('STOPPING=1');
		expect(heard.filter(line => line.includes('WATCHDOG=1')).length).toBe(1);
		expect(problems).toEqual([]);
	} finally {
		if (before === undefined) {
			delete process.env.NOTIFY_SOCKET;
		} else {
			process.env.NOTIFY_SOCKET = before;
		}

		child.kill();
		await once(child, 'exit');
	}
});

it('asks nothing of systemd elsewhere', () => {
	const manager = serviceManager({}, () => {
		throw new Error('it was asked');
	});
	manager.ready('recording main');
	manager.alive(1000);
	manager.stopping();
});
