/** Configuration files are filled in completely or refused. */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {nodesOf, readInventory, withOptional} from '../../lab/inventory.ts';
import {fill, valuesFor} from '../../lab/template.ts';

test('fills every occurrence, and leaves what only looks alike', () => {
	const others = '$x $(x) {{x}} %{x} @x dba@host';
	expect(fill(`a @{x} b @{x} ${others}`, {x: '1'}, 'file')).toBe(`a 1 b 1 ${others}`);
});

test('refuses an unknown placeholder with file and line', () => {
	expect(() => fill('one\ntwo @{adress}\n', {address: '1'}, 'nodes/x')).toThrow(
		'nodes/x, line 2: unknown placeholder @{adress}; known here: address',
	);
	expect(() => fill('@{toString}', {}, 'file')).toThrow(/unknown placeholder/);
});

test('refuses a placeholder that is not closed', () => {
	expect(() => fill('@{address\n', {address: '1'}, 'nodes/x')).toThrow(
		/line 1: unknown placeholder @\{address/,
	);
});

const storeValues = {'etcd.v2': 'false', 'store.section': 'etcd3'};
const topologies = Object.keys(readInventory().topologies);
const nodesDir = join(import.meta.dirname, '../../lab/nodes');
for (const topology of topologies) {
	const inventory = withOptional(readInventory(topology));
	for (const profile of Object.keys(inventory.profiles)) {
		test(`every file can be filled in, topology ${topology}, profile ${profile}`, () => {
			for (const node of nodesOf(inventory)) {
				// The store's placeholders are added where a disk is written.
				const values = {...valuesFor(node, inventory, {suite: 'trixie'}, profile), ...storeValues};
				for (const role of ['common', ...node.roles]) {
					for (const entry of readdirSync(join(nodesDir, role), {recursive: true, withFileTypes: true})) {
						if (!entry.isFile()) continue;
						const file = join(entry.parentPath, entry.name);
						expect(fill(readFileSync(file, 'utf8'), values, file)).not.toContain('@{');
					}
				}
			}
		});
	}
}
