import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, it} from 'vitest';
import {checkRooms} from '../tools/rooms/check.ts';
import {temporaryFolder} from './support/folder.ts';

/** As `npm run lint` would find it in a repository with these files. */
async function problemsOf(files: Readonly<Record<string, string>>): Promise<string[]> {
	const base = temporaryFolder('rooms');
	for (const [file, text] of Object.entries(files)) {
		await mkdir(path.dirname(path.join(base, file)), {recursive: true});
		await writeFile(path.join(base, file), text);
	}

	const folders = [...new Set(Object.keys(files).map(file => file.split('/')[0] ?? ''))];
	return (await checkRooms(base, folders)).problems;
}

const leaf = 'export type A = 1;\nexport const a = 1;\n';

it('allows each room to import those below it', async () => {
	expect(
		await problemsOf({
			'source/lib/a.ts': leaf,
			'source/domain/b.ts': "import type {A} from '../lib/a.ts';\nexport type B = A;\n",
			'source/state/c.ts':
				"import {a} from '../lib/a.ts';\nimport type {B} from '../domain/b.ts';\nexport const c: B = a;\n",
			'source/state/view/d.ts':
				"import {c} from '../c.ts';\nexport const d = async () => import('../../lib/a.ts').then(() => c);\n",
		}),
	).toEqual([]);
});

it.each<[string, Readonly<Record<string, string>>, RegExp]>([
	[
		'an import upwards',
		{
			'source/domain/a.ts': leaf,
			'source/lib/b.ts': "import {a} from '../domain/a.ts';\nexport const b = a;\n",
		},
		/^lib may import no room: source\/lib\/b\.ts → source\/domain\/a\.ts$/,
	],
	[
		'an import upwards of a type only',
		{
			'source/state/a.ts': leaf,
			'source/sources/b.ts': "import type {A} from '../state/a.ts';\nexport type B = A;\n",
		},
		/^sources may import .*: source\/sources\/b\.ts → source\/state\/a\.ts$/,
	],
	[
		'an import upwards by a file within a room of the same folder',
		{'source/state/view/a.ts': leaf, 'source/state/b.ts': "export {a} from './view/a.ts';\n"},
		/^state may import .*: source\/state\/b\.ts → source\/state\/view\/a\.ts$/,
	],
	[
		'a type that is imported inline',
		{'source/state/a.ts': leaf, 'source/sources/b.ts': "export type B = import('../state/a.ts').A;\n"},
		/^no-inline-type-import: source\/sources\/b\.ts → \.\.\/state\/a\.ts/,
	],
	[
		'a cycle of types',
		{
			'source/lib/a.ts': "import type {B} from './b.ts';\nexport type A = B | 1;\n",
			'source/lib/b.ts': "import type {A} from './a.ts';\nexport type B = A | 2;\n",
		},
		/^no-cycle: source\/lib\/a\.ts → source\/lib\/b\.ts → source\/lib\/a\.ts$/,
	],
	[
		'a file system in the model',
		{'source/domain/a.ts': "import {readFileSync} from 'node:fs';\nexport const a = readFileSync;\n"},
		/^pure.*: source\/domain\/a\.ts → fs$/,
	],
	[
		'timers in the state',
		{'source/state/a.ts': "export {setTimeout} from 'node:timers/promises';\n"},
		/^pure.*: source\/state\/a\.ts → timers\/promises$/,
	],
	[
		'the program in the lab',
		{'source/lib/a.ts': leaf, 'lab/b.ts': "import {a} from '../source/lib/a.ts';\nexport const b = a;\n"},
		/^lab .*: lab\/b\.ts → source\/lib\/a\.ts$/,
	],
	[
		'a test in the program',
		{
			'test/support/a.ts': leaf,
			'source/ui/b.ts': "import {a} from '../../test/support/a.ts';\nexport const b = a;\n",
		},
		/^ui .*: source\/ui\/b\.ts → test\/support\/a\.ts$/,
	],
	['a folder without a rule', {'source/extra/a.ts': leaf}, /^no room: source\/extra\/a\.ts/],
])('refuses %s', async (_, files, expected) => {
	expect(await problemsOf(files)).toEqual([expect.stringMatching(expected)]);
});
