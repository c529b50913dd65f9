/** The completions, as each shell that this machine has uses them; man pages as mandoc reads them. */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {beforeAll, describe, expect, it} from 'vitest';
import packageJson from '../../package.json' with {type: 'json'};
import {commands, program} from '../../source/cli/command-table.ts';
import {kebab, negatedFlags} from '../../source/cli/definition.ts';
import {bashCompletion} from '../../tools/manual/bash.ts';
import {fishCompletion} from '../../tools/manual/fish.ts';
import {manPages} from '../../tools/manual/man-page.ts';
import {zshCompletion} from '../../tools/manual/zsh.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('completions');
const bashFile = path.join(folder, 'pgha-top.bash');
const zshFile = path.join(folder, '_pgha-top');
const fishFile = path.join(folder, 'pgha-top.fish');
const pages = manPages('0.1.0', '2026-11-26');

const has = async (tool: string) =>
	!(await execa('sh', ['-c', `command -v ${tool}`], {reject: false})).failed;
const [hasZsh, hasFish, hasMandoc, hasGroff] = await Promise.all([
	has('zsh'),
	has('fish'),
	has('mandoc'),
	has('groff'),
]);

beforeAll(() => {
	writeFileSync(bashFile, bashCompletion());
	writeFileSync(zshFile, zshCompletion());
	writeFileSync(fishFile, fishCompletion());
	for (const [name, text] of pages) {
		writeFileSync(path.join(folder, name), text);
	}

	mkdirSync(path.join(folder, 'files', 'a folder'), {recursive: true});
	for (const name of ['one.ndjson.gz', 'a b.yaml', "it's.yaml"]) {
		writeFileSync(path.join(folder, 'files', name), '');
	}
});

/** What bash offers after these words, the last of which is not finished. */
async function complete(...words: string[]): Promise<string[]> {
	const script = `. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pgha_top; printf '%s\\n' "\${COMPREPLY[@]}"`;
	const {stdout, stderr} = await execa('bash', ['-c', script, bashFile, 'pgha-top', ...words], {
		cwd: path.join(folder, 'files'),
	});
	expect(stderr).toBe('');
	return stdout.split('\n').filter(Boolean);
}

describe('the completion for bash', () => {
	it('is valid', async () => {
		expect(await execa('bash', ['-n', bashFile])).toMatchObject({stdout: '', stderr: ''});
	});

	it.each<[string[], string[]]>([
		[['dri'], ['drill']],
		[['he'], ['help']],
		[['help', 'do'], ['doctor']],
		[['help', 'drill', ''], []],
		[
			['drill', ''],
			['switchover', 'shutdown', 'power-cut'],
		],
		[
			['-c', 'x.yaml', 'drill', 's'],
			['switchover', 'shutdown'],
		],
		[['--config-file', '=', 'x.yaml', 'drill', 'p'], ['power-cut']],
		[['--scope', 'drill', 'dri'], ['drill']],
		[['drill', 'switchover', ''], []],
		[['drill', '--tar'], ['--target']],
		[['drill', '--target', ''], []],
		[['drill', 'switchover', '--no-r'], ['--no-read-only']],
		[
			['tour', 'power'],
			['power-off', 'power-cut'],
		],
		[
			['report', '--format', ''],
			['md', 'html', 'json'],
		],
		[
			['report', '--format', '='],
			['md', 'html', 'json'],
		],
		[['report', '--format', '=', 'h'], ['html']],
		[
			['--color', 'a'],
			['auto', 'always'],
		],
		[['tour', '--color', 'n'], ['never']],
		[['--onc'], ['--once']],
		[['--once', '-V'], ['-V']],
		[['--', '--onc'], []],
		[['report', 'o'], ['one.ndjson.gz']],
		[['report', '--', 'o'], ['one.ndjson.gz']],
		[
			['-c', 'a'],
			['a b.yaml', 'a folder'],
		],
		[['-c', 'it'], ["it's.yaml"]],
		[['doctor', ''], []],
		[['nosuch', ''], []],
		[['nosuch', '--'], []],
	])('%j offers %j', async (words, offered) => {
		expect((await complete(...words)).sort()).toEqual([...offered].sort());
	});

	it('offers every flag of every command, and no other', async () => {
		for (const command of [program, ...commands]) {
			const words = command.name === '' ? ['--'] : [command.name, '--'];
			const typed = [...Object.keys(command.flags), 'color', 'noColor', 'help', 'version'].map(kebab);
			const expected = new Set([...typed, ...negatedFlags(command.flags)].map(name => `--${name}`));
			expect((await complete(...words)).sort()).toEqual([...expected].sort());
		}
	});

	it('offers all commands, help and version', async () => {
		const names = [...commands.map(({name}) => name), 'help', 'version'];
		expect((await complete('')).sort()).toEqual(names.sort());
	});

	it('offers hosts to init', async () => {
		const hosts = path.join(folder, 'hosts');
		writeFileSync(hosts, '192.0.2.1 pgdb1 pgdb2\n');
		const script = `HOSTFILE=${hosts}; . "$0"; COMP_WORDS=(pgha-top init pgdb); COMP_CWORD=2; _pgha_top; echo "\${COMPREPLY[@]}"`;
		expect((await execa('bash', ['-c', script, bashFile])).stdout).toBe('pgdb1 pgdb2');
	});
});

