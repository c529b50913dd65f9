/** `pgha-top init` and what is found on the nodes, on the real cluster: as a new user, with nothing configured. */
import {readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {beforeAll, describe, expect, it} from 'vitest';
import {parse, stringify} from 'yaml';
import type * as z from 'zod';
import {execCommand} from '../../lab/lab.ts';
import {sshConfig} from '../../lab/paths.ts';
import type {snapshotSchema} from '../../source/snapshot/schema.ts';
import {temporaryFolder} from '../support/folder.ts';
import {untilHealthy} from '../support/lab.ts';

beforeAll(untilHealthy);

const timeout = 60_000;

/** Runs pgha-top in the operator's network, without the lab's configuration. */
async function run(args: readonly string[], environment: Readonly<Record<string, string>>) {
	const {file, args: all, env} = execCommand(['pgha-top', ...args]);
	return execa(file, all, {
		env: {...env, PATRONICTL_CONFIG_FILE: '', PGHA_TOP_CONFIG_FILE: '', ...environment},
		reject: false,
		timeout,
	});
}

describe('init', () => {
	it('goes from one host to a configuration that answers everywhere, and never writes over it', {
		timeout: 2 * timeout,
	}, async () => {
		const home = temporaryFolder('test');
		const environment = {XDG_CONFIG_HOME: home, XDG_STATE_HOME: home};
		const init = ['init', 'pgdb1', '--ssh-config', sshConfig];
		const {stdout, exitCode} = await run(init, environment);
		expect(stdout).toContain(': everything answers (');
		expect(exitCode).toBe(0);
		const file = path.join(home, 'pgha-top', 'config.yaml');
		const text = readFileSync(file, 'utf8');
		expect(parse(text)).toMatchObject({
			patroni: {
				scope: 'postgres-cluster',
				etcd3: {hosts: ['10.73.0.160:2379', '10.73.0.170:2379', '10.73.0.171:2379']},
			},
			vip: '10.73.0.172',
			nodes: {
				pgdb1: {host: '10.73.0.160', roles: ['database', 'etcd']},
				pgdb2: {host: '10.73.0.170', roles: ['database', 'etcd']},
				etcd1: {host: '10.73.0.171', roles: ['etcd']},
			},
			haproxy: {port: 7000, path: '/;csv', ports: {primary: 5000, replicas: 5001}},
			probe: {user: 'app'},
		});
		expect(text).toContain('# pgdb1:/etc/keepalived/keepalived.conf:');
		expect(text + stdout).not.toMatch(/lab-(?:patroni|postgres|app|vrrp)/);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		const again = await run(init, environment);
		expect(again).toMatchObject({exitCode: 73, stdout: ''});
		expect(readFileSync(file, 'utf8')).toBe(text);
	});
});

describe('a configuration that names only etcd and a login', () => {
	it('is completed by the files of the nodes', {timeout: 2 * timeout}, async () => {
		const home = temporaryFolder('test');
		const file = path.join(home, 'config.yaml');
		writeFileSync(
			file,
			stringify({
				patroni: {scope: 'postgres-cluster', etcd3: {hosts: ['10.73.0.160:2379', '10.73.0.170:2379']}},
				ssh: {config_file: sshConfig},
			}),
		);
		const environment = {XDG_CONFIG_HOME: home, PGHA_TOP_CONFIG_FILE: file};
		const {stdout} = await run(['--once', '--json', '--timeout', '30'], environment);
		const {vip, found} = JSON.parse(stdout) as z.infer<typeof snapshotSchema>;
		expect(vip).toMatchObject({address: '10.73.0.172', state: 'held'});
		expect(found.values.map(({setting, value}) => `${setting} ${value}`)).toEqual(
			expect.arrayContaining([
				'vip 10.73.0.172 (keepalived)',
				'haproxy.ports.primary 5000',
				'haproxy.port 7000',
			]),
		);
		expect(found.values.every(({from}) => /^pgdb[12]:\/etc\/\S+:\d+$/.test(from))).toBe(true);
		// --once asks no sudo: the login of the lab may not read these.
		expect(found.remarks.filter(one => !/: permission denied$/.test(one))).toEqual([]);
	});
});
