import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {readConfig} from '../../source/config/config.ts';
import {endpointUrl} from '../../source/config/endpoint.ts';

function home(files: Readonly<Record<string, string>>): string {
	const folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-home-'));
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(folder, name)), {recursive: true});
		writeFileSync(path.join(folder, name), content);
	}

	return folder;
}

const minimal = 'scope: main\netcd3: {hosts: "a:2379, b"}\n';

describe('the configuration', () => {
	it("is found where patronictl's is, with our own beside it", () => {
		const folder = home({
			'patroni/patronictl.yaml': `${minimal}namespace: service/\npgha-top: {vip: 10.0.0.1, ssh: {user: one}}\n`,
			'pgha-top/config.yaml': 'vip: 10.0.0.2\nnodes:\n  a: {host: 10.0.0.3}\n',
		});
		expect(readConfig({}, {XDG_CONFIG_HOME: folder})).toMatchObject({
			scope: 'main',
			namespace: '/service',
			vip: '10.0.0.2',
			ssh: {user: 'one'},
			etcd: {endpoints: ['http://a:2379', 'http://b:2379']},
			nodes: [{name: 'a', host: '10.0.0.3', roles: ['database', 'etcd']}],
		});
	});

	it('lets flags win over the environment, and that over files', () => {
		const folder = home({'a.yaml': minimal, 'b.yaml': 'scope: other\netcd3: {host: c}\n'});
		const environment = {PATRONICTL_CONFIG_FILE: path.join(folder, 'a.yaml'), XDG_CONFIG_HOME: folder};
		expect(readConfig({}, environment).scope).toBe('main');
		expect(readConfig({configFile: path.join(folder, 'b.yaml')}, environment).scope).toBe('other');
		expect(readConfig({}, {...environment, PATRONI_SCOPE: 'third'}).scope).toBe('third');
		expect(readConfig({scope: 'fourth'}, {...environment, PATRONI_SCOPE: 'third'}).scope).toBe('fourth');
	});

	it('takes ctl over restapi, the client certificate from ctl alone, as patronictl does', () => {
		const folder = home({
			'a.yaml': `${minimal}restapi: {cafile: /r, authentication: {username: r, password: rp}}\nctl: {cacert: /c, certfile: /cert, keyfile: /key, insecure: true}\n`,
		});
		expect(readConfig({configFile: path.join(folder, 'a.yaml')}, {XDG_CONFIG_HOME: folder}).rest).toEqual({
			credentials: {username: 'r', password: 'rp'},
			tls: {ca: '/c', cert: '/cert', key: '/key', insecure: true},
		});
	});

	it('speaks TLS to etcd when it is told to, or given a certificate', () => {
		const folder = home({
			'a.yaml': 'scope: s\netcd3: {hosts: [a, b], cacert: /ca, username: u, password: p}\n',
		});
		expect(readConfig({configFile: path.join(folder, 'a.yaml')}, {XDG_CONFIG_HOME: folder}).etcd).toEqual({
			endpoints: ['https://a:2379', 'https://b:2379'],
			credentials: {username: 'u', password: 'p'},
			tls: {ca: '/ca'},
		});
	});
});

describe('an etcd endpoint', () => {
	it.each([
		['a', false, 'http://a:2379'],
		['a:80', false, 'http://a:80'],
		['https://a:443', false, 'https://a:443'],
		['a', true, 'https://a:2379'],
		['[fd00::1]:2379', false, 'http://[fd00::1]:2379'],
		['ftp://a', false, undefined],
		['a b', false, undefined],
		['a:99999', false, undefined],
	])('%s', (host, secure, url) => {
		expect(endpointUrl(host, secure)).toBe(url);
	});
});
