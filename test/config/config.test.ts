import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {type Config, readConfig} from '../../source/config/config.ts';
import type {Flags} from '../../source/config/layers.ts';
import {endpointUrl} from '../../source/config/origin.ts';
import {dcsPrefix, targetOf} from '../../source/config/target.ts';
import {copyCertificates, keyPassword} from '../support/certificates.ts';
import {home, minimal} from '../support/home.ts';

const {ca, client, encryptedKey, both, server, nonsense} = copyCertificates();
const nowhere = '/nonexistent';

/** The configuration of one file only. */
function of(content: string, flags: Flags = {}, environment: Record<string, string> = {}): Config {
	const file = path.join(home({'a.yaml': content}), 'a.yaml');
	return readConfig({configFile: file, ...flags}, {XDG_CONFIG_HOME: nowhere, ...environment}, nowhere);
}

describe('the configuration', () => {
	it('is refused if the file is far too large', () => {
		expect(() => of(`scope: main\n#${'x'.repeat(1024 * 1024)}\n`)).toThrow(/a\.yaml: cannot be read: /);
	});

	it('lets flags override the environment, and the environment files', () => {
		const folder = home({'a.yaml': minimal, 'b.yaml': 'scope: other\netcd3: {host: c}\n'});
		const environment = {PATRONICTL_CONFIG_FILE: path.join(folder, 'a.yaml'), XDG_CONFIG_HOME: folder};
		expect(readConfig({}, environment).scope).toBe('main');
		expect(readConfig({configFile: path.join(folder, 'b.yaml')}, environment).scope).toBe('other');
		expect(readConfig({}, {...environment, PATRONI_SCOPE: 'third'}).scope).toBe('third');
		expect(readConfig({scope: 'fourth'}, {...environment, PATRONI_SCOPE: 'third'}).scope).toBe('fourth');
	});

	it('merges its own section and its own file by key, the file over the section', () => {
		const folder = home({
			'patroni/patronictl.yaml': `${minimal}pgha-top: {vip: 10.0.0.1, ssh: {user: one, port: 22}}\n`,
			'pgha-top/config.yaml': 'vip: 10.0.0.2\nssh: {port: 2222}\nnodes:\n  a: {host: 10.0.0.3}\n',
		});
		expect(readConfig({}, {XDG_CONFIG_HOME: folder})).toMatchObject({
			vip: '10.0.0.2',
			ssh: {user: 'one', port: 2222},
			nodes: [{name: 'a', host: '10.0.0.3', roles: ['database', 'etcd']}],
		});
	});

	it('has haproxy, read_only and logs, with their defaults', () => {
		expect(of(minimal)).toMatchObject({
			haproxy: {isUsed: true, backends: {}},
			operations: 'enabled',
			logs: {},
		});
		const given = of(
			`${minimal}pgha-top:\n  haproxy: {port: 8404, path: /stats;csv}\n  read_only: yes\n  logs:\n    database: [{unit: patroni@main.service}]\n    pgdb1: [{name: pg, file: /var/log/postgresql/main.log}]\n`,
		);
		expect(given).toMatchObject({
			haproxy: {port: 8404, path: '/stats;csv'},
			operations: 'disabled',
			logs: {
				database: [{name: 'patroni@main.service', unit: 'patroni@main.service'}],
				pgdb1: [{name: 'pg', file: '/var/log/postgresql/main.log'}],
			},
		});
	});

	it('has one VIP or several, each with what moves it and what it follows', () => {
		const vips = (text: string) => of(`${minimal}pgha-top: {vip: ${text}}\n`).vips;
		const usual = {manager: 'keepalived', follows: 'none'};
		expect(vips('10.0.0.1')).toEqual([{address: '10.0.0.1', ...usual}]);
		expect(vips('{address: 10.0.0.1, manager: vip-manager}')).toEqual([
			{address: '10.0.0.1', manager: 'vip-manager', follows: 'leader'},
		]);
		expect(
			vips('[10.0.0.1, {address: 10.0.0.2, follows: leader}, {address: "fd00::1", manager: other}]'),
		).toEqual([
			{address: '10.0.0.1', ...usual},
			{address: '10.0.0.2', manager: 'keepalived', follows: 'leader'},
			{address: 'fd00::1', manager: 'other', follows: 'none'},
		]);
		expect(of(`${minimal}pgha-top: {vip: [10.0.0.1, 10.0.0.2]}\n`).vip).toBe('10.0.0.1');
		expect(of(`${minimal}pgha-top: {vip: [10.0.0.1, 10.0.0.2]}\n`, {vip: '10.0.0.9'}).vips).toEqual([
			{address: '10.0.0.9', ...usual},
		]);
		expect(of(minimal).vips).toEqual([]);
	});

	it.each([
		['10.0.0', /vip: must be an IPv4 or IPv6 address, found "10\.0\.0"/],
		['[]', /vip: must name an address/],
		['[10.0.0.1, 10.0.0.1]', /vip: names an address twice/],
		['[10.0.0.1, host]', /vip\.1: must be an IPv4 or IPv6 address, found "host"/],
		['{adress: 10.0.0.1}', /vip\.adress: unknown setting; allowed: address, manager, follows/],
		['{address: 10.0.0.1, manager: ucarp}', /vip\.manager: must be keepalived, vip-manager or other/],
		['{address: 10.0.0.1, follows: me}', /vip\.follows: must be leader or none/],
	])('refuses the VIP %s', (text, message) => {
		expect(() => of(`${minimal}pgha-top: {vip: ${text}}\n`)).toThrow(message);
	});

	it.each([
		['vip', '12', /^\S+, line 3: pgha-top\.vip: must be an IPv4 or IPv6 address, found 12$/],
		['vip', '[12]', /^\S+, line 3: pgha-top\.vip\.0: must be an IPv4 or IPv6 address, found 12$/],
		['haproxy', 'true', /^\S+, line 3: pgha-top\.haproxy: must be a mapping of settings, found true$/],
		['ssh', '2026-01-01', /pgha-top\.ssh: must be a mapping of settings, found "2026-01-01"$/],
		['probe', '12', /pgha-top\.probe: must be a mapping of settings, found a value that is not shown$/],
		['units', '3', /^\S+, line 3: pgha-top\.units: must be a mapping of settings, found 3$/],
		['nodes', '{a: 3}', /^\S+, line 3: pgha-top\.nodes\.a: must be a mapping of settings, found 3$/],
		['log_buffer', 'yes', /pgha-top\.log_buffer: must be a mapping of settings, found true$/],
	])('refuses a value in place of a section in one line: %s: %s', (key, value, message) => {
		expect(() => of(`${minimal}pgha-top: {${key}: ${value}}\n`)).toThrow(message);
	});

	it.each(['ctl', 'restapi', 'etcd3', 'citus'])("refuses a number in place of Patroni's section %s", key => {
		expect(() => of(`scope: main\n${key}: 3\n`)).toThrow(
			new RegExp(`line 2: ${key}: must be a mapping of settings, found 3$`),
		);
	});

	it('has balancers, and units that differ on a node', () => {
		const {nodes} = of(
			`${minimal}pgha-top:\n  nodes:\n    lb1: {host: a, roles: [balancer]}\n    db1: {host: b, units: {patroni: patroni@14-main}}\n`,
		);
		expect(nodes).toEqual([
			{name: 'lb1', host: 'a', roles: ['balancer']},
			{name: 'db1', host: 'b', roles: ['database', 'etcd'], units: {patroni: 'patroni@14-main'}},
		]);
		expect(() => of(`${minimal}pgha-top: {nodes: {a: {host: b, units: {postgres: x}}}}\n`)).toThrow(
			/nodes\.a\.units\.postgres: unknown setting; allowed: patroni, etcd, haproxy/,
		);
		expect(() => of(`${minimal}pgha-top: {nodes: {a: {host: b, roles: [proxy]}}}\n`)).toThrow(
			/roles\.0: must be database, etcd or balancer/,
		);
	});

	it('reads nodes over SSH where a setting is about nodes, and HAProxy unless it is false', () => {
		const is = (text: string) => {
			const config = of(`${minimal}pgha-top: ${text}\n`);
			return [config.ssh.isUsed, targetOf(config).haproxy !== undefined];
		};
		expect(is('{}')).toEqual([false, false]);
		expect(is('{read_only: true}')).toEqual([false, false]);
		expect(is('{vip: 10.0.0.1}')).toEqual([true, true]);
		expect(is('{nodes: {a: {host: b}}}')).toEqual([true, true]);
		expect(is('{ssh: true}')).toEqual([true, true]);
		expect(is('{haproxy: false}')).toEqual([true, false]);
		expect(is('{ssh: false, vip: 10.0.0.1}')).toEqual([false, false]);
		expect(is('{vip: 10.0.0.1, haproxy: false}')).toEqual([true, false]);
		for (const text of ['{haproxy: {prot: 1}}', '{ssh: {usr: x}}']) {
			expect(() => is(text)).toThrow(/unknown setting; allowed: /);
		}

		expect(() => is('{haproxy: yes please}')).toThrow(/haproxy: must be a mapping of settings/);
	});

	it('has a probe of PostgreSQL itself where there is no HAProxy', () => {
		const probe = (text: string) =>
			of(`${minimal}pgha-top: {vip: 10.0.0.1, probe: {user: a}, ${text}}\n`).probe;
		expect(probe('haproxy: false')).toMatchObject({port: 5432});
		expect(probe('haproxy: false')).not.toHaveProperty('readPort');
		expect(probe('haproxy: {}')).toMatchObject({port: 5000, readPort: 5001});
	});

	it.each([
		'{unit: "patroni; reboot"}',
		'{unit: --flush}',
		'{file: var/log/x}',
		'{file: /var/log/$(reboot)}',
		'{file: /var/log/../../etc/shadow}',
		'{file: "/var/log/a b"}',
		'{unit: a, file: /b}',
		'patroni',
	])('refuses an ambiguous log source: %s', source => {
		expect(() => of(`${minimal}pgha-top: {logs: {database: [${source}]}}\n`)).toThrow(
			/line 3: pgha-top\.logs\.database\.0(\.unit: must be the name of a systemd unit|\.file: must be an absolute path|: must be \{unit: NAME\})/,
		);
	});

	it('follows Patroni: << and anchors, the last of two equal keys, an empty section, numbers as passwords', () => {
		const config = of(
			'x: &tls {password: 12345}\nscope: old\nscope: main\nctl:\netcd3:\n  <<: *tls\n  username: root\n  host: a\n',
		);
		expect(config.scope).toBe('main');
		expect(config.etcd.credentials).toEqual({username: 'root', password: '12345'});
	});
});

