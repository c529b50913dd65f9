/** The passwords in `.pgpass` that the probe may give, so that they are hidden by their values before one of them is used. */
import path from 'node:path';
import {homeFolder} from '../lib/folders.ts';
import {readFileText} from '../lib/read-file.ts';
import type {Environment} from './environment.ts';
import type {ProbeAccess} from './probe.ts';

/** A file without end is not held in memory, nor in an expression. */
const passfileMaxBytes = 1024 * 1024;
const passwordsMax = 100;

/** Of lines `host:port:database:user:password` for the probe's user; none where there is no file that can be read. */
export function filedPasswords({user}: Pick<ProbeAccess, 'user'>, environment: Environment): string[] {
	const file = environment.PGPASSFILE || path.join(homeFolder(environment), '.pgpass');
	let text: string;
	try {
		text = readFileText(file, passfileMaxBytes);
	} catch {
		// Then the probe gets no password from it either, and reports that it needs one.
		return [];
	}

	return text
		.split(/\r?\n/)
		.filter(line => !line.startsWith('#'))
		.flatMap(line => {
			const [, , , its, ...rest] = fieldsOf(line);
			return (its === user || its === '*') && rest.length > 0 ? [rest.join(':')] : [];
		})
		.filter(Boolean)
		.slice(0, passwordsMax);
}

/** Between colons; `\\:` and `\\\\` stand for a colon and a backslash. */
function fieldsOf(line: string): string[] {
	return [...`${line}:`.matchAll(/((?:[^:\\]|\\.)*):/g)].map(([, field = '']) =>
		field.replaceAll(/\\(.)/g, '$1'),
	);
}
