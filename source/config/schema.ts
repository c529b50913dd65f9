/** The shape of all settings: what pgha-top uses of patronictl's file (the rest of which is left alone), and its own section. */
import * as z from 'zod';
import {endpointUrl, hostList} from './endpoint.ts';

/** Numbers in YAML are taken for text where text is meant, as Python does it. */
const text = z
	.union([z.string(), z.number().refine(Number.isSafeInteger)], 'must be text; put a number in quotes')
	.transform(String);
const name = z.string('must be a name').min(1, 'must be a name');
const file = z.string('must be the name of a file').min(1, 'must be the name of a file');

/** Python's YAML and Patroni's environment know these words, too. */
const yesOrNo = z.union(
	[
		z.boolean(),
		z
			.string()
			.regex(/^(?:on|true|yes|1|off|false|no|0)$/i)
			.transform(word => /^(?:on|true|yes|1)$/i.test(word)),
	],
	'must be true or false',
);

/** The environment gives numbers as text. */
function whole(from: number, to: number, message: string) {
	const number = z.number(message).int(message).min(from, message).max(to, message);
	return z.union([number, z.string().regex(/^\d+$/).transform(Number).pipe(number)], message);
}

const port = whole(1, 65_535, 'must be a port, 1 to 65535');
const hostsMessage = 'must be HOST:PORT, several with commas, or a list of them';
const hosts = z
	.union([z.string(), z.array(z.string())], hostsMessage)
	.refine(
		value =>
			hostList(value).length > 0 && hostList(value).every(host => endpointUrl(host, false) !== undefined),
		hostsMessage,
	);
const urlMessage = 'must be http://HOST:PORT or https://HOST:PORT';
const url = z
	.string(urlMessage)
	.refine(value => value.includes('://') && endpointUrl(value, false) !== undefined, urlMessage);

function section<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.object(shape, 'must be a mapping of settings');
}

/** For sections that are pgha-top's alone, where a key that is not known is a slip of the pen. */
function strictSection<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.strictObject(shape, {
		error: issue =>
			issue.code === 'unrecognized_keys'
				? `is not known here; allowed: ${Object.keys(shape).join(', ')}`
				: 'must be a mapping of settings',
	});
}

const authentication = section({username: text.optional(), password: text.optional()});

/** systemd takes more characters than these; these can't be taken for anything else in a shell. */
const unit = z
	.string()
	.regex(
		/^[A-Za-z0-9@_][A-Za-z0-9@._-]*$/,
		'must be the name of a systemd unit (letters, digits and @ . _ -)',
	);
const logFile = z
	.string()
	.regex(
		/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9@._+,:=-]+)+$/,
		'must be an absolute path (letters, digits and @ . _ + , : = -)',
	);
const logSources = z.array(
	z.union(
		[strictSection({name: name.optional(), unit}), strictSection({name: name.optional(), file: logFile})],
		'must be {unit: NAME} (letters, digits and @ . _ -) or {file: /ABSOLUTE/PATH}, with a name: if you like',
	),
	'must be a list of {unit: NAME} or {file: /ABSOLUTE/PATH}',
);

