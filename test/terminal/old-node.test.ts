import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {describe, expect, it} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';

const folder = temporaryFolder('old-node');

function file(name: string, content: string): string {
	const where = path.join(folder, name);
	writeFileSync(where, content);
	return where;
}

const sentence = (version: string) =>
	new RegExp(`^pgha-top: needs Node\\.js 22\\.19 or newer, this is ${version} \\(.*\\); [^\\n]*$`);

/** The machine's own Node.js, not npm's; undefined if there is none, or if it is new enough. */
async function oldNode(): Promise<{file: string; version: string} | undefined> {
	for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
		const file = path.join(folder, 'node');
		if (existsSync(file)) {
			const {stdout} = await execa(file, ['-p', 'process.versions.node'], {reject: false});
			const [major = 0, minor = 0] = String(stdout).split('.').map(Number);
			if (major >= 12 && (major < 22 || (major === 22 && minor < 19))) {
				return {file, version: String(stdout)};
			}
		}
	}

	return undefined;
}

const machines = oldNode();

describe('on a Node.js that is too old', () => {
	it.for([['--once'], ['--version'], ['tour'], []])(
		'a real one: %j gets an error message and exit code 69',
		async (args, {skip}) => {
			const old = await machines;
			if (old === undefined) {
				return skip('this machine has no old Node.js; the next test has the versions without the binaries');
			}

			const {exitCode, stderr, stdout} = await execa(old.file, [program, ...args], {
				reject: false,
				stdin: 'ignore',
			});
			expect(stderr).toMatch(sentence(old.version));
			expect(stdout).toBe('');
			expect(exitCode).toBe(69);
		},
	);

	it.each(['12.22.12', '14.21.3', '16.20.2', '18.20.8', '20.20.2', '22.18.0'])(
		'%s gets the same',
		async version => {
			const preload = file(
				'old.cjs',
				`Object.defineProperty(process, 'versions', {value: {...process.versions, node: '${version}'}});
			for (const name of ['getBuiltinModule', 'loadEnvFile']) delete process[name];`,
			);
			const {exitCode, stderr} = await execa(node, ['--require', preload, program, '--once'], {
				reject: false,
				stdin: 'ignore',
			});
			expect(stderr).toMatch(sentence(version.replaceAll('.', '\\.')));
			expect(exitCode).toBe(69);
		},
	);

	it('checks the version before any import, in syntax that an old version can parse', () => {
		const text = readFileSync(program, 'utf8');
		expect(text).toMatch(/^#!\/bin\/sh\n':' \/\/; for a; do .*; done; export .*; exec node .*\n/);
		const statements = text.replace(/^':' \/\/.*$/m, '').replaceAll(/^\/\*\*[\s\S]*?\*\/$/gm, '');
		expect(statements).not.toMatch(/^\s*import\b(?!\()/m);
		expect(statements).not.toMatch(/\bawait\b|\?\?|\?\./);
	});
});

describe('an incomplete installation', () => {
	it('is reported with exit code 70, not with 1, which means degraded', async () => {
		const lone = file('cli.mjs', readFileSync(program, 'utf8'));
		const {exitCode, stderr} = await execa(node, [lone, '--once'], {reject: false, stdin: 'ignore'});
		expect(stderr).toMatch(/^pgha-top: .*Cannot find module/);
		expect(exitCode).toBe(70);
	});
});
