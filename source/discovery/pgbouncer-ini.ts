/** Reads pgbouncer.ini: its port, where its databases are, its log. Passwords are not kept. */
import {portOf} from '../lib/json.ts';
import {isLoopback} from './listen-address.ts';
import {linesMax, type NodeFile, type PgbouncerFacts, type Place} from './types.ts';

/** PgBouncer's default port (config reference, `listen_port`). */
const defaultPort = 6432;
const databasesMax = 1000;

/** @param files the main file, then those that it includes */
export function readPgbouncer(files: readonly NodeFile[]): PgbouncerFacts {
	const settings = new Map<string, Place & {value: string}>();
	const databases: PgbouncerFacts['databases'][number][] = [];
	for (const {path: file, text} of files) {
		let section = '';
		for (const [index, raw] of text.split('\n', linesMax).entries()) {
			const line = raw.trim();
			const [, name] = /^\[\s*([\w-]+)\s*\]$/.exec(line) ?? [];
			if (name !== undefined) {
				section = name.toLowerCase();
				continue;
			}

			const [, key = '', value = ''] = /^([^=;#%\s][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
			const place = {file, line: index + 1};
			if (key === '') {
				continue;
			}

			if (section === 'pgbouncer') {
				settings.set(key.toLowerCase(), {value: unquote(value), ...place});
			} else if (section === 'databases' && databases.length < databasesMax) {
				const words = connection(value);
				databases.push({
					name: unquote(key),
					host: words.get('host'),
					port: portOf(words.get('port')),
					...place,
				});
			}
		}
	}

	return {listen: listenOf(settings), databases, logFile: logFileOf(settings)};
}

type Settings = ReadonlyMap<string, Place & {value: string}>;

function listenOf(settings: Settings): PgbouncerFacts['listen'] {
	const address = settings.get('listen_addr');
	const given = settings.get('listen_port');
	const port = given === undefined ? defaultPort : portOf(given.value);
	if (address === undefined || address.value === '' || port === undefined) {
		return undefined;
	}

	const {file, line} = given ?? address;
	return {port, isLocal: address.value.split(',').every(one => isLoopback(one.trim())), file, line};
}

function logFileOf(settings: Settings): PgbouncerFacts['logFile'] {
	const log = settings.get('logfile');
	return log?.value.startsWith('/') ? {path: log.value, file: log.file, line: log.line} : undefined;
}

/** `host=127.0.0.1 port=5000 dbname='a b'`, without its user and password. */
function connection(text: string): ReadonlyMap<string, string> {
	return new Map(
		[...text.matchAll(/(\w+)\s*=\s*(?:'((?:[^']|'')*)'|(\S*))/g)].flatMap(([, key = '', quoted, plain]) =>
			key === 'host' || key === 'port' ? [[key, quoted ?? plain ?? ''] as const] : [],
		),
	);
}

function unquote(text: string): string {
	return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}
