import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {afterEach, expect, it} from 'vitest';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {oneNode} from '../support/one-node.ts';
import {node, program} from '../support/program.ts';
import {type Answer, makeKey, nodeWith, SshServer} from '../support/ssh-server.ts';

const vip = '10.73.0.172';
let server: SshServer | undefined;

afterEach(() => {
	server?.close();
	server = undefined;
});

/** A node that accepts the console's login, in a configuration in which nothing else answers. */
async function begin(answer: Answer): Promise<{args: string[]; env: Record<string, string>}> {
	const host = makeKey('host');
	const user = makeKey('user');
	server = new SshServer({host, user, answer});
	const port = await server.listen();
	const {args, env, know} = oneNode(temporaryFolder('once'), {user, port, more: [`vip: ${vip}`]});
	know(host);
	return {args: [...args, '--once'], env};
}

const unit = (name: string, active: string) =>
	`Id=${name}.service\nLoadState=loaded\nActiveState=${active}\nSubState=${active === 'active' ? 'running' : 'dead'}\n`;

/** A node that holds the VIP; keepalived is down, and the file system of etcd and PostgreSQL is full. */
const ailing: Answer = (command, channel) => {
	const answer = command.includes('systemctl show')
		? [
				unit('patroni', 'active'),
				unit('haproxy', 'active'),
				unit('keepalived', 'inactive'),
				...['vip-manager', 'pgbouncer'].map(name =>
					unit(name, 'inactive').replace('LoadState=loaded', 'LoadState=not-found'),
				),
			].join('\n')
		: command.includes('df -P')
			? '/ /dev/sda1 1000 990 10 99% /\n\n/dev/sda1 / ext4 rw 0 0\n'
			: undefined;
	if (answer === undefined) {
		nodeWith('127.0.0.1', vip)(command, channel);
		return;
	}

	channel.write(answer);
	channel.exit(0);
	channel.end();
};

it('prints the same values as text and JSON, with the same exit code', async () => {
	const {args, env} = await begin(ailing);
	const json = await execa(node, [...args, '--json'], {env, reject: false, stdin: 'ignore'});
	const text = await execa(node, args, {env, reject: false, stdin: 'ignore'});
	const {findings} = JSON.parse(json.stdout) as {
		findings: {id: string; severity: string; text: string; cause: string | null}[];
	};
	expect(findings.map(({id}) => id)).toEqual(expect.arrayContaining(['keepalived.down', 'disk.full']));
	const shown = text.stdout.split('\n\n')[0]?.split('\n').slice(1);
	expect(shown).toEqual(
		findings.map(
			({severity, text: said, cause}) => `${cause === null ? '  ' : '    └ '}${severity}: ${said}`,
		),
	);
	expect(text.exitCode).toBe(json.exitCode);
});

it.each([[[]], [['--json']]])(
	'a scope that etcd does not have is an error of the configuration, without a wait for the other sources %j',
	async more => {
		const etcd = await new EtcdServer({
			keys: {'/service/main/initialize': '7', '/service/orders/initialize': '8'},
		}).listen();
		const folder = temporaryFolder('scope');
		const file = path.join(folder, 'patronictl.yaml');
		writeFileSync(file, `scope: mian\netcd3: {hosts: "${etcd.url.replace('http://', '')}"}\n`);
		const args = [program, '-c', file, '--once', '--timeout', '3600', ...more];
		const {stdout, stderr, exitCode} = await execa(node, args, {
			env: {XDG_CONFIG_HOME: '/nonexistent'},
			reject: false,
			stdin: 'ignore',
		});
		etcd.close();
		expect(stderr).toBe(
			'pgha-top: the scope mian does not exist; existing scopes: main, orders; set scope or pass --scope',
		);
		expect(stdout).toBe('');
		expect(exitCode).toBe(64);
	},
);
