/** Fetches a package of npm's registry that is pinned by its hash, and keeps the file. */
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {LabError} from './failure.ts';
import {run} from './run.ts';

/** `integrity`: the sha512 of its archive, as npm writes it; `pinnedIn`: the file that has it, else the inventory. */
export type Pinned = {package: string; version: string; integrity: string; pinnedIn?: string};

/** Puts the archive of `name@version` into a folder; npm brings the registry, the proxy and the credentials of this machine. */
async function pack(specifier: string, folder: string): Promise<void> {
	await run('npm', ['pack', '--loglevel=error', '--no-dry-run', '--pack-destination', folder, specifier], {
		timeout: 10 * 60_000,
	});
}

/** @returns the package's archive in `folder`, whose hash is the pinned one */
export async function fetchPackage(pinned: Pinned, folder: string, fetchInto = pack): Promise<string> {
	const specifier = `${pinned.package}@${pinned.version}`;
	const file = join(folder, `${specifier.replaceAll('/', '-')}.tgz`);
	if (existsSync(file) && integrityOf(file) === pinned.integrity) return file;
	const partial = join(folder, `.partial-${process.pid}`);
	rmSync(partial, {recursive: true, force: true});
	mkdirSync(partial, {recursive: true});
	try {
		await fetchInto(specifier, partial);
		const [name, ...others] = readdirSync(partial);
		if (name === undefined || others.length > 0)
			throw new LabError(
				`npm pack ${specifier} wrote ${others.length + (name ? 1 : 0)} files instead of one`,
			);
		const fetched = join(partial, name);
		const integrity = integrityOf(fetched);
		if (integrity !== pinned.integrity) {
			throw new LabError(
				`${specifier} from npm's registry has ${integrity}, and ${pinned.pinnedIn ?? 'lab/inventory.yaml'} has ${pinned.integrity}; ` +
					'it is not the pinned package, and is not used',
			);
		}

		renameSync(fetched, file);
		return file;
	} finally {
		rmSync(partial, {recursive: true, force: true});
	}
}

function integrityOf(file: string): string {
	return `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
}
