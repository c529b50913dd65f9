/** As whom, and over which TLS, the probe comes in as a client: DSN, service file and single settings as libpq joins them. */
import {existsSync} from 'node:fs';
import {isIP} from 'node:net';
import {homedir} from 'node:os';
import path from 'node:path';
import {usualPorts} from '../domain/cluster/haproxy-backends.ts';
import type {ProbePurpose} from '../domain/facts.ts';
import {readFileText, whyNotRead, whyUnreadable} from '../lib/read-file.ts';
import type {Environment} from './environment.ts';
import {
	type AuthMethod,
	allowedMethods,
	type Dsn,
	libpqVariables,
	parseDsn,
	type TlsVersion,
	tlsVersion,
	whyRefused,
} from './libpq.ts';
import {ConfigError} from './origin.ts';
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
	/** Where the host is reached (hostaddr), where that is not looked up. */
	address?: string;
	/** Ways to prove who we are that the server may ask for; undefined for all. */
	methods?: readonly AuthMethod[];
	/** The password is proved by SCRAM that is bound to the TLS channel, or not at all. */
	channelBinding?: boolean;
	/** TLS from the first byte on. */
	direct?: boolean;
	/** Of the session, as `-c name=value`. */
	options?: string;
	applicationName?: string;
	ssl: {
		mode: SslMode;
		/** `system`: what this machine trusts. */
		ca?: string;
		cert?: string;
		key?: string;
		keyPassword?: string;
		crl?: string;
		minVersion?: TlsVersion;
		maxVersion?: TlsVersion;
	};
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
	const fromService =
		service === undefined
			? {}
			: serviceOf(service, environment, problem =>
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
	const host = given.host ?? vip;
	if (given.user === undefined || host === undefined) {
		return undefined;
	}

	/** Points at where a parameter was given. */
	const wrong = (name: string, problem: string): ConfigError => {
		const variable = variables.find(one => one.name === name)?.variable;
		const key =
			name in dsn ? 'dsn' : name in fromService ? (dsn.service === undefined ? 'service' : 'dsn') : name;
		return variable !== undefined && key === name
			? new ConfigError(`${variable}: ${problem}`)
			: complain(key, problem);
	};
	for (const [name, value] of Object.entries(given)) {
		const why = whyRefused(name, value);
		if (why !== undefined) {
			throw wrong(name, why);
		}
	}

	for (const name of ['host', 'hostaddr', 'port']) {
		if (given[name]?.includes(',')) {
			throw wrong(name, `several of ${name} are not supported: the probe measures one path; give one`);
		}
	}

	if (/^[/@]/.test(host)) {
		throw wrong('host', 'host is a socket: the probe comes in by TCP; give a name or an address');
	}

	if (given.hostaddr !== undefined && isIP(given.hostaddr) === 0) {
		throw wrong('hostaddr', 'hostaddr must be an IP address');
	}

	const isSystem = given.sslrootcert === 'system';
	// The old way to ask for TLS, which libpq still honours where no mode is given.
	const requiresTls = environment.PGREQUIRESSL?.startsWith('1') ?? false;
	const mode = given.sslmode ?? (requiresTls ? 'require' : isSystem ? 'verify-full' : 'prefer');
	if (!isSslMode(mode)) {
		throw wrong('sslmode', 'sslmode must be disable, allow, prefer, require, verify-ca or verify-full');
	}

	if (isSystem && mode !== 'verify-full') {
		throw wrong(
			'sslrootcert',
			`sslrootcert=system goes with sslmode=verify-full alone, and not with ${mode}`,
		);
	}

	const methods = given.require_auth === undefined ? undefined : allowedMethods(given.require_auth);
	if (given.require_auth !== undefined && methods === undefined) {
		throw wrong(
			'require_auth',
			'require_auth must be password, md5, gss, sspi, scram-sha-256, none: several with commas, or each with !',
		);
	}

	const binding = given.channel_binding ?? 'prefer';
	if (!['disable', 'prefer', 'require'].includes(binding)) {
		throw wrong('channel_binding', 'channel_binding must be disable, prefer or require');
	}

	if (binding === 'require' && (mode === 'disable' || mode === 'allow' || mode === 'prefer')) {
		throw wrong(
			'channel_binding',
			`channel_binding=require needs TLS: sslmode must be require, verify-ca or verify-full, and is ${mode}`,
		);
	}

	const negotiation = given.sslnegotiation ?? 'postgres';
	if (!['postgres', 'direct'].includes(negotiation)) {
		throw wrong('sslnegotiation', 'sslnegotiation must be postgres or direct');
	}

	if (negotiation === 'direct' && (mode === 'disable' || mode === 'allow' || mode === 'prefer')) {
		throw wrong(
			'sslnegotiation',
			`sslnegotiation=direct goes with sslmode=require or stricter, and not with ${mode}`,
		);
	}

	const version = (name: 'ssl_min_protocol_version' | 'ssl_max_protocol_version') => {
		const text = given[name];
		const found = text === undefined ? undefined : tlsVersion(text);
		if (text !== undefined && found === undefined) {
			throw wrong(name, `${name} must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3`);
		}

		return found;
	};
	// libpq's own default is 1.2, whatever the TLS library allows.
	const minVersion = version('ssl_min_protocol_version');
	const maxVersion = version('ssl_max_protocol_version');
	if (minVersion !== undefined && maxVersion !== undefined && minVersion > maxVersion) {
		throw wrong(
			'ssl_max_protocol_version',
			`ssl_max_protocol_version is below ssl_min_protocol_version (${minVersion})`,
		);
	}

	const certificate = (name: 'sslrootcert' | 'sslcert' | 'sslkey' | 'sslcrl') => {
		const text = given[name];
		const file = text === undefined || (name === 'sslrootcert' && isSystem) ? text : expandHome(text);
		const why = file === undefined || file === 'system' ? undefined : whyUnreadable(file);
		if (why !== undefined) {
			throw wrong(name, `${file} cannot be read: ${why}`);
		}

		return file;
	};
	const [ca, cert, key, crl] = (
		[
			['sslrootcert', 'root.crt'],
			['sslcert', 'postgresql.crt'],
			['sslkey', 'postgresql.key'],
			['sslcrl', 'root.crl'],
		] as const
	).map(([name, usual]) => certificate(name) ?? usualFile(usual, environment));
	if (ca === undefined && mode.startsWith('verify-')) {
		throw wrong(
			'sslmode',
			`sslmode=${mode} needs the CA of the server: give sslrootcert=FILE, or sslrootcert=system for the CAs that this machine trusts (there is no ${placeOf('root.crt', environment)})`,
		);
	}

	if (given.sslcrl !== undefined && ca === undefined) {
		throw wrong('sslcrl', 'sslcrl needs sslrootcert');
	}

	if (
		given.sslcert === undefined &&
		cert !== undefined &&
		key === undefined &&
		given.sslcertmode !== 'disable'
	) {
		throw wrong(
			'sslkey',
			`${cert} is there, and its key ${placeOf('postgresql.key', environment)} is not: give sslkey`,
		);
	}

	if (
		given.port !== undefined &&
		!(/^\d{1,5}$/.test(given.port) && Number(given.port) > 0 && Number(given.port) < 65_536)
	) {
		throw wrong('port', 'port must be 1 to 65535');
	}

	const {sslpassword: keyPassword, options} = given;
	const applicationName = given.application_name ?? given.fallback_application_name;
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
		...(given.hostaddr === undefined ? {} : {address: given.hostaddr}),
		...(methods === undefined ? {} : {methods}),
		...(binding === 'require' ? {channelBinding: true} : {}),
		...(negotiation === 'direct' ? {direct: true} : {}),
		...(options === undefined ? {} : {options}),
		...(applicationName === undefined ? {} : {applicationName}),
		ssl: {
			mode,
			...(ca === undefined ? {} : {ca}),
			...(cert === undefined || given.sslcertmode === 'disable' ? {} : {cert}),
			...(key === undefined || cert === undefined ? {} : {key}),
			...(keyPassword === undefined ? {} : {keyPassword}),
			...(crl === undefined || ca === undefined ? {} : {crl}),
			...(minVersion === undefined ? {} : {minVersion}),
			...(maxVersion === undefined ? {} : {maxVersion}),
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

/** Where libpq looks for a file of TLS that is not named. */
function placeOf(name: string, environment: Environment): string {
	return path.join(environment.HOME || homedir(), '.postgresql', name);
}

/** @throws ConfigError where it is there and cannot be read */
function usualFile(name: string, environment: Environment): string | undefined {
	const file = placeOf(name, environment);
	const why = whyUnreadable(file);
	if (why !== undefined && why !== 'no such file') {
		throw new ConfigError(`${file} cannot be read: ${why}`);
	}

	return why === undefined ? file : undefined;
}

/** The service's parameters out of the first service file that knows it. */
function serviceOf(name: string, environment: Environment, complain: (problem: string) => ConfigError): Dsn {
	const own = environment.PGSERVICEFILE || path.join(homedir(), '.pg_service.conf');
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
			// As in libpq the first of two counts.
			found[line.slice(0, at).trim()] ??= line.slice(at + 1).trim();
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
