/** The lab's verbs on the real lab: they do what they document, and report what is wrong if they cannot. */
import {dirname, join} from 'node:path';
import process from 'node:process';
import {execa} from 'execa';
import {afterAll, describe, expect, test} from 'vitest';
import {
	cable,
	execCommand,
	LabError,
	logsCommand,
	operatorEnv,
	power,
	presentSetup,
	sshCommand,
	status,
	up,
} from '../../lab/lab.ts';

const cli = join(import.meta.dirname, '../../lab/cli.ts');
const lab = (...args: string[]) => execa(process.execPath, [cli, ...args], {stdin: 'ignore', reject: false});
const start = ({file, args, env}: {file: string; args: string[]; env?: Record<string, string>}) =>
	execa(file, args, {stdin: 'ignore', reject: false, ...(env ? {env} : {})});
const onNode = async (node: string, ...argv: string[]) => (await start(sshCommand(node, argv))).stdout;
const bootOf = (node: string) => onNode(node, 'cat', '/proc/sys/kernel/random/boot_id');

// After a failed test, too, the next file starts with a healthy lab.
afterAll(async () => {
	await up(presentSetup());
});

test('up twice changes nothing: the same nodes keep running', async () => {
	const before = await Promise.all(['pgdb1', 'pgdb2', 'etcd1'].map(bootOf));
	expect(new Set(before).size).toBe(3);
	const lines: string[] = [];
	await up({...presentSetup(), onProgress: line => lines.push(line)});
	expect(lines.join('\n')).toContain('already up');
	expect(await Promise.all(['pgdb1', 'pgdb2', 'etcd1'].map(bootOf))).toEqual(before);
});

test('up with another suite or profile is refused and changes nothing', async () => {
	const before = presentSetup();
	await expect(up({suite: 'bookworm'})).rejects.toThrow(/is up with .*npm run lab -- down/);
	await expect(up({...before, profile: 'operator'})).rejects.toThrow(/is up with/);
	const postgresql = before?.postgresql === 16 ? 17 : 16;
	await expect(up({...before, suite: 'trixie', postgresql})).rejects.toThrow(
		/is up with .*PostgreSQL \d+.*npm run lab -- down/,
	);
	await expect(up({suite: 'potato'})).rejects.toThrow('unknown suite "potato"');
	expect(presentSetup()).toEqual(before);
});

test('status reports what up promises', async () => {
	const now = await status();
	expect(now).toMatchObject({up: true, healthy: true, ...presentSetup()});
	const cluster = now.nodes.filter(({name}) => name !== 'app');
	expect(cluster.map(({name, power: state}) => `${name} ${state}`)).toEqual([
		'pgdb1 on',
		'pgdb2 on',
		'etcd1 on',
	]);
	expect(now.vipHolders).toHaveLength(1);
	expect(now.syncStandbys).toHaveLength(1);
	expect(now.leader).not.toBe(now.syncStandbys[0]);
});

describe('a wrong command line is answered with an error message', () => {
	test.each([
		[['frob'], 2, /unknown verb "frob"/],
		[['power', 'frob', 'pgdb1'], 2, /unknown power action "frob"/],
		[['power', 'on'], 2, /usage: .*power on\|off\|cut\|reboot NODE/],
		[['cable', 'up', 'pgdb1'], 2, /unknown cable position "up"/],
		[['up', '--frob'], 2, /--frob/],
		[
			['up', '--postgres', '14'],
			1,
			/unknown PostgreSQL version "14"; the lab has 15 \(bookworm\), 16 \(trixie\)/,
		],
		[['up', '--suite', 'forky', '--postgres', '16'], 1, /forky has no PostgreSQL 16; use --suite trixie/],
		[['ssh'], 2, /usage: .*ssh NODE/],
		[['ssh', 'pgdb9'], 1, /unknown node "pgdb9"; the lab has pgdb1, pgdb2, etcd1/],
		[['exec', '--'], 1, /exec needs a command/],
		[['power', 'on', 'pgdb1'], 1, /pgdb1 is already on/],
		[['cable', 'in', 'pgdb1'], 1, /cable of pgdb1 is already in/],
	])('%j', async (args, code, sentence) => {
		const {exitCode, stderr, stdout} = await lab(...args);
		expect(stderr).toMatch(sentence);
		expect(stderr).not.toMatch(/^\s+at /m);
		expect(stdout).toBe('');
		expect(exitCode).toBe(code);
	});
});

