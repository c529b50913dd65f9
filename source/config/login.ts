/** Logins to PostgreSQL: DSN, service file and single settings, merged as libpq does; the monitor's; and .pgpass. */
import {existsSync} from 'node:fs';
import path from 'node:path';
import {errnoWords} from '../lib/faults.ts';
import {homeFolder, readFileText} from '../lib/files.ts';
import type {Environment} from './environment.ts';
import {present} from './layers.ts';
import {type AuthMethod, allowedMethods, type Dsn, libpqVariables, parseDsn, whyRefused} from './libpq.ts';
import {ConfigError} from './origin.ts';
import {type Ssl, tlsAccess} from './probe-tls.ts';
import type {Settings} from './settings.ts';

/** How a client of PostgreSQL logs in, wherever it connects to. */
export type LoginAccess = {
	user: string;
	database: string;
	/** Undefined: .pgpass is read. */
	password?: string;
	/** Accepted authentication methods; undefined for all. */
	methods?: readonly AuthMethod[];
	/** Accepts only SCRAM with channel binding. */
	channelBinding?: boolean;
	/** Direct TLS: from the first byte. */
	direct?: boolean;
	/** libpq's `options` for the session: `-c name=value`. */
	options?: string;
	ssl: Ssl;
};

/** The parameters of a section, merged as libpq does; and an error that names where a parameter is from. */
export type Merged = {
	/** By libpq's names. */
	given: Dsn;
	wrong: (name: string, problem: string) => ConfigError;
};

/**
 * @param section of pgha-top's settings
 * @throws ConfigError if a given file or value cannot be used; never quotes it, since it may hold a password.
 */
export function merge(
	section: 'probe' | 'monitor',
	own: {dsn?: string | undefined; service?: string | undefined} & Singles,
	{layers}: Settings,
	environment: Environment,
): Merged {
	const complain = (key: string, problem: string) =>
		new ConfigError(layers.complaint(['pgha-top', section, key], problem));
	const dsn = own.dsn === undefined ? {} : parseDsn(own.dsn);
	if (dsn === undefined) {
		throw complain('dsn', 'must be postgresql://USER@HOST:PORT/DATABASE, or words such as user=… dbname=…');
	}

	const service = dsn.service ?? own.service;
	const fromService =
		service === undefined
			? {}
			: readService(service, environment, problem =>
					complain(dsn.service === undefined ? 'service' : 'dsn', problem),
				);
	const variables = Object.entries(libpqVariables).flatMap(([variable, name]) =>
		environment[variable] ? [{variable, name, value: environment[variable]}] : [],
	);
	const given: Dsn = {
		...Object.fromEntries(variables.map(({name, value}) => [name, value])),
		...singleSettings(own),
		...fromService,
		...dsn,
	};
	/** Makes an error that names the origin of a parameter. */
	const wrong = (name: string, problem: string): ConfigError => {
		const variable = variables.find(one => one.name === name)?.variable;
		const key =
			name in dsn ? 'dsn' : name in fromService ? (dsn.service === undefined ? 'service' : 'dsn') : name;
		return variable !== undefined && key === name
			? new ConfigError(`${variable}: ${problem}`)
			: complain(key, problem);
	};
	return {given, wrong};
}

/** @throws ConfigError if a parameter is not supported, or cannot be used */
export function loginOf(
	{given, wrong}: Merged,
	user: string,
	usualDatabase: string,
	environment: Environment,
): LoginAccess {
	for (const [name, value] of Object.entries(given)) {
		const why = whyRefused(name, value);
		if (why !== undefined) {
			throw wrong(name, why);
		}
	}

	const methods = given.require_auth === undefined ? undefined : allowedMethods(given.require_auth);
	if (given.require_auth !== undefined && methods === undefined) {
		throw wrong(
			'require_auth',
			'require_auth must be password, md5, gss, sspi, scram-sha-256, none: separated by commas, or each with !',
		);
	}

	const {ssl, channelBinding, direct} = tlsAccess({given, environment, wrong});
	const {options} = given;
	return {
		user,
		database: given.dbname ?? usualDatabase,
		...(given.password === undefined ? {} : {password: given.password}),
		...(methods === undefined ? {} : {methods}),
		...(channelBinding ? {channelBinding} : {}),
		...(direct ? {direct} : {}),
		...(options === undefined ? {} : {options}),
		ssl,
	};
}

