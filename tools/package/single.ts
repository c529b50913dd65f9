/** One file with everything: Node.js, and the program as an asset of it. */
import {hash} from 'node:crypto';
import {chmodSync, copyFileSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {serialize} from 'node:v8';
import {constants, zstdCompressSync} from 'node:zlib';
import {rolldown} from 'rolldown';
import {run} from '../../lab/run.ts';
import type {Runtime} from './runtime.ts';
import type {Packed} from './single/unpack.ts';

/** Node.js looks for it in itself, and starts what postject has put there. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

type Options = {
	/** A folder that is emptied afterwards. */
	work: string;
	/** The program: dist/, recordings/, package.json. */
	program: string;
	runtime: Runtime;
	nodeFlags: readonly string[];
	target: string;
	isFast: boolean;
};

export async function makeSingle({
	work,
	program,
	runtime,
	nodeFlags,
	target,
	isFast,
}: Options): Promise<void> {
	if (runtime.version !== process.versions.node) {
		throw new Error(
			`a single file with Node.js ${runtime.version} is made by that version, and this is ${process.versions.node}; use npm run package`,
		);
	}

	mkdirSync(work, {recursive: true});
	const files = [...filesIn(program), ['node-license.txt', readFileSync(runtime.licence)]] satisfies Packed;
	const packed = serialize(files);
	const id = hash('sha256', packed).slice(0, 16);
	const digests = Object.fromEntries(files.map(([file, content]) => [file, hash('sha256', content)]));
	const level = isFast ? 1 : 19;
	writeFileSync(path.join(work, 'contents.json'), JSON.stringify({id, digests}));
	writeFileSync(
		path.join(work, 'program.zst'),
		zstdCompressSync(packed, {params: {[constants.ZSTD_c_compressionLevel]: level}}),
	);
	await bundleMain(path.join(work, 'main.cjs'));
	const config = {
		main: path.join(work, 'main.cjs'),
		output: path.join(work, 'blob'),
		disableExperimentalSEAWarning: true,
		// Code that is compiled for one processor does not run on another one.
		useCodeCache: false,
		execArgv: nodeFlags,
		// NODE_OPTIONS of another program's Node.js must not reach this one.
		execArgvExtension: 'none',
		assets: {contents: path.join(work, 'contents.json'), program: path.join(work, 'program.zst')},
	};
	writeFileSync(path.join(work, 'sea.json'), JSON.stringify(config));
	await run(process.execPath, ['--experimental-sea-config', path.join(work, 'sea.json')]);
	const executable = path.join(work, 'pgha-top');
	copyFileSync(runtime.node, executable);
	chmodSync(executable, 0o755);
	const postject = path.join(import.meta.dirname, '..', '..', 'node_modules', 'postject', 'dist', 'cli.js');
	await run(process.execPath, [
		postject,
		executable,
		'NODE_SEA_BLOB',
		config.output,
		'--sentinel-fuse',
		fuse,
	]);
	renameSync(executable, target);
}

function filesIn(folder: string): Array<[file: string, content: Buffer]> {
	return globSync('**/*', {cwd: folder, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
		.sort()
		.map(file => [file, readFileSync(path.join(folder, file))]);
}

async function bundleMain(file: string): Promise<void> {
	const bundle = await rolldown({
		input: path.join(import.meta.dirname, 'single', 'main.ts'),
		platform: 'node',
	});
	await bundle.write({file, format: 'cjs', minify: true});
	await bundle.close();
}
