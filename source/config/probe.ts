/** Logins to PostgreSQL, of the probe and of the monitor: DSN, service file and single settings, merged as libpq does. */

import {existsSync} from 'node:fs';
import {isIP} from 'node:net';
import path from 'node:path';
import {usualPorts} from '../domain/cluster/haproxy-backends.ts';
import type {ProbePurpose} from '../domain/facts.ts';
import {errnoWords} from '../lib/faults.ts';
import {homeFolder, readFileText} from '../lib/files.ts';
import type {Environment} from './environment.ts';
import {present} from './layers.ts';
import {type AuthMethod, allowedMethods, type Dsn, libpqVariables, parseDsn, whyRefused} from './libpq.ts';
import {ConfigError} from './origin.ts';
import {type Ssl, tlsAccess} from './probe-tls.ts';
import type {Settings} from './settings.ts';
import {vipsIn} from './vips.ts';

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

export type ProbeAccess = LoginAccess & {
	host: string;
	/** Port that leads to the primary. */
	port: number;
	/** Port that leads to the replicas; undefined if they are not probed. */
	readPort?: number;
	/** libpq's hostaddr: the address to connect to, without a name lookup. */
	address?: string;
	applicationName?: string;
	write: boolean;
	/** Purposes whose port is a default. */
	assumed: readonly ProbePurpose[];
	/** Set for a drill's probe. */
	drill: boolean;
	/** Table for a drill's rows, which are verified afterwards. */
	table?: string;
	/** Set for a drill's probe: the table, and the drill's id for its rows. */
	rows?: {table: string; drill: string};
};

/** The parameters of a section, merged as libpq does; and an error that names where a parameter is from. */
type Merged = {
	/** By libpq's names. */
	given: Dsn;
	wrong: (name: string, problem: string) => ConfigError;
};

/**
 * @param section of pgha-top's settings
 * @throws ConfigError if a given file or value cannot be used; never quotes it, since it may hold a password.
 */
function merge(
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
function loginOf(
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
 * Undefined without a user, or without a VIP to connect through.
 * @throws ConfigError if a given file or value cannot be used
 */
export function probeAccess(settings: Settings, environment: Environment): ProbeAccess | undefined {
	const {probe: own, vip: vips, haproxy} = settings.content['pgha-top'];
	const merged = merge('probe', own, settings, environment);
	const {given, wrong} = merged;
	const host = given.host ?? vipsIn(vips)[0]?.address;
	if (given.user === undefined || host === undefined) {
		return undefined;
	}

	const login = loginOf(merged, given.user, given.user, environment);
	for (const name of ['host', 'hostaddr', 'port']) {
		if (given[name]?.includes(',')) {
			throw wrong(name, `several of ${name} are not supported: the probe measures one path; set one`);
		}
	}

	if (/^[/@]/.test(host)) {
		throw wrong('host', 'host is a socket: the probe connects by TCP; set a name or an address');
	}

	if (given.hostaddr !== undefined && isIP(given.hostaddr) === 0) {
		throw wrong('hostaddr', 'hostaddr must be an IP address');
	}

	if (
		given.port !== undefined &&
		!(/^\d{1,5}$/.test(given.port) && Number(given.port) > 0 && Number(given.port) < 65_536)
	) {
		throw wrong('port', 'port must be 1 to 65535');
	}

	const applicationName = given.application_name ?? given.fallback_application_name;
	const ports = haproxy === false ? {} : haproxy.ports;
	// Without HAProxy clients connect to PostgreSQL itself, which has one port.
	const usual = haproxy === false ? {primary: 5432, replicas: false as const} : usualPorts;
	const port = given.port ?? own.port ?? ports.primary;
	const readPort = own.read_port ?? ports.replicas ?? usual.replicas;
	return {
		...login,
		host,
		port: Number(port ?? usual.primary),
		...(readPort === false ? {} : {readPort}),
		assumed: [
			...(port === undefined ? ['write' as const] : []),
			...(own.read_port === undefined && ports.replicas === undefined ? ['read' as const] : []),
		],
		...(given.hostaddr === undefined ? {} : {address: given.hostaddr}),
		...(applicationName === undefined ? {} : {applicationName}),
		write: own.write,
		drill: false,
		...(own.table === undefined ? {} : {table: own.table}),
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

/** A drill has its own writes, whatever the configuration says. */
export function drillAccess({table, rows}: ProbeAccess, drill: string | undefined): Partial<ProbeAccess> {
	return drill === undefined
		? {}
		: {write: true, drill: true, ...(table === undefined ? {} : {rows: rows ?? {table, drill}})};
}
