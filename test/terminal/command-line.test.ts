import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {execa} from 'execa';
import {describe, expect, it} from 'vitest';
import {node, program} from '../support/program.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-test-'));

function file(name: string, content: string): string {
	const where = path.join(folder, name);
	writeFileSync(where, content);
	return where;
}

async function run(args: readonly string[], env: Record<string, string> = {}) {
	return execa(node, [program, ...args], {
		reject: false,
		extendEnv: false,
		env: {PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env},
		stdin: 'ignore',
		timeout: 20_000,
	});
}

/** Nothing listens on port 1. */
const unreachable = file('unreachable.yaml', 'scope: main\netcd3: {hosts: ["127.0.0.1:1"]}\n');

describe('bad input', () => {
	it.each([
		['an unknown flag', ['--bogus'], /unknown flag --bogus; see pgha-top --help/],
		['an unexpected argument', ['status'], /unexpected argument "status"/],
		[
			'a time-out that is none',
			['--once', '--timeout', 'soon'],
			/--timeout must be a number of seconds above 0/,
		],
		['--json alone', ['--json'], /--json goes with --once/],
		['a file that is not there', ['-c', '/nonexistent.yaml'], /\/nonexistent\.yaml: cannot be read/],
		['no configuration at all', ['--once'], /no configuration found: give patronictl's with -c FILE/],
		['a terminal that is none', ['-c', unreachable], /must be a terminal; use --once/],
	])('%s gets a sentence and exit code 64', async (_, args, message) => {
		const {exitCode, stderr, stdout} = await run(args);
		expect(stderr).toMatch(message);
		expect(stdout).toBe('');
		expect(exitCode).toBe(64);
	});

	it.each([
		['scope: main\netcd3: {hosts: 5}\n', /line 2: etcd3\.hosts: .*found 5/],
		['scope: main\n\tetcd3: 1\n', /line 2: not valid YAML/],
		[
			'scope: main\netcd3: {hosts: "a b:2379"}\n',
			/line 2: etcd3\.hosts: must be HOST:PORT, .*found "a b:2379"/,
		],
		['scope: main\netcd: {hosts: "a:2379"}\n', /only etcd \(the v2 API\) is configured/],
		['etcd3: {hosts: "a:2379"}\n', /scope is missing/],
		[
			'scope: main\netcd3: {host: a}\npgha-top:\n  vpi: 10.0.0.1\n',
			/line 4: pgha-top\.vpi: Unrecognized key/,
		],
		['scope: main\netcd3: {host: a}\npgha-top:\n  vip: tenth\n', /line 4: pgha-top\.vip: .*found "tenth"/],
	])('the file %j is refused with file, line and key', async (content, message) => {
		const where = file('bad.yaml', content);
		const {exitCode, stderr} = await run(['-c', where, '--once']);
		expect(stderr).toMatch(message);
		expect(stderr).toContain(where);
		expect(exitCode).toBe(64);
	});

	it('never prints a secret of a file that it refuses', async () => {
		const where = file(
			'secret.yaml',
			'scope: main\netcd3: {host: a}\nctl: {keyfile_password: [s3cret], authentication: {password: [s3cret]}}\n',
		);
		const {exitCode, stderr} = await run(['-c', where, '--once']);
		expect(stderr).toContain('ctl.keyfile_password');
		expect(stderr).not.toContain('s3cret');
		expect(exitCode).toBe(64);
	});
});

describe('--once', () => {
	it('prints what it knows, and exits with 3 where it knows nothing', async () => {
		const {exitCode, stdout, stderr} = await run(['-c', unreachable, '--once']);
		expect(stdout).toMatch(/^main: UNKNOWN\n {2}unknown: etcd: no endpoint answers/);
		expect(stdout).toContain('connection refused');
		expect(stderr).toBe('');
		expect(exitCode).toBe(3);
	});

	it('prints the same as JSON', async () => {
		const {exitCode, stdout} = await run(['-c', unreachable, '--once', '--json']);
		expect(JSON.parse(stdout)).toMatchObject({
			version: 1,
			scope: 'main',
			verdict: 'unknown',
			pause: null,
			leader: null,
			etcd: {read: false},
			lost: [
				{source: 'etcd:http://127.0.0.1:1', reason: 'connection refused'},
				{source: 'dcs:http://127.0.0.1:1'},
			],
		});
		expect(exitCode).toBe(3);
	});

	it('loads neither Ink nor React', async () => {
		const imports = file('imports', '');
		const recorder = new URL('../support/record-imports.js', import.meta.url);
		await execa(node, ['--import', recorder.href, program, '-c', unreachable, '--once'], {
			reject: false,
			env: {IMPORTS: imports, HOME: '/nonexistent'},
		});
		const loaded = readFileSync(imports, 'utf8');
		expect(loaded).toContain('node_modules/etcd3');
		expect(loaded).not.toMatch(/node_modules\/(?:ink|react)[/-]/);
	});
});
