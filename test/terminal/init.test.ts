/** `pgha-top init` in a real terminal, and without one: the dialog, the file, the exit codes. */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import path from 'node:path';
import {execa} from 'execa';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {listenOnLoopback} from '../support/loopback.ts';
import {oneNode} from '../support/one-node.ts';
import {node, program} from '../support/program.ts';
import {type Answer, makeKey, SshServer} from '../support/ssh-server.ts';
import {Terminal} from '../support/terminal.ts';

let folder: string;
let server: SshServer;
let rest: Server;
let terminal: Terminal | undefined;
let args: string[];
const env = () => ({
	XDG_CONFIG_HOME: folder,
	XDG_STATE_HOME: folder,
	HOME: folder,
	PATRONICTL_CONFIG_FILE: '',
});

const password = 'hunter2-of-patroni';

/** A node with patroni.yml, and Patroni on this port. */
function nodeWithPatroni(port: number): Answer {
	const file = `scope: main\nname: alpha\nrestapi:\n  connect_address: 127.0.0.1:${port}\n  authentication: {username: a, password: ${password}}\netcd3: {hosts: ["127.0.0.1:1"]}\n`;
	return (command, channel) => {
		const token = /[a-f0-9]{32}/.exec(command)?.[0];
		channel.write(
			command.includes('uname -n') && token !== undefined
				? `${token} host alpha\n${token} file patroni /etc/patroni/patroni.yml\n${file}\n${token} end\n`
				: '',
		);
		channel.exit(command.includes('uname -n') ? 0 : 1);
		channel.end();
	};
}

beforeEach(async () => {
	folder = temporaryFolder('init');
	rest = createServer((_, answer) => {
		const member = {name: 'alpha', role: 'leader', state: 'running', host: '127.0.0.1', port: 5432};
		answer.end(JSON.stringify({scope: 'main', members: [member]}));
	});
	const restPort = await listenOnLoopback(rest);
	const [host, user] = [makeKey('host'), makeKey('user')];
	server = new SshServer({host, user, answer: nodeWithPatroni(restPort)});
	const port = await server.listen();
	const setup = oneNode(folder, {user, port});
	setup.know(host);
	const config = path.join(folder, 'ssh_config');
	writeFileSync(config, `${readFileSync(config, 'utf8')}  Port ${port}\n`);
	args = [program, 'init', '127.0.0.1', '--ssh-config', config];
});

afterEach(async () => {
	await terminal?.kill();
	terminal = undefined;
	server.close();
	rest.close();
});

const file = () => path.join(folder, 'pgha-top', 'config.yaml');

describe('in a terminal', () => {
	it('asks what no node says, again after a mistake, writes the file, and runs doctor', async () => {
		terminal = new Terminal(node, args, {env: env()});
		await terminal.until('the question about balancers', text => text.includes('Hosts of HAProxy'));
		terminal.press('\r');
		await terminal.until('the question about the VIP', text =>
			text.includes('The address where clients connect'),
		);
		terminal.press('10.0.0.999\r');
		await terminal.until('the mistake', text => text.includes('must be an IPv4 or IPv6 address'));
		terminal.press('10.0.0.99\r');
		await terminal.until('the question about the probe', text =>
			text.includes('PostgreSQL user of the probe'),
		);
		terminal.press('app\r');
		await terminal.until('the last question', text => text.includes(`Write ${file()}, ask every source?`));
		expect(existsSync(file())).toBe(false);
		terminal.press('\r');
		const end = await terminal.until('the end of doctor', text =>
			text.includes('start the console: pgha-top'),
		);
		const written = readFileSync(file(), 'utf8');
		expect(written).toContain('  scope: main  # alpha:/etc/patroni/patroni.yml:1');
		expect(written).toContain('vip: 10.0.0.99  # named by you');
		expect(written).toContain('  user: app');
		expect(written).toContain('# Operations need the user');
		expect(written + end).not.toContain(password);
	});

	it('writes nothing where the operator says no', async () => {
		terminal = new Terminal(node, [...args, '--vip', '10.0.0.99', '--probe-user', 'none'], {env: env()});
		await terminal.until('the question about balancers', text => text.includes('Hosts of HAProxy'));
		terminal.press('\r');
		await terminal.until('the last question', text => text.includes('(Enter: yes, n: write nothing)'));
		terminal.press('n\r');
		await terminal.until('its answer', text => text.includes('nothing is written'));
		expect(await terminal.exited).toBe(0);
		expect(existsSync(file())).toBe(false);
	});

	it('ends by Ctrl-C without a file', async () => {
		terminal = new Terminal(node, args, {env: env()});
		await terminal.until('a question', text => text.includes('Hosts of HAProxy'));
		terminal.press('\u0003');
		expect(await terminal.exited).toBe(130);
		expect(existsSync(file())).toBe(false);
	});
});

describe('without a terminal', () => {
	const run = async (...more: readonly string[]) =>
		execa(node, [...args, ...more], {env: env(), reject: false, stdin: 'ignore'});

	it('asks nothing: --print prints the configuration, and writes nothing', async () => {
		const {stdout, exitCode} = await run('--print', '--vip', '10.0.0.99', '--probe-user', 'app');
		expect(exitCode).toBe(0);
		expect(stdout).toMatch(/^# The cluster main, /);
		expect(stdout).toContain('vip: 10.0.0.99');
		expect(stdout).not.toContain(password);
		expect(existsSync(file())).toBe(false);
	});

	it('never writes over a file', async () => {
		mkdirSync(path.dirname(file()));
		writeFileSync(file(), 'mine');
		const {stderr, exitCode} = await run();
		expect(exitCode).toBe(73);
		expect(stderr).toContain(`pgha-top: ${file()} exists: nothing is written over it`);
		expect(readFileSync(file(), 'utf8')).toBe('mine');
	});

	it.each([
		[['init'], 64, 'HOST is missing'],
		[['init', 'a', 'b'], 64, 'unexpected argument "b"'],
		[['init', '--', '-oProxyCommand=id'], 64, 'HOST must be a host name'],
		[['init', 'a b'], 64, 'HOST must be a host name'],
		[['init', 'a', '--vip', 'x'], 64, '--vip must be an IPv4 or IPv6 address'],
		[['init', 'a', '--ssh-config', '/nonexistent'], 64, '--ssh-config: /nonexistent cannot be read'],
		[['init', 'no-such-host.invalid'], 69, 'no cluster was found there'],
	])('%j exits with %i: %s', async (words, code, message) => {
		const {stderr, exitCode} = await execa(node, [program, ...words], {
			env: env(),
			reject: false,
			stdin: 'ignore',
		});
		expect(stderr).toContain(message);
		expect(exitCode).toBe(code);
	});
});
