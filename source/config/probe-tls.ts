/** TLS of the probe, from libpq's parameters. */
import path from 'node:path';
import {expandHome, findUnreadable, homeFolder} from '../lib/files.ts';
import type {Environment} from './environment.ts';
import {type Dsn, type TlsVersion, tlsVersion} from './libpq.ts';
import {ConfigError} from './origin.ts';

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export type SslMode = (typeof modes)[number];

export type Ssl = {
	mode: SslMode;
	/** `system`: this machine's trusted CAs. */
	ca?: string;
	cert?: string;
	key?: string;
	keyPassword?: string;
	crl?: string;
	minVersion?: TlsVersion;
	maxVersion?: TlsVersion;
};

type Parameters = {
	given: Dsn;
	environment: Environment;
	/** Makes an error that names the origin of a parameter. */
	wrong: (name: string, problem: string) => ConfigError;
};

/** @throws ConfigError if parameters conflict, or a file cannot be read */
export function tlsAccess(parameters: Parameters): {ssl: Ssl; channelBinding: boolean; direct: boolean} {
	const {given} = parameters;
	const mode = sslMode(parameters);
	const {channelBinding, direct} = handshake(parameters, mode);
	const [minVersion, maxVersion] = versions(parameters);
	const {ca, cert, key, crl} = files(parameters, mode);
	const keyPassword = given.sslpassword;
	return {
		channelBinding,
		direct,
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
	};
}

function sslMode({given, environment, wrong}: Parameters): SslMode {
	const isSystem = given.sslrootcert === 'system';
	// Obsolete way to require TLS, which libpq still honours without a mode.
	const requiresTls = environment.PGREQUIRESSL?.startsWith('1') ?? false;
	const mode = given.sslmode ?? (requiresTls ? 'require' : isSystem ? 'verify-full' : 'prefer');
	if (!isSslMode(mode)) {
		throw wrong('sslmode', 'sslmode must be disable, allow, prefer, require, verify-ca or verify-full');
	}

	if (isSystem && mode !== 'verify-full') {
		throw wrong('sslrootcert', `sslrootcert=system needs sslmode=verify-full, not ${mode}`);
	}

	return mode;
}

function handshake({given, wrong}: Parameters, mode: SslMode): {channelBinding: boolean; direct: boolean} {
	const binding = given.channel_binding ?? 'prefer';
	if (!['disable', 'prefer', 'require'].includes(binding)) {
		throw wrong('channel_binding', 'channel_binding must be disable, prefer or require');
	}

	if (binding === 'require' && (mode === 'disable' || mode === 'allow' || mode === 'prefer')) {
		throw wrong(
			'channel_binding',
			`channel_binding=require needs TLS: sslmode must be require, verify-ca or verify-full, not ${mode}`,
		);
	}

	const negotiation = given.sslnegotiation ?? 'postgres';
	if (!['postgres', 'direct'].includes(negotiation)) {
		throw wrong('sslnegotiation', 'sslnegotiation must be postgres or direct');
	}

	if (negotiation === 'direct' && (mode === 'disable' || mode === 'allow' || mode === 'prefer')) {
		throw wrong('sslnegotiation', `sslnegotiation=direct needs sslmode=require or stricter, not ${mode}`);
	}

	return {channelBinding: binding === 'require', direct: negotiation === 'direct'};
}

function versions({given, wrong}: Parameters): [TlsVersion | undefined, TlsVersion | undefined] {
	const version = (name: 'ssl_min_protocol_version' | 'ssl_max_protocol_version') => {
		const text = given[name];
		const found = text === undefined ? undefined : tlsVersion(text);
		if (text !== undefined && found === undefined) {
			throw wrong(name, `${name} must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3`);
		}

		return found;
	};
	// libpq's default is 1.2, regardless of the TLS library.
	const minVersion = version('ssl_min_protocol_version');
	const maxVersion = version('ssl_max_protocol_version');
	if (minVersion !== undefined && maxVersion !== undefined && minVersion > maxVersion) {
		throw wrong(
			'ssl_max_protocol_version',
			`ssl_max_protocol_version is below ssl_min_protocol_version (${minVersion})`,
		);
	}

	return [minVersion, maxVersion];
}

type Files = {
	ca: string | undefined;
	cert: string | undefined;
	key: string | undefined;
	crl: string | undefined;
};

function files({given, environment, wrong}: Parameters, mode: SslMode): Files {
	const isSystem = given.sslrootcert === 'system';
	const certificate = (name: 'sslrootcert' | 'sslcert' | 'sslkey' | 'sslcrl') => {
		const text = given[name];
		const file = text === undefined || (name === 'sslrootcert' && isSystem) ? text : expandHome(text);
		const problem = file === undefined || file === 'system' ? undefined : findUnreadable(file);
		if (problem !== undefined) {
			throw wrong(name, `${file} cannot be read: ${problem.why}`);
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
			`sslmode=${mode} needs the CA of the server: set sslrootcert=FILE, or sslrootcert=system for the CAs that this machine trusts (there is no ${placeOf('root.crt', environment)})`,
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
			`${cert} exists, but its key ${placeOf('postgresql.key', environment)} does not: set sslkey`,
		);
	}

	return {ca, cert, key, crl};
}

/** libpq's default path of a TLS file. */
function placeOf(name: string, environment: Environment): string {
	return path.join(homeFolder(environment), '.postgresql', name);
}

/** The default file if it exists. @throws ConfigError if it cannot be read */
function usualFile(name: string, environment: Environment): string | undefined {
	const file = placeOf(name, environment);
	const problem = findUnreadable(file);
	if (problem !== undefined && !problem.isMissing) {
		throw new ConfigError(`${file} cannot be read: ${problem.why}`);
	}

	return problem === undefined ? file : undefined;
}

function isSslMode(mode: string): mode is SslMode {
	return modes.some(one => one === mode);
}
