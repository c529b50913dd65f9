/** The packages, made from the work tree, installed on fresh machines, and driven there by a user without root. */
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import packageJson from '../../package.json' with {type: 'json'};
import {requireTool} from '../../tools/package/tools.ts';
import {Debian} from '../support/debian.ts';
import {temporaryFolder} from '../support/folder.ts';
import {Terminal} from '../support/terminal.ts';

const repository = path.join(import.meta.dirname, '..', '..');
const folder = temporaryFolder('packages');
const {version} = packageJson;
const architecture = process.arch;
const names = {x64: {deb: 'amd64', rpm: 'x86_64'}, arm64: {deb: 'arm64', rpm: 'aarch64'}} as const;
const {deb, rpm} = names[architecture === 'arm64' ? 'arm64' : 'x64'];
const packages = {
	npm: path.join(folder, `pgha-top-${version}.tgz`),
	deb: path.join(folder, `pgha-top_${version}_${deb}.deb`),
	rpm: path.join(folder, `pgha-top-${version}-1.${rpm}.rpm`),
	single: path.join(folder, `pgha-top-${version}-linux-${architecture}`),
};

/** Manual, completions and service. */
const manual = [
	'/usr/share/man/man1/pgha-top.1.gz',
	'/usr/share/man/man1/pgha-top-tour.1.gz',
	'/usr/share/bash-completion/completions/pgha-top',
	'/usr/share/fish/vendor_completions.d/pgha-top.fish',
	'/usr/share/man/man1/pgha-top-watch.1.gz',
	'/usr/lib/systemd/system/pgha-top-watch.service',
	'/usr/lib/systemd/system/pgha-top-watch@.service',
	'/usr/lib/sysusers.d/pgha-top.conf',
];

/** An address at which nothing listens. */
const deadCluster = ['--dcs-url', 'etcd3://127.0.0.1:1', '--scope', 'dead'];

beforeAll(async () => {
	await execa('npm', ['run', '--silent', 'package', '--', '--fast', '--out', folder], {
		cwd: repository,
		stdin: 'ignore',
	});
});

/** A recording in a terminal: it shows the cluster, answers a key, and ends. */
async function plays(terminal: Terminal): Promise<void> {
	try {
		await terminal.until('the recorded cluster', text => text.includes('pgdb1'), 60_000);
		terminal.press('?');
		await terminal.until('the keys', text => /keys/i.test(text.split('\n')[0] ?? '') || text.includes('Esc'));
		terminal.press('\u001B');
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
	} finally {
		await terminal.kill();
	}
}

async function works(machine: Debian, program: string, env: Record<string, string> = {}): Promise<void> {
	const asUser = async (...args: readonly string[]) => machine.asUser([program, ...args], env);
	expect(await asUser('--version')).toMatchObject({stdout: version, stderr: '', exitCode: 0});
	expect((await asUser('--help')).stdout).toContain('Usage');
	expect((await asUser('tour')).stdout).toContain('power-cut');
	const once = await asUser('--once', ...deadCluster);
	expect(once).toMatchObject({exitCode: 3});
	expect(once.stdout).toContain('UNKNOWN');
	await plays(machine.terminal([program, 'tour', 'calm'], env));
}

describe.each(['bookworm', 'trixie'])('on Debian %s without Node.js', suite => {
	let machine: Debian;

	beforeAll(async () => {
		machine = await Debian.start(suite);
		expect((await machine.asUser(['which', 'node'])).exitCode).toBe(1);
	});

	afterAll(async () => machine.stop());

	it('the .deb is installed, works, keeps the configuration, and is removed', async () => {
		await machine.copy(packages.deb, '/root/pgha-top.deb');
		await machine.asRoot('dpkg', '--install', '/root/pgha-top.deb');
		expect(await machine.asRoot('dpkg', '--verify', 'pgha-top')).toBe('');
		for (const file of manual) {
			await machine.asRoot('test', '-s', file);
		}

		await works(machine, 'pgha-top');
		// Another program's settings for its own Node.js.
		expect(await machine.asUser(['pgha-top', '--version'], {NODE_OPTIONS: '--no-such'})).toMatchObject({
			stdout: version,
		});

		// Its examples are valid, and are read.
		await machine.asRoot('sed', '-i', 's/^#\\([a-z]\\)/\\1/', '/etc/pgha-top/config.yaml');
		const config = await machine.asUser(['pgha-top', '--print-config', ...deadCluster]);
		expect(config).toMatchObject({exitCode: 0, stderr: ''});
		expect(config.stdout).toMatch(/read_only: true .*\/etc\/pgha-top\/config\.yaml/);
		await machine.asRoot('dpkg', '--install', '--force-confdef', '/root/pgha-top.deb');
		expect(await machine.asRoot('tail', '-n1', '/etc/pgha-top/config.yaml')).toBe('read_only: true');
		await machine.asRoot('dpkg', '--purge', 'pgha-top');
		expect(await machine.asRoot('find', '/usr', '/etc', '-name', '*pgha-top*')).toBe('');
	});

	it('the single file works', async () => {
		await machine.copy(packages.single, '/opt/pgha-top');
		await works(machine, '/opt/pgha-top');
		const cached = await machine.asUser(['find', '/home/dba/.cache', '-maxdepth', '2', '-printf', '%M %P\n']);
		expect(cached.stdout).toMatch(/^drwx------ pgha-top\/app-[\da-f]{16}$/m);
	});

	it.each<[string, Record<string, string>]>([
		['whose home does not exist', {HOME: '/nonexistent'}],
		['without a home', {HOME: ''}],
	])('the single file works for a user %s, from one folder, also when it is killed', async (_, env) => {
		expect(await machine.asUser(['/opt/pgha-top', '--version'], env)).toMatchObject({
			stdout: version,
			stderr: '',
		});
		await plays(machine.terminal(['/opt/pgha-top', 'tour', 'calm'], env));
		const killed = ['/opt/pgha-top', '--watch', '1', ...deadCluster];
		await machine.asUser(['timeout', '--signal=KILL', '2', ...killed], env);
		expect(await machine.asRoot('find', '/tmp', '-name', 'pgha-top*')).toBe('/tmp/pgha-top-1000');
		expect(await machine.asRoot('ls', '/tmp/pgha-top-1000')).toMatch(/^app-[\da-f]{16}$/);
	});

	it('the .rpm is installed, works, and is removed', async () => {
		const files = await machine.outside('rpm', ['-qp', '--list', packages.rpm]);
		for (const file of [...manual, '/usr/bin/pgha-top', '/usr/lib/pgha-top/node']) {
			expect(files.split('\n')).toContain(file);
		}

		expect(await machine.outside('rpm', ['-qp', '--configfiles', packages.rpm])).toBe(
			'/etc/pgha-top/config.yaml',
		);
		// Its file in the mounts of this machine: rpm enters the other root only for scripts, of which it has none.
		const within = ['--root', machine.root, '--dbpath', '/var/lib/rpm'];
		await machine.outside('rpm', [...within, '--install', '--nodeps', packages.rpm]);
		expect(await machine.outside('rpm', [...within, '--verify', '--nodeps', 'pgha-top'])).toBe('');
		await works(machine, 'pgha-top');
		await machine.outside('rpm', [...within, '--erase', 'pgha-top']);
		expect(await machine.asRoot('find', '/usr', '/etc', '-name', '*pgha-top*')).toBe('');
	});
});