/** As libpq names them; where a DSN or a service gives one, that wins. */
const probe = strictSection({
	/** `postgresql://…` or `host=… user=…`, as psql takes them. */
	dsn: text.optional(),
	/** Of the service file. */
	service: name.optional(),
	/** The VIP, where nobody gives another. */
	host: name.optional(),
	/** Where writes go; else `haproxy.ports.primary`, else 5000. */
	port: port.optional(),
	/** Where questions to replicas go; else `haproxy.ports.replicas`, else 5001. */
	read_port: z.union([z.literal(false), port], 'must be a port, 1 to 65535, or false').optional(),
	user: name.optional(),
	database: name.optional(),
	/** Better in ~/.pgpass. */
	password: text.optional(),
	sslmode: z
		.enum(
			['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
			'must be disable, allow, prefer, require, verify-ca or verify-full',
		)
		.optional(),
	sslrootcert: file.optional(),
	sslcert: file.optional(),
	sslkey: file.optional(),
	/** By durable writes, and not only by questions. */
	write: yesOrNo.default(false),
	/** Into which a drill writes numbered rows, and looks for them afterwards. */
	table: z
		.string()
		.regex(
			/^(?:[A-Za-z_][A-Za-z0-9_]*\.)?[A-Za-z_][A-Za-z0-9_]*$/,
			'must be the name of a table, with its schema if need be (letters, digits and _)',
		)
		.optional(),
});

/**
 * Seconds. A source that has told nothing for 5 s no longer counts as seeing (domain/sight.ts), and it may be asked only after
 * others have taken all their time.
 */
export const longestDeadline = 2;

/** pgha-top's own file, or the section `pgha-top:` of patronictl's. */
const own = strictSection({
	/** The address that keepalived moves. */
	vip: z.union([z.ipv4(), z.ipv6()], 'must be an IPv4 or IPv6 address').optional(),
	/** Hosts to look at over SSH, by name; found from Patroni's members where not given. */
	nodes: z
		.record(
			name,
			strictSection({
				host: z.string('must be a host name or an address').min(1, 'must be a host name or an address'),
				roles: z
					.array(
						z.enum(['database', 'etcd'], 'must be database or etcd'),
						'must be a list of database and etcd',
					)
					.min(1, 'must be a list of database and etcd')
					.optional(),
			}),
			'must be a mapping: NAME: {host: ADDRESS}',
		)
		.optional(),
	ssh: strictSection({
		user: name.optional(),
		port: port.optional(),
		/** Given to `ssh -F`; without it OpenSSH's own files. */
		config_file: file.optional(),
	}).optional(),
	haproxy: strictSection({
		/** Of the statistics page. */
		port: port.default(7000),
		path: z
			.string()
			.regex(/^\/[!-~]*$/, 'must be a path that begins with /')
			.default('/;csv'),
		/** Where the page asks for one (`stats auth`). */
		user: text.optional(),
		password: text.optional(),
		/** Their names, where neither a port nor the name in the statistics tells which one is meant. */
		backends: strictSection({
			primary: name.optional(),
			replicas: name.optional(),
			synchronous: name.optional(),
			asynchronous: name.optional(),
		}).prefault({}),
		/** Where clients come in. */
		ports: strictSection({
			primary: port.optional(),
			replicas: port.optional(),
			synchronous: port.optional(),
			asynchronous: port.optional(),
		}).prefault({}),
		/** Members by the names of HAProxy's servers (`SERVER` or `BACKEND/SERVER`), where those do not tell. */
		servers: z.record(name, name, 'must be a mapping: SERVER: MEMBER').optional(),
	}).prefault({}),
	/** What the services' units are called on the nodes. */
	units: strictSection({
		patroni: unit.default('patroni'),
		etcd: unit.default('etcd'),
		haproxy: unit.default('haproxy'),
		keepalived: unit.default('keepalived'),
	}).prefault({}),
	/** PostgreSQL's, where it is in none of the usual places. */
	data_dir: logFile.optional(),
	/** The client's path, looked at as a client. */
	probe: probe.prefault({}),
	/** Offer nothing that changes the cluster. */
	read_only: yesOrNo.default(false),
	/** Show what would be sent, and send nothing. */
	dry_run: yesOrNo.default(false),
	/** By a node's name or a role. */
	logs: z.record(name, logSources, 'must be a mapping: NODE or ROLE: list of logs').optional(),
	/** How much of all logs together is kept. */
	log_buffer: strictSection({
		lines: whole(1000, 2_000_000, 'must be a number of lines, 1000 to 2000000').default(100_000),
		mebibytes: whole(1, 4096, 'must be a number of MiB, 1 to 4096').default(64),
	}).prefault({}),
	/** How long a request may take, in seconds. */
	deadline: z
		.number('must be a number of seconds above 0')
		.positive('must be a number of seconds above 0')
		.max(longestDeadline, `must be at most ${longestDeadline} seconds: what is older is not shown as live`)
		.default(1.5),
});

export const settingsSchema = z.object({
	scope: name.optional(),
	namespace: z.string('must be a path such as /service').default('/service'),
	etcd3: section({
		host: hosts.optional(),
		hosts: hosts.optional(),
		port: port.optional(),
		url: url.optional(),
		proxy: url.optional(),
		protocol: z.enum(['http', 'https'], 'must be http or https').default('http'),
		username: text.optional(),
		password: text.optional(),
		cacert: file.optional(),
		cert: file.optional(),
		key: file.optional(),
		srv: z.unknown().optional(),
		discovery_srv: z.unknown().optional(),
	}).optional(),
	/** The v2 API: only to say that we don't speak it. */
	etcd: z.unknown().optional(),
	citus: section({
		group: whole(0, Number.MAX_SAFE_INTEGER, 'must be a whole number, 0 or more').optional(),
	}).optional(),
	ctl: section({
		insecure: yesOrNo.default(false),
		cacert: file.optional(),
		certfile: file.optional(),
		keyfile: file.optional(),
		keyfile_password: text.optional(),
		authentication: authentication.optional(),
		/** The old way to write it: `user:password`. */
		auth: text.optional(),
	}).prefault({}),
	restapi: section({
		cafile: file.optional(),
		authentication: authentication.optional(),
		auth: text.optional(),
	}).prefault({}),
	'pgha-top': own.prefault({}),
});

export type SettingsContent = z.infer<typeof settingsSchema>;
