/** An inventory that cannot make a cluster is refused, with the line of the error. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {
	allNodes,
	applicationOf,
	balancersOf,
	etcdMembersOf,
	networkOf,
	nodesOf,
	parseInventory,
	readInventory,
	valuesFor,
	vipNodesOf,
	withOptional,
	writePortOf,
} from '../../lab/inventory.ts';

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

test('lists what a configuration file can name', () => {
	const inventory = readInventory();
	const [pgdb1] = nodesOf(inventory);
	if (!pgdb1) throw new Error('no first node');
	expect(valuesFor(pgdb1, inventory, 'bookworm', 'operator')).toMatchObject({
		name: 'pgdb1',
		address: '10.73.0.160',
		etcd1: '10.73.0.171',
		network: '10.73.0.0/24',
		postgresql: '15',
		priority: '101',
		'patroni.ttl': '60',
		'haproxy.inter': '3s',
	});
	expect(() => valuesFor(pgdb1, inventory, 'potato', 'fast')).toThrow(/no suite potato/);
});

test('computes the network of an address', () => {
	expect(networkOf('10.73.0.160', 24)).toBe('10.73.0.0/24');
	expect(networkOf('192.168.255.77', 20)).toBe('192.168.240.0/20');
});
