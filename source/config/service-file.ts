/** libpq's service files: parameters of a connection under a name. */
import {existsSync} from 'node:fs';
import path from 'node:path';
import {errnoWords} from '../lib/errno.ts';
import {homeFolder} from '../lib/folders.ts';
import {readFileText} from '../lib/read-file.ts';
import type {Environment} from './environment.ts';
import type {Dsn} from './libpq.ts';
import type {ConfigError} from './origin.ts';

/**
 * The service's parameters, from the first service file that has it.
 * @throws what `complain` makes of the problem
 */
export function readService(
	name: string,
	environment: Environment,
	complain: (problem: string) => ConfigError,
): Dsn {
	const own = environment.PGSERVICEFILE || path.join(homeFolder(environment), '.pg_service.conf');
	// Where libpq was built to look: by Debian, and by the RPM packages.
	const folders = environment.PGSYSCONFDIR
		? [environment.PGSYSCONFDIR]
		: ['/etc/postgresql-common', '/etc/sysconfig/pgsql'];
	const files = [own, ...folders.map(folder => path.join(folder, 'pg_service.conf'))];
	for (const file of files.filter(one => existsSync(one))) {
		let text: string;
		try {
			text = readFileText(file);
		} catch (error) {
			throw complain(`${file} cannot be read: ${errnoWords(error)}`);
		}

		const found = sectionOf(text, name);
		if (found !== undefined) {
			return found;
		}
	}

	throw complain(`no service "${name}" in ${files.join(' or ')}`);
}

/** Lines `key=value` below `[name]`; nothing in them is quoted. */
function sectionOf(text: string, name: string): Dsn | undefined {
	let inside = false;
	let found: Record<string, string> | undefined;
	for (const line of text.split(/\r?\n/).map(one => one.trim())) {
		if (line.startsWith('[')) {
			inside = line === `[${name}]`;
			found = inside ? {} : found;
		} else if (inside && found !== undefined && !line.startsWith('#') && line.includes('=')) {
			const at = line.indexOf('=');
			// As in libpq the first of two counts.
			found[line.slice(0, at).trim()] ??= line.slice(at + 1).trim();
		}

		if (found !== undefined && !inside) {
			break;
		}
	}

	return found;
}
