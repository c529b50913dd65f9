/** The machine's file, the user's file and profiles: which one a value comes from, and what cannot be lifted. */
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {type Config, configOf} from '../../source/config/config.ts';
import type {Flags} from '../../source/config/layers.ts';
import {printConfig} from '../../source/config/print.ts';
import {readSettings} from '../../source/config/settings.ts';
import {home} from '../support/home.ts';

type Places = {
	/** `/etc/pgha-top/config.yaml`. */
	machine?: string;
	/** `~/.config/pgha-top/config.yaml`. */
	user?: string;
	/** Other files, by their paths. */
	files?: Record<string, string>;
	environment?: Record<string, string>;
	flags?: Flags;
};

function read({machine, user, files = {}, environment = {}, flags = {}}: Places) {
	const folder = home({
		...(machine === undefined ? {} : {'etc/pgha-top/config.yaml': machine}),
		...(user === undefined ? {} : {'config/pgha-top/config.yaml': user}),
		...files,
	});
	const its = {HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), ...environment};
	const settings = readSettings(flags, its, path.join(folder, 'etc'));
	return {config: configOf(settings, its), settings, folder, environment: its};
}

function configIn(places: Places): Config {
	return read(places).config;
}

const cluster = (scope: string, more = '') =>
	`patroni: {scope: ${scope}, etcd3: {hosts: "${scope}:2379"}}\n${more}`;
const patronictl = {
	'config/patroni/patronictl.yaml': 'scope: main\netcd3: {hosts: "main:2379"}\npgha-top: {deadline: 0.2}\n',
};

describe('a value comes from the highest place that has it', () => {
	/** Lowest first; each place sets the deadline to its number. */
	const levels: readonly Places[] = [
		{machine: 'deadline: 0.1\n'},
		{files: patronictl},
		{user: 'deadline: 0.3\nprofiles: {dev: {}}\n'},
		{machine: 'deadline: 0.1\nprofiles: {dev: {deadline: 0.4}}\n'},
		{user: 'deadline: 0.3\nprofiles: {dev: {deadline: 0.5}}\n'},
	];
	const upTo = (index: number): Places =>
		Object.assign(
			{
				user: 'profiles: {dev: {}}\n',
				files: {'config/patroni/patronictl.yaml': 'scope: main\netcd3: {hosts: "main:2379"}\n'},
				flags: {profile: 'dev'},
			},
			...levels.slice(0, index + 1),
		);

	it.each([
		[0, 'the file of the machine', 'etc/pgha-top/config.yaml:1, deadline'],
		[1, "patronictl's file", 'config/patroni/patronictl.yaml:3'],
		[2, "the user's file", 'config/pgha-top/config.yaml:1, deadline'],
		[3, "the machine's profile", 'etc/pgha-top/config.yaml:2, profiles.dev.deadline'],
		[4, "the user's profile", 'config/pgha-top/config.yaml:2, profiles.dev.deadline'],
	])('%i: %s', (index, _, origin) => {
		const {config, settings, folder, environment} = read(upTo(index));
		expect(config.deadline).toBeCloseTo((index + 1) * 100);
		const line = printConfig(config, settings, environment)
			.split('\n')
			.find(one => one.trim().startsWith('deadline:'));
		expect(line).toContain(`# ${path.join(folder, origin.split(',')[0] ?? '')}`);
		expect(origin.includes('profiles.') ? line : origin).toContain(origin.split(', ')[1] ?? '');
	});

	it('the environment over profiles, flags over the environment', () => {
		const places = {user: cluster('main', 'profiles: {dev: {vip: 10.0.0.1, dry_run: false}}\n')};
		const environment = {PGHA_TOP_DRY_RUN: 'true'};
		const of = (flags: Flags) => configIn({...places, environment, flags: {profile: 'dev', ...flags}});
		expect(of({})).toMatchObject({operations: 'dry-run', vip: '10.0.0.1'});
		expect(of({dryRun: false, vip: '10.0.0.2'})).toMatchObject({operations: 'enabled', vip: '10.0.0.2'});
	});

	it('a file named by PGHA_TOP_CONFIG_FILE stands for that of the user, not of the machine', () => {
		const {config, folder} = read({machine: cluster('main', 'deadline: 0.5\nvip: 10.0.0.1\n')});
		expect(config).toMatchObject({deadline: 500, vip: '10.0.0.1'});
		const other = home({'own.yaml': 'vip: 10.0.0.2\n'});
		const environment = {
			HOME: folder,
			XDG_CONFIG_HOME: folder,
			PGHA_TOP_CONFIG_FILE: path.join(other, 'own.yaml'),
		};
		const settings = readSettings({}, environment, path.join(folder, 'etc'));
		expect(configOf(settings, environment)).toMatchObject({deadline: 500, vip: '10.0.0.2'});
	});
});

