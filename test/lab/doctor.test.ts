/** `pgha-top doctor` on set-ups that are broken on purpose: the right cause and what mends it, and nothing else fails. */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {parse, stringify} from 'yaml';
import type * as z from 'zod';
import {execCommand} from '../../lab/lab.ts';
import type {schema} from '../../source/doctor/command.ts';
import {temporaryFolder} from '../support/folder.ts';
import {onNode, untilHealthy} from '../support/lab.ts';

type Answer = z.infer<typeof schema>;

const undo: (() => Promise<unknown>)[] = [];

beforeEach(untilHealthy);

afterEach(async () => {
	for (const mend of undo.splice(0).reverse()) {
		await mend();
	}
});

async function doctor(
	flags: readonly string[] = [],
	env: Readonly<Record<string, string>> = {},
): Promise<{answer: Answer; exitCode: number | undefined}> {
	const command = execCommand(['pgha-top', 'doctor', '--json', ...flags]);
	const {stdout, stderr, exitCode} = await execa(command.file, command.args, {
		env: {...command.env, ...env},
		reject: false,
		timeout: 60_000,
	});
	expect(stderr).toBe('');
	return {answer: JSON.parse(stdout) as Answer, exitCode};
}

/** The failures: name, cause, remedy. */
function failures({checks}: Answer): (readonly [string, string | null, string | null])[] {
	return checks.filter(({ok}) => !ok).map(({name, cause, remedy}) => [name, cause, remedy]);
}

async function sudo(node: string, ...argv: readonly string[]): Promise<string> {
	return onNode(node, 'sudo', ...argv);
}

async function stop(node: string, unit: string): Promise<void> {
	undo.push(async () => sudo(node, 'systemctl', 'start', unit));
	await sudo(node, 'systemctl', 'stop', unit);
}

/** The operator's own file with other settings. @returns the environment that names it */
function changed(change: (own: Record<string, unknown>) => void): Record<string, string> {
	const {PGHA_TOP_CONFIG_FILE: file = ''} = execCommand(['pgha-top']).env;
	const own = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
	change(own);
	const other = path.join(temporaryFolder('test'), 'config.yaml');
	writeFileSync(other, stringify(own));
	return {PGHA_TOP_CONFIG_FILE: other};
}

