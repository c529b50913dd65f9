import {symlinkSync} from 'node:fs';
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

	it.each([
		'patroni/patroni.yml',
		'patroni/patroni.yaml',
		'patroni/config.yml',
		'patroni.yml',
		'patroni.yaml',
	])('on a node under its usual name %s, whatever other files there are', name => {
		expect(scopeOf(home({[name]: minimal, 'patroni/17-main.yml': 'scope: other\n'}))).toBe('main');
	});

	it("on a node under another name if it is the only one; Debian's dcs.yml does not count", () => {
		expect(scopeOf(home({'patroni/17-main.yml': minimal, 'patroni/dcs.yml': 'etcd3: {}\n'}))).toBe('main');
	});

	it('not in a file without a scope, unless the scope is given elsewhere', () => {
		const parts = {'patroni/config.yml': 'etcd3: {host: a}\n', 'patroni/callbacks.yml': 'x: 1\n'};
		expect(scopeOf(home({...parts, 'patroni/17-main.yml': minimal}))).toBe('main');
		expect(scopeOf(home({...parts, 'patroni.yaml': minimal}))).toBe('main');
		const etc = home(parts);
		expect(() => scopeOf(etc)).toThrow(`${etc}/patroni/config.yml (no scope)`);
		expect(scopeOf(etc, {PATRONI_SCOPE: 'given'})).toBe('given');
		expect(readConfig({scope: 'typed'}, {XDG_CONFIG_HOME: nowhere}, etc).scope).toBe('typed');
	});

	it('in a file that is not valid, so that its error is shown', () => {
		expect(() => scopeOf(home({'patroni/17-main.yml': 'scope: [\n'}))).toThrow(
			/17-main\.yml, line \d: not valid/,
		);
	});

	it('once, under any of its names', () => {
		const etc = home({'patroni/17-main.yml': minimal});
		symlinkSync('17-main.yml', path.join(etc, 'patroni/main.yml'));
		symlinkSync('nowhere', path.join(etc, 'patroni/gone.yml'));
		expect(scopeOf(etc)).toBe('main');
	});

	it('in a folder only if each of its files can be read', () => {
		const folder = home({'a.yml': minimal, 'b.yml': `x: ${'x'.repeat(1024 * 1024)}\n`, 'c.yml/d': ''});
		expect(() => readConfig({configFile: folder}, {XDG_CONFIG_HOME: nowhere}, nowhere)).toThrow(
			/b\.yml: cannot be read: it is larger than 1 MiB/,
		);
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
			"no configuration found: pass patronictl's with -c FILE, or set PATRONICTL_CONFIG_FILE, or PATRONI_SCOPE and PATRONI_ETCD3_HOSTS, or --scope and --rest, or let `pgha-top init HOST` write one (looked for /nonexistent/patroni/patronictl.yaml, /nonexistent/patroni/*.yml with a scope, /nonexistent/pgha-top/config.yaml, /nonexistent/pgha-top/config.yaml)",
		);
	});

	it('not if the file of -c does not exist', () => {
		expect(() => readConfig({configFile: '/nonexistent/a.yml'}, {}, nowhere)).toThrow(
			'/nonexistent/a.yml: cannot be read: no such file',
		);
	});
});
