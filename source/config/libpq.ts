/** All connection parameters of libpq 18: used as libpq does, without effect on a probe, or refused with a reason. */

export type Handling =
	| 'used'
	/** Affects neither the measurement nor the trust in a server. */
	| 'no effect'
	/** Refused with any other value, since it cannot be honoured. */
	| {only: readonly string[]; why: string};

const refuse = (why: string, ...only: string[]): Handling => ({only, why});
const kerberos = 'GSSAPI is not supported';
const oauth = 'OAuth is not supported';

export const libpqParameters: Readonly<Record<string, Handling>> = {
	service: 'used',
	user: 'used',
	password: 'used',
	passfile: refuse('set PGPASSFILE, or use ~/.pgpass'),
	dbname: 'used',
	host: 'used',
	hostaddr: 'used',
	port: 'used',
	sslmode: 'used',
	sslrootcert: 'used',
	sslcert: 'used',
	sslkey: 'used',
	sslpassword: 'used',
	sslcrl: 'used',
	ssl_min_protocol_version: 'used',
	ssl_max_protocol_version: 'used',
	sslnegotiation: 'used',
	channel_binding: 'used',
	require_auth: 'used',
	application_name: 'used',
	fallback_application_name: 'used',
	options: 'used',
	// Each query has its own deadline instead.
	connect_timeout: 'no effect',
	keepalives: 'no effect',
	keepalives_idle: 'no effect',
	keepalives_interval: 'no effect',
	keepalives_count: 'no effect',
	tcp_user_timeout: 'no effect',
	client_encoding: 'no effect',
	// No effect in libpq since version 14, or without Kerberos.
	sslcompression: 'no effect',
	krbsrvname: 'no effect',
	gsslib: 'no effect',
	max_protocol_version: 'no effect',
	// Applies to Unix sockets only; libpq ignores it over TCP.
	requirepeer: 'no effect',
	gssdelegation: refuse(kerberos, '0'),
	gssencmode: refuse(kerberos, 'disable', 'prefer'),
	sslsni: refuse('the host name is always sent', '1'),
	sslcertmode: refuse('whether the server asked for the certificate is not checked', 'allow', 'disable'),
	sslcrldir: refuse('give one file as sslcrl'),
	sslkeylogfile: refuse('session keys are not written to a file'),
	min_protocol_version: refuse('protocol 3.0 is used', '3.0'),
	replication: refuse('a probe is not a replication client', 'false', 'off', 'no', '0'),
	target_session_attrs: refuse('the probe queries each port for the server behind it', 'any'),
	load_balance_hosts: refuse('the probe measures one path', 'disable'),
	scram_client_key: refuse('set the password'),
	scram_server_key: refuse('set the password'),
	oauth_issuer: refuse(oauth),
	oauth_client_id: refuse(oauth),
	oauth_client_secret: refuse(oauth),
	oauth_scope: refuse(oauth),
};

/** libpq's variables by parameter, beside those in `layers.ts`. */
export const libpqVariables: Readonly<Record<string, string>> = {
	PGSSLCRL: 'sslcrl',
	PGSSLCRLDIR: 'sslcrldir',
	PGSSLCERTMODE: 'sslcertmode',
	PGSSLSNI: 'sslsni',
	PGSSLCOMPRESSION: 'sslcompression',
	PGSSLNEGOTIATION: 'sslnegotiation',
	PGSSLMINPROTOCOLVERSION: 'ssl_min_protocol_version',
	PGSSLMAXPROTOCOLVERSION: 'ssl_max_protocol_version',
	PGMINPROTOCOLVERSION: 'min_protocol_version',
	PGMAXPROTOCOLVERSION: 'max_protocol_version',
	PGCHANNELBINDING: 'channel_binding',
	PGREQUIREAUTH: 'require_auth',
	PGREQUIREPEER: 'requirepeer',
	PGGSSENCMODE: 'gssencmode',
	PGGSSDELEGATION: 'gssdelegation',
	PGGSSLIB: 'gsslib',
	PGKRBSRVNAME: 'krbsrvname',
	PGAPPNAME: 'application_name',
	PGOPTIONS: 'options',
	PGCLIENTENCODING: 'client_encoding',
	PGCONNECT_TIMEOUT: 'connect_timeout',
	PGTARGETSESSIONATTRS: 'target_session_attrs',
	PGLOADBALANCEHOSTS: 'load_balance_hosts',
};

const ownPlace =
	'the probe connects to the VIP and the ports of HAProxy, or as its DSN, service or settings say';
const ownSession = 'the queries of the probe have no dates and no joins';

/**
 * psql's variables that the probe does not use, with the reason; a shell may set them for psql, so they are not
 * refused.
 */
const unusedVariables: Readonly<Record<string, string>> = {
	PGHOST: ownPlace,
	PGHOSTADDR: ownPlace,
	PGPORT: ownPlace,
	PGDATESTYLE: ownSession,
	PGTZ: ownSession,
	PGGEQO: ownSession,
	...Object.fromEntries(
		Object.entries(libpqVariables).flatMap(([variable, name]) =>
			libpqParameters[name] === 'no effect' ? [[variable, `${name} changes nothing for a probe`]] : [],
		),
	),
};