/**
 * How each member is asked by SQL, at the address that Patroni publishes; undefined without a user.
 * @throws ConfigError if a given file or value cannot be used
 */
export function monitorAccess(settings: Settings, environment: Environment): LoginAccess | undefined {
	const {monitor: own, probe} = settings.content['pgha-top'];
	// The members have one CA: what is set for the probe, or by psql's variables, counts here, too.
	const {sslmode, sslrootcert, sslcert, sslkey} = probe;
	const merged = merge(
		'monitor',
		{...present({sslmode, sslrootcert, sslcert, sslkey}), ...present(own)},
		settings,
		environment,
	);
	const {user} = merged.given;
	return user === undefined ? undefined : loginOf(merged, user, 'postgres', environment);
}

type Singles = Partial<
	Pick<
		Settings['content']['pgha-top']['probe'],
		'host' | 'user' | 'database' | 'password' | 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey'
	>
>;

function singleSettings({
	host,
	user,
	database,
	password,
	sslmode,
	sslrootcert,
	sslcert,
	sslkey,
}: Singles): Dsn {
	const all = {host, user, dbname: database, password, sslmode, sslrootcert, sslcert, sslkey};
	return Object.fromEntries(
		Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
	);
}

/** Limits memory and the time of the regular expression. */
const passfileMaxBytes = 1024 * 1024;

const passwordsMax = 100;

/**
 * The passwords in .pgpass for a user, from lines `host:port:database:user:password`; none if it cannot be
 * read.
 */
export function filedPasswords({user}: Pick<LoginAccess, 'user'>, environment: Environment): string[] {
	return passwordLines(environment)
		.lines.flatMap(line => {
			const [, , , its, ...rest] = fieldsOf(line);
			return (its === user || its === '*') && rest.length > 0 ? [rest.join(':')] : [];
		})
		.filter(Boolean)
		.slice(0, passwordsMax);
}

/** Who may log in where by .pgpass, without the passwords. */
export function filedLogins(
	environment: Environment,
): {host: string; database: string | undefined; user: string; file: string; line: number}[] {
	const {file, lines} = passwordLines(environment);
	return lines.flatMap((text, index) => {
		const [host = '', , database, user = '', password] = fieldsOf(text);
		return password === undefined || user === '' || user === '*'
			? []
			: [{host, database: database === '*' ? undefined : database, user, file, line: index + 1}];
	});
}

/** Comments count as empty lines; none if the file cannot be read: the probe then reports that it needs a password. */
function passwordLines(environment: Environment): {file: string; lines: string[]} {
	const file = environment.PGPASSFILE || path.join(homeFolder(environment), '.pgpass');
	let text: string;
	try {
		text = readFileText(file, passfileMaxBytes);
	} catch {
		return {file, lines: []};
	}

	return {file, lines: text.split(/\r?\n/).map(line => (line.startsWith('#') ? '' : line))};
}

/** Fields separated by colons; `\\:` and `\\\\` stand for a colon and a backslash. */
function fieldsOf(line: string): string[] {
	return [...`${line}:`.matchAll(/((?:[^:\\]|\\.)*):/g)].map(([, field = '']) =>
		field.replaceAll(/\\(.)/g, '$1'),
	);
}

/**
 * The service's parameters, from the first service file that contains it.
 * @throws the error that `complain` makes
 */
export function readService(
	name: string,
	environment: Environment,
	complain: (problem: string) => ConfigError,
): Dsn {
	const own = environment.PGSERVICEFILE || path.join(homeFolder(environment), '.pg_service.conf');
	// libpq's built-in folders in Debian's and the RPM packages.
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

/** Lines `key=value` below `[name]`; there is no quoting. */
function sectionOf(text: string, name: string): Dsn | undefined {
	let inside = false;
	let found: Record<string, string> | undefined;
	for (const line of text.split(/\r?\n/).map(one => one.trim())) {
		if (line.startsWith('[')) {
			inside = line === `[${name}]`;
			found = inside ? {} : found;
		} else if (inside && found !== undefined && !line.startsWith('#') && line.includes('=')) {
			const at = line.indexOf('=');
			// As in libpq, the first of two equal keys counts.
			found[line.slice(0, at).trim()] ??= line.slice(at + 1).trim();
		}

		if (found !== undefined && !inside) {
			break;
		}
	}

	return found;
}
