/** The configured store, and the addresses to begin with where it is followed through REST. */
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {configOf, readConfig} from '../../source/config/config.ts';
import type {Flags} from '../../source/config/layers.ts';
import {printConfig} from '../../source/config/print.ts';
import {readSettings} from '../../source/config/settings.ts';
import {targetOf} from '../../source/config/target.ts';
import {home, minimal} from '../support/home.ts';

const nowhere = '/nonexistent';

function of(content: string, flags: Flags = {}, environment: Record<string, string> = {}) {
	const file = path.join(home({'a.yaml': content}), 'a.yaml');
	return readConfig({configFile: file, ...flags}, {XDG_CONFIG_HOME: nowhere, ...environment}, nowhere);
}

const rest = (...args: Parameters<typeof of>) => targetOf(of(...args)).rest;

describe('a store that is not read', () => {
	it.each(['consul', 'etcd', 'exhibitor', 'kubernetes', 'raft', 'zookeeper'] as const)(
		'is followed through REST: %s',
		store => {
			const file = `scope: main\n${store}: {}\nrestapi: {connect_address: "10.0.0.1:8009"}\n`;
			expect(rest(file)).toEqual({store, seeds: ['http://10.0.0.1:8009']});
			expect(of(file).etcd.endpoints).toEqual([]);
		},
	);

	it.each(['consul', 'raft', 'kubernetes'])('is named where nothing says where to begin: %s', store => {
		expect(() => of(`scope: main\n${store}: {host: a}\n`)).toThrow(
			new RegExp(`a\\.yaml: only ${store} is configured: members are followed .* --rest HOST:PORT`),
		);
	});

	it.each([
		['PATRONI_ETCD_HOSTS', 'a:2379', 'etcd'],
		['PATRONI_CONSUL_HOST', 'a:8500', 'consul'],
		['PATRONI_ZOOKEEPER_HOSTS', "'a:2181'", 'zookeeper'],
		['PATRONI_RAFT_SELF_ADDR', 'a:2222', 'raft'],
		['PATRONI_KUBERNETES_LABELS', '{app: a}', 'kubernetes'],
	])('is recognised by %s', (name, value, store) => {
		expect(() => of('scope: main\n', {}, {[name]: value})).toThrow(`only ${store} is configured`);
		expect(rest('scope: main\n', {rest: 'a:1,b'}, {[name]: value})).toEqual({
			store,
			seeds: ['http://a:1', 'http://b:8008'],
		});
	});

	it('counts as not given where its texts are empty', () => {
		expect(
			rest(`${minimal}consul: {host: ""}\netcd: ""\nrestapi: {connect_address: "a:1"}\n`),
		).toBeUndefined();
	});

	it('is the one that Patroni takes first; etcd3 is read only if no other one is possible, with a warning', () => {
		expect(rest(`${minimal}consul: {}\nrestapi: {connect_address: "a:1"}\n`)).toMatchObject({
			store: 'consul',
		});
		expect(of(`${minimal}consul: {}\nrestapi: {connect_address: "a:1"}\n`).warnings).toEqual([
			'Patroni uses consul, which comes before etcd3',
		]);
		expect(rest(`${minimal}zookeeper: {}\nrestapi: {connect_address: "a:1"}\n`)).toBeUndefined();
		const config = of(`${minimal}consul: {}\n`);
		expect(config.etcd.endpoints).not.toEqual([]);
		expect(config.warnings).toEqual([expect.stringMatching(/Patroni uses consul, which comes before etcd3/)]);
	});

	it('is etcd even if it is not reachable: --rest overrides it', () => {
		expect(rest(minimal, {rest: 'a'})).toEqual({store: 'etcd3', seeds: ['http://a:8008']});
		expect(rest(`${minimal}pgha-top: {rest: ["[fd00::1]:8008"]}\n`)).toMatchObject({
			seeds: ['http://[fd00::1]:8008'],
		});
	});

	it('begins at the nodes of the configuration, and on https where TLS is configured', () => {
		const nodes =
			'pgha-top: {nodes: {a: {host: 10.0.0.1}, e: {host: 10.0.0.9, roles: [etcd]}, b: {host: "fd00::2"}}}\n';
		expect(rest(`scope: main\nconsul: {}\n${nodes}`)).toEqual({
			store: 'consul',
			seeds: ['http://10.0.0.1:8008', 'http://[fd00::2]:8008'],
		});
		expect(of(`scope: main\nconsul: {}\n${nodes}`).nodes[0]?.roles).toEqual(['database']);
		expect(
			rest('scope: main\nconsul: {}\nrestapi: {connect_address: "a:1", certfile: /etc/x.pem}\n'),
		).toMatchObject({seeds: ['https://a:1']});
	});

	it.each(['', ',', 'a:b', 'ftp://a', 'a:70000'])('refuses --rest %s', given => {
		expect(() => of(minimal, {rest: given})).toThrow(/--rest: must be HOST:PORT/);
	});

	it('refuses an address on http where TLS is configured', () => {
		expect(() => of(`${minimal}ctl: {certfile: /etc/x.pem}\n`, {rest: 'http://a'})).toThrow(
			'--rest: http://a is http, while TLS is configured (ctl.certfile)',
		);
	});

	it('needs no file: --scope and --rest are enough', () => {
		const config = readConfig({scope: 'main', rest: '10.0.0.1'}, {XDG_CONFIG_HOME: nowhere}, nowhere);
		expect(targetOf(config).rest).toEqual({seeds: ['http://10.0.0.1:8008']});
	});

	it('is printed with the mode and where the addresses come from', () => {
		const file = path.join(home({'a.yaml': 'scope: main\nraft: {self_addr: "a:1"}\n'}), 'a.yaml');
		const settings = readSettings({configFile: file, rest: 'a,b'}, {XDG_CONFIG_HOME: nowhere}, nowhere);
		const text = printConfig(configOf(settings, {}), settings, {});
		expect(text).toMatch(/# raft is configured \(Raft\): members are followed through Patroni's REST API/);
		expect(text).toMatch(/rest: \[http:\/\/a:8008, http:\/\/b:8008\] # --rest/);
		expect(text).not.toContain('etcd3');
	});

	it('of patronictl is replaced by --dcs-url', () => {
		expect(rest(`${minimal}consul: {}\n`, {dcsUrl: 'etcd3://b:2379'})).toBeUndefined();
		expect(rest(minimal, {dcsUrl: 'consul://b:8500', rest: 'a'})).toMatchObject({store: 'consul'});
	});
});
