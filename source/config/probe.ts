/** As whom, and over which TLS, the probe comes in as a client: DSN, service file and single settings as libpq joins them. */
import {existsSync, readFileSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import {usualPorts} from '../domain/haproxy-backends.ts';
import type {ProbePurpose} from '../domain/probes.ts';
import {whyNotRead} from '../read-file.ts';
import {type Dsn, parseDsn} from './dsn.ts';
import type {Environment} from './environment.ts';
import {ConfigError} from './error.ts';
import {expandHome} from './places.ts';
import type {Settings} from './settings.ts';

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export type ProbeAccess = {
	host: string;
	/** Of the primary. */
	port: number;
	/** Of the replicas; undefined where they are not to be asked. */
	readPort?: number;
	user: string;
	database: string;
	/** Where it is not given, .pgpass is asked. */
	password?: string;
	ssl: {mode: SslMode; ca?: string; cert?: string; key?: string};
	write: boolean;
	/** Whose port nobody configured. */
	assumed: readonly ProbePurpose[];
	/** Set by a drill. */
	drill: boolean;
	/** Into which a drill writes rows, to look for them afterwards. */
	table?: string;
	/** Set by a drill: its own rows of that table. */
	rows?: {table: string; drill: string};
};

/**
 * undefined where nobody named a user, or there is no VIP to come in through.
 * @throws ConfigError when what was named can't be used; never with its content, which may hold a password.
 */
export function probeAccess({content, layers}: Settings, environment: Environment): ProbeAccess | undefined {
	const {probe: own, vip} = content['pgha-top'];
	const complain = (key: string, problem: string) =>
		new ConfigError(layers.complaint(['pgha-top', 'probe', key], problem));
	const dsn = own.dsn === undefined ? {} : parseDsn(own.dsn);
	if (dsn === undefined) {
		throw complain('dsn', 'must be postgresql://USER@HOST:PORT/DATABASE, or words such as user=… dbname=…');
	}

	const service = dsn.service ?? own.service;
	const given = {
		...singleSettings(own),
		...(service === undefined
			? {}
			: serviceOf(service, environment, problem =>
					complain(dsn.service === undefined ? 'service' : 'dsn', problem),
				)),
		...dsn,
	};
	const host = given.host ?? vip;
	if (given.user === undefined || host === undefined) {
		return undefined;
	}

	const mode = given.sslmode ?? 'prefer';
	if (!isSslMode(mode)) {
		throw complain(
			own.dsn === undefined ? 'service' : 'dsn',
			'sslmode must be disable, allow, prefer, require, verify-ca or verify-full',
		);
	}

	const {ports} = content['pgha-top'].haproxy;
	const port = given.port ?? own.port ?? ports.primary;
	const readPort = own.read_port ?? ports.replicas;
	return {
		host,
		port: Number(port ?? usualPorts.primary),
		...(readPort === false ? {} : {readPort: readPort ?? usualPorts.replicas}),
		assumed: [
			...(port === undefined ? ['write' as const] : []),
			...(readPort === undefined ? ['read' as const] : []),
		],
		user: given.user,
		database: given.dbname ?? given.user,
		...(given.password === undefined ? {} : {password: given.password}),
		ssl: {
			mode,
			...(given.sslrootcert === undefined ? {} : {ca: expandHome(given.sslrootcert)}),
			...(given.sslcert === undefined ? {} : {cert: expandHome(given.sslcert)}),
			...(given.sslkey === undefined ? {} : {key: expandHome(given.sslkey)}),
		},
		write: own.write,
		drill: false,
		...(own.table === undefined ? {} : {table: own.table}),
	};
}

type Own = Settings['content']['pgha-top']['probe'];

function singleSettings({host, user, database, password, sslmode, sslrootcert, sslcert, sslkey}: Own): Dsn {
	const all = {host, user, dbname: database, password, sslmode, sslrootcert, sslcert, sslkey};
	return Object.fromEntries(
		Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
	);
}

/** The service's parameters out of the first service file that knows it. */
function serviceOf(name: string, environment: Environment, complain: (problem: string) => ConfigError): Dsn {
	const own = environment.PGSERVICEFILE || path.join(homedir(), '.pg_service.conf');
	const folder = environment.PGSYSCONFDIR || '/etc/postgresql-common';
	const files = [own, path.join(folder, 'pg_service.conf')];
	for (const file of files.filter(one => existsSync(one))) {
		let text: string;
		try {
			text = readFileSync(file, 'utf8');
		} catch (error) {
			throw complain(`${file} cannot be read: ${whyNotRead(error)}`);
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
			found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
		}

		if (found !== undefined && !inside) {
			break;
		}
	}

	return found;
}

function isSslMode(mode: string): mode is SslMode {
	return ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'].includes(mode);
}
