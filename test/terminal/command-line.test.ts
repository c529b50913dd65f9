import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	globSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {describe, expect, it, vi} from 'vitest';
import {ownKeys} from '../../source/config/schema.ts';
import {temporaryFolder} from '../support/folder.ts';
import {loadedPackages, node, program, recordingImports} from '../support/program.ts';

const folder = temporaryFolder('test');

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

/** Port 1 is closed. */
const unreachable = file('unreachable.yaml', 'scope: main\netcd3: {hosts: ["127.0.0.1:1"]}\n');

describe('bad input', () => {
	it.each([
		['an unknown flag', ['--bogus'], /unknown flag --bogus; see pgha-top --help/],
		['an unknown command', ['status'], /unknown command "status"; see pgha-top --help/],
		['a time-out that is none', ['--once', '--timeout', 'soon'], /--timeout must be a number, found "soon"/],
		[
			'a time-out that no timer can take',
			['--once', '--timeout', '1e9'],
			/--timeout must be a number of seconds above 0, at most 86400/,
		],
		['--json alone', ['--json'], /--json needs --once or --watch/],
		['--format alone', ['--format', 'yaml'], /--format needs --once or --watch/],
		['a format that is none', ['--once', '--format', 'josn'], /did you mean json\?/],
		['a role and a member', ['dsn', '-r', 'any', '-m', 'x'], /--role cannot be used with --member/],
		['an unknown role', ['dsn', '-r', 'mastr'], /--role must be leader, primary, standby-leader, replica/],
		['two clusters', ['history', 'a', 'b'], /unexpected argument "b"/],
		['two scopes', ['topology', 'a', '--scope', 'b'], /--scope and "a" contradict each other/],
		['two formats', ['--once', '--json', '--format', 'tsv'], /--json and --format tsv contradict each other/],
		['--once and --watch', ['--once', '--watch', '2'], /--watch cannot be used with --once/],
		['--watch with a whole file', ['--watch', '2', '--format', 'openmetrics'], /--watch prints text or json/],
		['--watch without a pause', ['--watch', '0'], /--watch must be a number of seconds, 1 to 86400/],
		['--watch with a recording', ['--watch', '2', '--record', 'x'], /--record cannot be used with --watch/],
		['a switch with a value', ['--once=no'], /--once takes no value/],
		['a flag in place of a value', ['-c', '--once'], /--config-file needs a value/],
		['a flag that is given twice', ['--vip', '10.0.0.1', '--vip', '10.0.0.2'], /--vip is given twice/],
		['a flag without its value', ['--once', '-c'], /--config-file needs a value/],
		[
			'a VIP that is none',
			['-c', unreachable, '--vip', 'ten'],
			/--vip: must be an IPv4 or IPv6 address, found "ten"/,
		],
		[
			'a group that is none',
			['-c', unreachable, '--group', '-1'],
			/--group: must be a whole number, 0 or more, found "?-1/,
		],
		['another DCS', ['-c', unreachable, '-d', 'zookeeper://a'], /only zookeeper is configured/],
		['a file that is not there', ['-c', '/nonexistent.yaml'], /\/nonexistent\.yaml: cannot be read/],
		['no configuration at all', ['--once'], /no configuration found: pass patronictl's with -c FILE/],
		['no terminal', ['-c', unreachable], /must be a terminal; use --once/],
		['a mistyped command', ['tuor'], /unknown command "tuor"; did you mean tour\?/],
		['help on no command', ['help', 'tuor'], /unknown command "tuor"; did you mean tour\?/],
		['a recording without its command', ['a.ndjson.gz'], /pgha-top replay FILE plays a recording/],
		['camelCase', ['--readOnly'], /unknown flag --readOnly; did you mean --read-only\?/],
		['an underscore', ['--dry_run'], /unknown flag --dry_run; did you mean --dry-run\?/],
		['one dash', ['-once'], /unknown flag -once; did you mean --once\?/],
		['a mistyped flag', ['--tiemout', '3'], /unknown flag --tiemout; did you mean --timeout\?/],
		['--timeout at the end', ['--once', '--timeout'], /--timeout needs a value/],
		['--timeout with nothing', ['--once', '--timeout='], /--timeout needs a value/],
		['--timeout alone', ['--timeout', '3'], /--timeout needs --once/],
		['--reason without a session', ['--once', '--reason', 'x'], /--reason cannot be used with --once/],
		['--print-config and --once', ['--print-config', '--once'], /--once cannot be used with --print-config/],
		['a switch that is given twice', ['--once', '--once'], /--once is given twice/],
		['a short and a long one', ['-c', 'a', '--config-file', 'b'], /--config-file is given twice/],
		['yes and no', ['--read-only', '--no-read-only'], /--read-only and --no-read-only contradict each other/],
		['--no- before a flag without a value', ['--no-once'], /unknown flag --no-once; remove --once/],
		['a flag of a command', ['--goal', '5s'], /--goal is a flag of pgha-top drill and pgha-top report/],
		['a flag of others in a command', ['drill', '--json'], /--json is a flag of pgha-top without a command/],
		['a flag that is like none', ['--force'], /unknown flag --force; see pgha-top --help/],
		['a short flag in the other case', ['-v'], /unknown flag -v; did you mean -V \(--version\)\?/],
		["a command of patronictl's", ['pause'], /unknown command "pause": P in the console; see/],
		[
			"a mistyped command of patronictl's",
			['swichover'],
			/"swichover"; did you mean switchover\? S in the console; pgha-top drill switchover .*; see/,
		],
		[
			'a mistyped choice',
			['report', 'x', '--format', 'htlm'],
			/must be md, html or json; did you mean html\?/,
		],
		['a mistyped drill', ['drill', 'swichover'], /did you mean switchover\?/],
		['a mistyped recording of the tour', ['tour', 'clam'], /the tour has no "clam"; did you mean calm\?/],
		['a number in base 16', ['--once', '--timeout', '0x10'], /--timeout must be a number, found "0x10"/],
		['help on two commands', ['help', 'drill', 'tour'], /unexpected argument "tour"/],
		['a British --color', ['tour', '--colour', 'never'], /unknown flag --colour; did you mean --color\?/],
		['--no-color without its dash', ['--nocolor'], /unknown flag --nocolor; did you mean --no-color\?/],
		['--color without a value', ['--color'], /--color needs a value: auto, always or never/],
		['a mistyped --color', ['tour', '--color=nver'], /found "nver"; did you mean never\?/],
		[
			'--color and --no-color',
			['--no-color', '--color', 'always'],
			/--color and --no-color are given more than once/,
		],
		[
			"patronictl's order",
			['-c', unreachable, 'drill', 'nosuch'],
			/name a drill: switchover, shutdown or power-cut/,
		],
		['standard input as a recording', ['report', '-'], /cannot be read from standard input; name its file/],
		['a list and a name', ['tour', '--list', 'calm'], /--list takes no name/],
		[
			'--write-probe without a probe',
			['-c', unreachable, '--once', '--write-probe'],
			/--write-probe needs a probe/,
		],
	])('%s gets an error message and exit code 64', async (_, args, message) => {
		const {exitCode, stderr, stdout} = await run(args);
		expect(stderr).toMatch(message);
		expect(stdout).toBe('');
		expect(exitCode).toBe(64);
	});

	it.each([
		['scope: main\netcd3: {hosts: 5}\n', /line 2: etcd3\.hosts: .*found 5/],
		[
			'scope: main\n\tetcd3: 1\n',
			/line 2: not valid YAML: a tab at the beginning of a line: indent with spaces$/m,
		],
		[
			'scope: main\netcd3: {hosts: "a b:2379"}\n',
			/line 2: etcd3\.hosts: must be HOST:PORT, .*found "a b:2379"/,
		],
		['scope: main\netcd: {hosts: "a:2379"}\n', /only etcd is configured/],
		['etcd3: {hosts: "a:2379"}\n', /scope is missing/],
		[
			'scope: main\netcd3: {host: a}\npgha-top:\n  vpi: 10.0.0.1\n',
			new RegExp(`line 4: pgha-top\\.vpi: unknown setting; allowed: ${ownKeys.join(', ')}$`, 'm'),
		],
		['scope: main\netcd3: {host: a}\npgha-top:\n  vip: tenth\n', /line 4: pgha-top\.vip: .*found "tenth"/],
	])('the file %j is refused with file, line and key', async (content, message) => {
		const where = file('bad.yaml', content);
		const {exitCode, stderr} = await run(['-c', where, '--once']);
		expect(stderr).toMatch(message);
		expect(stderr).toContain(where);
		expect(exitCode).toBe(64);
	});

	it.each([
		'ctl: {keyfile_password: [s3cret], authentication: {password: {x: s3cret}}}',
		'ctl: {authentication: "user:s3cret"}',
		'restapi: {auth: {s3cret: 1}}',
		'pgha-top: {haproxy: {password: [s3cret]}}',
		'etcd3: {url: "ftp://user:s3cret@host"}',
		'etcd3: {hosts: ["user:s3cret@a b"]}',
		'etcd3: {host: "user:s3cret@a b"}',
		'ctl: {keyfile_password: *s3cret}',
		'ctl: {keyfile_password: "s3cret}',
		'ctl:\n  keyfile_password: |s3cret',
		'ctl:\n  keyfile_password: "\\s3cret"',
		'ctl:\n  keyfile_password: @s3cret',
		'ctl: {keyfile_password: a} s3cret',
	])('a file is refused without its secret: %s', async content => {
		const where = file('secret.yaml', `scope: main\nx: {host: a}\n${content}\n`);
		const {exitCode, stderr, stdout} = await run(['-c', where, '--once']);
		expect(stderr).toMatch(/line \d: |an alias/);
		expect(stderr + stdout).not.toContain('s3cret');
		expect(exitCode).toBe(64);
	});
});

describe('a typed word that may be a secret', () => {
	it.each([
		[['postgresql://u:hunter2@h/d']],
		[['--password', 'hunter2']],
		[['--password=hunter2']],
		[['-ahunter2']],
		[['help', '--password', 'hunter2']],
		[['drill', '--password', 'hunter2']],
		[['drill', 'switchover', 'password=hunter2']],
		[['replay', 'postgresql://u:hunter2@h/d']],
		[['tour', 'user:hunter2@h']],
		[['--probe', 'postgresql://u:hunter2@h/d']],
	])('is not repeated: %j', async args => {
		const {exitCode, stderr, stdout} = await run(args);
		expect(stderr + stdout).not.toContain('hunter2');
		expect(exitCode).toBe(64);
	});
});

describe('a likely command line', () => {
	it.each([
		[['-h'], /Usage\n {4}\$ pgha-top \[options\]/],
		[['help'], /Usage\n {4}\$ pgha-top \[options\]/],
		[['help', 'drill'], /pgha-top drill switchover\|shutdown/],
		[['drill', '-h'], /pgha-top drill switchover\|shutdown/],
		[['version'], /^\d+\.\d+\.\d+$/],
		[['-V'], /^\d+\.\d+\.\d+$/],
		[['tour', '--list'], /^Recordings of a real cluster/],
		[['--no-color', 'tour'], /^Recordings of a real cluster/],
		[['--color', 'auto', 'tour'], /^Recordings of a real cluster/],
		[['tour', '--color=always'], /^Recordings of a real cluster/],
		[['help', '-h'], /Usage\n {4}\$ pgha-top \[options\]/],
		[['drill', '--version'], /^\d+\.\d+\.\d+$/],
	])('%j is answered', async (args, answer) => {
		const {exitCode, stdout, stderr} = await run(args);
		expect(stdout).toMatch(answer);
		expect(stderr).toBe('');
		expect(exitCode).toBe(0);
	});

	it('replay reports a missing file before it requires a terminal', async () => {
		const {exitCode, stderr} = await run(['replay', '/nonexistent']);
		expect(stderr).toBe('pgha-top: /nonexistent: no such file');
		expect(exitCode).toBe(66);
	});

	it('--no-… overrides the file and the environment', async () => {
		const where = file(
			'switched-on.yaml',
			'scope: main\netcd3: {hosts: ["127.0.0.1:1"]}\nctl: {insecure: true}\npgha-top: {read_only: true, dry_run: true}\n',
		);
		const {stdout} = await run(
			['-c', where, '--no-insecure', '--no-read-only', '--no-dry-run', '--print-config'],
			{PGHA_TOP_READ_ONLY: 'true'},
		);
		expect(stdout).toContain('insecure: false # --no-insecure\n');
		expect(stdout).toContain('read_only: false # --no-read-only\n');
		expect(stdout).toContain('dry_run: false # --no-dry-run\n');
	});
});

describe('a message', () => {
	it('has no control sequence, whatever a file contains', async () => {
		const where = file('steers.yaml', `scope: main\netcd3: {host: a}\nctl: {cacert: "/\\e[2Jca\\u202e"}\n`);
		const {exitCode, stderr} = await run(['-c', where, '--once']);
		expect(stderr).toBe(`pgha-top: ${where}, line 3: ctl.cacert: /ca cannot be read: no such file`);
		expect(exitCode).toBe(64);
	});
});

describe('a wrong environment variable', () => {
	it('is named', async () => {
		const {exitCode, stderr} = await run(['-c', unreachable, '--once'], {PATRONI_CTL_INSECURE: 'maybe'});
		expect(stderr).toBe('pgha-top: PATRONI_CTL_INSECURE: must be true or false, found "maybe"');
		expect(exitCode).toBe(64);
	});
});

describe('--help', () => {
	it('names every flag and every variable', async () => {
		const {stdout, exitCode} = await run(['--help']);
		for (const flag of [
			'-c, --config-file',
			'-d, --dcs-url',
			'-k, --insecure',
			'--scope',
			'--group',
			'--vip',
		]) {
			expect(stdout).toContain(flag);
		}

		for (const word of [
			'--once',
			'--json',
			'--timeout',
			'--print-config',
			'DCS_URL',
			'PATRONI_ETCD3_',
			'PATRONI_CTL_',
		]) {
			expect(stdout).toContain(word);
		}

		expect(exitCode).toBe(0);
	});
});

describe('--print-config', () => {
	it('prints the values in effect and their origin, and loads neither Ink nor etcd3', async () => {
		const {stdout, exitCode, stderr, loaded} = await recorded([
			'-c',
			unreachable,
			'--print-config',
			'--vip',
			'10.0.0.1',
		]);
		expect(stdout).toContain(`scope: main # ${unreachable}:1\n`);
		expect(stdout).toContain('  vip: 10.0.0.1 # --vip\n');
		expect(stderr).toBe('');
		expect(exitCode).toBe(0);
		expect(loaded).toContain('yaml');
		expect(loaded.filter(name => /^(?:ink|react|etcd3|@grpc)\b/.test(name))).toEqual([]);
	});
});

/** Runs the program. @returns the packages that it loaded, too */
async function recorded(args: readonly string[]) {
	const imports = file('imports', '');
	const {stdout, stderr, exitCode} = await execa(node, [...recordingImports, program, ...args], {
		reject: false,
		env: {IMPORTS: imports, HOME: '/nonexistent'},
	});
	return {stdout, stderr, exitCode, loaded: loadedPackages(imports)};
}

describe('--once', () => {
	const unreachableOnce = [node, program, '-c', unreachable, '--once'];

	it('prints what is known, and exits with 3 if nothing is', async () => {
		const {exitCode, stdout, stderr} = await run(['-c', unreachable, '--once']);
		expect(stdout).toMatch(/^main: UNKNOWN\n {2}unknown: no etcd endpoint answers/);
		expect(stdout).toContain('connection refused');
		expect(stderr).toBe('');
		expect(exitCode).toBe(3);
	});

	it('prints the same as JSON', async () => {
		const {exitCode, stdout} = await run(['-c', unreachable, '--once', '--json']);
		expect(JSON.parse(stdout)).toMatchObject({
			version: 2,
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

	it('reports in one line that its output cannot be written, and exits with 70', async () => {
		const {exitCode, stderr} = await execa('sh', ['-c', 'exec "$@" >/dev/full', 'sh', ...unreachableOnce], {
			reject: false,
		});
		expect(stderr).toBe('pgha-top: cannot write to standard output: ENOSPC: no space left on device, write');
		expect(exitCode).toBe(70);
	});

	it('ends silently when its reader has closed the pipe', async () => {
		// The program needs some hundred milliseconds, after which `true` has closed the pipe.
		const script = '{ "$@"; echo "code $?" >&2; } | true';
		const {stderr} = await execa('sh', ['-c', script, 'sh', ...unreachableOnce], {reject: false});
		expect(stderr).toBe('code 141');
	});

	it('keeps its timeout while OpenSSH does not print its settings', async () => {
		const hanging = path.join(folder, 'bin');
		mkdirSync(hanging);
		const ended = path.join(hanging, 'ended');
		// Ends when the console closes its input, unless it is killed after five seconds.
		writeFileSync(path.join(hanging, 'ssh'), `#!/bin/sh\ncat\necho input closed >'${ended}'\n`, {
			mode: 0o755,
		});
		const nodes = file(
			'nodes.yaml',
			'scope: main\netcd3: {hosts: ["127.0.0.1:1"]}\npgha-top:\n  vip: 10.0.0.1\n  nodes: {alpha: {host: 127.0.0.1, roles: [database]}}\n',
		);
		const {exitCode, stdout} = await run(['-c', nodes, '--once', '--timeout', '0.5'], {
			PATH: `${hanging}:${process.env.PATH}`,
		});
		expect(stdout).toMatch(/^main: UNKNOWN/);
		expect(exitCode).toBe(3);
		await vi.waitFor(() => expect(readFileSync(ended, 'utf8')).toBe('input closed\n'), {timeout: 60_000});
	});

	it('as a Nagios plugin has only the exit codes 0 to 3, and its messages on standard output', async () => {
		for (const [args, words] of [
			[
				['-c', unreachable, '--once', '--format', 'nagios'],
				/^PGHA_TOP UNKNOWN - main: no etcd endpoint answers/,
			],
			[
				['-c', '/nonexistent', '--once', '--format=nagios'],
				/^PGHA_TOP UNKNOWN - \/nonexistent: cannot be read/,
			],
			[['--once', '-fnagios', '--timeout', '0'], /^PGHA_TOP UNKNOWN - --timeout must be/],
			[['--once', '-f', 'nagios', '--color=nver'], /^PGHA_TOP UNKNOWN - --color must be/],
			[['--onec', '-f', 'nagios'], /^PGHA_TOP UNKNOWN - unknown flag --onec; did you mean --once\?/],
			[
				['--once', '--format', 'nagios', '--vip', 'x'],
				/^PGHA_TOP UNKNOWN - --vip: must be an IPv4 or IPv6 address/,
			],
		] as const) {
			const {exitCode, stdout, stderr} = await run(args);
			expect(stdout).toMatch(words);
			expect(stdout.split('\n').length).toBe(1);
			expect(stderr).toBe('');
			expect(exitCode).toBe(3);
		}
	});

	it('loads neither Ink nor React, and no gRPC while etcd has its gateway', async () => {
		const {loaded} = await recorded(['-c', unreachable, '--once']);
		expect(loaded).toContain('yaml');
		expect(loaded.filter(name => /^(?:ink|react|etcd3|@grpc)\b/.test(name))).toEqual([]);
	});
});

describe('--watch', () => {
	const watch = (...more: string[]) =>
		execa(node, [program, '-c', unreachable, '--watch', '1', '--json', ...more], {
			reject: false,
			stdin: 'ignore',
			buffer: false,
		});

	it('prints whole lines until a signal, and then has its exit code', async () => {
		for (const [signal, code] of [
			['SIGINT', 130],
			['SIGTERM', 143],
		] as const) {
			const child = watch();
			let lines = 0;
			for await (const line of child) {
				expect(JSON.parse(line)).toMatchObject({scope: 'main', verdict: 'unknown'});
				lines += 1;
				if (lines === 2) {
					child.kill(signal);
				}
			}

			expect(await child).toMatchObject({exitCode: code});
			expect(lines).toBeGreaterThan(1);
		}
	});

	it('ends silently when its reader has closed the pipe', async () => {
		const script = '{ "$@"; echo "code $?" >&2; } | head -n 1 >/dev/null';
		const args = [node, program, '-c', unreachable, '--watch', '1'];
		const {stderr} = await execa('sh', ['-c', script, 'sh', ...args], {reject: false});
		expect(stderr).toBe('code 141');
	});

	it('reports in one line that its output cannot be written', async () => {
		const args = [node, program, '-c', unreachable, '--watch', '1'];
		const {exitCode, stderr} = await execa('sh', ['-c', 'exec "$@" >/dev/full', 'sh', ...args], {
			reject: false,
		});
		expect(stderr).toMatch(/^pgha-top: cannot write to standard output: no space is left on the disk$/);
		expect(exitCode).toBe(70);
	});
});

describe('the cache of compiled code', () => {
	const isRoot = process.getuid?.() === 0;

	async function isUsed(name: string, change: (caches: string, cache: string) => void): Promise<boolean> {
		const caches = path.join(folder, name);
		const cache = path.join(caches, 'pgha-top');
		mkdirSync(caches);
		change(caches, cache);
		const {exitCode, stderr} = await run(['--version'], {XDG_CACHE_HOME: caches});
		expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
		return existsSync(cache) && readdirSync(cache).length > 0;
	}

	it("is in the user's cache", async () => {
		expect(await isUsed('own', () => undefined)).toBe(true);
		expect(await isUsed('known', (_, cache) => mkdirSync(cache))).toBe(true);
	});

	it('is not where others may write', async () => {
		expect(await isUsed('open', caches => chmodSync(caches, 0o777))).toBe(false);
		expect(
			await isUsed('open-inside', (_, cache) => {
				mkdirSync(cache);
				chmodSync(cache, 0o777);
			}),
		).toBe(false);
	});

	it.skipIf(!isRoot)('is not in a folder of another user, as under sudo', async () => {
		expect(await isUsed('theirs', caches => chownSync(caches, 1000, 1000))).toBe(false);
		expect(
			await isUsed('theirs-inside', (_, cache) => {
				mkdirSync(cache);
				chownSync(cache, 1000, 1000);
			}),
		).toBe(false);
		const elsewhere = path.join(folder, 'elsewhere');
		mkdirSync(elsewhere);
		chownSync(elsewhere, 1000, 1000);
		expect(await isUsed('link', (_, cache) => symlinkSync(elsewhere, cache))).toBe(false);
	});

	it('has the code of --once, too, which then prints the same', async () => {
		const caches = path.join(folder, 'once');
		mkdirSync(caches);
		const print = async (args: readonly string[] = []) => {
			const {exitCode, stdout, stderr} = await run(
				['-c', unreachable, '--once', '--timeout', '2', '--json', ...args],
				{XDG_CACHE_HOME: caches},
			);
			return {exitCode, stderr, text: stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')};
		};
		const first = await print();
		const scripts = globSync('pgha-top/*/*.cjs.code', {cwd: caches});
		expect(scripts.length).toBeGreaterThan(2);
		for (const script of scripts) {
			expect(statSync(path.join(caches, script)).mode & 0o777).toBe(0o600);
		}

		expect(await print()).toEqual(first);
		// Without scripts, and so without this cache.
		chmodSync(path.join(caches, 'pgha-top'), 0o777);
		expect(await print()).toEqual(first);
		chmodSync(path.join(caches, 'pgha-top'), 0o755);
		expect(await print(['extra'])).toMatchObject({
			exitCode: 64,
			stderr: expect.stringMatching(/unknown command "extra"/),
		});
	});

	it('is not read where another one may have written the code', async () => {
		const caches = path.join(folder, 'once-open');
		mkdirSync(caches);
		const args = ['-c', unreachable, '--once', '--timeout', '1'];
		await run(args, {XDG_CACHE_HOME: caches});
		const [versions = ''] = globSync('pgha-top/*', {cwd: caches});
		chmodSync(path.join(caches, versions), 0o777);
		const scripts = globSync('pgha-top/*/*.cjs.code', {cwd: caches});
		for (const script of scripts) {
			rmSync(path.join(caches, script));
		}

		await run(args, {XDG_CACHE_HOME: caches});
		expect(scripts).not.toEqual([]);
		expect(globSync('pgha-top/*/*.cjs.code', {cwd: caches})).toEqual([]);
	});

	it('is of scripts that are strict, as modules are', () => {
		// Those of an earlier build stay beside them.
		const built = new Set(['once.cjs']);
		for (const name of built) {
			const text = readFileSync(path.join(path.dirname(program), 'once', name), 'utf8');
			expect(text).toMatch(/^"use strict"/);
			for (const [, other = ''] of text.matchAll(/"\.\/([^"]+\.cjs)"/g)) {
				built.add(other);
			}
		}

		expect(built.size).toBeGreaterThan(10);
	});

	it.each([
		['all scripts', /^once$/],
		['what they load first', /^start-.*\.cjs$/],
	])(
		'is not needed, nor the scripts, as while an upgrade is on its way: without %s',
		async (what, missing) => {
			const half = path.join(folder, `without ${what}`);
			const left: string[] = [];
			cpSync(path.dirname(program), path.join(half, 'dist'), {
				recursive: true,
				filter(from) {
					const isLeft = missing.test(path.basename(from));
					left.push(...(isLeft ? [from] : []));
					return !isLeft;
				},
			});
			writeFileSync(path.join(half, 'package.json'), '{"type": "module"}');
			expect(left).not.toEqual([]);
			const {exitCode, stdout, stderr} = await execa(
				node,
				[path.join(half, 'dist/cli.js'), '-c', unreachable, '--once', '--timeout', '1', '--json'],
				{reject: false, env: {XDG_CACHE_HOME: half}},
			);
			expect({exitCode, stderr}).toEqual({exitCode: 3, stderr: ''});
			expect(JSON.parse(stdout)).toMatchObject({verdict: expect.anything() as object});
		},
	);

	it('makes no home', async () => {
		const home = path.join(folder, 'no-home');
		expect(await run(['--version'], {HOME: home})).toMatchObject({exitCode: 0, stderr: ''});
		expect(existsSync(home)).toBe(false);
	});
});

describe('the built file as a program', () => {
	const stub = path.join(folder, 'stub');
	mkdirSync(stub);
	writeFileSync(
		path.join(stub, 'node'),
		'#!/bin/sh\nprintf "%s\\n" "$MALLOC_ARENA_MAX $MALLOC_MMAP_THRESHOLD_" "$@"\n',
		{
			mode: 0o755,
		},
	);
	const link = path.join(stub, 'pgha-top');
	symlinkSync(program, link);

	it.each([
		[{}, '1 8192', ['tour', 'a b']],
		[{MALLOC_ARENA_MAX: '4'}, '4 8192', ['tour', 'a b']],
		[{}, '1 8192', []],
		[{}, '1 8192', ['--once-more']],
		[{}, '1 8192', ['-c', 'a --once b']],
	])(
		'starts Node.js with one thread of V8, and little of malloc where the program stays: %o, %s, %o',
		async (env, arenas, args) => {
			const {stdout} = await execa('/bin/sh', [link, ...args], {
				extendEnv: false,
				env: {PATH: `${stub}:/usr/bin:/bin`, ...env},
			});
			expect(stdout.split('\n')).toEqual([arenas, '--v8-pool-size=1', '--', link, ...args]);
		},
	);

	it.each([[['--once']], [['-f', 'json', '--once', '-c', 'a b']]])(
		'gives %o more memory, which takes less time',
		async args => {
			const flags = ['--v8-pool-size=1', '--max-semi-space-size=16', '--min-semi-space-size=16'];
			const {stdout} = await execa('/bin/sh', [link, ...args], {
				extendEnv: false,
				env: {PATH: `${stub}:/usr/bin:/bin`},
			});
			expect(stdout.split('\n')).toEqual([' ', ...flags, '--', link, ...args]);
		},
	);

	it('runs by a link', async () => {
		const {stdout} = await execa('/bin/sh', [link, '--version'], {
			extendEnv: false,
			env: {PATH: `${path.dirname(node)}:/usr/bin:/bin`, HOME: '/nonexistent'},
		});
		expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
	});
});
