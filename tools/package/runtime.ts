/** The Node.js that goes into a package: the one that this repository is developed on, for any processor, stripped. */
import {copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import {fetchPackage} from '../../lab/npm-package.ts';
import {run} from '../../lab/run.ts';
import {type Architecture, architectures} from './architecture.ts';
import {requireTool} from './tools.ts';

const repository = path.join(import.meta.dirname, '..', '..');
const cache = path.join(repository, 'node_modules', '.cache', 'package');

export type Runtime = {version: string; node: string; licence: string};

const lockFile = z.object({
	packages: z.record(
		z.string(),
		z.object({version: z.string().optional(), integrity: z.string().optional()}),
	),
});

/** What package-lock.json pins. */
function pinned(architecture: Architecture): {package: string; version: string; integrity: string} {
	const name = `node-linux-${architecture}`;
	const {packages} = lockFile.parse(
		JSON.parse(readFileSync(path.join(repository, 'package-lock.json'), 'utf8')),
	);
	const {version, integrity} = packages[`node_modules/${name}`] ?? {};
	if (version === undefined || integrity === undefined) {
		throw new Error(`package-lock.json has no ${name}; see tools/node/package.json`);
	}

	return {package: name, version, integrity};
}

/** The folder of the runtime's package: installed for this machine's processor, else fetched from npm's registry. */
async function packageFolder(architecture: Architecture): Promise<{folder: string; version: string}> {
	const pin = pinned(architecture);
	const installed = path.join(repository, 'node_modules', pin.package);
	if (existsSync(path.join(installed, 'bin', 'node'))) {
		return {folder: installed, version: pin.version};
	}

	const folder = path.join(cache, `${pin.package}-${pin.version}`);
	if (!existsSync(folder)) {
		const archive = await fetchPackage({...pin, pinnedIn: 'package-lock.json'}, cache);
		const partial = `${folder}.partial-${process.pid}`;
		rmSync(partial, {recursive: true, force: true});
		mkdirSync(partial, {recursive: true});
		await run('tar', ['-xzf', archive, '-C', partial, '--strip-components=1']);
		renameSync(partial, folder);
		rmSync(archive);
	}

	return {folder, version: pin.version};
}

/** Symbols are an eighth of it, and of no use without its source. */
export async function runtimeFor(architecture: Architecture): Promise<Runtime> {
	const {folder, version} = await packageFolder(architecture);
	const node = path.join(cache, `node-${version}-${architecture}`);
	if (!existsSync(node)) {
		const {gnu} = architectures[architecture];
		const strip = await requireTool(`${gnu}-strip`, `binutils-${gnu.replaceAll('_', '-')}`);
		const partial = `${node}.partial-${process.pid}`;
		mkdirSync(cache, {recursive: true});
		copyFileSync(path.join(folder, 'bin', 'node'), partial);
		await run(strip, ['--strip-all', partial]);
		renameSync(partial, node);
	}

	return {version, node, licence: path.join(folder, 'LICENSE')};
}
