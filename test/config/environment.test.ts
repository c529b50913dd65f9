import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {type Config, readConfig} from '../../source/config/config.ts';
import {copyCertificates} from '../support/certificates.ts';
import {home} from '../support/home.ts';

const {ca, client} = copyCertificates();
const nowhere = '/nonexistent';

function of(environment: Record<string, string>): Config {
	return readConfig({}, {XDG_CONFIG_HOME: nowhere, ...environment}, nowhere);
}

const enough = {PATRONI_SCOPE: 's', PATRONI_ETCD3_HOST: 'a'};

describe("Patroni's environment variables", () => {
	it('are enough without a file', () => {
		const config = of({
			PATRONI_SCOPE: 'main',
			PATRONI_NAMESPACE: 'db',
			PATRONI_ETCD3_HOSTS: "'a:1', 'b:2'",
			PATRONI_ETCD3_PROTOCOL: 'https',
			PATRONI_ETCD3_USERNAME: 'u',
			PATRONI_ETCD3_PASSWORD: 'p',
			PATRONI_ETCD3_CACERT: ca,
			PATRONI_ETCD3_CERT: client.cert,
			PATRONI_ETCD3_KEY: client.key,
			PATRONI_RESTAPI_CAFILE: ca,
			PATRONI_RESTAPI_USERNAME: 'r',
			PATRONI_RESTAPI_PASSWORD: 'rp',
			PATRONI_CTL_CERTFILE: client.cert,
			PATRONI_CTL_KEYFILE: client.key,
			PATRONI_CITUS_GROUP: '1',
			PATRONI_CITUS_DATABASE: 'app',
		});
		expect(config).toMatchObject({
			scope: 'main',
			namespace: '/db',
			group: 1,
			etcd: {
				endpoints: ['https://a:1', 'https://b:2'],
				credentials: {username: 'u', password: 'p'},
				tls: {ca, ...client},
			},
			rest: {credentials: {username: 'r', password: 'rp'}, tls: {ca, ...client}},
		});
	});

	it.each([
		['a:1,b:2', ['http://a:1', 'http://b:2']],
		["['a:1', 'b:2']", ['http://a:1', 'http://b:2']],
		['- a:1\n- b:2', ['http://a:1', 'http://b:2']],
		['[fd00::1]:2379,b', ['http://[fd00::1]:2379', 'http://b:2379']],
	])('PATRONI_ETCD3_HOSTS=%j', (hosts, endpoints) => {
		expect(of({PATRONI_SCOPE: 's', PATRONI_ETCD3_HOSTS: hosts}).etcd.endpoints).toEqual(endpoints);
	});

	it('override single keys of a file, and do not count if empty', () => {
		const folder = home({
			'patroni/patronictl.yaml':
				'scope: s\nnamespace: /n\netcd3: {host: a, username: u, password: p}\nctl: {authentication: {username: c, password: cp}}\n',
		});
		const config = of({
			XDG_CONFIG_HOME: folder,
			PATRONI_NAMESPACE: '',
			PATRONI_ETCD3_HOST: 'a',
			PATRONI_ETCD3_PASSWORD: 'q',
			PATRONI_CTL_PASSWORD: 'cq',
		});
		expect(config.namespace).toBe('/n');
		expect(config.etcd.credentials).toEqual({username: 'u', password: 'q'});
		expect(config.rest.credentials).toEqual({username: 'c', password: 'cq'});
	});

	it('PATRONI_CONFIGURATION replaces a missing file and all other variables', () => {
		const whole = 'scope: whole\netcd3: {host: a}\n';
		expect(of({...enough, PATRONI_CONFIGURATION: whole}).scope).toBe('whole');
		const file = path.join(home({'a.yml': 'scope: file\netcd3: {host: a}\n'}), 'a.yml');
		expect(of({PATRONICTL_CONFIG_FILE: file, PATRONI_CONFIGURATION: whole}).scope).toBe('file');
		expect(() => of({PATRONI_CONFIGURATION: 'scope: s\netcd3: {host: 5}\n'})).toThrow(
			/^PATRONI_CONFIGURATION, line 2: etcd3\.host: must be HOST:PORT.*found 5$/,
		);
	});

	it.each([
		['PATRONI_CTL_INSECURE', 'maybe', 'must be true or false, found "maybe"'],
		['PATRONI_CITUS_GROUP', 'two', 'must be a whole number, 0 or more, found "two"'],
		['PATRONI_ETCD3_PROTOCOL', 'ftp', 'must be http or https, found "ftp"'],
		['PATRONI_ETCD3_PORT', '0', 'must be a port, 1 to 65535, found 0'],
		[
			'PATRONI_ETCD3_URL',
			'https://u:s3cret@b:x',
			'must be http://HOST:PORT or https://HOST:PORT, found "…@b:x"',
		],
		['PATRONI_ETCD3_HOSTS', 'a b', 'must be HOST:PORT, several with commas, or a list of them, found'],
	])('%s=%s is refused by its name', (name, value, message) => {
		expect(() => of({...enough, [name]: value})).toThrow(`${name}: ${message}`);
	});
});
