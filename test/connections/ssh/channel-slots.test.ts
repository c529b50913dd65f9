/** Commands, streams and shells on a node whose sshd allows few sessions on a connection. */
import {existsSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, expect, it, vi} from 'vitest';
import {releaseChannel} from '../../../source/connections/ssh/channel.ts';
import {NotStartedError} from '../../../source/connections/ssh/channel-slots.ts';
import {temporaryFolder} from '../../support/folder.ts';
import {host, quiet, realShell, sshNode} from '../../support/ssh-node.ts';

afterEach(() => {
	vi.restoreAllMocks();
});

const shells = (commands: readonly string[]) => commands.filter(command => command.includes('while read'));

const never = new AbortController().signal;

it.each([2, 3])('serves all that is asked of a node that allows %i sessions', async sessionsMax => {
	const traffic = quiet();
	const {ssh, server} = await sshNode(realShell(traffic), {sessionsMax});
	const monitor = await ssh.spareStream(host, 'cat');
	expect(monitor).toBeDefined();
	const one = ssh.repeat(host, {script: 'echo one'});
	const other = ssh.repeat(host, {script: 'echo other'});
	for (let round = 0; round < 3; round++) {
		expect(
			await Promise.all([
				one.run(),
				other.run(),
				ssh.run(host, 'echo third'),
				ssh.run(host, 'echo fourth'),
				ssh.run(host, 'echo fifth'),
			]),
		).toEqual(['one\n', 'other\n', 'third\n', 'fourth\n', 'fifth\n']);
	}

	// Only what was asked before the first refusal was known was refused, and the shells ended for good.
	expect(server.refusals).toBeLessThanOrEqual(5);
	expect(shells(traffic.commands).length).toBeLessThanOrEqual(2);
	expect(monitor?.writable).toBe(true);
	expect(await ssh.execute(host, 'echo sixth', never)).toEqual({code: 0, text: 'sixth\n'});
	const refusals = server.refusals;
	await ssh.drop(host);
	expect(await Promise.all([one.run(), other.run(), ssh.run(host, 'echo third')])).toEqual([
		'one\n',
		'other\n',
		'third\n',
	]);
	expect(server.refusals).toBe(refusals);
	expect(server.logins).toBe(2);
});

it('ends an open shell for a command, after the answer that it owes', async () => {
	const file = path.join(temporaryFolder('test'), 'hold');
	const began = `${file}.began`;
	writeFileSync(file, '');
	const traffic = quiet();
	const {ssh, server} = await sshNode(realShell(traffic), {sessionsMax: 1});
	const repeated = ssh.repeat(host, {
		script: `echo >>${began}; while [ -e ${file} ]; do sleep 0.05; done; wc -l <${began}`,
	});
	const answer = repeated.run();
	await expect.poll(() => existsSync(began)).toBe(true);
	const command = ssh.run(host, 'echo done');
	await expect.poll(() => server.refusals).toBe(1);
	rmSync(file);
	expect((await answer).trim()).toBe('1');
	expect(await command).toBe('done\n');
	expect((await repeated.run()).trim()).toBe('2');
	expect(shells(traffic.commands)).toHaveLength(1);
});

it('asks nothing of a shell that is about to end', async () => {
	const {promise: released, resolve: release} = Promise.withResolvers<void>();
	const run = realShell(quiet());
	const {ssh, server} = await sshNode(
		(command, channel) => {
			if (!command.includes('while read')) {
				run(command, channel);
				return;
			}

			channel.setEncoding('utf8').on('data', (token: string) => {
				channel.write(`${token.trim()} + 0\nof a shell\n${token.trim()} .\n`);
			});
			channel.on('end', async () => {
				await released;
				channel.exit(0);
				channel.end();
			});
		},
		{sessionsMax: 1},
	);
	const repeated = ssh.repeat(host, {script: 'echo of its own'});
	expect(await repeated.run()).toBe('of a shell\n');
	const command = ssh.run(host, 'echo done');
	await expect.poll(() => server.refusals).toBe(1);
	const answer = repeated.run();
	release();
	expect(await Promise.all([command, answer])).toEqual(['done\n', 'of its own\n']);
});

