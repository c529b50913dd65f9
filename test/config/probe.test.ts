import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {readConfig} from '../../source/config/config.ts';
import type {Flags} from '../../source/config/layers.ts';
import {libpqParameters, parseDsn, passwordIn, unusedIn} from '../../source/config/libpq.ts';
import {home, minimal} from '../support/home.ts';

function probeOf(own: string, environment: Record<string, string> = {}, flags: Flags = {}) {
	const folder = home({
		'patroni/patronictl.yaml': minimal,
		'pgha-top/config.yaml': `vip: 10.0.0.9\n${own}`,
		'pg_service.conf':
			"# ours\n[other]\nuser=eve\n[app]\nuser=app\ndbname=shop\npassword=it's # no comment\nport=6432\n\n[last]\nuser=x\n",
	});
	return readConfig(
		flags,
		{XDG_CONFIG_HOME: folder, PGSERVICEFILE: path.join(folder, 'pg_service.conf'), ...environment},
		'/nonexistent',
	).probe;
}

describe('a DSN', () => {
	it.each([
		[
			'postgresql://a%40b:p%2Fw@db.example:5000/shop?sslmode=require',
			{user: 'a@b', password: 'p/w', host: 'db.example', port: '5000', dbname: 'shop', sslmode: 'require'},
		],
		['postgres://app@[fd00::1]:5000/', {user: 'app', host: 'fd00::1', port: '5000'}],
		['postgres://app@[fd00::1]:5000,other/', {user: 'app', host: 'fd00::1,other', port: '5000,'}],
		['postgres://app@h/?password=a+b', {user: 'app', host: 'h', password: 'a+b'}],
		['postgres://app@h/?password=a%20b%2B', {user: 'app', host: 'h', password: 'a b+'}],
		['postgres://app@h/?ssl=true', {user: 'app', host: 'h', sslmode: 'require'}],
		['postgres://app@h/?novalue', undefined],
		['postgresql:///shop?user=app', {dbname: 'shop', user: 'app'}],
		["host=a  user = 'it\\'s' password=x\\ y dbname=''", {host: 'a', user: "it's", password: 'x y'}],
		['not a dsn', undefined],
		['user=app and more', undefined],
		['postgresql://%/', undefined],
	])('%s', (text, parameters) => {
		expect(parseDsn(text)).toEqual(parameters);
	});

	it.each(['postgres://u:pw@h/d', 'postgres://u:pw@%/d', 'user=u password=pw', 'user=u junk password=pw'])(
		'its password is found: %s',
		text => {
			expect(passwordIn(text)).toBe('pw');
		},
	);

	it('its password is looked for in linear time', () => {
		expect(passwordIn(`u@${'postgres://[::1]:5433,'.repeat(20_000)}`)).toBeUndefined();
	});
});

/** Valid values of parameters that accept only a few. */
const samples: Readonly<Record<string, string>> = {
	hostaddr: '10.0.0.1',
	sslmode: 'require',
	sslrootcert: '/etc/hostname',
	sslcert: '/etc/hostname',
	sslkey: '/etc/hostname',
	sslcrl: '/etc/hostname sslrootcert=/etc/hostname',
	ssl_min_protocol_version: 'TLSv1.2',
	ssl_max_protocol_version: 'TLSv1.3',
	sslnegotiation: 'postgres',
	channel_binding: 'prefer',
	require_auth: 'none',
};

