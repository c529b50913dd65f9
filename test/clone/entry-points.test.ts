/** The readme's first commands in a fresh clone, with the work tree as it is, uncommitted changes included. */
import {cpSync, existsSync, mkdirSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {beforeAll, describe, expect, it} from 'vitest';
import packageJson from '../../package.json' with {type: 'json'};
import {temporaryFolder} from '../support/folder.ts';
import {node} from '../support/program.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder('clone');
const clone = path.join(folder, 'clone');

/** As a person's shell has it: nothing of the npm script or of the node_modules that these tests run in. */
const env = {
	...Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|INIT_CWD$|PATH$)/i.test(name)),
	),
	PATH: (process.env.PATH ?? '')
		.split(path.delimiter)
		.filter(where => !where.includes('node_modules'))
		.join(path.delimiter),
	npm_config_prefer_offline: 'true',
	npm_config_update_notifier: 'false',
};

async function run(file: string, args: readonly string[], cwd = clone) {
	return execa(file, args, {cwd, env, extendEnv: false, stdin: 'ignore', all: true});
}

/** What each way to the program must lead to. */
async function works(program: string): Promise<void> {
	expect((await run(node, [program, '--version'], folder)).stdout).toBe(packageJson.version);
	expect((await run(node, [program, '--help'], folder)).stdout).toContain('Usage');
	expect((await run(node, [program, 'tour'], folder)).stdout).toContain('power-cut');
}

beforeAll(async () => {
	const {stdout} = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
		cwd: repository,
	});
	for (const file of stdout.split('\0').filter(name => name !== '')) {
		// One that was removed and not committed yet is in the index.
		if (!existsSync(path.join(repository, file))) {
			continue;
		}

		mkdirSync(path.dirname(path.join(clone, file)), {recursive: true});
		cpSync(path.join(repository, file), path.join(clone, file));
	}
});

describe('in a fresh clone', () => {
	it('npm install --global . installs the program', async () => {
		const prefix = path.join(folder, 'prefix');
		mkdirSync(prefix);
		await run('npm', ['install', '--global', '--prefix', prefix, '.']);
		await works(path.join(prefix, 'bin', 'pgha-top'));
	});

	it('npm run tour lists the recordings', async () => {
		expect((await run('npm', ['run', '--silent', 'tour'])).stdout).toContain('power-cut');
	});

	it('npm run build builds the program', async () => {
		await run('npm', ['run', 'build']);
		await works(path.join(clone, 'dist', 'cli.js'));
	});

	it('npm pack makes a package without dependencies', async () => {
		const {stdout} = await run('npm', ['pack', '--silent', '--pack-destination', folder]);
		const empty = path.join(folder, 'empty');
		mkdirSync(empty);
		await run(
			'npm',
			['install', '--offline', path.join(folder, stdout.trim().split('\n').at(-1) ?? '')],
			empty,
		);
		expect(readdirSync(path.join(empty, 'node_modules')).filter(name => !name.startsWith('.'))).toEqual([
			'pgha-top',
		]);
		await works(path.join(empty, 'node_modules', '.bin', 'pgha-top'));
	});
});
