/** What the build makes of packages. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {node, program, recordingImports} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

it('Ink keeps the sizes of some hundred texts, which is some frames, not of thousands', async () => {
	const folder = temporaryFolder('bundle');
	const imports = path.join(folder, 'imports');
	const terminal = new Terminal(
		node,
		[...recordingImports, program, '--scope', 'main', '--dcs-url', 'etcd3://127.0.0.1:1'],
		{
			env: {XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: folder, IMPORTS: imports},
		},
	);
	await terminal.until('the panes', text => text.includes('Members'));
	await terminal.kill();
	const chunks = readFileSync(imports, 'utf8').match(/^file:.*\/dist\/.*$/gm) ?? [];
	const ink = chunks
		.map(chunk => readFileSync(new URL(chunk), 'utf8'))
		.filter(text => /^\/\/ .*\bink\b/m.test(text));
	const sizes = ink.flatMap(text => [...text.matchAll(/\{maxSize:(\d+)\}/g)].map(([, size]) => Number(size)));
	expect(sizes).toEqual([512, 512]);
});
