/** An inventory that cannot make a cluster is refused, with the line of the error. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {LabError} from '../../lab/failure.ts';
import {
	allNodes,
	applicationOf,
	balancersOf,
	etcdMembersOf,
	networkOf,
	nodesOf,
	parseInventory,
	postgresqlOf,
	readInventory,
	requirePostgresql,
	storeFor,
	vipManagerOf,
	vipNodesOf,
	withOptional,
	writePortOf,
} from '../../lab/inventory.ts';
import {valuesFor} from '../../lab/template.ts';

const text = readFileSync(join(import.meta.dirname, '../../lab/inventory.yaml'), 'utf8');
const lineOf = (part: string) => text.slice(0, text.indexOf(part)).split('\n').length;
const parseChanged = (from: string, to: string) => {
	expect(text).toContain(from);
	return () => parseInventory(text.replace(from, to), 'inventory.yaml');
};

test('accepts the lab’s own inventory', () => {
	expect(nodesOf(readInventory()).map(node => node.name)).toEqual(['pgdb1', 'pgdb2', 'etcd1']);
});

test('names a wrong value with its line', () => {
	const line = lineOf('pgdb2: {');
	expect(parseChanged('10.73.0.170', '10.73.0.999')).toThrow(
		new RegExp(`^inventory.yaml, line ${line}: nodes.pgdb2.address: is not an IPv4 address`, 'm'),
	);
});

test('refuses an address outside of the network, and one given twice', () => {
	expect(parseChanged('10.73.0.170', '10.74.0.170')).toThrow(
		/nodes.pgdb2.address: is not in .* 10.73.0.0\/24/,
	);
	expect(parseChanged('10.73.0.170', '10.73.0.160')).toThrow(
		/nodes.pgdb2.address: is already the address of pgdb1/,
	);
});

test('names a missing value with the line of its section', () => {
	const without = text.replace(/^vip: .*\n/m, '');
	expect(() => parseInventory(without, 'inventory.yaml')).toThrow(/^inventory.yaml, line \d+: vip: /m);
	const node = text.replace('address: 10.73.0.171, ', '');
	expect(() => parseInventory(node, 'inventory.yaml')).toThrow(
		new RegExp(`^inventory.yaml, line ${lineOf('etcd1: {')}: nodes.etcd1.address: `, 'm'),
	);
});

test('requires a priority of a db node, and refuses an unknown key', () => {
	expect(parseChanged(', priority: 101', '')).toThrow(/nodes.pgdb1: is a db node without a priority/);
	expect(parseChanged('scope:', 'scoop:')).toThrow(/scoop/);
});

test('refuses invalid YAML with its line', () => {
	expect(parseChanged('nodes:\n', 'nodes: [\n')).toThrow(/^inventory.yaml, line \d+: /);
});

test('has optional nodes only if asked for, under the same rules', () => {
	expect(nodesOf(withOptional(readInventory())).map(node => node.name)).toEqual([
		'pgdb1',
		'pgdb2',
		'etcd1',
		'app',
	]);
	expect(applicationOf(readInventory())).toBeUndefined();
	expect(applicationOf(withOptional(readInventory()))?.name).toBe('app');
	expect(etcdMembersOf(withOptional(readInventory())).map(node => node.name)).not.toContain('app');
	expect(parseChanged('10.73.0.180', '10.73.0.171')).toThrow(
		/optional.app.address: is already the address of etcd1/,
	);
});

test('has the nodes and roles of a topology', () => {
	const rolesIn = (topology?: string) =>
		Object.fromEntries(nodesOf(readInventory(topology)).map(({name, roles}) => [name, roles.join(' ')]));
	expect(rolesIn()).toEqual({pgdb1: 'etcd db lb', pgdb2: 'etcd db lb', etcd1: 'etcd'});
	expect(rolesIn('balancers')).toEqual({
		pgdb1: 'etcd db',
		pgdb2: 'etcd db',
		etcd1: 'etcd',
		lb1: 'lb',
		lb2: 'lb',
	});
	expect(vipNodesOf(readInventory('leader-vip')).map(({name}) => name)).toEqual(['pgdb1', 'pgdb2']);
	expect(writePortOf(readInventory('leader-vip'))).toBe(5432);
	expect(balancersOf(readInventory('balancers')).map(({name}) => name)).toEqual(['lb1', 'lb2']);
	expect(() => readInventory('ring')).toThrow(/^unknown topology "ring"; the lab has classic, balancers/);
	expect(allNodes().map(({name}) => name)).toEqual(['pgdb1', 'pgdb2', 'etcd1', 'app', 'lb1', 'lb2']);
	expect(parseChanged('10.73.0.174', '10.73.0.171')).toThrow(
		/topologies.balancers.nodes.lb2.address: is already the address of etcd1/,
	);
	expect(parseChanged('10.73.0.174, roles: [lb], priority: 100', '10.73.0.174, roles: [lb]')).toThrow(
		/is a lb node without a priority/,
	);
});

test('has the store that a topology needs, else the one that is asked for', () => {
	expect(storeFor(readInventory(), undefined)).toBe('etcd3');
	expect(storeFor(readInventory('pgbouncer'), 'etcd2')).toBe('etcd2');
	const inventory = readInventory('vip-manager');
	expect(storeFor(inventory, undefined)).toBe('etcd2');
	expect(() => storeFor(inventory, 'etcd3')).toThrow('the topology vip-manager needs --store etcd2');
	expect(() => storeFor(readInventory(), 'raft')).toThrow('unknown store "raft"; the lab has etcd3, etcd2');
	expect(vipManagerOf(inventory)).toBe('vip-manager');
	expect(vipManagerOf(readInventory('leader-vip'))).toBe('keepalived');
	expect(vipNodesOf(inventory).map(({name}) => name)).toEqual(['pgdb1', 'pgdb2']);
});

test('lists what a configuration file can name', () => {
	const inventory = readInventory();
	const [pgdb1] = nodesOf(inventory);
	if (!pgdb1) throw new Error('no first node');
	expect(valuesFor(pgdb1, inventory, {suite: 'bookworm'}, 'operator')).toMatchObject({
		name: 'pgdb1',
		address: '10.73.0.160',
		etcd1: '10.73.0.171',
		network: '10.73.0.0/24',
		postgresql: '15',
		priority: '101',
		'patroni.ttl': '60',
		'haproxy.inter': '3s',
	});
	expect(() => valuesFor(pgdb1, inventory, {suite: 'potato'}, 'fast')).toThrow(/no suite potato/);
});

describe('the PostgreSQL of a lab', () => {
	const inventory = readInventory();

	test('is the one of the suite by default', () => {
		const own = Object.keys(inventory.suites).map(suite => [
			suite,
			requirePostgresql(inventory, suite, undefined),
		]);
		expect(own).toEqual([
			['bookworm', 15],
			['trixie', 17],
			['forky', 18],
		]);
		expect(postgresqlOf(inventory, {suite: 'trixie'})).toBe(17);
	});

	test.each([
		['trixie', '16', 16],
		['trixie', 16, 16],
		['trixie', '17', 17],
		['bookworm', '15', 15],
	])('on %s can be %j', (suite, wanted, version) => {
		expect(requirePostgresql(inventory, suite, wanted)).toBe(version);
	});

	test.each([
		['bookworm', '16', 'bookworm has no PostgreSQL 16; use --suite trixie'],
		['forky', '16', 'forky has no PostgreSQL 16; use --suite trixie'],
		['trixie', '18', 'trixie has no PostgreSQL 18; use --suite forky'],
		['trixie', 15, 'trixie has no PostgreSQL 15; use --suite bookworm'],
	])('on %s cannot be %j, and the error names the suite', (suite, wanted, message) => {
		expect(() => requirePostgresql(inventory, suite, wanted)).toThrow(new LabError(message));
	});

	test.each(['14', '', '016', '16.14', '16 ', 'sixteen', 'constructor'])('is never %j', wanted => {
		expect(() => requirePostgresql(inventory, 'trixie', wanted)).toThrow(
			new LabError(
				`unknown PostgreSQL version "${wanted}"; the lab has 15 (bookworm), 16 (trixie), 17 (trixie), 18 (forky)`,
			),
		);
	});

	test('is in the paths of the nodes', () => {
		const [pgdb1] = nodesOf(inventory);
		if (!pgdb1) throw new Error('no first node');
		const values = valuesFor(pgdb1, inventory, {suite: 'trixie', postgresql: 16}, 'fast');
		expect(values.postgresql).toBe('16');
	});

	test('is on a suite of the lab, and pinned by a hash', () => {
		const line = lineOf('    suite: trixie');
		expect(parseChanged('    suite: trixie', '    suite: potato')).toThrow(
			`inventory.yaml, line ${line}: postgresql.16.suite: is potato, which is not in suites`,
		);
		expect(parseChanged('integrity: sha512-', 'integrity: sha1-')).toThrow(
			/postgresql.16.integrity: is not a sha512/,
		);
	});
});

test('computes the network of an address', () => {
	expect(networkOf('10.73.0.160', 24)).toBe('10.73.0.0/24');
	expect(networkOf('192.168.255.77', 20)).toBe('192.168.240.0/20');
});
