import {existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {beforeEach, expect, it} from 'vitest';
import {forgetOldCode} from '../../source/lib/compiled-code.ts';
import {temporaryFolder} from '../support/folder.ts';

const day = 24 * 3600 * 1000;
const now = Date.now();
let root: string;

/** A file that was written some days ago. */
function put(name: string, days: number): string {
	const file = path.join(root, name);
	mkdirSync(path.dirname(file), {recursive: true});
	writeFileSync(file, '');
	utimesSync(file, (now - days * day) / 1000, (now - days * day) / 1000);
	return file;
}

function makeOld(folder: string): void {
	const then = (now - 31 * day) / 1000;
	utimesSync(path.join(root, folder), then, then);
}

beforeEach(() => {
	root = temporaryFolder('compiled-code');
});

it('removes code of a month ago, and folders that are empty then', async () => {
	const files = [
		['pgha-top/v24.21.0-x64-1-0/present', 1],
		['pgha-top/v24.21.0-x64-1-0/old', 31],
		['pgha-top/v22.19.0-x64-2-0/old', 400],
		['pgha-top/v22.19.0-x64-3-0/young', 29],
		['pgha-top/other/old', 400],
		['pgha-top/v1', 400],
	] as const;
	for (const [name, days] of files) {
		put(name, days);
	}

	makeOld('pgha-top/v22.19.0-x64-2-0');
	await forgetOldCode(path.join(root, 'pgha-top/v24.21.0-x64-1-0'), now);
	expect(files.map(([name]) => name).filter(name => existsSync(path.join(root, name)))).toEqual([
		'pgha-top/v24.21.0-x64-1-0/present',
		'pgha-top/v22.19.0-x64-3-0/young',
		'pgha-top/other/old',
		'pgha-top/v1',
	]);
	expect(readdirSync(path.join(root, 'pgha-top')).sort()).toEqual([
		'other',
		'v1',
		'v22.19.0-x64-3-0',
		'v24.21.0-x64-1-0',
	]);
});

it('leaves an empty folder that a console may have made for its end: its own, or a young one', async () => {
	for (const name of ['v24.21.0-x64-1-0', 'v24.21.0-x64-2-0', 'v24.21.0-x64-3-0']) {
		mkdirSync(path.join(root, 'pgha-top', name), {recursive: true});
	}

	makeOld('pgha-top/v24.21.0-x64-1-0');
	makeOld('pgha-top/v24.21.0-x64-3-0');
	await forgetOldCode(path.join(root, 'pgha-top/v24.21.0-x64-1-0'), now);
	expect(readdirSync(path.join(root, 'pgha-top')).sort()).toEqual(['v24.21.0-x64-1-0', 'v24.21.0-x64-2-0']);
});

it('leaves a folder in which another console has written since, although its last code goes', async () => {
	put('pgha-top/v24.21.0-x64-2-0/old', 31);
	await forgetOldCode(path.join(root, 'pgha-top/v24.21.0-x64-1-0'), now);
	expect(readdirSync(path.join(root, 'pgha-top/v24.21.0-x64-2-0'))).toEqual([]);
});

it('removes nothing in a folder that another program may share', async () => {
	const file = put('node/v24.21.0-x64-1-0/old', 400);
	await forgetOldCode(path.join(root, 'node/v24.21.0-x64-1-0'), now);
	expect(existsSync(file)).toBe(true);
});

it('does nothing where no code is kept, or the folder is gone', async () => {
	await expect(forgetOldCode(undefined, now)).resolves.toBeUndefined();
	await expect(forgetOldCode(path.join(root, 'pgha-top/v24.21.0-x64-1-0'), now)).resolves.toBeUndefined();
});
