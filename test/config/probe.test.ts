import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {readConfig} from '../../source/config/config.ts';
import {parseDsn, passwordIn} from '../../source/config/dsn.ts';
import type {Flags} from '../../source/config/flags.ts';
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
		['postgres://app@[fd00::1]:5000,other/', {user: 'app', host: 'fd00::1', port: '5000'}],
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
});

describe('the probe', () => {
	it('is none where nobody names a user, or there is nothing to come in through', () => {
		expect(probeOf('')).toBeUndefined();
		expect(
			readConfig(
				{},
				{PATRONI_SCOPE: 'm', PATRONI_ETCD3_HOST: 'h', PGUSER: 'app', XDG_CONFIG_HOME: '/nonexistent'},
			).probe,
		).toBeUndefined();
	});

	it('comes in through the VIP as PGUSER', () => {
		expect(probeOf('', {PGUSER: 'app'})).toEqual({
			host: '10.0.0.9',
			port: 5000,
			readPort: 5001,
			user: 'app',
			database: 'app',
			ssl: {mode: 'prefer'},
			write: false,
			drill: false,
		});
	});

	it("takes a service's parameters over single ones, and a DSN's over both", () => {
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

	it('says what is wrong without saying the secret', () => {
		expect(() => probeOf('probe: {dsn: "postgres://u:s3cret@h/%zz"}')).toThrow(
			/config\.yaml, line 2: probe\.dsn: must be postgresql:(?!.*s3cret)/,
		);
		expect(() => probeOf('probe: {dsn: [s3cret]}')).toThrow(/probe\.dsn: must be text.*found a list/);
		expect(() => probeOf('', {}, {probe: 'user=u password=s3cret'})).toThrow(
			/^--probe: a password on the command line is seen by everybody(?!.*s3cret)/,
		);
		expect(() => probeOf('', {PGSERVICE: 'none'})).toThrow(/^PGSERVICE: no service "none" in /);
		expect(() => probeOf('probe: {dsn: user=u sslmode=maybe}')).toThrow(/sslmode must be disable/);
	});
});