describe("the keys' prefix", () => {
	it.each([
		['', {}, '/service/main/'],
		['namespace: service\n', {}, '/service/main/'],
		['namespace: /\n', {}, '/main/'],
		['namespace: /a//b/\n', {}, '/a/b/main/'],
		['citus: {group: 0, database: x}\n', {}, '/service/main/0/'],
		['citus: {group: 0, database: x}\n', {group: '3'}, '/service/main/3/'],
		['citus: {group: 0}\n', {}, '/service/main/'],
		['', {group: '3'}, '/service/main/3/'],
	])('%j %j', (content, flags, prefix) => {
		expect(dcsPrefix(of(minimal + content, flags))).toBe(prefix);
	});

	it('has the Citus group from the environment', () => {
		const config = of(`${minimal}citus: {group: 0, database: x}\n`, {}, {PATRONI_CITUS_GROUP: '7'});
		expect(config.group).toBe(7);
		expect(dcsPrefix(config)).toBe('/service/main/7/');
	});
});

describe("patronictl's rules for the REST API", () => {
	it('ctl overrides restapi, and the client certificate comes from ctl only', () => {
		expect(
			of(
				`${minimal}restapi: {cafile: ${nonsense}, certfile: /r, keyfile: /r, authentication: {username: r, password: rp}}\nctl: {cacert: ${ca}, certfile: ${client.cert}, keyfile: ${client.key}}\n`,
			).rest,
		).toEqual({
			secureBy: 'ctl.cacert',
			credentials: {username: 'r', password: 'rp'},
			tls: {ca, ...client},
		});
		expect(of(`${minimal}restapi: {cafile: ${ca}}\n`).rest).toEqual({tls: {ca}, secureBy: 'restapi.cafile'});
	});

	it("a node's CA counts for http only where its REST API has a certificate", () => {
		const node = (more: string) => of(`${minimal}restapi: {listen: "0.0.0.0:8008", ${more}}\n`);
		expect(node(`cafile: ${ca}`).rest).toEqual({tls: {ca}});
		expect(node(`cafile: ${ca}, certfile: /r.pem`).rest).toEqual({tls: {ca}, secureBy: 'restapi.cafile'});
		const unreadable = node('cafile: /nonexistent/ca.pem');
		expect(unreadable.rest).toEqual({tls: {}});
		expect(unreadable.notices).toEqual([
			expect.stringMatching(
				/a\.yaml, line 3: restapi\.cafile: \/nonexistent\/ca\.pem cannot be read: no such file; not used: the REST API is plain http$/,
			),
		]);
		expect(() => node('cafile: /nonexistent/ca.pem, certfile: /r.pem')).toThrow(
			/restapi\.cafile: .* cannot be read/,
		);
		expect(() => of(`${minimal}restapi: {cafile: /nonexistent/ca.pem}\n`)).toThrow(
			/restapi\.cafile: .* cannot be read/,
		);
	});

	it('a key without a certificate is ignored, a certificate without a key contains it', () => {
		expect(of(`${minimal}ctl: {keyfile: /nonexistent}\n`).rest.tls).toEqual({});
		expect(of(`${minimal}ctl: {certfile: ${both}}\n`).rest.tls).toEqual({cert: both, key: both});
	});

	it('the old form auth: user:password is accepted', () => {
		expect(of(`${minimal}restapi: {auth: 'u:p:q'}\n`).rest.credentials).toEqual({
			username: 'u',
			password: 'p:q',
		});
	});

	it('what insecure turns off is on the screen', () => {
		expect(of(minimal).warnings).toEqual([]);
		expect(of(`${minimal}ctl: {insecure: on}\n`).warnings).toEqual([
			'TLS to Patroni is NOT verified (ctl.insecure)',
		]);
		expect(of(minimal, {}, {PATRONI_CTL_INSECURE: 'true'}).warnings).toEqual([
			'TLS to Patroni is NOT verified (PATRONI_CTL_INSECURE)',
		]);
		expect(of(minimal, {insecure: true}).warnings).toEqual(['TLS to Patroni is NOT verified (--insecure)']);
		expect(of(`${minimal}ctl: {insecure: true, certfile: ${both}}\n`).warnings).toEqual([
			"the host name in Patroni's certificates is NOT checked (ctl.insecure)",
		]);
	});
});