describe('the probe', () => {
	it('is undefined without a user, or without a VIP to connect through', () => {
		expect(probeOf('')).toBeUndefined();
		expect(
			readConfig(
				{},
				{PATRONI_SCOPE: 'm', PATRONI_ETCD3_HOST: 'h', PGUSER: 'app', XDG_CONFIG_HOME: '/nonexistent'},
			).probe,
		).toBeUndefined();
	});

	it('connects through the VIP as PGUSER', () => {
		expect(probeOf('', {PGUSER: 'app'})).toEqual({
			host: '10.0.0.9',
			port: 5000,
			readPort: 5001,
			user: 'app',
			database: 'app',
			ssl: {mode: 'prefer'},
			write: false,
			assumed: ['write', 'read'],
			drill: false,
		});
	});

	it("lets a service's parameters override single ones, and a DSN's both", () => {
		const environment = {PGUSER: 'bob', PGSERVICE: 'app', PGSSLMODE: 'disable'};
		expect(probeOf('', environment)).toMatchObject({
			user: 'app',
			database: 'shop',
			password: "it's # no comment",
			port: 6432,
			ssl: {mode: 'disable'},
		});
		expect(probeOf('', environment, {probe: 'postgresql://carol@vip.example/'})).toMatchObject({
			user: 'carol',
			database: 'shop',
			host: 'vip.example',
			port: 6432,
		});
		expect(probeOf('probe: {dsn: service=app, read_port: false, write: true}')).toMatchObject({
			user: 'app',
			write: true,
		});
	});

	it.each(Object.entries(libpqParameters))(
		'%s is used, without effect, or refused by name',
		(name, handling) => {
			const value = samples[name] ?? '1';
			const read = () => probeOf('', {}, {probe: `user=u ${name}=${value}`});
			if (['service', 'password', 'sslpassword'].includes(name)) {
				expect(read).toThrow();
			} else if (typeof handling === 'object') {
				expect(() => probeOf('', {}, {probe: `user=u ${name}=anything`})).toThrow(
					`--probe: ${name} is not supported: ${handling.why}`,
				);
				for (const allowed of handling.only) {
					expect(probeOf('', {}, {probe: `user=u ${name}=${allowed}`})).toBeDefined();
				}
			} else {
				expect(read()).toBeDefined();
			}
		},
	);

	it.each([
		['user=u nonsense=1', '--probe: "nonsense" is not a connection parameter of libpq'],
		['postgres://u@a,b/', '--probe: several of host are not supported'],
		['host=/run/postgresql user=u', '--probe: host is a socket'],
		[
			'user=u sslmode=require sslrootcert=system',
			'--probe: sslrootcert=system needs sslmode=verify-full, not ',
		],
		['user=u channel_binding=require', '--probe: channel_binding=require needs TLS'],
		['user=u channel_binding=maybe', '--probe: channel_binding must be'],
		['user=u require_auth=scram-sha-256,!md5', '--probe: require_auth must be'],
		['user=u ssl_min_protocol_version=SSLv3', '--probe: ssl_min_protocol_version must be'],
		[
			'user=u sslmode=verify-full sslrootcert=/nonexistent',
			'--probe: /nonexistent cannot be read: no such file',
		],
		['user=u port=99999', '--probe: port must be 1 to 65535'],
		['user=u sslnegotiation=direct', '--probe: sslnegotiation=direct needs'],
		['user=u hostaddr=name', '--probe: hostaddr must be an IP address'],
	])('%s is refused', (dsn, problem) => {
		expect(() => probeOf('', {}, {probe: dsn})).toThrow(problem);
	});

	it('uses the TLS settings', () => {
		const probe =
			'user=u sslrootcert=system channel_binding=require require_auth=!password,!md5 hostaddr=10.0.0.1';
		expect(probeOf('', {}, {probe})).toMatchObject({
			address: '10.0.0.1',
			methods: ['gss', 'sspi', 'scram-sha-256', 'oauth', 'none'],
			channelBinding: true,
			ssl: {mode: 'verify-full', ca: 'system'},
		});
	});

	it('uses or refuses what the environment sets, by its variable', () => {
		expect(probeOf('', {PGUSER: 'u', PGREQUIREAUTH: 'scram-sha-256'})).toMatchObject({
			methods: ['scram-sha-256'],
		});
		expect(() => probeOf('', {PGUSER: 'u', PGGSSENCMODE: 'require'})).toThrow(
			/^PGGSSENCMODE: gssencmode is not supported/,
		);
		expect(() => probeOf('', {PGUSER: 'u', PGTARGETSESSIONATTRS: 'primary'})).toThrow(
			/^PGTARGETSESSIONATTRS: /,
		);
	});

	it.each([
		['PGSSLCERTMODE', 'require'],
		['PGSSLSNI', '0'],
		['PGSSLCRLDIR', '/etc'],
		['PGMINPROTOCOLVERSION', '3.2'],
		['PGGSSDELEGATION', '1'],
		['PGLOADBALANCEHOSTS', 'random'],
	])('%s=%s is refused by its name', (variable, value) => {
		expect(() => probeOf('', {PGUSER: 'u', [variable]: value})).toThrow(new RegExp(`^${variable}: `));
	});

	it.each([
		'PGHOST',
		'PGHOSTADDR',
		'PGPORT',
		'PGSSLCOMPRESSION',
		'PGREQUIREPEER',
		'PGKRBSRVNAME',
		'PGGSSLIB',
		'PGCONNECT_TIMEOUT',
		'PGCLIENTENCODING',
		'PGMAXPROTOCOLVERSION',
		'PGDATESTYLE',
		'PGTZ',
		'PGGEQO',
	])('%s, which a shell may have for psql, changes nothing and is listed', variable => {
		expect(probeOf('', {PGUSER: 'u', [variable]: '1'})).toEqual(probeOf('', {PGUSER: 'u'}));
		expect(unusedIn({[variable]: '1'})).toEqual([expect.stringContaining(`${variable} has no effect: `)]);
		expect(unusedIn({[variable]: ''})).toEqual([]);
	});

	it('requires TLS with PGREQUIRESSL, if no mode is given', () => {
		expect(probeOf('', {PGUSER: 'u', PGREQUIRESSL: '1'})?.ssl.mode).toBe('require');
		expect(probeOf('', {PGUSER: 'u', PGREQUIRESSL: '0'})?.ssl.mode).toBe('prefer');
		expect(probeOf('', {PGUSER: 'u', PGREQUIRESSL: '1', PGSSLMODE: 'disable'})?.ssl.mode).toBe('disable');
	});

	it.each(['verify-ca', 'verify-full'])('refuses sslmode=%s without a CA', mode => {
		const HOME = home({});
		expect(() => probeOf('', {PGUSER: 'u', PGSSLMODE: mode, HOME})).toThrow(
			`PGSSLMODE: sslmode=${mode} needs the CA of the server: set sslrootcert=FILE, or sslrootcert=system`,
		);
	});

	it('uses the files in ~/.postgresql as libpq does, and settings before them', () => {
		const HOME = home({
			'.postgresql/root.crt': 'ca',
			'.postgresql/root.crl': 'crl',
			'.postgresql/postgresql.crt': 'cert',
			'.postgresql/postgresql.key': 'key',
		});
		const at = (name: string) => path.join(HOME, '.postgresql', name);
		expect(probeOf('', {PGUSER: 'u', PGSSLMODE: 'verify-full', HOME})?.ssl).toEqual({
			mode: 'verify-full',
			ca: at('root.crt'),
			crl: at('root.crl'),
			cert: at('postgresql.crt'),
			key: at('postgresql.key'),
		});
		expect(probeOf('', {PGUSER: 'u', PGSSLROOTCERT: '/etc/hostname', HOME})?.ssl.ca).toBe('/etc/hostname');
		expect(probeOf('', {PGUSER: 'u', PGSSLCERTMODE: 'disable', HOME})?.ssl.cert).toBeUndefined();
	});

	it('refuses a client certificate without its key', () => {
		const HOME = home({'.postgresql/postgresql.crt': 'cert'});
		expect(() => probeOf('', {PGUSER: 'u', HOME})).toThrow(/postgresql\.key does not: set sslkey/);
	});

	it('reports what is wrong without the secret', () => {
		expect(() => probeOf('probe: {dsn: "postgres://u:s3cret@h/%zz"}')).toThrow(
			/config\.yaml, line 2: probe\.dsn: must be postgresql:(?!.*s3cret)/,
		);
		expect(() => probeOf('probe: {dsn: [s3cret]}')).toThrow(/probe\.dsn: must be text.*found a list/);
		expect(() => probeOf('', {}, {probe: 'user=u password=s3cret'})).toThrow(
			/^--probe: a password on the command line is visible to every user(?!.*s3cret)/,
		);
		expect(() => probeOf('', {PGSERVICE: 'none'})).toThrow(/^PGSERVICE: no service "none" in /);
		expect(() => probeOf('probe: {dsn: user=u sslmode=maybe}')).toThrow(/sslmode must be disable/);
	});
});