describe('a profile', () => {
	const both = `${cluster('main', 'vip: 10.0.0.1\nnodes: {m1: {host: m1}}\nssh: {user: dba}\n')}profiles:\n  prod:\n    patroni: {scope: prod, etcd3: {hosts: "prod:2379"}}\n    color: red\n  slow: {deadline: 2}\n`;

	it('is chosen by the flag, else by the variable', () => {
		expect(configIn({user: both}).profile).toBeUndefined();
		const environment = {PGHA_TOP_PROFILE: 'slow'};
		expect(configIn({user: both, environment})).toMatchObject({
			profile: 'slow',
			scope: 'main',
			deadline: 2000,
		});
		expect(configIn({user: both, environment, flags: {profile: 'prod'}})).toMatchObject({
			...{profile: 'prod', titleColor: 'red', scope: 'prod', deadline: 1500},
		});
	});

	it('of another cluster takes nothing that is about the cluster of the file: no nodes, no VIP, no user', () => {
		const secret = both.replace(
			'patroni: {scope: main',
			'patroni: {scope: main, ctl: {authentication: {username: a, password: bbbbbb}}',
		);
		const config = configIn({user: secret, flags: {profile: 'prod'}});
		expect(config).toMatchObject({vips: [], nodes: [], ssh: {user: 'dba'}});
		expect(config.rest.credentials).toBeUndefined();
		expect(config.etcd.endpoints).toEqual(['http://prod:2379']);
	});

	it('of the same cluster, or of none, is laid over the file', () => {
		const same = cluster(
			'main',
			'vip: 10.0.0.1\nprofiles: {ro: {patroni: {scope: main}, read_only: true}, probe: {probe: {user: app}}}\n',
		);
		expect(configIn({user: same, flags: {profile: 'ro'}})).toMatchObject({
			...{scope: 'main', vip: '10.0.0.1', operations: 'disabled'},
		});
		expect(configIn({user: same, flags: {profile: 'probe'}})).toMatchObject({probe: {host: '10.0.0.1'}});
	});

	it('has a file of its own, or a section', () => {
		const files = {'config/pgha-top/profiles/prod.yaml': cluster('prod', 'color: red\n')};
		expect(configIn({files, flags: {profile: 'prod'}})).toMatchObject({scope: 'prod', titleColor: 'red'});
		expect(() => configIn({user: both, files, flags: {profile: 'prod'}})).toThrow(
			/the profile prod stands twice: in .*profiles\/prod\.yaml, and below profiles: in .*config\.yaml/,
		);
		const machine = {'etc/pgha-top/profiles/prod.yaml': cluster('prod')};
		expect(configIn({files: machine, flags: {profile: 'prod'}}).scope).toBe('prod');
		expect(
			configIn({user: 'profiles: {prod: {vip: 10.0.0.7}}\n', files: machine, flags: {profile: 'prod'}}),
		).toMatchObject({
			...{scope: 'prod', vip: '10.0.0.7'},
		});
	});

	it.each([
		['--profile', {flags: {profile: 'prd'}}],
		['PGHA_TOP_PROFILE', {environment: {PGHA_TOP_PROFILE: 'prd'}}],
	])('that does not exist is an error of %s, which lists those that do', (by, more) => {
		expect(() => configIn({user: both, ...more})).toThrow(
			new RegExp(
				`^${by}: no profile "prd"; there are prod, slow \\(looked in .*etc/pgha-top/config\\.yaml, `,
			),
		);
		expect(() => configIn({user: cluster('main'), ...more})).toThrow(/no profile "prd"; there are none/);
	});

	it.each([
		['profiles: [prod]\n', /config\.yaml, line 1: profiles: must be a mapping: NAME: /],
		['profiles: {"a b": {}}\n', /line 1: profiles: the name of a profile has letters, digits and /],
		['profiles: {"\\e[31m": {}}\n', /the name of a profile has letters/],
		['profiles: {../x: {}}\n', /the name of a profile has letters/],
		['profiles: {prod: 1}\n', /config\.yaml, line 1: profiles\.prod: must be a mapping of settings/],
		['profiles: {prod: {vpi: 10.0.0.1}}\n', /config\.yaml, line 1: profiles\.prod\.vpi: unknown setting/],
		[
			'profiles: {prod: {color: pink}}\n',
			/line 1: profiles\.prod\.color: must be red, yellow, .* or white, found "pink"/,
		],
		[
			'profiles: {prod: {profiles: {a: {}}}}\n',
			/line 1: profiles\.prod\.profiles: a profile has no profiles/,
		],
		['profiles: {prod: {read_only: perhaps}}\n', /profiles\.prod\.read_only: must be true or false/],
	])('%j is refused with its place', (user, message) => {
		expect(() => configIn({user, files: patronictl, flags: {profile: 'prod'}})).toThrow(message);
	});

	it('may be empty', () => {
		expect(configIn({user: `${both}  empty:\n`, flags: {profile: 'empty'}})).toMatchObject({
			...{profile: 'empty', scope: 'main', vip: '10.0.0.1'},
		});
	});

	it('that names its cluster is not led to another one by variables that a shell has exported', () => {
		const environment = {
			PATRONI_SCOPE: 'main',
			PATRONI_ETCD3_HOSTS: 'main:2379',
			PATRONICTL_CONFIG_FILE: '/nonexistent',
			DCS_URL: 'etcd3://main:2379',
			PATRONI_CTL_USERNAME: 'a',
			PATRONI_CTL_PASSWORD: 'bbbbbb',
		};
		const config = configIn({user: both, environment, flags: {profile: 'prod'}});
		expect(config).toMatchObject({
			scope: 'prod',
			etcd: {endpoints: ['http://prod:2379']},
			rest: {credentials: {username: 'a'}},
		});
		expect(config.notices).toEqual(
			['DCS_URL', 'PATRONICTL_CONFIG_FILE', 'PATRONI_ETCD3_HOSTS', 'PATRONI_SCOPE'].map(
				name => `${name}: not used: the profile prod names its cluster`,
			),
		);
	});

	it('that names its cluster is refused beside a flag that names another one', () => {
		expect(() => configIn({user: both, flags: {profile: 'prod', scope: 'main'}})).toThrow(
			'--scope: main is another cluster than that of the profile prod (prod): leave out one of them',
		);
		const {folder} = read({files: patronictl});
		const configFile = path.join(folder, 'config/patroni/patronictl.yaml');
		expect(() => configIn({user: both, flags: {profile: 'prod', configFile}})).toThrow(
			/patronictl\.yaml, line 1: scope: main is another cluster than that of the profile prod/,
		);
	});

	it("leaves out patronictl's file of another cluster, and wins over one of its own", () => {
		expect(configIn({user: both, files: patronictl, flags: {profile: 'prod'}}).etcd.endpoints).toEqual([
			'http://prod:2379',
		]);
		const its = {
			'config/patroni/patronictl.yaml':
				'scope: prod\netcd3: {hosts: "other:2379"}\nctl: {authentication: {username: a, password: bbbbbb}}\n',
		};
		expect(configIn({user: both, files: its, flags: {profile: 'prod'}})).toMatchObject({
			...{etcd: {endpoints: ['http://prod:2379']}, rest: {credentials: {username: 'a'}}},
		});
	});
});

