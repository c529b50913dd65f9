/** Settings that do not count where they stand are named, with the place where they do. */
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {configOf} from '../../source/config/config.ts';
import {readSettings} from '../../source/config/settings.ts';
import {home} from '../support/home.ts';

const cluster = 'patroni: {scope: main, etcd3: {hosts: "a:2379"}}\n';
const patronis = 'scope: main\netcd3: {hosts: "a:2379"}\n';
const userFile = 'config/pgha-top/config.yaml';
const patronictlFile = 'config/patroni/patronictl.yaml';

function read(files: Record<string, string>, more: Record<string, string> = {}) {
	const folder = home(files);
	const environment = {HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), ...more};
	return configOf(readSettings({}, environment, path.join(folder, 'etc')), environment);
}

describe("in pgha-top's own file", () => {
	it.each([
		['scope: main', "scope: unknown setting: Patroni's settings count below patroni:"],
		['etcd3: {hosts: "a:2379"}', "etcd3: unknown setting: Patroni's settings count below patroni:"],
		['tags: {a: b}', "tags: unknown setting: Patroni's settings count below patroni:"],
		[
			'pgha-top: {vip: 10.0.0.1}',
			'pgha-top: unknown setting: its settings count in this file without pgha-top:',
		],
		['profiles: {a: {ctl: {}}}', "profiles.a.ctl: unknown setting: Patroni's settings count below patroni:"],
		['vpi: 10.0.0.1', 'vpi: unknown setting; allowed: vip, nodes,'],
	])('%j', (text, message) => {
		expect(() => read({[userFile]: `${cluster}${text}\n`})).toThrow(`/${userFile}, line 2: ${message}`);
	});

	it.each(['vip: 10.0.0.1', 'read_only: true', 'profiles: {a: {}}'])('%j in its section patroni', text => {
		const [key] = text.split(':');
		expect(() => read({[userFile]: `patroni:\n  scope: main\n  ${text}\n`})).toThrow(
			`/${userFile}, line 3: patroni.${key}: not used here: pgha-top's settings count outside of patroni:`,
		);
	});

	it('that has the name of no file of pgha-top', () => {
		const {notices} = read({
			[userFile]: cluster,
			'config/pgha-top/config.yml': 'vip: 10.0.0.1\n',
			'etc/pgha-top/config.yml': 'read_only: true\n',
		});
		expect(notices).toEqual([
			expect.stringMatching(
				/^\S+config\/pgha-top\/config\.yml: not used: the configuration is in \S+config\.yaml$/,
			),
			expect.stringMatching(
				/^\S+etc\/pgha-top\/config\.yml: not used: the configuration is in \S+config\.yaml$/,
			),
		]);
	});
});

describe("in patronictl's file", () => {
	const expected = [
		expect.stringMatching(/line 3: read_only: not used here: pgha-top's settings count below pgha-top:$/),
		expect.stringMatching(/line 4: profiles: not used here: counts in pgha-top's own file alone$/),
	];

	it('beside its section pgha-top: a notice, since Patroni ignores what it does not know', () => {
		const text = `${patronis}read_only: true\nprofiles: {}\nlog: {level: INFO}\nother: 1\n`;
		const config = read({[patronictlFile]: text});
		expect(config.notices).toEqual(expected);
		expect(config.operations).toBe('enabled');
		expect(read({}, {PATRONI_CONFIGURATION: text}).notices).toEqual(expected);
	});

	it.each([
		['profiles: {a: {}}', "profiles: unknown setting: counts in pgha-top's own file alone"],
		['patroni: {scope: a}', "patroni: unknown setting: counts in pgha-top's own file alone"],
		['ctl: {insecure: true}', "ctl: unknown setting: Patroni's settings count outside of pgha-top:"],
		['vpi: 10.0.0.1', 'vpi: unknown setting; allowed: vip, nodes,'],
	])('in that section: %j', (text, message) => {
		expect(() => read({[patronictlFile]: `${patronis}pgha-top:\n  ${text}\n`})).toThrow(
			`/${patronictlFile}, line 4: pgha-top.${message}`,
		);
	});
});
