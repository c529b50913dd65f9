/** Each file is refused for its own mistakes, whatever is laid over it. */
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import type {Flags} from '../../source/config/layers.ts';
import {preferencesOf, readPreferences} from '../../source/config/preferences.ts';
import {readSettings, type Settings} from '../../source/config/settings.ts';
import {applyPreferences} from '../../source/ui/preferences.ts';
import {home} from '../support/home.ts';

const cluster = 'patroni: {scope: main, etcd3: {hosts: "a:2379"}}\n';
const machineFile = 'etc/pgha-top/config.yaml';
const userFile = 'config/pgha-top/config.yaml';
const patronictlFile = 'config/patroni/patronictl.yaml';

function read(files: Record<string, string>, flags: Flags = {}): Settings {
	const folder = home(files);
	const environment = {HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config')};
	return readSettings(flags, environment, path.join(folder, 'etc'));
}

/** Each mistake with what another file gives for the same key. */
const mistakes: ReadonlyArray<readonly [file: string, over: string, message: string]> = [
	['vpi: 10.0.0.1', 'vpi:', 'line 1: vpi: unknown setting; allowed: vip, '],
	['deadline: soon', 'deadline:', 'line 1: deadline: must be a number of seconds above 0, found "soon"'],
	['deadline: soon', 'deadline: 1', 'line 1: deadline: must be a number'],
	['read_only: perhaps', 'read_only: true', 'line 1: read_only: must be true or false, found "perhaps"'],
	['dry_run: perhaps', 'dry_run: ~', 'line 1: dry_run: must be true or false'],
	['vip: [10.0.0.1]\nhaproxy: {port: 0}', 'haproxy: false', 'line 2: haproxy.port: must be a port'],
	['haproxy: {prot: 1}', 'haproxy: {prot: ~}', 'line 1: haproxy.prot: unknown setting'],
	['nodes: {a: {host: a, rules: []}}', 'nodes:', 'line 1: nodes.a.rules: unknown setting'],
	['nodes: [a]', 'nodes: {a: {host: a}}', 'line 1: nodes: must be a mapping: NAME: {host: ADDRESS}'],
	['vip: [{manager: keepalived}]', 'vip: ~', 'line 1: vip.0.address: must be an IPv4 or IPv6 address'],
	['theme: pink', 'theme: dark', 'line 1: theme: must be 16-colors, '],
	['vip: "{{ vip }}"', 'vip: 10.0.0.1', 'line 1: vip: {{ vip }} was not filled in'],
	[
		'patroni: {ctl: {insecure: perhaps}}',
		'patroni: {ctl: {insecure: true}}',
		'line 1: patroni.ctl.insecure: must',
	],
	['patroni: main', 'patroni: {scope: main}', 'line 1: patroni: must be a mapping of settings (key: value)'],
];

describe('a mistake is refused with its file and line', () => {
	it.each(mistakes)('%j of the machine, over which the user lays %j', (file, over, message) => {
		const files = {
			[machineFile]: `${file}\n`,
			[userFile]: over.startsWith('patroni') ? `${over}\n` : `${over}\n${cluster}`,
		};
		expect(() => read(files)).toThrow(`/${machineFile}, ${message}`);
	});

	it.each(mistakes)('%j of the user, over which a profile lays %j', (file, over, message) => {
		const profile = {'config/pgha-top/profiles/prod.yaml': `${over}\n`};
		const files = {...profile, [userFile]: `${file}\n`, [patronictlFile]: 'scope: main\n'};
		expect(() => read(files, {profile: 'prod'})).toThrow(`/${userFile}, ${message}`);
	});

	it.each(mistakes.filter(([, , message]) => !message.includes('patroni')))(
		"%j in the section of patronictl's file, over which the user lays %j",
		(file, over, message) => {
			const section = file.replaceAll('\n', '\n  ');
			const files = {
				[patronictlFile]: `scope: main\npgha-top:\n  ${section}\n`,
				[userFile]: `${over}\n`,
			};
			const [line = '', ...rest] = message.replace(/^line /, '').split(': ');
			expect(() => read(files)).toThrow(
				`/${patronictlFile}, line ${Number(line) + 2}: pgha-top.${rest.join(': ')}`,
			);
		},
	);

	it.each(mistakes.filter(([file]) => !file.includes('\n')))(
		'%j in a profile that is not chosen',
		(file, _, message) => {
			const files = {[userFile]: `${cluster}profiles:\n  other: {${file}}\n  prod: {}\n`};
			const [, ...rest] = message.split(': ');
			const expected = `/${userFile}, line 3: profiles.other.${rest.join(': ')}`;
			expect(() => read(files)).toThrow(expected);
			expect(() => read(files, {profile: 'prod'})).toThrow(expected);
		},
	);

	it('whatever flag is given', () => {
		const files = {[userFile]: `${cluster}vip: here\nread_only: perhaps\n`};
		expect(() => read(files, {vip: '10.0.0.1', readOnly: true})).toThrow(
			/line 2: vip: must be an IPv4 or IPv6 address, found "here"\n.*line 3: read_only: must be true or false/,
		);
	});

	it('all of all files at once, each once', () => {
		const files = {
			[machineFile]: 'vpi: 1\n',
			[userFile]: `${cluster}deadline: soon\nprofiles: {prod: {color: pink}}\n`,
		};
		expect(() => read(files, {profile: 'prod'})).toThrow(
			/^\S+etc\/pgha-top\/config\.yaml, line 1: vpi: .*\n\S+, line 2: deadline: .*\n\S+, line 3: profiles\.prod\.color: [^\n]*$/,
		);
	});

	it('also if a key without a value, or with an empty text, is unknown', () => {
		expect(() => read({[userFile]: `${cluster}vpi:\n`})).toThrow(/line 2: vpi: unknown setting/);
		expect(() => read({[userFile]: `${cluster}vpi: ""\n`})).toThrow(/line 2: vpi: unknown setting/);
		expect(() => read({[userFile]: `${cluster}probe: {usr: }\n`})).toThrow(/line 2: probe\.usr: unknown/);
	});

	it.each([
		['vip: 10.0.0.1\nvip: 10.0.0.2', 'line 3: vip: stands twice, also in line 2: remove one of them'],
		['read_only: true\n"read_only": false', 'line 3: read_only: stands twice, also in line 2'],
		['nodes: {a: {host: a}, a: {host: b}}', 'line 2: nodes.a: stands twice, also in line 2'],
		['profiles:\n  a: {}\n  a: {}', 'line 4: profiles.a: stands twice, also in line 3'],
		['profiles:\n  a: {vip: 10.0.0.1, vip: 10.0.0.2}', 'line 3: profiles.a.vip: stands twice'],
	])('if a key stands twice: %j', (text, message) => {
		expect(() => read({[userFile]: `${cluster}${text}\n`})).toThrow(`/${userFile}, ${message}`);
		const environment = {XDG_CONFIG_HOME: path.join(home({[userFile]: `${text}\n`}), 'config')};
		expect(() => readPreferences(environment, '/nonexistent')).toThrow(/stands twice/);
	});

	it("if a key stands twice in the section of patronictl's file, of which the rest is Patroni's", () => {
		const twice = 'scope: main\nscope: main\netcd3: {hosts: "a:2379"}\n';
		expect(() => read({[patronictlFile]: `${twice}pgha-top: {vip: 10.0.0.1, vip: 10.0.0.2}\n`})).toThrow(
			`/${patronictlFile}, line 4: pgha-top.vip: stands twice, also in line 4: remove one of them`,
		);
		expect(() => read({[patronictlFile]: `${twice}pgha-top: {}\npgha-top: {}\n`})).toThrow(
			/line 5: pgha-top: stands twice, also in line 4/,
		);
		expect(read({[patronictlFile]: twice}).content.scope).toBe('main');
	});
});

describe('is no mistake', () => {
	it('what another file completes, or removes', () => {
		const {content} = read({
			[machineFile]: `${cluster}nodes: {a: {host: 10.0.0.1}}\nvip: {address: 10.0.0.9}\nprobe: {user: app}\n`,
			[userFile]: 'nodes: {a: {roles: [database]}}\nvip: {manager: vip-manager}\nprobe: ~\n',
		});
		expect(content['pgha-top']).toMatchObject({
			nodes: {a: {host: '10.0.0.1', roles: ['database']}},
			vip: {address: '10.0.0.9', manager: 'vip-manager'},
			probe: {},
		});
	});

	it('an empty text, a section of nothing, an empty file', () => {
		const files = {[machineFile]: '', [userFile]: `${cluster}data_dir: ""\nprofiles: ~\nssh: ~\n`};
		expect(read(files).content['pgha-top'].data_dir).toBeUndefined();
		expect(read({[machineFile]: cluster, [userFile]: 'patroni: ~\n'}).content.scope).toBe('main');
	});
});

describe('the settings of the screen', () => {
	const preferences = (files: Record<string, string>) => {
		const folder = home(files);
		return readPreferences({XDG_CONFIG_HOME: path.join(folder, 'config')}, path.join(folder, 'etc'));
	};

	it('are refused for recordings, too, and only they', () => {
		expect(() => preferences({[machineFile]: 'theme: pink\n', [userFile]: 'theme: ~\n'})).toThrow(
			/etc\/pgha-top\/config\.yaml, line 1: theme: must be /,
		);
		expect(preferences({[userFile]: 'theme: dark\nvpi: 10.0.0.1\n'}).theme).toBe('dark');
	});

	it.each([
		['keys: {swichover: F9}', 'keys: {swichover: ~}', 'keys.swichover: no such command'],
		['keys: {switchover: F13}', 'keys: {switchover: F9}', 'keys.switchover: unknown key "F13"'],
		['keys: {switchover: F13}', 'keys:', 'keys.switchover: unknown key "F13"'],
		['keys: {dialog.yes: F9}', 'keys:', 'keys.dialog.yes: its key is fixed'],
	])('%j of the machine is refused, over which the user lays %j', (file, over, message) => {
		const files = {[machineFile]: `${file}\n`, [userFile]: `${over}\n`};
		expect(() => applyPreferences(preferences(files))).toThrow(`/${machineFile}, line 1: ${message}`);
		const settings = read({...files, [patronictlFile]: 'scope: main\netcd3: {hosts: "a:2379"}\n'});
		expect(() => applyPreferences(preferencesOf(settings))).toThrow(`/${machineFile}, line 1: ${message}`);
	});

	it('are refused in a profile that is not chosen, each once', () => {
		const settings = read({[userFile]: `${cluster}keys: {a: F9}\nprofiles: {x: {keys: {b: F9}}}\n`});
		expect(() => applyPreferences(preferencesOf(settings))).toThrow(
			/^\S+, line 2: keys\.a: no such command[^\n]*\n\S+, line 3: profiles\.x\.keys\.b: no such command[^\n]*$/,
		);
	});

	it('may be keys that only another file makes free', () => {
		const files = {[machineFile]: 'keys: {switchover: F9}\n', [userFile]: 'keys: {findings.toggle: S}\n'};
		expect(() => applyPreferences(preferences(files))).not.toThrow();
	});
});