test('exec has the operator’s network, environment and exit codes', async () => {
	const {stdout} = await lab(
		'exec',
		'--',
		'sh',
		'-c',
		'ip -4 -o address show eth0; echo "$PATRONICTL_CONFIG_FILE"',
	);
	expect(stdout).toContain('10.73.0.1/24');
	expect(stdout).toContain(operatorEnv().PATRONICTL_CONFIG_FILE);
	expect((await lab('exec', '--', 'sh', '-c', 'exit 7')).exitCode).toBe(7);
	expect((await lab('exec', '--', 'sh', '-c', 'kill -TERM $$')).exitCode).toBe(143);
	// A pipe that closes early ends the writer, as in a shell.
	expect((await lab('exec', '--', 'sh', '-c', 'yes | head -n 1')).stderr).toBe('');
});

test('ssh uses the operator’s account and verifies host keys', async () => {
	expect(await onNode('pgdb1', 'id', '-un')).toBe('dba');
	expect(await onNode('pgdb1', 'id', '-Gn')).toMatch(/\badm\b.*\bsystemd-journal\b/);
	expect(await onNode('etcd1', 'sudo', '-n', 'id', '-un')).toBe('root');
	const config = join(dirname(operatorEnv().PGHA_TOP_CONFIG_FILE ?? ''), 'ssh_config');
	const stranger = await start(
		execCommand(['ssh', '-F', config, '-o', 'UserKnownHostsFile=/dev/null', 'pgdb1', 'true']),
	);
	expect(stranger.exitCode).toBe(255);
	expect(stranger.stderr).toContain('Host key verification failed');
});

test('patronictl and etcdctl run on the nodes', async () => {
	const members: {Member: string; Role: string}[] = JSON.parse(
		await onNode('pgdb1', 'sudo', 'patronictl', '-c', '/etc/patroni/patroni.yml', 'list', '-f', 'json'),
	);
	expect(members.map(member => member.Member).sort()).toEqual(['pgdb1', 'pgdb2']);
	const health = await onNode('etcd1', 'etcdctl', 'endpoint', 'health', '--cluster', '--write-out=json');
	expect(JSON.parse(health)).toHaveLength(3);
});

test('the cluster’s network is unreachable from the machine’s own', async () => {
	const {stdout: addresses} = await execa('ip', ['address']);
	const {stdout: routes} = await execa('ip', ['route', 'show', 'table', 'all']);
	const {stdout: route} = await execa('ip', ['route', 'get', '10.73.0.160'], {reject: false});
	expect(addresses).not.toContain('10.73.0.');
	expect(routes).not.toContain('10.73.0.');
	expect(route).not.toMatch(/src 10\.73\.0\./);
	// This proves that the test can fail: the same check from the operator's side succeeds.
	expect((await start(execCommand(['ip', 'route', 'show', 'table', 'all']))).stdout).toContain(
		'10.73.0.0/24',
	);
});

test('etcd1 survives a power cycle', async () => {
	const boot = await bootOf('etcd1');
	await power('off', 'etcd1');
	const off = await status();
	expect(off.nodes.find(node => node.name === 'etcd1')?.power).toBe('off');
	expect(off.conditions.find(condition => condition.name === 'etcd')).toMatchObject({
		met: false,
		text: 'not healthy: etcd1',
	});
	expect(() => sshCommand('etcd1')).toThrow(
		new LabError('etcd1 is off; switch it on: npm run lab -- power on etcd1'),
	);
	await expect(power('off', 'etcd1')).rejects.toThrow('etcd1 is already off');
	await expect(power('reboot', 'etcd1')).rejects.toThrow('etcd1 is already off');
	const journal = await start(logsCommand('etcd1', ['--no-pager', '--unit=etcd', '--lines=20']));
	expect(journal.stdout).toContain('etcd');

	await power('on', 'etcd1');
	expect(await bootOf('etcd1')).not.toBe(boot);
	await up(presentSetup());
	expect((await status()).healthy).toBe(true);
});

test('a reboot gives the same machine with a new boot id', async () => {
	const [boot, machine] = [await bootOf('etcd1'), await onNode('etcd1', 'cat', '/etc/machine-id')];
	await power('reboot', 'etcd1');
	expect(await bootOf('etcd1')).not.toBe(boot);
	expect(await onNode('etcd1', 'cat', '/etc/machine-id')).toBe(machine);
});

test('a cable that is out cuts the node off and leaves it on, over a reboot too', async () => {
	const reachable = async () => (await start(sshCommand('etcd1', ['true']))).exitCode === 0;
	expect(await reachable()).toBe(true);
	await cable('out', 'etcd1');
	expect(await reachable()).toBe(false);
	await expect(cable('out', 'etcd1')).rejects.toThrow('the cable of etcd1 is already out');
	await power('reboot', 'etcd1');
	expect((await status()).nodes.find(node => node.name === 'etcd1')).toMatchObject({
		power: 'on',
		cable: 'out',
	});
	expect(await reachable()).toBe(false);
	await cable('in', 'etcd1');
	await up(presentSetup());
	expect(await reachable()).toBe(true);
});