describe("a node's own file", () => {
	it('gives the addresses and folders of its node, and the data directory if pgha-top has none', () => {
		const node =
			'restapi: {listen: "*:8008", connect_address: "10.0.0.1:8008"}\npostgresql: {connect_address: "10.0.0.1:5432", data_dir: /srv/pg, parameters: {log_directory: log}}\nlog: {dir: /var/log/patroni}\nname: pgdb1\n';
		const config = of(minimal + node);
		expect(config.ofNode).toEqual({
			name: 'pgdb1',
			restListen: '*:8008',
			restAddress: '10.0.0.1:8008',
			restTls: false,
			postgresqlAddress: '10.0.0.1:5432',
			dataDir: '/srv/pg',
			logDirectory: 'log',
			patroniLogDir: '/var/log/patroni',
		});
		expect(config.dataDir).toBe('/srv/pg');
		expect(of(`${minimal}${node}pgha-top: {data_dir: /own}\n`).dataDir).toBe('/own');
		expect(of(`${minimal}postgresql: {data_dir: "/srv/$(x)"}\n`).dataDir).toBeUndefined();
	});
});

describe("patronictl's rules for etcd", () => {
	it.each([
		['hosts: [a, "b:1"], port: 7', ['http://a:7', 'http://b:1']],
		['hosts: [a], host: b', ['http://a:2379']],
		['url: "https://u:p@c:2", hosts: [a]', ['https://c:2']],
		['proxy: "http://d", url: "https://c", hosts: [a]', ['http://d:2379']],
		['host: "a:1", protocol: https', ['https://a:1']],
		['host: "a:1, [fd00::1]:2, fd00::2:3"', ['http://a:1', 'http://[fd00::1]:2', 'http://[fd00::2]:3']],
	])('%s', (etcd3, endpoints) => {
		expect(of(`scope: s\netcd3: {${etcd3}}\n`).etcd.endpoints).toEqual(endpoints);
	});

	it('TLS is used only if protocol or URL say https, and an unused CA is reported', () => {
		const secure = of(`scope: s\netcd3: {host: a, protocol: https, cacert: ${ca}, cert: ${both}}\n`);
		expect(secure.etcd.tls).toEqual({ca, cert: both, key: both});
		expect(secure.warnings).toEqual([]);
		const plain = of(`scope: s\netcd3: {host: a, cacert: ${ca}}\n`);
		expect(plain.etcd).toEqual({endpoints: ['http://a:2379']});
		expect(plain.warnings).toEqual(['the connection to etcd has no TLS (etcd3.protocol is http)']);
	});

	it('the user comes from a URL, and counts only with a password', () => {
		expect(of('scope: s\netcd3: {url: "https://u:p@ss%21@c"}\n').etcd.credentials).toEqual({
			username: 'u',
			password: 'p@ss%21',
		});
		expect(of('scope: s\netcd3: {host: a, username: u}\n').etcd.credentials).toBeUndefined();
	});

	it('-d replaces all etcd settings', () => {
		const file = `scope: s\nnamespace: /n\netcd3: {hosts: [a], protocol: https, username: u, password: p}\n`;
		const config = of(file, {dcsUrl: 'etcd3://b:1'}, {PATRONI_ETCD3_HOST: 'x', DCS_URL: 'etcd3://y'});
		expect(config.etcd).toEqual({endpoints: ['http://b:1']});
		expect(config.namespace).toBe('/n');
		expect(of(file, {}, {DCS_URL: 'etcd3://:7/other'})).toMatchObject({
			namespace: '/other',
			etcd: {endpoints: ['http://localhost:7']},
		});
		expect(() => of(file, {dcsUrl: 'consul://b'})).toThrow(/only consul is configured/);
		expect(() => of(file, {dcsUrl: 'redis://b'})).toThrow(/^--dcs-url: must be etcd3:.*has no store redis$/);
		expect(() => of(file, {}, {DCS_URL: 'etcd3://u:s3cret@b'})).toThrow(/^DCS_URL: must be (?!.*s3cret)/);
	});

	it.each([
		['etcd: {host: a}', /only etcd is configured/],
		['etcd3: {srv: example.org}', /etcd3\.srv \(DNS discovery\) is not supported/],
		['etcd3: {protocol: https}', /etcd3 names no host: set etcd3\.hosts/],
		['x: 1', /a\.yaml: etcd3 is missing/],
	])('%s reports what is missing', (content, message) => {
		expect(() => of(`scope: s\n${content}\n`)).toThrow(message);
	});
});