describe("the machine's file", () => {
	it("lends the user's file nothing of another cluster", () => {
		const places = {machine: cluster('prod', 'vip: 10.0.0.1\ndeadline: 0.5\n'), user: cluster('dev')};
		expect(configIn(places)).toMatchObject({scope: 'dev', vips: [], deadline: 500});
		expect(configIn({...places, user: 'ssh: {user: dba}\n'})).toMatchObject({scope: 'prod', vip: '10.0.0.1'});
	});

	it("gives way to the user's patronictl.yaml of another cluster", () => {
		const places = {machine: cluster('prod', 'vip: 10.0.0.1\ndeadline: 0.5\n'), files: patronictl};
		expect(configIn(places)).toMatchObject({scope: 'main', vips: [], deadline: 200});
	});

	it('that cannot be read is an error: it may say read_only', () => {
		expect(() => configIn({files: {...patronictl, 'etc/pgha-top/config.yaml/x': ''}})).toThrow(
			/pgha-top\/config\.yaml: cannot be read: /,
		);
	});
});

describe('read_only', () => {
	const machine = cluster('main', 'read_only: true\n');
	const profile = cluster('main', 'profiles:\n  prod: {read_only: true}\n');
	const why = 'read-only by .*config\\.yaml, line \\d: ';

	it.each([
		['of /etc', {machine}, 'read_only, which holds for all users'],
		[
			'of a profile',
			{user: profile, flags: {profile: 'prod'}},
			'profiles.prod.read_only, which is of the profile',
		],
	])('%s cannot be lifted by a flag, which is an error', (_, places: Places, place) => {
		expect(configIn(places).operations).toBe('disabled');
		expect(() => configIn({...places, flags: {...places.flags, readOnly: false}})).toThrow(
			new RegExp(`^--no-read-only: cannot be lifted: ${why}${place.replaceAll('.', '\\.')}`),
		);
	});

	it.each<[string, Places, RegExp]>([
		[
			'the environment over /etc',
			{machine, environment: {PGHA_TOP_READ_ONLY: 'false'}},
			/^PGHA_TOP_READ_ONLY: not used: read-only by /,
		],
		[
			"the user's file over /etc",
			{machine, user: 'read_only: false\n'},
			/config\/pgha-top\/config\.yaml, line 1: read_only: not used: read-only by /,
		],
		['a value of nothing', {machine, user: 'read_only: ~\n'}, /line 1: read_only: not used: /],
		[
			"the user's profile over /etc",
			{machine, user: 'profiles: {a: {read_only: no}}\n', flags: {profile: 'a'}},
			/profiles\.a\.read_only: not used: /,
		],
		[
			"the user's profile over that of /etc",
			{machine: profile, user: 'profiles: {prod: {read_only: false}}\n', flags: {profile: 'prod'}},
			/profiles\.prod\.read_only: not used: /,
		],
		[
			'the environment over a profile',
			{user: profile, flags: {profile: 'prod'}, environment: {PGHA_TOP_READ_ONLY: '0'}},
			/^PGHA_TOP_READ_ONLY: not used: /,
		],
	])('is not lifted by %s, which is a notice', (_, places, notice) => {
		const {operations, notices} = configIn(places);
		expect(operations).toBe('disabled');
		expect(notices).toEqual([expect.stringMatching(notice)]);
	});

	it('of /etc holds for another cluster too', () => {
		expect(configIn({machine, user: cluster('dev')}).operations).toBe('disabled');
		expect(
			configIn({
				machine,
				user: cluster('dev', 'profiles: {a: {patroni: {scope: b, etcd3: {hosts: "b:1"}}}}\n'),
				flags: {profile: 'a'},
			}).operations,
		).toBe('disabled');
	});

	it("of the user's own file is lifted by a flag, the environment or a profile", () => {
		const user = cluster('main', 'read_only: true\nprofiles: {rw: {read_only: false}}\n');
		expect(configIn({user}).operations).toBe('disabled');
		expect(configIn({user, flags: {readOnly: false}}).operations).toBe('enabled');
		expect(configIn({user, environment: {PGHA_TOP_READ_ONLY: 'no'}}).operations).toBe('enabled');
		expect(configIn({user, flags: {profile: 'rw'}}).operations).toBe('enabled');
	});
});