/** Describes each libpq variable that is set but has no effect. */
export function unusedIn(environment: Readonly<Record<string, string | undefined>>): string[] {
	return Object.entries(unusedVariables).flatMap(([name, why]) =>
		environment[name] ? [`${name} has no effect: ${why}`] : [],
	);
}

/** The reason why a parameter is refused; undefined if it is used or has no effect. */
export function whyRefused(name: string, value: string): string | undefined {
	if (!Object.hasOwn(libpqParameters, name)) {
		return `"${name}" is not a connection parameter of libpq`;
	}

	const handling = libpqParameters[name];
	return typeof handling === 'object' && !handling.only.includes(value.toLowerCase())
		? `${name} is not supported: ${handling.why}${handling.only.length === 0 ? '' : ` (allowed: ${handling.only.join(', ')})`}`
		: undefined;
}

const methods = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none'] as const;
export type AuthMethod = (typeof methods)[number];

/** Methods of `require_auth`, separated by commas, or all but those with `!`; undefined if invalid. */
export function allowedMethods(text: string): readonly AuthMethod[] | undefined {
	const words = text.split(',').map(word => word.trim());
	const isNegated = words.every(word => word.startsWith('!'));
	const bare = words.map(word => (isNegated ? word.slice(1) : word));
	const isKnown = bare.every(word => methods.some(method => method === word));
	return isKnown ? methods.filter(method => bare.includes(method) !== isNegated) : undefined;
}

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type TlsVersion = (typeof versions)[number];

export function tlsVersion(text: string): TlsVersion | undefined {
	return versions.find(version => version.toLowerCase() === text.toLowerCase());
}

/** Values by libpq's parameter names. */
export type Dsn = Readonly<Record<string, string>>;

/** Parses a connection URI or `key=value` pairs; undefined if invalid. Several hosts stay one value with commas. */
export function parseDsn(text: string): Dsn | undefined {
	return /^postgres(?:ql)?:\/\//.test(text) ? fromUri(text) : fromWords(text);
}

/** Every password in a DSN of any syntax, even in one that cannot be parsed. */
export function passwordIn(text: string): string | undefined {
	// Nothing after the last @ is searched: that would take quadratic time.
	const untilAt = text.slice(0, text.lastIndexOf('@') + 1);
	const guess = /:\/\/[^@/]*:([^@]*)@/.exec(untilAt)?.[1] ?? /password\s*=\s*(\S+)/i.exec(text)?.[1];
	return parseDsn(text)?.password ?? guess;
}

function fromUri(text: string): Dsn | undefined {
	const [, user, password, hosts = '', path = '', query = ''] =
		/^postgres(?:ql)?:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text) ?? [];
	const places = hosts.split(',').map(one => /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(one));
	if (places.some(place => place === null)) {
		return undefined;
	}

	const list = (of: (place: RegExpExecArray) => string | undefined) =>
		places.flatMap(place => (place === null ? [] : [of(place) ?? ''])).join(',');
	try {
		const given = {
			user: user && decodeURIComponent(user),
			password: password && decodeURIComponent(password),
			host: decodeURIComponent(list(([, bracketed, plain]) => bracketed ?? plain)),
			port: list(([, , , port]) => port),
			dbname: decodeURIComponent(path),
			...parametersOf(query),
		};
		return withoutEmpty(given);
	} catch {
		// A percent sign without two hexadecimal digits, or invalid UTF-8.
		return undefined;
	}
}

/** Like libpq, decodes only %xx, not a plus. @throws for an invalid percent sequence */
function parametersOf(query: string): Record<string, string> {
	const found: Record<string, string> = {};
	for (const pair of query.split('&').filter(Boolean)) {
		const at = pair.indexOf('=');
		if (at === -1) {
			throw new URIError(`no "=" in ${pair.length} characters`);
		}

		const name = decodeURIComponent(pair.slice(0, at));
		const value = decodeURIComponent(pair.slice(at + 1));
		// JDBC's spelling, which libpq accepts, too.
		const isJdbc = name === 'ssl' && value === 'true';
		Object.defineProperty(found, isJdbc ? 'sslmode' : name, {
			value: isJdbc ? 'require' : value,
			enumerable: true,
			configurable: true,
			writable: true,
		});
	}

	return found;
}

/** Parses `host=a password='it\'s'`. */
function fromWords(text: string): Dsn | undefined {
	const word = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/y;
	const found: Record<string, string> = Object.create(null) as Record<string, string>;
	let end = 0;
	for (let match = word.exec(text); match !== null; match = word.exec(text)) {
		const [, key = '', quoted, bare = ''] = match;
		found[key] = (quoted ?? bare).replaceAll(/\\(.)/g, '$1');
		end = word.lastIndex;
	}

	return end > 0 && text.slice(end).trim() === '' ? withoutEmpty(found) : undefined;
}

function withoutEmpty(given: Readonly<Record<string, string | undefined>>): Dsn {
	return Object.fromEntries(
		Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1])),
	);
}
