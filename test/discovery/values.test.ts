/** What the files of all nodes say together, as settings. */
import {describe, expect, it} from 'vitest';
import {Layers} from '../../source/config/layers.ts';
import {settingsSchema} from '../../source/config/schema.ts';
import type {ReadNode} from '../../source/discovery/read-node.ts';
import {contentOf, foundValues} from '../../source/discovery/values.ts';
import {cpuMsOf} from '../support/cpu.ts';
import {aNode, haproxyText, keepalivedText} from '../support/node-files.ts';

const [haproxy, keepalived] = [haproxyText, keepalivedText];

/** `path: value` of each value. */
function settings(nodes: readonly ReadNode[], scope?: string): string[] {
	return foundValues(nodes, scope).values.map(
		({path, value}) => `${path.slice(1).join('.')}: ${JSON.stringify(value)}`,
	);
}

const vip = (more: object) =>
	`vip: ${JSON.stringify([{address: '10.0.0.99', manager: 'keepalived', follows: 'none', ...more}])}`;

describe('values', () => {
	it('have their place, and pass the schema of the settings', () => {
		const {values, remarks} = foundValues([
			aNode('pg1', {haproxy, keepalived}),
			aNode('pg2', {haproxy, keepalived}),
		]);
		expect(
			values.map(({path, node: at, file, line}) => [path.slice(1).join('.'), `${at}:${file}:${line}`]),
		).toEqual([
			['vip', 'pg1:/etc/keepalived/keepalived.conf:7'],
			['haproxy.ports.primary', 'pg1:/etc/haproxy/haproxy.cfg:3'],
			['haproxy.backends.primary', 'pg1:/etc/haproxy/haproxy.cfg:3'],
			['haproxy.ports.replicas', 'pg1:/etc/haproxy/haproxy.cfg:7'],
			['haproxy.backends.replicas', 'pg1:/etc/haproxy/haproxy.cfg:7'],
			['haproxy.port', 'pg1:/etc/haproxy/haproxy.cfg:13'],
			['haproxy.path', 'pg1:/etc/haproxy/haproxy.cfg:13'],
		]);
		expect(remarks).toEqual([]);
		const layers = new Layers([{content: contentOf(values), originOf: () => ({name: 'x'})}]);
		expect(layers.validate(settingsSchema)['pgha-top']).toMatchObject({
			vip: [{address: '10.0.0.99', manager: 'keepalived', follows: 'none'}],
			haproxy: {port: 9000, path: '/ha;csv', ports: {primary: 5000, replicas: 5001}},
		});
	});

	it.each([
		['curl -f http://127.0.0.1:8008/primary', 'leader'],
		['psql -Atc "select pg_is_in_recovery()"', 'leader'],
		['print $patroni "OPTIONS /leader HTTP/1.0"', 'leader'],
		['test "$role" = primary', 'leader'],
		['curl -s :8008/patroni | grep \'"role": "primary"\'', 'leader'],
		['killall -0 haproxy', 'none'],
		['curl http://127.0.0.1:8008/health', 'none'],
	])('a VIP without HAProxy follows the leader only if its check asks for it: %s', (other, follows) => {
		expect(settings([aNode('pg1', {keepalived, other})])).toEqual([vip({follows})]);
	});

	it('a VIP in front of HAProxy does not follow the leader, whatever its check asks', () => {
		expect(settings([aNode('pg1', {keepalived, haproxy, other: 'curl :8008/primary'})])[0]).toBe(vip({}));
	});

	it('vip-manager puts its address on the leader; a HAProxy without a role does not count as one', () => {
		expect(
			settings([
				aNode('pg1', {'vip-manager': 'ip: 10.0.0.99\n', haproxy: 'listen web\n bind :80\n server a b:80\n'}),
			]),
		).toEqual([vip({manager: 'vip-manager', follows: 'leader'})]);
	});

	it('leaves out the address of a node, loopbacks, and repeated ones; the bound one is first', () => {
		const several = keepalived.replace(
			'10.0.0.99/24 dev eth0',
			'127.0.0.1\n10.0.0.1\n10.0.0.98\n10.0.0.99/24\n10.0.0.99',
		);
		const bound = haproxy.replace('*:5000', '10.0.0.99:5000');
		const [first = ''] = settings([aNode('pg1', {keepalived: several, haproxy: bound})]);
		expect([...first.matchAll(/"address":"([^"]*)"/g)].map(([, address]) => address)).toEqual([
			'10.0.0.99',
			'10.0.0.98',
		]);
	});

	it('says that the first of several addresses is a guess, unless HAProxy or the leader proves it', () => {
		const several = keepalived.replace('10.0.0.99/24 dev eth0', '10.0.0.98\n10.0.0.99');
		const remarks = (files: Parameters<typeof aNode>[1]) =>
			foundValues([aNode('pg1', files)]).remarks.map(({text}) => text);
		expect(remarks({keepalived: several, haproxy})).toEqual([
			'10.0.0.98 is taken as the VIP of the clients, the first of 2: HAProxy listens on none of them alone; set vip',
		]);
		expect(remarks({keepalived: several, haproxy: haproxy.replace('*:5000', '10.0.0.99:5000')})).toEqual([]);
		expect(remarks({keepalived: several, other: 'curl -f http://127.0.0.1:8008/primary'})).toEqual([]);
		expect(remarks({keepalived, haproxy})).toEqual([]);
	});

	it('prefers the usual port, leaves out what only the node reaches, and names no backend that differs', () => {
		const two = `${haproxy}listen local\n bind 127.0.0.1:6000\n option httpchk OPTIONS /sync\n server a b:5432\n`;
		const odd = haproxy.replace('*:5000', ':5433,:5000').replace('listen primary', 'listen writers');
		const found = settings([aNode('pg1', {haproxy: odd}), aNode('pg2', {haproxy: two})]);
		expect(found.filter(one => /primary|sync/.test(one))).toEqual(['haproxy.ports.primary: 5000']);
	});

	it('takes the data directory of this cluster, and none where the nodes differ', () => {
		const file = (scope: string, folder: string) => ({
			patroni: `scope: ${scope}\npostgresql: {data_dir: ${folder}}\n`,
		});
		expect(settings([aNode('pg1', file('a', '/srv/a')), aNode('pg2', file('b', '/srv/b'))], 'a')).toEqual([
			'data_dir: "/srv/a"',
		]);
		const differing = foundValues(
			[aNode('pg1', file('a', '/srv/a')), aNode('pg2', file('a', '/srv/b'))],
			'a',
		);
		expect(differing.values).toEqual([]);
		expect(differing.remarks).toEqual([
			{
				node: 'pg2',
				text: '/etc/patroni/patroni.yml:2: another data directory than on pg1: data_dir is not set',
			},
		]);
		expect(settings([aNode('pg1', file('a', '"/srv/$(x)"'))], 'a')).toEqual([]);
	});

	it.each([
		[['patroni@14-main.service active enabled'], ['units.patroni: "patroni@14-main"']],
		[['patroni.service active enabled', 'patroni@14-main.service active enabled'], []],
		[['patroni@a.service active enabled', 'patroni@b.service active enabled'], []],
		[['patroni-exporter.service active enabled'], []],
		[['prometheus-haproxy-exporter.service active enabled', 'pgbouncer_exporter.service active enabled'], []],
		[['patroni@14-main.service inactive disabled'], []],
		[['patroni@$(x).service active enabled'], []],
	])('units %j', (units, expected) => {
		const parsed = units.map(line => {
			const [name = '', active = '', enabled = ''] = line.split(' ');
			return {name, active, enabled};
		});
		expect(settings([aNode('pg1', {}, {units: parsed})])).toEqual(expected);
	});

	it.each([
		['[databases]\n* = host=127.0.0.1 port=5000\n[pgbouncer]\nlisten_addr=*\n', ['probe.port: 6432']],
		['[databases]\n* = host=127.0.0.1 port=5432\n[pgbouncer]\nlisten_addr=*\n', []],
		['[databases]\n* = host=127.0.0.1 port=5000\n[pgbouncer]\nlisten_addr=127.0.0.1\n', []],
		['[databases]\n* = host=10.9.9.9 port=5000\n[pgbouncer]\nlisten_addr=*\n', []],
	])('PgBouncer is where clients connect only if it leads to the primary: %j', (pgbouncer, expected) => {
		expect(
			settings([aNode('pg1', {keepalived, haproxy, pgbouncer})]).filter(one => one.startsWith('probe')),
		).toEqual(expected);
	});

	it('says what the statistics page requires, and what was not read', () => {
		const locked = haproxy.replace('stats uri /ha', 'stats uri /ha\n stats auth a:hunter2');
		const found = foundValues([
			aNode('pg1', {haproxy: locked}, {unread: [{path: '/etc/x', why: 'permission denied'}]}),
		]);
		expect(found.remarks).toEqual([
			{node: 'pg1', text: '/etc/x was not read: permission denied'},
			{
				node: 'pg1',
				text: '/etc/haproxy/haproxy.cfg:13: the statistics page requires a user: set haproxy.user and haproxy.password',
			},
		]);
		expect(JSON.stringify(found)).not.toContain('hunter2');
	});
});

it('stays fast for files that are made to be slow', () => {
	const vips = `vrrp_instance A {\n virtual_ipaddress {\n${Array.from({length: 9000}, (_, index) => `10.${index >> 8}.${index & 255}.1`).join('\n')}\n }\n}\n`;
	const listens = Array.from(
		{length: 5000},
		(_, index) => `listen l${index} :${index + 1}\n option httpchk /primary\n`,
	).join('');
	let values: ReturnType<typeof foundValues>['values'] = [];
	const took = cpuMsOf(() => {
		({values} = foundValues([aNode('pg1', {keepalived: vips, haproxy: listens})]));
	});
	expect(took).toBeLessThan(3000);
	expect(values.find(({path}) => path[1] === 'vip')?.value).toHaveLength(8);
});
