/** A package from npm is used only with its pinned hash. */
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {fetchPackage} from '../../lab/npm-package.ts';
import {temporaryFolder} from '../support/folder.ts';

const content = 'an archive';
const hashOf = (text: string) => `sha512-${createHash('sha512').update(text).digest('base64')}`;
const pinned = {package: '@scope/name', version: '1.2.3-beta.4', integrity: hashOf(content)};

/** A registry with one archive, and what was asked of it. */
function registry(text: string, names: readonly string[] = ['scope-name-1.2.3-beta.4.tgz']) {
	const asked: string[] = [];
	const fetchInto = async (specifier: string, folder: string) => {
		asked.push(specifier);
		for (const name of names) writeFileSync(join(folder, name), text);
	};
	return {asked, fetchInto};
}

test('fetches a package once, at its exact version', async () => {
	const folder = temporaryFolder('test');
	const {asked, fetchInto} = registry(content);
	const file = await fetchPackage(pinned, folder, fetchInto);
	expect(readFileSync(file, 'utf8')).toBe(content);
	expect(await fetchPackage(pinned, folder, fetchInto)).toBe(file);
	expect(asked).toEqual(['@scope/name@1.2.3-beta.4']);
	expect(readdirSync(folder)).toHaveLength(1);
});

test('refuses another archive under the same version, and keeps nothing of it', async () => {
	const folder = temporaryFolder('test');
	const {fetchInto} = registry('another archive');
	await expect(fetchPackage(pinned, folder, fetchInto)).rejects.toThrow(
		`@scope/name@1.2.3-beta.4 from npm's registry has ${hashOf('another archive')}, and lab/inventory.yaml has ${pinned.integrity}`,
	);
	expect(readdirSync(folder)).toEqual([]);
});

test('fetches a damaged file again', async () => {
	const folder = temporaryFolder('test');
	const {asked, fetchInto} = registry(content);
	const file = await fetchPackage(pinned, folder, fetchInto);
	writeFileSync(file, 'half of an arch');
	expect(readFileSync(await fetchPackage(pinned, folder, fetchInto), 'utf8')).toBe(content);
	expect(asked).toHaveLength(2);
});

test.each([[[]], [['a.tgz', 'b.tgz']]])('refuses %j instead of one archive', async names => {
	const folder = temporaryFolder('test');
	await expect(fetchPackage(pinned, folder, registry(content, names).fetchInto)).rejects.toThrow(
		`npm pack @scope/name@1.2.3-beta.4 wrote ${names.length} files instead of one`,
	);
	expect(readdirSync(folder)).toEqual([]);
});

test('keeps nothing of a fetch that failed', async () => {
	const folder = temporaryFolder('test');
	const fetchInto = async (_: string, into: string) => {
		writeFileSync(join(into, 'half'), '');
		throw new Error('connection reset');
	};
	await expect(fetchPackage(pinned, folder, fetchInto)).rejects.toThrow('connection reset');
	expect(readdirSync(folder)).toEqual([]);
});
