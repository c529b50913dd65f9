/** From one host to a configuration: what is understood, what is asked, and the file. */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {configOf} from '../../source/config/config.ts';
import {readSettings} from '../../source/config/settings.ts';
import {type Given, loginAtVip, prepare} from '../../source/init/dialog.ts';
import {fileText} from '../../source/init/file-text.ts';
import type {Ask} from '../../source/init/questions.ts';
import {NotUnderstood} from '../../source/init/understand.ts';
import {fetchCommand} from '../../source/init/ways.ts';
import {temporaryFolder} from '../support/folder.ts';
import {type FakeCluster, FakeWays, facts, listed, patroniText} from '../support/init-cluster.ts';
import {haproxyText, keepalivedText} from '../support/node-files.ts';

const members = [listed('pg1', '10.0.0.1'), listed('pg2', '10.0.0.2')];
const files = {haproxy: haproxyText, keepalived: keepalivedText};
const etcdUnit = {
	units: [{name: 'etcd.service', active: 'active', enabled: 'enabled'}],
	processes: ['haproxy', 'keepalived'],
};
const pg1 = facts('pg1', {...files, patroni: patroniText('pg1', '10.0.0.1')}, etcdUnit);
const pg2 = facts('pg2', {...files, patroni: patroniText('pg2', '10.0.0.2')}, etcdUnit);
const etcd3 = facts('etcd3', {}, {units: etcdUnit.units, hostname: 'etcd3'});
const classic: FakeCluster = {
	hosts: {pg1, '10.0.0.1': pg1, '10.0.0.2': pg2, '10.0.0.3': etcd3},
	rest: {'http://10.0.0.1:8008': members},
	open: ['10.0.0.2:2379'],
};

const none: Given = {
	...{host: 'pg1', sshConfig: undefined, vip: undefined, probeUser: undefined},
	...{balancers: undefined, etcdCa: undefined, restCa: undefined, isProfile: false},
};

/** Answers by a part of the question; a question without one fails. */
function answering(answers: Readonly<Record<string, string>>): Ask & {asked: string[]} {
	const asked: string[] = [];
	return {
		asked,
		async question(text, check) {
			asked.push(text);
			const answer = Object.entries(answers).find(([part]) => text.includes(part))?.[1];
			if (answer === undefined) {
				throw new Error(`not expected: ${text}`);
			}

			expect(check(answer)).toBeUndefined();
			return answer;
		},
	};
}

async function run(
	cluster: FakeCluster,
	given: Partial<Given> = {},
	ask?: Ask,
	more: Record<string, string> = {},
) {
	const home = temporaryFolder('test');
	const environment = {HOME: home, XDG_CONFIG_HOME: path.join(home, 'config'), ...more};
	const ways = new FakeWays(cluster);
	const shown: string[] = [];
	const dialog = {ask, show: (text: string) => void shown.push(text), say: () => undefined};
	const prepared = await prepare(
		{...none, ...given},
		dialog,
		() => ways,
		environment,
		async rows => rows.map(row => row.join(' | ')).join('\n'),
	);
	const text = fileText(prepared.known, prepared.answers, {command: 'pgha-top init pg1', date: '2026-11-26'});
	expect(text).not.toContain('hunter2');
	expect(shown.join('')).not.toContain('hunter2');
	return {...prepared, text, ways, shown: shown.join(''), environment, home};
}

/** The configuration of a written file. */
function configured({text, environment, home}: Awaited<ReturnType<typeof run>>, flags = {}) {
	const file = path.join(home, 'written.yaml');
	writeFileSync(file, text);
	const its = {...environment, PGHA_TOP_CONFIG_FILE: file};
	return configOf(readSettings(flags, its, path.join(home, 'etc')), its);
}