it('opens shells again when an hour has passed', async () => {
	const traffic = quiet();
	const {ssh, server} = await sshNode(realShell(traffic), {sessionsMax: 1});
	const repeated = ssh.repeat(host, {script: 'echo ok'});
	await repeated.run();
	await ssh.run(host, 'true');
	await repeated.run();
	expect(shells(traffic.commands)).toHaveLength(1);
	expect(server.refusals).toBe(1);
	server.sessionsMax = 10;
	const now = performance.now.bind(performance);
	vi.spyOn(performance, 'now').mockImplementation(() => now() + 3_600_000);
	expect(await repeated.run()).toBe('ok\n');
	await ssh.run(host, 'true');
	expect(await repeated.run()).toBe('ok\n');
	expect(shells(traffic.commands)).toHaveLength(2);
	expect(server.refusals).toBe(1);
});

it('ends a spare stream for another one, and has a session for commands', async () => {
	const {ssh} = await sshNode(realShell(quiet()), {sessionsMax: 2});
	const spare = await ssh.spareStream(host, 'cat');
	const {promise: ended, resolve} = Promise.withResolvers<unknown>();
	spare?.on('close', resolve).resume();
	await Promise.all([ssh.run(host, 'true'), ssh.run(host, 'true')]);
	const stream = await ssh.stream(host, 'cat');
	await ended;
	expect(await Promise.all([ssh.run(host, 'echo a'), ssh.run(host, 'echo b')])).toEqual(['a\n', 'b\n']);
	expect(await ssh.spareStream(host, 'cat')).toBeUndefined();
	const {promise: closed, resolve: close} = Promise.withResolvers<unknown>();
	stream.on('close', close);
	releaseChannel(stream);
	await closed;
	await ssh.run(host, 'true');
	expect(await ssh.spareStream(host, 'cat')).toBeDefined();
});

it('reports that no session was free in time, and keeps the connection', async () => {
	const traffic = quiet();
	const {ssh, server} = await sshNode(realShell(traffic), {sessionsMax: 2, deadline: 1000});
	await ssh.stream(host, 'cat');
	const hanging = ssh.execute(host, 'exec sleep 60', never);
	await expect.poll(() => traffic.commands.length).toBe(2);
	const stream = ssh.stream(host, 'tail -f log').catch((error: unknown) => error);
	const command = ssh.run(host, 'true').catch((error: unknown) => error);
	expect(await stream).toMatchObject({
		message: 'no session is free: sshd allows 2 on a connection',
		remedy: 'raise MaxSessions in its sshd_config',
	});
	const error = await command;
	expect(error).toBeInstanceOf(NotStartedError);
	await ssh.drop(host, error);
	await expect(ssh.run(host, 'true')).rejects.toThrow(NotStartedError);
	expect(server.logins).toBe(1);
	expect(traffic.commands).toEqual(['cat', 'exec sleep 60']);
	await ssh.drop(host);
	expect((await hanging).code).toBeUndefined();
});

it('does not run a command that was cancelled while it waited for a session', async () => {
	const traffic = quiet();
	const {ssh, server} = await sshNode(realShell(traffic), {sessionsMax: 1});
	const first = await ssh.spareStream(host, 'exec sleep 60');
	const controller = new AbortController();
	const rejected = expect(ssh.execute(host, 'reboot', controller.signal)).rejects.toThrow(NotStartedError);
	await expect.poll(() => server.refusals).toBe(1);
	controller.abort();
	await rejected;
	if (first !== undefined) {
		releaseChannel(first);
	}

	await ssh.run(host, 'true');
	expect(traffic.commands).toEqual(['exec sleep 60', 'true']);
});

it('says so where sshd allows no session at all', async () => {
	const {ssh} = await sshNode(realShell(quiet()), {sessionsMax: 0});
	await expect(ssh.run(host, 'true')).rejects.toThrow('sshd refuses a session: open failed');
});