describe('the completion for zsh', () => {
	it.skipIf(!hasZsh)('is valid', async () => {
		expect(await execa('zsh', ['-n', zshFile])).toMatchObject({stdout: '', stderr: ''});
	});

	it('quotes whatever a text contains', () => {
		const specs = zshCompletion().match(/^\t+'.* \\$/gm) ?? [];
		expect(specs.length).toBeGreaterThan(50);
		for (const spec of specs) {
			// What remains after all that the shell takes as quoted.
			expect(spec.replaceAll(/\\'|'[^']*'/g, '')).toMatch(/^\t+(?:\{-[A-Za-z]\+?,--[a-z-]+=?\})? \\$/);
		}
	});
});

describe('the completion for fish', () => {
	it.skipIf(!hasFish)('is valid', async () => {
		expect(await execa('fish', ['--no-execute', fishFile])).toMatchObject({stdout: '', stderr: ''});
	});

	it.skipIf(!hasFish).each([
		['pgha-top dri', ['drill']],
		['pgha-top -c x.yaml drill s', ['shutdown', 'switchover']],
		['pgha-top --scope drill dri', ['drill']],
		['pgha-top drill switchover ', []],
		['pgha-top tour power', ['power-cut', 'power-off']],
		['pgha-top report --format h', ['html']],
		['pgha-top report --format=h', ['--format=html']],
		['pgha-top drill --tar', ['--target']],
		['pgha-top tour --tar', []],
		['pgha-top report on', ['one.ndjson.gz']],
		['pgha-top help do', ['doctor']],
	])('%s is completed', async (typed, offered) => {
		const {stdout} = await execa(
			'fish',
			['--no-config', '-c', `source ${fishFile}; complete -C '${typed}'`],
			{
				cwd: path.join(folder, 'files'),
				env: {HOME: folder},
			},
		);
		const words = stdout
			.split('\n')
			.filter(Boolean)
			.map(line => line.split('\t')[0]);
		expect(words.sort()).toEqual(offered);
	});
});

describe('man pages', () => {
	it('are one for each command, and are those of the package', () => {
		const names = [...pages.keys()];
		expect(names).toEqual(['pgha-top.1', ...commands.map(({name}) => `pgha-top-${name}.1`)]);
		expect(packageJson.man.map(file => path.basename(file)).sort()).toEqual(names.sort());
	});

	it.each([...pages])('%s has no line that roff takes for a request', (_, text) => {
		const requests = text.split('\n').filter(line => /^[.']/.test(line));
		expect(
			requests.filter(line => !/^\.(?:\\"|TH |SH |TP$|PP$|br$|nf$|fi$|RS 4$|RE$|nh$|ad l$)/.test(line)),
		).toEqual([]);
		// Each - is a hyphen that can be copied; each \ is an intended escape.
		expect(text.replaceAll(/^\..*$/gm, '').replaceAll(/\\(?:-|e|&|\(aq|\(ga|\(ti|f[BR])/g, '')).not.toMatch(
			/[-\\]/,
		);
	});

	it.skipIf(!hasMandoc).each([...pages.keys()])('%s passes mandoc', async name => {
		const {stdout, stderr} = await execa('mandoc', ['-Tlint', path.join(folder, name)], {reject: false});
		expect(stdout + stderr).toBe('');
	});

	it.skipIf(!hasGroff).each([...pages.keys()])('%s is formatted by groff without a warning', async name => {
		const {stdout, stderr} = await execa('groff', ['-man', '-Tutf8', '-ww', path.join(folder, name)]);
		expect(stderr).toBe('');
		expect(stdout).toContain('pgha-top 0.1.0');
	});
});