describe('a cluster with HAProxy and keepalived on its database nodes', () => {
	it('is understood from one host, without a question', async () => {
		const ask = answering({'user of the probe': 'app'});
		const result = await run(classic, {}, ask);
		expect(ask.asked).toHaveLength(1);
		expect(
			result.text,
		).toBe(`# The cluster demo, as "pgha-top init pg1" found it on 2026-11-26. Each value has its place beside it.
# What is in effect: pgha-top --print-config. All settings: docs/configuration.md.

# What patronictl reads from its own file. -c FILE and PATRONICTL_CONFIG_FILE replace it.
patroni:
  scope: demo  # pg1:/etc/patroni/patroni.yml:1
  namespace: /db  # pg1:/etc/patroni/patroni.yml:2
  etcd3: {hosts: [10.0.0.1:2379, 10.0.0.2:2379, 10.0.0.3:2379]}  # pg1:/etc/patroni/patroni.yml:8
# Operations need the user of Patroni's REST API, restapi.authentication in pg1:/etc/patroni/patroni.yml:6.
# No password is copied: write ${result.environment.XDG_CONFIG_HOME}/patroni/patronictl.yaml (mode 0600) with
#   ctl: {authentication: {username: …, password: …}}
# or set PATRONI_CTL_USERNAME and PATRONI_CTL_PASSWORD.

ssh: true  # with the login of your ssh configuration
vip: 10.0.0.99  # pg1:/etc/keepalived/keepalived.conf:7: keepalived's instance VI
data_dir: /srv/pg  # pg1:/etc/patroni/patroni.yml:9: PostgreSQL's data directory

nodes:
  pg1: {host: 10.0.0.1, roles: [database, etcd]}  # http://10.0.0.1:8008/cluster
  pg2: {host: 10.0.0.2, roles: [database, etcd]}  # http://10.0.0.1:8008/cluster
  etcd3: {host: 10.0.0.3, roles: [etcd]}  # hosts of etcd in patroni.yml

haproxy:
  ports: {primary: 5000, replicas: 5001}  # pg1:/etc/haproxy/haproxy.cfg:3, pg1:/etc/haproxy/haproxy.cfg:7
  backends: {primary: primary, replicas: replicas}  # pg1:/etc/haproxy/haproxy.cfg:3, pg1:/etc/haproxy/haproxy.cfg:7
  port: 9000  # pg1:/etc/haproxy/haproxy.cfg:13
  path: /ha;csv  # pg1:/etc/haproxy/haproxy.cfg:13

probe:
  user: app  # named by you; its password: ~/.pgpass
`);
		expect(configured(result)).toMatchObject({
			...{scope: 'demo', namespace: '/db', vip: '10.0.0.99', dataDir: '/srv/pg'},
			etcd: {endpoints: ['http://10.0.0.1:2379', 'http://10.0.0.2:2379', 'http://10.0.0.3:2379']},
			probe: {host: '10.0.0.99', port: 5000, readPort: 5001, user: 'app'},
			haproxy: {port: 9000, path: '/ha;csv'},
		});
		expect(result.shown).toContain('patroni.scope | demo | pg1:/etc/patroni/patroni.yml:1');
	});

	it('asks nothing without a terminal, and reads each host once', async () => {
		const {text, ways} = await run(classic);
		expect(text).not.toContain('probe:');
		expect(new Set(ways.reads).size).toBe(ways.reads.length);
	});

	it('takes the user of the probe from .pgpass, without its password', async () => {
		const home = temporaryFolder('test');
		writeFileSync(path.join(home, 'pgpass'), '# c\n10.0.0.99:*:shop:app:hunter2\n', {mode: 0o600});
		const result = await run(classic, {}, undefined, {PGPASSFILE: path.join(home, 'pgpass')});
		expect(result.text).toContain(`  user: app  # ${home}/pgpass:2\n  database: shop`);
		expect(configured(result).probe).toMatchObject({user: 'app', database: 'shop'});
	});

	it('names an address that doctor would log in to, and that the operator did not name', async () => {
		const {known, answers} = await run(classic, {probeUser: 'app'});
		expect(loginAtVip(known, answers, {})).toEqual({host: '10.0.0.99', user: 'app'});
		expect(loginAtVip(known, {...answers, probe: undefined}, {PGUSER: 'env'})?.user).toBe('env');
		expect(loginAtVip(known, {...answers, probe: undefined}, {})).toBeUndefined();
		expect(loginAtVip(known, {...answers, vip: '10.0.0.99'}, {})).toBeUndefined();
		expect(loginAtVip(known, answers, {PGHOST: 'db.example.org'})).toBeUndefined();
	});

	it('leaves out members whose names cannot be keys of a configuration, and says so', async () => {
		const long = 'x'.repeat(2000);
		const odd = [...members, listed('<<', '10.0.0.4'), listed(long, '10.0.0.5')];
		const result = await run({...classic, rest: {'http://10.0.0.1:8008': odd}});
		expect(result.text).toContain('# NOTE: << (10.0.0.4) is left out: its name cannot be a key');
		expect(result.text).toMatch(/# NOTE: x{200} \(10\.0\.0\.5\) is left out/);
		expect(configured(result).nodes.map(({name}) => name)).toEqual(['pg1', 'pg2', 'etcd3']);
	});

	it('names login and ssh configuration as they were given', async () => {
		const sshConfig = path.join(temporaryFolder('test'), 'ssh_config');
		writeFileSync(sshConfig, '');
		const result = await run(classic, {host: 'dba@pg1', sshConfig, probeUser: 'none'});
		expect(result.text).toContain(`ssh: {user: dba, config_file: ${sshConfig}}  # named by you`);
		expect(configured(result).ssh).toEqual({user: 'dba', configFile: sshConfig, isUsed: true});
	});

	it("leaves patronictl's settings to its own file where that is of this cluster, secrets included", async () => {
		const folder = temporaryFolder('test');
		const file = path.join(folder, 'patronictl.yaml');
		writeFileSync(
			file,
			'scope: demo\netcd3: {hosts: "10.0.0.1:2379"}\nctl: {authentication: {username: a, password: b}}\n',
		);
		const result = await run(classic, {}, undefined, {PATRONICTL_CONFIG_FILE: file});
		expect(result.text).not.toContain('patroni:\n');
		expect(result.text).toContain(`# The settings of patronictl are in ${file}.`);
		expect(configured(result).rest.credentials?.username).toBe('a');
		writeFileSync(file, 'scope: other\netcd3: {hosts: "10.0.0.1:2379"}\n');
		const other = await run(classic, {}, undefined, {PATRONICTL_CONFIG_FILE: file});
		expect(other.text).toContain('patroni:\n  scope: demo');
		expect(other.text).toContain(`NOTE: PATRONICTL_CONFIG_FILE names ${file}, which is not of this cluster`);
	});
});

describe('other clusters', () => {
	it('begin at a balancer, whose haproxy.cfg leads to the members', async () => {
		const text = haproxyText.replaceAll('server a 10.0.0.1', 'server pg1 10.0.0.1');
		const lb = facts('lb9', {haproxy: text, keepalived: keepalivedText}, {hostname: 'lb9'});
		const db = facts('pg1', {patroni: patroniText('pg1', '10.0.0.1')});
		const result = await run(
			{...classic, hosts: {lb9: lb, '10.0.0.1': db, '10.0.0.2': facts('pg2', {}), '10.0.0.3': etcd3}},
			{host: 'lb9'},
		);
		expect(result.known.nodes.map(({name, roles}) => `${name} ${roles}`)).toEqual([
			'pg1 database,etcd',
			'pg2 database,etcd',
			'etcd3 etcd',
			'lb9 balancer',
		]);
		expect(configured(result)).toMatchObject({vip: '10.0.0.99', haproxy: {isUsed: true, port: 9000}});
	});

	it('have their balancers asked for where no database node has HAProxy or a VIP', async () => {
		const lb = facts('lb9', files, {hostname: 'lb9'});
		const db = (name: string, at: string) => facts(name, {patroni: patroniText(name, at)});
		const cluster = {
			...classic,
			hosts: {
				pg1: db('pg1', '10.0.0.1'),
				'10.0.0.1': db('pg1', '10.0.0.1'),
				'10.0.0.2': db('pg2', '10.0.0.2'),
				lb1: lb,
			},
		};
		const ask = answering({'Hosts of HAProxy': 'lb1', 'user of the probe': ''});
		const result = await run(cluster, {}, ask);
		expect(result.text).toContain('lb9: {host: lb1, roles: [balancer]}  # named by you');
		expect(result.text).toContain('NOT reached by SSH: host name not found');
		expect(configured(result).vip).toBe('10.0.0.99');
		const aliases = {lb1: '10.0.0.9'};
		const alias = await run(
			{...cluster, hosts: {...cluster.hosts, '10.0.0.9': lb}, aliases},
			{balancers: ['lb1']},
		);
		expect(alias.text).toContain('lb9: {host: 10.0.0.9, roles: [balancer]}');
		const alone = await run(
			cluster,
			{},
			answering({'Hosts of HAProxy': '', 'virtual address': '10.0.0.50', probe: 'app'}),
		);
		expect(configured(alone)).toMatchObject({
			vip: '10.0.0.50',
			haproxy: {isUsed: false},
			probe: {port: 5432},
		});
		const silent = await run(cluster);
		expect(silent.text).toContain('NOTE: no virtual address is known: set vip, or pass --vip');
		expect((await run(cluster, {balancers: ['lb1']})).ways.reads.filter(host => host === 'lb1')).toHaveLength(
			1,
		);
	});

	it('have a VIP that follows the leader', async () => {
		const db = facts('pg1', {
			...{patroni: patroniText('pg1', '10.0.0.1'), 'vip-manager': 'ip: 10.0.0.98\n'},
		});
		const result = await run({...classic, hosts: {pg1: db, '10.0.0.1': db}});
		expect(configured(result).vips).toEqual([
			{address: '10.0.0.98', manager: 'vip-manager', follows: 'leader'},
		]);
	});

	it.each([
		['consul', 'consul: {host: "127.0.0.1:8500"}', [], 'Patroni uses Consul'],
		['an etcd that is out of reach', 'etcd3: {hosts: [10.0.0.7:2379]}', [], 'cannot be reached from here'],
		[
			'an etcd whose certificate is not here',
			'etcd3: {hosts: [10.0.0.7:2379], protocol: https, cert: /etc/ssl/c.pem}',
			['10.0.0.7:2379'],
			'needs files that are not on this machine: /etc/ssl/c.pem',
		],
	])('with %s are followed by REST', async (_, store, open, why) => {
		const text = patroniText('pg1', '10.0.0.1').replace(/etcd3:\n.*\n/, `${store}\n`);
		const db = facts('pg1', {...files, patroni: text});
		const result = await run({...classic, hosts: {pg1: db, '10.0.0.1': db}, open});
		expect(result.text).toContain(why);
		expect(configured(result).store.seeds).toEqual(['http://10.0.0.1:8008', 'http://10.0.0.2:8008']);
	});

	it('have the addresses of the nodes in place of a loopback in the hosts of etcd', async () => {
		const text = patroniText('pg1', '10.0.0.1').replace(/hosts: .*/, 'hosts: ["localhost:2379"]');
		const db = (name: string) => facts(name, {...files, patroni: text}, etcdUnit);
		const result = await run({
			...classic,
			hosts: {pg1: db('pg1'), '10.0.0.1': db('pg1'), '10.0.0.2': db('pg2')},
		});
		expect(configured(result).etcd.endpoints).toEqual(['http://10.0.0.1:2379', 'http://10.0.0.2:2379']);
	});

	it('are listed by the node itself where its REST API is not reachable', async () => {
		const {rest, ...closed} = classic;
		const result = await run({...closed, ...(rest === undefined ? {} : {restOnNode: rest})});
		expect(result.known.nodes.map(({name}) => name)).toEqual(['pg1', 'pg2', 'etcd3']);
	});

	it('are understood by REST alone where patroni.yml cannot be read', async () => {
		const unread = [{path: '/etc/patroni/patroni.yml', why: 'permission denied, also with sudo -n'}];
		const db = facts('pg1', files, {unread});
		const result = await run({hosts: {pg1: db, '10.0.0.1': db}, rest: {'http://pg1:8008': members}});
		expect(result.known.scope).toEqual({value: 'demo', from: 'http://pg1:8008/cluster'});
		expect(configured(result).store.seeds).toHaveLength(2);
		expect(result.text).toContain('NOTE: pg1: /etc/patroni/patroni.yml was not read: permission denied');
	});

	it('that are not found are refused with everything that was tried', async () => {
		const failure = run({
			hosts: {pg1: facts('pg1', {}, {unread: [{path: '/etc/patroni/patroni.yml', why: 'no'}]})},
		});
		await expect(failure).rejects.toThrow(NotUnderstood);
		await expect(failure).rejects.toThrow(
			/^pg1: no cluster was found there\npg1: \/etc\/patroni\/patroni\.yml was not read: no\nhttp:\/\/pg1:8008\/cluster: connection refused\n/,
		);
		await expect(run({hosts: {}})).rejects.toThrow('ssh pg1: host name not found');
	});
});

describe('a profile', () => {
	it("names its cluster, also where patronictl's file is of it, and needs no other file", async () => {
		const home = temporaryFolder('test');
		const config = path.join(home, 'config');
		mkdirSync(path.join(config, 'patroni'), {recursive: true});
		mkdirSync(path.join(config, 'pgha-top', 'profiles'), {recursive: true});
		const theirs = path.join(config, 'patroni', 'patronictl.yaml');
		writeFileSync(theirs, 'scope: demo\netcd3: {hosts: "10.0.0.1:2379"}\n');
		const ask = answering({'user of the probe': ''});
		const environment = {XDG_CONFIG_HOME: config, PATRONICTL_CONFIG_FILE: theirs};
		const {text} = await run(classic, {isProfile: true}, ask, environment);
		expect(text).toContain('patroni:\n  scope: demo');
		expect(text).toContain(
			'# No password is copied: write the section patroni of this file (mode 0600) with',
		);
		writeFileSync(path.join(config, 'pgha-top', 'profiles', 'prod.yaml'), text);
		const settings = readSettings({profile: 'prod'}, environment, path.join(home, 'etc'));
		expect(configOf(settings, environment)).toMatchObject({scope: 'demo', profile: 'prod', vip: '10.0.0.99'});
	});
});

describe('the section patroni', () => {
	const own = (folder: string, text: string) => {
		mkdirSync(path.join(folder, 'patroni'), {recursive: true});
		const file = path.join(folder, 'own.yaml');
		writeFileSync(file, text);
		return {HOME: folder, XDG_CONFIG_HOME: folder, PGHA_TOP_CONFIG_FILE: file};
	};

	const section = 'patroni: {scope: demo, etcd3: {hosts: "10.0.0.1:2379"}}\nssh: true\n';

	it("stands for patronictl's file, and takes secrets from one that has no other scope", () => {
		const folder = temporaryFolder('test');
		const environment = own(folder, section);
		expect(configOf(readSettings({}, environment, folder), environment).scope).toBe('demo');
		const theirs = path.join(folder, 'patroni', 'patronictl.yaml');
		writeFileSync(theirs, 'ctl: {authentication: {username: a, password: b}}\n');
		const config = configOf(readSettings({}, environment, folder), environment);
		expect(config).toMatchObject({scope: 'demo', rest: {credentials: {username: 'a'}}});
		writeFileSync(theirs, 'scope: other\netcd3: {hosts: "10.0.0.9:2379"}\n');
		expect(configOf(readSettings({}, environment, folder), environment)).toMatchObject({
			...{scope: 'demo', etcd: {endpoints: ['http://10.0.0.1:2379']}},
		});
	});

	it('is replaced by a file that is named, with a notice', () => {
		const folder = temporaryFolder('test');
		const environment = own(folder, section);
		const named = path.join(folder, 'named.yaml');
		writeFileSync(named, 'scope: other\netcd3: {hosts: "10.0.0.9:2379"}\n');
		const config = configOf(readSettings({configFile: named}, environment, folder), environment);
		expect(config).toMatchObject({scope: 'other', etcd: {endpoints: ['http://10.0.0.9:2379']}});
		expect(config.notices).toEqual([
			`${environment.PGHA_TOP_CONFIG_FILE}, line 1: patroni: not used: ${named} has the configuration`,
		]);
	});

	it('loses against the environment and flags, and has its file and line in errors', () => {
		const folder = temporaryFolder('test');
		const environment = {...own(folder, section), PATRONI_ETCD3_HOSTS: '10.0.0.5:2379'};
		const config = configOf(readSettings({scope: 'typed'}, environment, folder), environment);
		expect(config).toMatchObject({scope: 'typed', etcd: {endpoints: ['http://10.0.0.5:2379']}});
		const bad = own(folder, 'patroni:\n  scope: demo\n  etcd3: {hosts: "10.0.0.1:2379", protocol: ftp}\n');
		expect(() => readSettings({}, bad, folder)).toThrow(
			/own\.yaml, line 3: patroni\.etcd3\.protocol: must be http or https/,
		);
	});
});

it('sends no address with shell syntax to a node', () => {
	expect(fetchCommand('http://10.0.0.1:8008')).toContain('"http://10.0.0.1:8008/cluster"');
	expect(() => fetchCommand('http://$(id):8008')).toThrow();
});
