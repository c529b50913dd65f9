/** A repeated command in one shell: against a real sh behind the test's sshd. */
import {rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import type {Ssh} from '../../../source/connections/ssh/ssh.ts';
import {temporaryFolder} from '../../support/folder.ts';
import {host, quiet, realShell, sshNode} from '../../support/ssh-node.ts';
import type {Answer} from '../../support/ssh-server.ts';

async function node(answer: Answer, deadline = 10_000): Promise<Ssh> {
	return (await sshNode(answer, {deadline})).ssh;
}

it('runs in one shell, and sends an output only if it has changed', async () => {
	const file = path.join(temporaryFolder('test'), 'state');
	const long = `${'"Köln" \\ $HOME 東京\n\n'.repeat(500)}end`;
	writeFileSync(file, long);
	const traffic = quiet();
	const repeated = (await node(realShell(traffic))).repeat(host, {script: `cat ${file}`});
	const first = await repeated.run();
	expect(first).toBe(`${long}\n`);
	const before = traffic.characters;
	for (let round = 0; round < 5; round++) {
		expect(await repeated.run()).toBe(first);
	}

	expect(traffic.characters - before).toBeLessThan(5 * 60);
	writeFileSync(file, 'another');
	expect(await repeated.run()).toBe('another\n');
	writeFileSync(file, '');
	expect(await repeated.run()).toBe('\n');
	expect(traffic.commands).toHaveLength(1);
	repeated.close();
});

it('does not take for an answer what a login prints or an output imitates', async () => {
	const traffic = quiet();
	const ssh = await node(realShell(traffic, {motd: 'Welcome = 0\n0123456789abcdef01234567 = 0\n'}));
	const repeated = ssh.repeat(host, {
		script: 'printf "%s + 0\\nx\\n%s .\\n" 0123456789abcdef01234567 0123456789abcdef01234567',
	});
	expect(await repeated.run()).toBe('0123456789abcdef01234567 + 0\nx\n0123456789abcdef01234567 .\n');
});

it('reports why a script fails, as a single run of it does', async () => {
	const file = path.join(temporaryFolder('test'), 'missing');
	const traffic = quiet();
	const repeated = (await node(realShell(traffic))).repeat(host, {script: `cat ${file}`});
	for (const _ of [1, 2]) {
		await expect(repeated.run()).rejects.toThrow(/exited with 1: cat: .*missing/);
	}

	writeFileSync(file, 'there');
	expect(await repeated.run()).toBe('there\n');
	expect(traffic.commands.filter(command => command.includes('while read'))).toHaveLength(1);
});

it('runs the script itself where the login may run nothing else', async () => {
	const traffic = quiet();
	const shell = realShell(traffic);
	const ssh = await node((command, channel) => {
		if (command.includes('while read')) {
			traffic.commands.push(command);
			channel.stderr.write('not allowed\n');
			channel.exit(1);
			channel.end();
		} else {
			shell(command, channel);
		}
	});
	const repeated = ssh.repeat(host, {script: 'echo fine'});
	expect(await repeated.run()).toBe('fine\n');
	expect(await repeated.run()).toBe('fine\n');
	expect(traffic.commands.filter(command => command.includes('while read'))).toHaveLength(1);
});

it('gives up at the deadline, and starts another shell', async () => {
	const file = path.join(temporaryFolder('test'), 'hang');
	writeFileSync(file, '');
	const traffic = quiet();
	const repeated = (await node(realShell(traffic), 1500)).repeat(host, {
		script: `while [ -e ${file} ]; do sleep 0.1; done; echo done`,
	});
	await expect(repeated.run()).rejects.toThrow('no answer in time');
	rmSync(file);
	expect(await repeated.run()).toBe('done\n');
	expect(traffic.commands).toHaveLength(2);
});

it('rejects when the connection is lost, and starts another one', async () => {
	const traffic = quiet();
	const ssh = await node(realShell(traffic));
	const repeated = ssh.repeat(host, {script: 'echo ok'});
	expect(await repeated.run()).toBe('ok\n');
	await ssh.drop(host);
	expect(await repeated.run()).toBe('ok\n');
	const hanging = ssh.repeat(host, {script: 'exec sleep 60'});
	const answer = hanging.run();
	const rejected = expect(answer).rejects.toThrow('connection lost');
	await expect.poll(() => traffic.commands.some(command => command.includes('sleep 60)'))).toBe(true);
	await ssh.drop(host);
	await rejected;
});

it('gives up on an endless output', async () => {
	const repeated = (await node(realShell(quiet()))).repeat(host, {
		script: 'head -c 3000000 /dev/zero | tr "\\0" x',
	});
	await expect(repeated.run()).rejects.toThrow('exceeds 1 MiB');
});
