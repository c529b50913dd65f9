/** The configuration with what the nodes' files add: what is given wins, and nothing found can break it. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {configOf} from '../../source/config/config.ts';
import type {Environment} from '../../source/config/environment.ts';
import type {Flags} from '../../source/config/layers.ts';
import {readSettings} from '../../source/config/settings.ts';
import {targetOf} from '../../source/config/target.ts';
import {completed, lacksNames} from '../../source/discovery/discover.ts';
import {haproxyPages} from '../../source/sources/haproxy.ts';
import {temporaryFolder} from '../support/folder.ts';
import {aNode, haproxyText, keepalivedText} from '../support/node-files.ts';

const nodes = [aNode('pg1', {haproxy: haproxyText, keepalived: keepalivedText})];

/** The settings of pgha-top's own file. */
function given(own: string, flags: Flags = {}, more: Environment = {}) {
	const folder = temporaryFolder('test');
	writeFileSync(path.join(folder, 'patronictl.yaml'), 'scope: demo\netcd3: {hosts: ["10.0.0.1:2379"]}\n');
	writeFileSync(path.join(folder, 'own.yaml'), own);
	const environment = {
		...{HOME: folder, XDG_CONFIG_HOME: folder, PATRONICTL_CONFIG_FILE: path.join(folder, 'patronictl.yaml')},
		PGHA_TOP_CONFIG_FILE: path.join(folder, 'own.yaml'),
		...more,
	};
	return {settings: readSettings(flags, environment, folder), environment};
}

function complete(own: string, flags?: Flags, environment?: Environment, on = nodes) {
	return completed(given(own, flags, environment), on);
}

describe('found values', () => {
	it('complete a configuration that only enables SSH, each with its place', () => {
		const config = complete('ssh: true\n');
		expect(config.vips).toEqual([{address: '10.0.0.99', manager: 'keepalived', follows: 'none'}]);
		expect(config.haproxy).toMatchObject({
			...{port: 9000, path: '/ha;csv', isPageFound: true, foundBackends: ['primary', 'replicas']},
			...{ports: {primary: 5000, replicas: 5001}, backends: {primary: 'primary', replicas: 'replicas'}},
		});
		expect(config.found.values).toContainEqual({
			setting: 'haproxy.ports.primary',
			value: '5000',
			from: 'pg1:/etc/haproxy/haproxy.cfg:3',
			why: 'HAProxy leads there to members that answer /primary',
		});
		expect(targetOf(config).found).toEqual(config.found);
	});

	it('are tried before the usual statistics pages, which stay', () => {
		const {pages, isConfigured} = haproxyPages('10.0.0.1', complete('ssh: true\n').haproxy);
		expect(pages[0]).toBe('http://10.0.0.1:9000/ha;csv');
		expect(pages).toContain('http://10.0.0.1:7000/;csv');
		expect(isConfigured).toBe(false);
	});

	it.each([
		['vip: 10.0.0.50\n', {}, /vip/, '10.0.0.50'],
		['ssh: true\n', {vip: '10.0.0.51'}, /vip/, '10.0.0.51'],
		['ssh: true\nvip: ~\n', {}, /vip/, undefined],
	])('lose against a VIP in %j and flags %j', (own, flags, setting, vip) => {
		const config = complete(own, flags);
		expect(config.vip).toBe(vip);
		expect(config.found.values.filter(one => setting.test(one.setting))).toEqual([]);
	});

	it('lose against each setting of HAProxy by itself', () => {
		const config = complete('haproxy: {port: 7000, ports: {primary: 6000}}\n');
		expect(config.haproxy).toMatchObject({
			port: 7000,
			isPageFound: false,
			ports: {primary: 6000, replicas: 5001},
		});
		expect(config.haproxy.path).toBeUndefined();
		expect(config.found.values.map(({setting}) => setting)).toEqual([
			'vip',
			'haproxy.backends.primary',
			'haproxy.ports.replicas',
			'haproxy.backends.replicas',
		]);
		expect(complete('ssh: true\nhaproxy: false\n').haproxy.isUsed).toBe(false);
	});

	it('give the probe neither a host, which gets a password, nor a port of another server on it', () => {
		const pooled = [
			aNode('pg1', {
				...{haproxy: haproxyText, keepalived: keepalivedText},
				pgbouncer: '[databases]\n* = host=127.0.0.1 port=5000\n[pgbouncer]\nlisten_addr = *\n',
			}),
		];
		const environment = {PGUSER: 'app', PGPASSWORD: 's3cret'};
		for (const own of ['ssh: true\n', 'ssh: true\nprobe: {user: app}\n']) {
			const {probe, vip, found} = complete(own, {}, environment, pooled);
			expect(vip).toBe('10.0.0.99');
			expect(probe).toBeUndefined();
			expect(found.remarks).toContain(
				'no probe of 10.0.0.99, which was found: its password goes only to a configured host; set vip',
			);
		}

		for (const [own, host] of [
			['vip: 10.9.9.9\nprobe: {user: app}\n', '10.9.9.9'],
			['ssh: true\nprobe: {user: app, host: db.example.org}\n', 'db.example.org'],
		] as const) {
			const {probe, found} = complete(own, {}, {}, pooled);
			expect(probe).toMatchObject({host, port: 5000});
			expect(found.values.some(({setting}) => setting.startsWith('probe'))).toBe(false);
			expect(found.remarks).toEqual([]);
		}
	});

	it("give the data directory, unless a node's own file on this machine does", () => {
		const on = [aNode('pg1', {patroni: 'scope: demo\npostgresql: {data_dir: /srv/pg}\n'})];
		expect(complete('ssh: true\n', {}, {}, on).dataDir).toBe('/srv/pg');
		expect(complete('ssh: true\n', {}, {PATRONI_POSTGRESQL_DATA_DIR: '/srv/own'}, on).dataDir).toBe(
			'/srv/own',
		);
	});

	it('are left out as a whole, with the reason, where they make the configuration invalid', () => {
		const config = complete('ssh: true\nprobe: {user: app, sslmode: verify-full}\n');
		expect(config.vip).toBeUndefined();
		expect(config.found.values).toEqual([]);
		expect(config.found.remarks.join()).toMatch(/^values of the nodes are not used: .*sslrootcert/);
	});

	it('are not looked for without SSH, or where that is turned off', () => {
		for (const [own, expected] of [
			['ssh: true\n', true],
			['vip: 10.0.0.50\n', true],
			['ssh: true\ndiscover: false\n', false],
			['ssh: false\nvip: 10.0.0.50\n', false],
			['deadline: 1\n', false],
		] as const) {
			const {settings, environment} = given(own);
			expect(configOf(settings, environment).discovers).toBe(expected);
		}
	});
});

describe('sudo on the nodes', () => {
	it('is needed only where the files may have what the configuration lacks', () => {
		for (const [own, expected] of [
			['ssh: true\n', true],
			['vip: 10.0.0.50\n', true],
			['vip: 10.0.0.50\nhaproxy: false\n', false],
			['vip: 10.0.0.50\nhaproxy: {port: 7000, ports: {primary: 5000}}\n', false],
			['haproxy: {port: 7000, ports: {primary: 5000}}\n', true],
		] as const) {
			expect(lacksNames(given(own).settings), own).toBe(expected);
		}
	});
});
