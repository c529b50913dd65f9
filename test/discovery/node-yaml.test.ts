/** patroni.yml and vip-manager.yml of a node. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {readPatroni, readVipManager} from '../../source/discovery/node-yaml.ts';

const file = '/etc/patroni/patroni.yml';

function read(text: string) {
	return readPatroni({path: file, text});
}

describe('patroni.yml', () => {
	it('reads what leads to the cluster, and no password', () => {
		const found = read(`scope: shop
namespace: /db/
name: pg1
restapi:
  listen: 0.0.0.0:8008
  connect_address: 10.0.0.1:8008
  certfile: /etc/ssl/patroni.crt
  cafile: /etc/ssl/ca.crt
  authentication: {username: patroni, password: hunter2}
etcd3:
  hosts: [10.0.0.1:2379, 'https://10.0.0.2:2379']
  cacert: /etc/ssl/etcd-ca.crt
  username: root
  password: hunter2
postgresql:
  connect_address: 10.0.0.1:5432
  data_dir: /srv/pg/data
  parameters:
    log_directory: log
log:
  dir: /var/log/patroni
`);
		expect(found).toEqual({
			file,
			scope: {text: 'shop', file, line: 1},
			namespace: {text: '/db/', file, line: 2},
			name: {text: 'pg1', file, line: 3},
			store: {
				kind: 'etcd3',
				hosts: ['10.0.0.1:2379', '10.0.0.2:2379'],
				protocol: 'https',
				cacert: '/etc/ssl/etcd-ca.crt',
				hasUser: true,
				file,
				line: 11,
			},
			rest: {address: '10.0.0.1:8008', isTls: true, file, line: 6},
			restUser: {file, line: 9},
			restCa: {path: '/etc/ssl/ca.crt', file, line: 8},
			postgresql: {address: '10.0.0.1:5432', file, line: 16},
			dataDir: {path: '/srv/pg/data', file, line: 17},
			logDirectory: {path: 'log', file, line: 19},
			logDir: {path: '/var/log/patroni', file, line: 21},
		});
	});

	it.each([
		['etcd3: {hosts: "a:2379,b:2379"}', ['a:2379', 'b:2379'], false],
		['etcd3: {host: a, port: 2380}', ['a:2380'], false],
		['etcd3: {url: "http://root:hunter2@a:2379/"}', ['a:2379'], true],
		['etcd3: {hosts: [a:2379], proxy: "http://p:1"}', ['p:1'], false],
		['etcd3: {url: "https://root:hunter2,x@10.0.0.1:2379"}', ['10.0.0.1:2379'], true],
		['etcd3: {hosts: "http://root:hunter2,x@a:2379,b:2379"}', ['a:2379', 'b:2379'], true],
		['etcd3: {host: "fd00::1:2379"}', ['fd00::1:2379'], false],
	])('%s', (text, hosts, hasUser) => {
		const found = read(text);
		expect('store' in found && found.store).toMatchObject({hosts, hasUser});
		expect(JSON.stringify(found)).not.toContain('hunter2');
	});

	it("takes the first store in Patroni's own order, as Patroni does", () => {
		const found = read('etcd3: {hosts: [a:2379]}\nconsul: {host: "b:8500"}\nraft: {}\n');
		expect('store' in found && found.store?.kind).toBe('consul');
	});

	it('reads a scope that is a number to YAML as it is written', () => {
		expect(read('scope: 0123')).toMatchObject({scope: {text: '0123'}});
	});

	it.each(['scope: [', 'password: hunter2: x', '- a', '\tscope: x', 'password: "hunter2'])(
		'does not quote what is not valid: %j',
		text => {
			const found = read(text);
			expect(found).toHaveProperty('problem', expect.stringMatching(/^not valid YAML/));
			expect(JSON.stringify(found)).not.toContain('hunter2');
		},
	);

	it('never throws, whatever a value is', () => {
		const value = fc.constantFrom(
			'x',
			'[1, {a: b}]',
			'{a: [b]}',
			'~',
			'',
			'&a [*a]',
			'!!x y',
			'12:30',
			`"\${X}"`,
		);
		fc.assert(
			fc.property(
				fc.array(
					fc.tuple(
						fc.constantFrom('scope', 'etcd3', 'restapi', 'postgresql', 'log', 'consul', 'etcd3: {hosts'),
						value,
					),
				),
				pairs => {
					read(pairs.map(([key, text]) => `${key}: ${text}`).join('\n'));
				},
			),
		);
		fc.assert(fc.property(fc.string(), text => void read(text)));
	});
});

describe('vip-manager.yml', () => {
	it.each([
		['# c\nip: 10.0.0.9\nnetmask: 24\ntrigger-key: "/service/x/leader"\n', [['10.0.0.9', 2]]],
		['vip: 10.0.0.9/24\nmask: 24\n', [['10.0.0.9', 1]]],
		['VIP_IFACE=eth0\nVIP_IP="10.0.0.9"\n', [['10.0.0.9', 2]]],
		['ip: "{{ vip }}"\n', []],
		['ip: fd00::9\n', [['fd00::9', 1]]],
		['interface: eth0\n', []],
	])('%j', (text, expected) => {
		const found = readVipManager({path: '/etc/default/vip-manager.yml', text});
		expect('vips' in found ? found.vips.map(({address, line}) => [address, line]) : found).toEqual(expected);
	});
});