describe('doctor', () => {
	it('says that everything answers on the healthy cluster, as text too', async () => {
		const {answer, exitCode} = await doctor();
		expect(failures(answer)).toEqual([]);
		expect(exitCode).toBe(0);
		expect(
			answer.checks.filter(({asked}) => asked !== 'sudo' && asked !== 'journal').every(({ms}) => ms !== null),
		).toBe(true);
		const {file, args, env} = execCommand(['pgha-top', 'doctor']);
		expect((await execa(file, args, {env})).stdout).toMatch(/: everything answers \(\d+ checks\)\n/);
	});

	it.each([
		['haproxy', /^HAProxy of pgdb2$/],
		['patroni', /^REST of pgdb2$/],
		['etcd', /^etcd (read at )?10\.73\.0\.170$/],
	])('names the stopped %s by its unit, and the command that starts it', async (unit, names) => {
		await stop('pgdb2', unit);
		const {answer, exitCode} = await doctor();
		const found = failures(answer).filter(([name]) => names.test(name));
		expect(found.length).toBeGreaterThan(0);
		for (const [, cause, remedy] of found) {
			expect(cause).toMatch(new RegExp(`: ${unit}\\.service on pgdb2 is (inactive|failed|deactivating)$`));
			expect(remedy).toBe(`ssh 10.73.0.170 sudo systemctl start ${unit}.service`);
		}

		expect(exitCode).toBe(1);
	});

	it('gives the rule that sudo lacks', async () => {
		const file = '/etc/sudoers.d/zz-doctor';
		undo.push(async () => sudo('pgdb1', 'rm', '-f', file));
		await sudo(
			'pgdb1',
			...['sh', '-c', `"echo 'dba ALL=(ALL) NOPASSWD: ALL, !/usr/bin/systemctl poweroff' > ${file}"`],
		);
		const {answer} = await doctor();
		expect(failures(answer)).toEqual([
			[
				'sudo on pgdb1',
				'sudo does not let dba run without a password: systemctl poweroff',
				"on pgdb1: echo 'dba ALL=(root) NOPASSWD: /usr/bin/systemctl poweroff' | sudo tee /etc/sudoers.d/pgha-top",
			],
		]);
	});

	it('gives the group that may read the journal', async () => {
		undo.push(async () => sudo('etcd1', 'usermod', '-aG', 'adm,systemd-journal', 'dba'));
		await sudo('etcd1', 'gpasswd', '-d', 'dba', 'systemd-journal');
		await sudo('etcd1', 'gpasswd', '-d', 'dba', 'adm');
		const {answer} = await doctor();
		expect(failures(answer)).toEqual([
			[
				'journal of etcd1',
				'dba may not read the journal',
				'on etcd1: sudo usermod -aG systemd-journal dba, then log in again',
			],
		]);
	});

	it('names the statistics page that is elsewhere', async () => {
		const other = changed(own => {
			// With port and path nothing else is tried.
			own.haproxy = {port: 7000, path: '/elsewhere'};
		});
		const {answer} = await doctor([], other);
		const found = failures(answer);
		expect(found.map(([name]) => name)).toEqual(['HAProxy of pgdb1', 'HAProxy of pgdb2']);
		expect(found.every(([, , remedy]) => remedy?.includes('`haproxy.path`'))).toBe(true);
	});

	it('names the socket where the page of the configuration has no statistics, and no port is configured', async () => {
		const other = changed(own => {
			own.haproxy = {path: '/elsewhere'};
		});
		const {answer} = await doctor([], other);
		expect(failures(answer)).toEqual([]);
		expect(answer.checks.filter(({name}) => name.startsWith('HAProxy')).map(({address}) => address)).toEqual([
			"ssh 10.73.0.160, HAProxy's socket",
			"ssh 10.73.0.170, HAProxy's socket",
		]);
	});

	it('names a node without an address', async () => {
		const other = changed(own => {
			own.nodes = {...(own.nodes as object), etcd1: {host: 'nosuch.invalid', roles: ['etcd']}};
		});
		const {answer} = await doctor([], other);
		const found = failures(answer).filter(([name]) => name.endsWith(' on etcd1'));
		expect(found.length).toBeGreaterThan(0);
		expect(
			found.every(([, cause, remedy]) => cause === 'host name not found' && remedy?.includes('/etc/hosts')),
		).toBe(true);
	});

	it('names the host key that is not known', async () => {
		const folder = temporaryFolder('test');
		const file = path.join(folder, 'ssh_config');
		const other = changed(own => {
			const ssh = own.ssh as {config_file: string};
			writeFileSync(
				file,
				`Host *\n  UserKnownHostsFile ${folder}/none\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n${readFileSync(ssh.config_file, 'utf8')}`,
			);
			own.ssh = {...ssh, config_file: file};
		});
		const {answer, exitCode} = await doctor([], other);
		const found = failures(answer);
		expect(found.map(([name]) => name).sort()).toEqual(
			['df', 'ip', 'systemd'].flatMap(what =>
				(what === 'ip' ? ['pgdb1', 'pgdb2'] : ['etcd1', 'pgdb1', 'pgdb2']).map(node => `${what} on ${node}`),
			),
		);
		expect(
			found.every(([, cause, remedy]) => cause?.includes('host key') && remedy?.includes('known_hosts')),
		).toBe(true);
		expect(exitCode).toBe(1);
	});

	it("says what PostgreSQL refuses to the probe's user", async () => {
		const {answer} = await doctor(['--probe', 'postgresql://nosuch@10.73.0.172:5000/app']);
		const found = failures(answer);
		expect(found.map(([name]) => name)).toEqual(['probe of port 5000', 'probe of port 5001']);
		expect(
			found.every(([, cause, remedy]) => /password/.test(cause ?? '') && /pgpass/.test(remedy ?? '')),
		).toBe(true);
	});

	it('is blind where no store answers', async () => {
		const {answer, exitCode} = await doctor(['-d', 'etcd3://10.73.0.160:2399']);
		expect(exitCode).toBe(answer.checks.some(({asked, ok}) => asked === 'rest' && ok) ? 1 : 2);
		expect(failures(answer).filter(([name]) => name.startsWith('etcd'))).toContainEqual([
			'etcd read at 10.73.0.160',
			'connection refused: nothing on pgdb1 listens on port 2399',
			'check the port: `listen-client-urls` in the configuration of etcd, and `etcd3.hosts`',
		]);
	});
});
