/** A node's disk is on top of the layers of its roles, and works only on those that it was made on. */
import {expect, test} from 'vitest';
import {layersFor, treeIdFor} from '../../lab/base-image.ts';
import {nodesOf, readInventory, withOptional} from '../../lab/inventory.ts';

const plain = {id: 'tree', base: '/base', db: '/db', app: {id: 'wiki', layer: '/app'}};
const with16 = {...plain, postgresql: {id: 'sixteen', layer: '/postgresql'}};
const disksOn = (tree: typeof plain) =>
	Object.fromEntries(
		nodesOf(withOptional(readInventory('balancers'))).map(node => [
			node.name,
			`${layersFor(node, tree)} ${treeIdFor(node, tree)}`,
		]),
	);

test('each node has the layers of its roles', () => {
	expect(disksOn(plain)).toEqual({
		pgdb1: '/db:/base tree',
		pgdb2: '/db:/base tree',
		etcd1: '/base tree',
		lb1: '/db:/base tree',
		lb2: '/db:/base tree',
		app: '/app:/base tree/wiki',
	});
});

test('another PostgreSQL is on top of the database nodes alone, and all disks are of that cluster', () => {
	expect(disksOn(with16)).toEqual({
		pgdb1: '/postgresql:/db:/base tree/sixteen',
		pgdb2: '/postgresql:/db:/base tree/sixteen',
		etcd1: '/base tree/sixteen',
		lb1: '/db:/base tree/sixteen',
		lb2: '/db:/base tree/sixteen',
		app: '/app:/base tree/sixteen/wiki',
	});
});
