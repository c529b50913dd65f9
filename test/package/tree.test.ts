/** The files of the .deb and the .rpm, and the rules of lintian and rpmlint that they follow. */
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import {makeProgram, makeTree, zshFunctions} from '../../tools/package/tree.ts';
import {temporaryFolder} from '../support/folder.ts';

const built = {
	'dist/cli.js': `#!/bin/sh\n':' //; exec node "$0" "$@"\nrun();\n`,
	'dist/man/pgha-top.1': '.TH PGHA-TOP 1\n',
	'dist/completions/pgha-top.bash': '',
	'dist/completions/_pgha-top': '',
	'dist/completions/pgha-top.fish': '',
	'docs/readme.md': '',
	'recordings/calm.gz': '#!not a program',
	'package.json': '{"name": "pgha-top", "version": "1.0.0", "type": "module"}',
	'readme.md': '',
	license: 'MIT',
};

/** As it was built, with the modes that npm and a careless umask leave. */
function npmPackage(): string {
	const folder = temporaryFolder('npm-package');
	for (const [file, content] of Object.entries(built)) {
		fs.mkdirSync(path.join(folder, path.dirname(file)), {recursive: true});
		fs.writeFileSync(path.join(folder, file), content, {mode: 0o777});
	}

	return folder;
}

function filesOf(root: string): {place: string; mode: number; begins: string}[] {
	return fs
		.globSync('**/*', {cwd: root, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry => path.join(entry.parentPath, entry.name))
		.map(file => ({
			place: path.relative(root, file),
			mode: fs.statSync(file).mode & 0o777,
			begins: fs.readFileSync(file, 'latin1').slice(0, 3),
		}));
}

it.each(Object.entries(zshFunctions))('what is a program can be run, and nothing else (%s)', (_, zsh) => {
	const root = temporaryFolder('tree');
	const folder = npmPackage();
	const node = path.join(folder, 'node');
	fs.writeFileSync(node, '\u007FELF');
	makeTree({
		root,
		npmPackage: folder,
		runtime: {version: '24.0.0', node, licence: path.join(folder, 'license')},
		nodeFlags: ['--max-semi-space-size=2'],
		zsh,
		time: 1_700_000_000,
	});
	const files = filesOf(root);
	const programs = files.filter(({mode}) => mode === 0o755).map(({place}) => place);
	expect(programs.sort()).toEqual(['usr/bin/pgha-top', 'usr/lib/pgha-top/node']);
	expect(files.filter(({mode}) => mode !== 0o755 && mode !== 0o644)).toEqual([]);
	expect(files.filter(({begins}) => begins === '#!/').map(({place}) => place)).toEqual(['usr/bin/pgha-top']);
});

const onceFlags = ' --max-semi-space-size=16 --min-semi-space-size=16';

it.each([
	['', 'tour', '1 8192 65536', ''],
	['4', 'tour', '4 8192 65536', ''],
	['', '--once', '  ', onceFlags],
])('the wrapper starts Node.js with its flags and its memory: %s, %s', (given, word, used, more) => {
	const root = temporaryFolder('wrapper');
	const folder = npmPackage();
	const node = path.join(folder, 'node');
	fs.writeFileSync(
		node,
		`#!/bin/sh\necho "$MALLOC_ARENA_MAX $MALLOC_MMAP_THRESHOLD_ $MALLOC_TRIM_THRESHOLD_ \${NODE_OPTIONS-none} $*"\n`,
	);
	makeTree({
		root,
		npmPackage: folder,
		runtime: {version: '24.0.0', node, licence: path.join(folder, 'license')},
		nodeFlags: ['--one', '--two'],
		zsh: zshFunctions.deb,
		time: 1_700_000_000,
	});
	const wrapper = fs.readFileSync(path.join(root, 'usr/bin/pgha-top'), 'utf8');
	const output = execFileSync(
		'/bin/sh',
		['-c', wrapper.replaceAll('/usr/lib/', `${root}/usr/lib/`), 'sh', word, 'a b'],
		{
			encoding: 'utf8',
			env: {NODE_OPTIONS: '--unknown', ...(given === '' ? {} : {MALLOC_ARENA_MAX: given})},
		},
	);
	expect(output).toBe(
		`${used} none --one --two${more} -- ${root}/usr/lib/pgha-top/dist/cli.js ${word} a b\n`,
	);
});

it('the program is what was built, without the lines that start it under another Node.js', () => {
	const folder = temporaryFolder('program');
	makeProgram(npmPackage(), folder);
	expect(fs.readFileSync(path.join(folder, 'dist/cli.js'), 'utf8')).toBe('run();\n');
	expect(fs.readFileSync(path.join(folder, 'recordings/calm.gz'), 'utf8')).toBe(built['recordings/calm.gz']);
	expect(
		filesOf(folder)
			.map(({place}) => place)
			.sort(),
	).toEqual(['dist/cli.js', 'package.json', 'recordings/calm.gz']);
});