describe('the linters of the distributions', () => {
	/** Node.js as its maintainers built it. */
	const ofNode = [
		'embedded-library',
		'hardening-no-pie',
		'position-independent-executable-suggested',
		'binary-or-shlib-calls-gethostbyname',
	];
	const rules = path.join(folder, 'rpmlint.toml');
	const accepted: Record<'lintian' | 'rpmlint', readonly string[]> = {
		lintian: [
			...ofNode,
			// The project has no address and no changelog.
			'malformed-contact',
			'no-changelog',
			// debhelper's own calls know no instances of a service; these are made only where systemd runs.
			'maintainer-script-calls-systemctl',
		],
		rpmlint: [
			...ofNode,
			// There is no public address, no key to sign with, no changelog; groups are out of use.
			'no-url-tag',
			'no-signature',
			'no-changelogname-tag',
			'no-group-tag',
			// It takes "top" for a language, and the section of a page (1) for its name.
			'no-dependency-on',
			'no-manual-page-for-binary',
		],
	};

	it.each<[keyof typeof accepted, 'deb' | 'rpm', string, readonly string[]]>([
		['lintian', 'deb', 'hardening-no-pie', ['--allow-root', '--no-cfg', '--fail-on', 'none']],
		['rpmlint', 'rpm', 'position-independent-executable-suggested', ['--config', rules]],
	])('%s finds nothing that is to be mended in the .%s', async (linter, kind, always, args) => {
		// As Fedora and openSUSE have it.
		writeFileSync(rules, 'CompressExtension = "gz"\nValidLicenses = ["MIT"]\n');
		const program = await requireTool(linter, linter);
		const {stdout} = await execa(program, [...args, packages[kind]], {stdin: 'ignore', reject: false});
		const found = stdout.split('\n').filter(line => /(?:^|: )[EW]: /.test(line));
		const tagOf = (line: string) => /(?:^|: )[EW]: (?:pgha-top: )?(\S+)/.exec(line)?.[1] ?? line;
		// It has run, and found what it always finds.
		expect(found.map(tagOf)).toContain(always);
		expect(found.filter(line => !accepted[linter].includes(tagOf(line)))).toEqual([]);
	});
});

describe("npm's package", () => {
	const prefix = path.join(folder, 'prefix');
	/** Neither the network nor a cache: everything is in the package. */
	const env = {npm_config_cache: path.join(folder, 'cache'), npm_config_offline: 'true'};

	it('is one package, with the notice of what it contains', async () => {
		mkdirSync(prefix);
		const install = ['install', '--global', '--prefix', prefix, packages.npm];
		expect((await execa('npm', install, {env, stdin: 'ignore'})).stderr).toBe('');
		const modules = path.join(prefix, 'lib', 'node_modules');
		expect(readdirSync(modules)).toEqual(['pgha-top']);
		expect(existsSync(path.join(modules, 'pgha-top', 'node_modules'))).toBe(false);
		const notice = readFileSync(path.join(modules, 'pgha-top', 'dist', 'third-party.txt'), 'utf8');
		for (const name of ['ink', 'react', 'ink-table', 'etcd3', 'undici', 'node-ssh', 'meow']) {
			expect(notice).toMatch(new RegExp(`^${name} [\\d.]+: `, 'm'));
		}

		// A licence of code within a package, and one of a comment that the minifier removes.
		expect(notice).toContain('the mighty option parser used by yargs');
		expect(notice).toContain('Blowfish block cipher for OpenBSD');
	});

	it('plays a recording once it is installed', async () => {
		await plays(new Terminal(path.join(prefix, 'bin', 'pgha-top'), ['tour', 'calm'], {cwd: folder}));
	});

	it('plays a recording by npx, without being installed', async () => {
		await plays(
			new Terminal('npx', ['--yes', '--package', packages.npm, 'pgha-top', 'tour', 'calm'], {
				env,
				cwd: folder,
			}),
		);
	});
});
