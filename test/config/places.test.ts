import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {readConfig} from '../../source/config/config.ts';
import {home, minimal} from '../support/home.ts';

const nowhere = '/nonexistent';

function scopeOf(etc: string, environment: Record<string, string> = {}): string {
	return readConfig({}, {XDG_CONFIG_HOME: nowhere, ...environment}, etc).scope;
}

describe('the configuration is found', () => {
	it("where patronictl's is, and after that where a node's is", () => {
		const etc = home({'patroni/patroni.yml': 'scope: node\netcd3: {host: a}\n'});
		const mine = home({'patroni/patronictl.yaml': 'scope: mine\netcd3: {host: a}\n'});
		expect(scopeOf(etc)).toBe('node');
		expect(scopeOf(etc, {XDG_CONFIG_HOME: mine})).toBe('mine');
		expect(scopeOf(etc, {PATRONICTL_CONFIG_FILE: path.join(mine, 'patroni/patronictl.yaml')})).toBe('mine');
	});

	it.each(['patroni/patroni.yml', 'patroni/patroni.yaml', 'patroni/config.yml', 'patroni.yml'])(
		'on a node under its usual name %s, whatever other files there are',
		name => {
			expect(scopeOf(home({[name]: minimal, 'patroni/17-main.yml': 'scope: other\n'}))).toBe('main');
		},
	);

	it("on a node under another name if it is the only one; Debian's dcs.yml does not count", () => {
		expect(scopeOf(home({'patroni/17-main.yml': minimal, 'patroni/dcs.yml': 'etcd3: {}\n'}))).toBe('main');
	});

	it('not by guessing: several files are an error that names them and asks for -c', () => {
		const etc = home({'patroni/16-main.yml': minimal, 'patroni/17-main.yaml': minimal});
		expect(() => scopeOf(etc)).toThrow(
			`${etc}/patroni has several configurations: name one with -c: ${etc}/patroni/16-main.yml, ${etc}/patroni/17-main.yaml`,
		);
	});

	it('in a folder that -c names, later files over earlier ones, as in Patroni', () => {
		const folder = home({'a.yml': minimal, 'b.yaml': 'scope: later\nnamespace: /n\n', 'c.txt': '}'});
		expect(readConfig({configFile: folder}, {XDG_CONFIG_HOME: nowhere}, nowhere)).toMatchObject({
			scope: 'later',
			namespace: '/n',
			etcd: {endpoints: ['http://a:2379', 'http://b:2379']},
		});
	});

	it('or else the error names the places', () => {
		expect(() => scopeOf(nowhere)).toThrow(
			"no configuration found: pass patronictl's with -c FILE, or set PATRONICTL_CONFIG_FILE, or PATRONI_SCOPE and PATRONI_ETCD3_HOSTS, or --scope and --rest (looked for /nonexistent/patroni/patronictl.yaml, /nonexistent/patroni/*.yml)",
		);
	});

	it('not if the file of -c does not exist', () => {
		expect(() => readConfig({configFile: '/nonexistent/a.yml'}, {}, nowhere)).toThrow(
			'/nonexistent/a.yml: cannot be read: no such file',
		);
	});
});
