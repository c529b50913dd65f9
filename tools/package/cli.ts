/** `npm run package [-- KIND…] [--arch NAME] [--fast]`: makes the packages of pgha-top in release/. */
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import prettyBytes from 'pretty-bytes';
import {messageOf} from '../../lab/failure.ts';
import {run} from '../../lab/run.ts';
import packageJson from '../../package.json' with {type: 'json'};
import {type About, about} from './about.ts';
import {type Architecture, architectures, isArchitecture} from './architecture.ts';
import {makeDeb} from './deb.ts';
import {makeRpm} from './rpm.ts';
import {runtimeFor} from './runtime.ts';
import {makeSingle} from './single.ts';
import {makeProgram, makeTree, zshFunctions} from './tree.ts';

const usage = `usage: npm run package [-- KIND…] [--arch x64|arm64] [--out FOLDER] [--fast]

  KIND          npm, deb, rpm or single; without one: all of them
  --arch NAME   the processor, default this machine's; repeat it for several
  --out FOLDER  default release/
  --fast        compress little: for tests
`;

const kinds = ['npm', 'deb', 'rpm', 'single'] as const;
type Kind = (typeof kinds)[number];

/**
 * A small space for new objects: 10 MB less in the first seconds. With less than 8, more of them are taken for old: 0.8 MB a second in
 * place of 0.45, which an idle console had to collect. One thread for V8's work beside the program in place of four, of which each keeps
 * some MB of what it had to allocate.
 */
const nodeFlags = ['--max-semi-space-size=8', '--v8-pool-size=1'];

const repository = path.join(import.meta.dirname, '..', '..');

class UsageError extends Error {}

try {
	await makePackages(readArguments(process.argv.slice(2)));
} catch (error) {
	process.stderr.write(
		error instanceof UsageError ? `package: ${error.message}\n\n${usage}` : `package: ${messageOf(error)}\n`,
	);
	process.exitCode = error instanceof UsageError ? 64 : 1;
}

type Wanted = {
	kinds: readonly Kind[];
	architectures: readonly Architecture[];
	out: string;
	isFast: boolean;
};

function readArguments(args: readonly string[]): Wanted {
	let parsed: ReturnType<typeof parse>;
	try {
		parsed = parse(args);
	} catch (error) {
		throw new UsageError(messageOf(error));
	}

	const {values, positionals} = parsed;
	return {
		kinds: positionals.length === 0 ? kinds : positionals.map(known),
		architectures: (values.arch ?? [process.arch]).map(supported),
		out: path.resolve(process.env.INIT_CWD ?? '.', values.out ?? path.join(repository, 'release')),
		isFast: values.fast,
	};
}

function parse(args: readonly string[]) {
	return parseArgs({
		args: [...args],
		allowPositionals: true,
		options: {
			arch: {type: 'string', multiple: true},
			out: {type: 'string'},
			fast: {type: 'boolean', default: false},
		},
	});
}

function known(name: string): Kind {
	const kind = kinds.find(one => one === name);
	if (kind === undefined) {
		throw new UsageError(`unknown kind of package "${name}"`);
	}

	return kind;
}

function supported(name: string): Architecture {
	if (isArchitecture(name)) {
		return name;
	}

	throw new UsageError(
		`npm has no Node.js for "${name}"; pass --arch ${Object.keys(architectures).join(' or --arch ')}`,
	);
}

async function makePackages(wanted: Wanted): Promise<void> {
	mkdirSync(wanted.out, {recursive: true});
	const work = mkdtempSync(path.join(tmpdir(), 'pgha-top-package-'));
	try {
		const words = about(packageJson, await timeOfCommit());
		await buildPackage(work, words);
		if (wanted.kinds.includes('npm')) {
			report(await pack(wanted.out, path.join(work, 'package')));
		}

		for (const architecture of wanted.architectures) {
			await makeFor(architecture, wanted, words, work);
		}
	} finally {
		rmSync(work, {recursive: true, force: true});
	}
}

/** Builds npm's package, unpacked: all other packages contain what this one contains. */
async function buildPackage(work: string, {time}: About): Promise<void> {
	const tarball = await pack(work, repository, {SOURCE_DATE_EPOCH: String(time)});
	await run('tar', ['-xzf', tarball, '-C', work]);
	rmSync(tarball);
	const manifest = path.join(work, 'package', 'package.json');
	// They are for this repository; npm warns of scripts that it may run while it installs.
	const {scripts: _, workspaces: __, ...published} = JSON.parse(readFileSync(manifest, 'utf8'));
	writeFileSync(manifest, `${JSON.stringify(published, null, '\t')}\n`);
}

/** @returns the archive of the package in `folder` */
async function pack(target: string, folder: string, env: Record<string, string> = {}): Promise<string> {
	// --prefix: npm run passes on the one of this repository.
	const args = ['pack', '--silent', '--no-dry-run', '--prefix', folder, '--pack-destination', target, folder];
	const output = await run('npm', args, {env: {...env, npm_config_json: 'false'}});
	return path.join(target, output.trim().split('\n').at(-1) ?? '');
}

async function makeFor(
	architecture: Architecture,
	{kinds, out, isFast}: Wanted,
	words: About,
	work: string,
): Promise<void> {
	const npmPackage = path.join(work, 'package');
	const {version} = packageJson;
	const {deb, rpm} = architectures[architecture];
	const targets = {
		deb: path.join(out, `pgha-top_${words.packageVersion}_${deb}.deb`),
		rpm: path.join(out, `pgha-top-${words.packageVersion}-1.${rpm}.rpm`),
		single: path.join(out, `pgha-top-${version}-linux-${architecture}`),
	};
	for (const kind of kinds) {
		if (kind === 'npm') {
			continue;
		}

		const runtime = await runtimeFor(architecture);
		const target = targets[kind];
		const own = path.join(work, `${kind}-${architecture}`);
		const root = path.join(own, 'root');
		if (kind === 'single') {
			makeProgram(npmPackage, root);
			await makeSingle({work: path.join(own, 'work'), program: root, runtime, nodeFlags, target, isFast});
		} else {
			const {time} = words;
			makeTree({root, npmPackage, runtime, nodeFlags, zsh: zshFunctions[kind], time});
			const options = {work: path.join(own, 'work'), root, about: words, architecture, target, isFast};
			await (kind === 'deb' ? makeDeb(options) : makeRpm(options));
		}

		report(target);
		rmSync(own, {recursive: true});
	}
}

/** Packages of the same sources are the same: SOURCE_DATE_EPOCH, else the time of the last commit, Unix s. */
async function timeOfCommit(): Promise<number> {
	const {SOURCE_DATE_EPOCH: given} = process.env;
	if (given !== undefined) {
		return Number(given);
	}

	return existsSync(path.join(repository, '.git'))
		? Number(await run('git', ['-C', repository, 'log', '-1', '--format=%ct']))
		: Math.floor(statSync(path.join(repository, 'package.json')).mtimeMs / 1000);
}

function report(file: string): void {
	process.stdout.write(`${file}  ${prettyBytes(statSync(file).size)}\n`);
}