describe('files that TLS options name', () => {
	it.each([
		[
			'ctl: {cacert: /nonexistent/ca.pem}',
			/line 3: ctl\.cacert: \/nonexistent\/ca\.pem cannot be read: no such file$/,
		],
		[`ctl: {cacert: ${path.dirname(ca)}}`, /ctl\.cacert: .* cannot be read: /],
		[
			`restapi: {cafile: ${nonsense}}`,
			/restapi\.cafile: .*nonsense\.pem contains no certificate in PEM format$/,
		],
		[`ctl: {certfile: ${client.cert}}`, /ctl\.certfile: .*client\.pem contains no readable private key/],
		[
			`ctl: {certfile: ${client.cert}, keyfile: ${server.key}}`,
			/ctl\.keyfile: .*server\.key is not the private key of the certificate in .*client\.pem$/,
		],
		[
			`ctl: {certfile: ${client.cert}, keyfile: ${encryptedKey}}`,
			/ctl\.keyfile: .* is encrypted: set ctl\.keyfile_password$/,
		],
		[
			`ctl: {certfile: ${client.cert}, keyfile: ${encryptedKey}, keyfile_password: wrong}`,
			/line 3: ctl\.keyfile_password: does not decrypt .*client-encrypted\.key$/,
		],
	])('%s is reported at the start', (content, message) => {
		expect(() => of(`${minimal}${content}\n`)).toThrow(message);
	});

	it('are all reported at once, those of etcd included, and by variable if from the environment', () => {
		const environment = {
			PATRONI_ETCD3_PROTOCOL: 'https',
			PATRONI_ETCD3_CACERT: '/nonexistent/etcd.pem',
			PATRONI_CTL_CACERT: '/nonexistent/ctl.pem',
		};
		expect(() => of(minimal, {}, environment)).toThrow(
			[
				'PATRONI_ETCD3_CACERT: /nonexistent/etcd.pem cannot be read: no such file',
				'PATRONI_CTL_CACERT: /nonexistent/ctl.pem cannot be read: no such file',
			].join('\n'),
		);
	});

	it('are accepted with the right password', () => {
		const content = `${minimal}ctl: {certfile: ${client.cert}, keyfile: ${encryptedKey}}\n`;
		expect(of(content, {}, {PATRONI_CTL_KEYFILE_PASSWORD: keyPassword}).rest.tls).toEqual({
			cert: client.cert,
			key: encryptedKey,
			keyPassword,
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
		['fd00::1:2379', false, 'http://[fd00::1]:2379'],
		['https://u:p@a:1', false, 'https://a:1'],
		['ftp://a', false, undefined],
		['a b', false, undefined],
		['a:99999', false, undefined],
	])('%s', (host, secure, url) => {
		expect(endpointUrl(host, secure)).toBe(url);
	});
});
