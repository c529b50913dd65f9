/** As whom, and over which TLS, the probe comes in as a client: DSN, service file and single settings as libpq joins them. */
import {isIP} from 'node:net';
import {usualPorts} from '../domain/cluster/haproxy-backends.ts';
import type {ProbePurpose} from '../domain/facts.ts';
import type {Environment} from './environment.ts';
import {type AuthMethod, allowedMethods, type Dsn, libpqVariables, parseDsn, whyRefused} from './libpq.ts';
import {ConfigError} from './origin.ts';
import {type Ssl, tlsAccess} from './probe-tls.ts';
import {readService} from './service-file.ts';
import type {Settings} from './settings.ts';

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
	ssl: Ssl;
	write: boolean;
	/** Those whose port is a default. */
	assumed: readonly ProbePurpose[];
	/** Set by a drill. */
	drill: boolean;
	/** Into which a drill writes rows, to look for them afterwards. */
	table?: string;
	/** Set by a drill: its own rows of that table. */
	rows?: {table: string; drill: string};
};

/**
 * Undefined without a user, or without a VIP to connect through.
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

	const methods = given.require_auth === undefined ? undefined : allowedMethods(given.require_auth);
	if (given.require_auth !== undefined && methods === undefined) {
		throw wrong(
			'require_auth',
			'require_auth must be password, md5, gss, sspi, scram-sha-256, none: several with commas, or each with !',
		);
	}

	const {ssl, channelBinding, direct} = tlsAccess({given, environment, wrong});
	if (
		given.port !== undefined &&
		!(/^\d{1,5}$/.test(given.port) && Number(given.port) > 0 && Number(given.port) < 65_536)
	) {
		throw wrong('port', 'port must be 1 to 65535');
	}

	const {options} = given;
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
		...(channelBinding ? {channelBinding} : {}),
		...(direct ? {direct} : {}),
		...(options === undefined ? {} : {options}),
		...(applicationName === undefined ? {} : {applicationName}),
		ssl,
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
