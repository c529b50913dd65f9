/** The .deb on a node of the cluster, which has no Node.js: read by a command, in a terminal, and as a service of systemd. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, it, onTestFinished} from 'vitest';
import {sshCommand} from '../../lab/lab.ts';
import {holds} from '../../lab/wait-until.ts';
import packageJson from '../../package.json' with {type: 'json'};
import type {Snapshot} from '../../source/snapshot/schema.ts';
import {temporaryFolder} from '../support/folder.ts';
import {onNode, snapshot, untilHealthy} from '../support/lab.ts';
import {samplesOf} from '../support/monitoring.ts';
import {Terminal} from '../support/terminal.ts';

/** Without PostgreSQL and Patroni. */
const node = 'etcd1';
const service = 'pgha-top-watch.service';
const configFile = '/etc/pgha-top/config.yaml';
const cluster = ['--dcs-url', 'etcd3://10.73.0.171:2379', '--scope', 'postgres-cluster'];

/** Its output, whatever its exit code is. */
async function tried(...argv: readonly string[]): Promise<{stdout: string; exitCode?: number | undefined}> {
	const {file, args, env} = sshCommand(node, argv);
	return execa(file, args, {env, stdin: 'ignore', reject: false, timeout: 60_000});
}

async function put(content: Uint8Array | string, place: string): Promise<void> {
	const {file, args, env} = sshCommand(node, ['sudo', 'dd', 'status=none', `of=${place}`]);
	await execa(file, args, {env, input: content});
}

beforeAll(async () => {
	const folder = temporaryFolder('package');
	const repository = path.join(import.meta.dirname, '..', '..');
	const args = ['run', '--silent', 'package', '--', 'deb', '--fast', '--out', folder];
	const {stdout} = await execa('npm', args, {cwd: repository, stdin: 'ignore'});
	const [file = ''] = /^\S+\.deb/m.exec(stdout) ?? [];
	await untilHealthy();
	await put(readFileSync(file), '/root/pgha-top.deb');
	expect((await tried('which', 'node')).exitCode).toBe(1);
	await onNode(node, 'sudo', 'dpkg', '--install', '/root/pgha-top.deb');
});

afterAll(async () => {
	await tried('sudo', 'dpkg', '--purge', 'pgha-top');
	await tried('sudo', 'rm', '-rf', '/root/pgha-top.deb', '/var/lib/pgha-top');
});

it('reads the cluster for a user without root', async () => {
	expect((await tried('pgha-top', '--version')).stdout).toBe(packageJson.version);
	const {snapshot: seen} = await snapshot();
	const {stdout, exitCode} = await tried('pgha-top', '--once', '--json', '--timeout', '30', ...cluster);
	const {leader, members, verdict, findings} = JSON.parse(stdout) as Snapshot;
	expect({verdict, findings, exitCode}).toEqual({verdict: 'healthy', findings: [], exitCode: 0});
	expect(leader?.member).toBe(seen.leader?.member);
	expect(members.map(({name, role, state}) => [name, role, state])).toEqual(
		seen.members.map(({name, role, state}) => [name, role, state]),
	);
	const metrics = await tried('pgha-top', '--once', '--format', 'openmetrics', '--timeout', '30', ...cluster);
	const samples = samplesOf(`${metrics.stdout}\n`);
	expect(samples.get('pgha_has_leader{scope="postgres-cluster"}')).toBe(1);
	const check = await tried('pgha-top', '--once', '--format', 'nagios', '--timeout', '30', ...cluster);
	expect(check.stdout).toMatch(/^PGHA_TOP OK - postgres-cluster: leader pgdb\d, 2 members \| members=2 /);
});

it.each([
	['a recording', ['tour', 'calm']],
	['the cluster', cluster],
])('shows %s in a terminal', async (_, args) => {
	const command = sshCommand(node);
	const terminal = new Terminal(command.file, [...command.args, '-tt', '--', 'pgha-top', ...args], {
		env: command.env,
	});
	onTestFinished(async () => terminal.kill());
	await terminal.until('a healthy cluster', text => text.includes('\n HEALTHY'), 60_000);
	terminal.press('q');
	expect(await terminal.exited).toBe(0);
});

it('records as a service, which an upgrade restarts and the removal ends', async () => {
	const isActive = async () => (await tried('systemctl', 'is-active', service)).stdout;
	const pid = async () => onNode(node, 'systemctl', 'show', '--property=MainPID', '--value', service);
	const recorded = async () =>
		(await tried('sudo', 'find', '/var/lib/pgha-top', '-name', '*.ndjson*', '-size', '+0')).stdout !== '';
	expect(await isActive()).toBe('inactive');
	expect((await tried('systemctl', 'is-enabled', service)).stdout).toBe('disabled');
	await put('patroni: {scope: postgres-cluster, etcd3: {hosts: "10.73.0.171:2379"}}\n', configFile);
	await onNode(node, 'sudo', 'systemctl', 'enable', '--now', '--quiet', service);
	expect(await holds(recorded, 60_000)).toBe(true);
	expect(await isActive()).toBe('active');
	expect(await onNode(node, 'ps', '-o', 'user=', '-p', await pid())).toBe('pgha-top');

	const before = await pid();
	await onNode(node, 'sudo', 'dpkg', '--install', '--force-confold', '/root/pgha-top.deb');
	expect(await isActive()).toBe('active');
	expect(await pid()).not.toBe(before);

	await onNode(node, 'sudo', 'dpkg', '--purge', 'pgha-top');
	expect(await isActive()).toBe('inactive');
	expect((await tried('sudo', 'find', '/usr', '/etc', '-name', '*pgha-top*')).stdout).toBe('');
	expect((await tried('pgrep', '-u', 'pgha-top')).stdout).toBe('');
	// What was recorded is the user's.
	expect(await recorded()).toBe(true);
});
