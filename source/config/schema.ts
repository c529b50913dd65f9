/** The schema of all settings: what pgha-top uses of patronictl's file (the rest is ignored), and its own section. */
import * as z from 'zod';
import {forEachService} from '../domain/cluster/services.ts';
import {titleColors} from '../domain/target.ts';
import {monitor, probe} from './postgres-settings.ts';
import {preferenceShape} from './preference-settings.ts';
import {
	asValue,
	asWritten,
	file,
	formatted,
	hosts,
	logFile,
	logSources,
	name,
	nodeSection,
	ofNode,
	port,
	section,
	sectionOrFalse,
	strictSection,
	text,
	unit,
	url,
	whole,
	yesOrNo,
} from './setting-kinds.ts';
import {vipSetting} from './vips.ts';
import {notify, watch} from './watch-settings.ts';

const authentication = section({
	username: formatted.optional().describe("user for Patroni's REST API"),
	password: formatted.optional().describe('its password'),
});
const oldAuth = text.optional().describe('the old form of `authentication`: `user:password`');

function oneOf(words: readonly string[]): string {
	return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/**
 * Seconds. A source without a report for 7 s is not fresh (domain/cluster/freshness.ts), and its poll may start only after others
 * have used their whole deadline, or in calm four seconds after the answer before it.
 */
export const deadlineMaxSeconds = 2;

/** A day. */
export const historyMaxMinutes = 1440;

/** pgha-top's own file, or the section `pgha-top:` of patronictl's. */
const ownShape = {
	vip: vipSetting
		.optional()
		.describe(
			'virtual address where clients connect; or `{address, manager, follows}`, or a list of either: the first one is in charts, drills and the probe. `manager`: `keepalived` (default), `vip-manager` or `other`. `follows`: `leader` if it must be on the node of the leader (default for vip-manager), else `none`',
		),
	nodes: z
		.record(
			name,
			strictSection({
				host: z
					.string('must be a host name or an address')
					.min(1, 'must be a host name or an address')
					.describe('host name or address of the node'),
				roles: z
					.array(
						z.enum(['database', 'etcd', 'balancer'], 'must be database, etcd or balancer'),
						'must be a list of database, etcd and balancer',
					)
					.min(1, 'must be a list of database, etcd and balancer')
					.optional()
					.describe(
						'list of `database`, `etcd` and `balancer` (HAProxy and what moves the VIP); default: `database` and `etcd`. Where no node is a balancer, HAProxy is read on the database nodes',
					),
				units: strictSection(
					forEachService(traits =>
						unit
							.optional()
							.describe(`systemd unit of ${traits.label} on this node; default: as in \`units\``),
					),
				).optional(),
			}),
			'must be a mapping: NAME: {host: ADDRESS}',
		)
		.optional()
		.describe("nodes by name; default: found from Patroni's members"),
	ssh: z
		.union([
			strictSection({
				user: name.optional().describe('login on the nodes; default: as your ssh configuration says'),
				port: port.optional().describe('port of sshd; default: as your ssh configuration says'),
				config_file: file.optional().describe("file for `ssh -F`; default: OpenSSH's own files"),
			}),
			z.preprocess(asValue, z.boolean()),
		])
		.optional(),
	haproxy: sectionOrFalse({
		port: port.optional().describe('port of the statistics page; default: 7000 and 8404 are tried'),
		path: z
			.string()
			.regex(/^\/[!-~]*$/, 'must be a path that begins with /')
			.optional()
			.describe(
				'path of the statistics page, in CSV format; default: `/;csv` and `/stats;csv` are tried, and if neither port nor path is set, the statistics socket over SSH',
			),
		user: text.optional().describe('user for the statistics page (`stats auth`)'),
		password: text.optional().describe('password for the statistics page'),
		/** Names of backends, if neither a port nor the statistics identify them. */
		backends: strictSection({
			primary: name.optional().describe('name of the backend that leads to the primary'),
			replicas: name.optional().describe('name of the backend that leads to the replicas'),
			synchronous: name.optional().describe('name of the backend that leads to the synchronous standbys'),
			asynchronous: name.optional().describe('name of the backend that leads to the asynchronous replicas'),
		}).prefault({}),
		ports: strictSection({
			primary: port.optional().describe('port where clients reach the primary'),
			replicas: port.optional().describe('port where clients reach the replicas'),
			synchronous: port.optional().describe('port where clients reach the synchronous standbys'),
			asynchronous: port.optional().describe('port where clients reach the asynchronous replicas'),
		}).prefault({}),
		servers: z
			.record(name, name, 'must be a mapping: SERVER: MEMBER')
			.optional()
			.describe(
				'member of a server of HAProxy, by `SERVER` or `BACKEND/SERVER`, where neither its name nor its address shows it',
			),
	}).prefault({}),
	/** systemd units of the services on the nodes. */
	units: strictSection(
		forEachService(traits =>
			unit.default(traits.unit).describe(`systemd unit of ${traits.label} on the nodes`),
		),
	).prefault({}),
	discover: yesOrNo
		.default(true)
		.describe(
			"read the nodes' own files (`haproxy.cfg`, `keepalived.conf`, …) over SSH for what is not configured",
		),
	data_dir: logFile
		.optional()
		.describe(
			"PostgreSQL's data directory on the nodes; default: found below `/var/lib/postgresql` and `/var/lib/pgsql`",
		),
	rest: hosts
		.optional()
		.describe(
			"follow the members through Patroni's REST API alone, beginning with these: a list of `HOST:PORT` or `https://HOST:PORT`",
		),
	/** The probe on the client path. */
	probe: probe.prefault({}),
	/** SQL to each member. */
	monitor: monitor.prefault({}),
	read_only: yesOrNo.default(false).describe('offer no operation: no key, no menu'),
	dry_run: yesOrNo.default(false).describe('show what an operation would send, and send nothing'),
	logs: z
		.record(name, logSources, 'must be a mapping: NODE or ROLE: list of logs')
		.optional()
		.describe(
			'by the name of a node or a role, a list of `{unit: NAME}` and `{file: PATH}`, each with an optional `name`; default: the usual units and folders',
		),
	/** Limits of all logs together. */
	log_buffer: strictSection({
		lines: whole(1000, 2_000_000, 'must be a number of lines, 1000 to 2000000')
			.default(100_000)
			.describe('log lines kept, of all nodes together'),
		mebibytes: whole(1, 4096, 'must be a number of MiB, 1 to 4096')
			.default(64)
			.describe('memory for them, in MiB'),
	}).prefault({}),
	history: whole(0, historyMaxMinutes, `must be a number of minutes, 0 to ${historyMaxMinutes}`)
		.default(60)
		.describe(
			`minutes before its start of which the console reads the logs of the nodes, in the background; 0: none, at most ${historyMaxMinutes}`,
		),
	/** The recording without a screen. */
	watch: watch.prefault({}),
	notify: notify.prefault({}),
	...preferenceShape,
	color: z
		.enum(titleColors, `must be ${oneOf(titleColors)}`)
		.optional()
		.describe(
			`colour of the title bar, so that a profile looks different: ${titleColors.map(color => `\`${color}\``).join(', ')}`,
		),
	deadline: z
		.preprocess(
			asValue,
			z
				.number('must be a number of seconds above 0')
				.positive('must be a number of seconds above 0')
				.max(
					deadlineMaxSeconds,
					`must be at most ${deadlineMaxSeconds} seconds: older values are not shown as live`,
				),
		)
		.default(1.5)
		.describe('seconds that one request may take, at most 2'),
};

export const ownKeys: readonly string[] = Object.keys(ownShape);

export const settingsSchema = z.object({
	scope: name.optional().describe('name of the cluster; required'),
	name: ofNode.describe("name of the node's own member"),
	namespace: z
		.preprocess(asWritten, z.string('must be a path such as /service'))
		.default('/service')
		.describe("first part of the cluster's keys in etcd"),
	etcd3: section({
		host: hosts.optional().describe('one endpoint, `HOST:PORT`'),
		hosts: hosts.optional().describe('endpoints, a list of `HOST:PORT`'),
		port: port.optional().describe('port of endpoints that are given without one'),
		url: url.optional().describe('one endpoint as a URL, with its user if it has one'),
		proxy: url.optional().describe('URL of an etcd proxy; it overrides `url`, `hosts` and `host`'),
		protocol: z
			.enum(['http', 'https'], 'must be http or https')
			.default('http')
			.describe('`http` or `https`; a CA alone does not enable TLS'),
		username: text.optional().describe('etcd user'),
		password: text.optional().describe('its password'),
		cacert: file.optional().describe('file with the CA certificates for etcd'),
		cert: file.optional().describe('file with the client certificate for etcd'),
		key: file.optional().describe('file with its key; default: `cert`'),
		srv: z.unknown().optional().describe('not supported: DNS discovery of etcd'),
		discovery_srv: z.unknown().optional().describe('not supported, as `srv`'),
	}).optional(),
	consul: z.unknown().optional().describe('followed through REST'),
	etcd: z.unknown().optional().describe('the v2 API: followed through REST'),
	exhibitor: z.unknown().optional().describe('followed through REST'),
	kubernetes: z.unknown().optional().describe('followed through REST'),
	raft: z.unknown().optional().describe('followed through REST'),
	zookeeper: z.unknown().optional().describe('followed through REST'),
	citus: section({
		group: whole(0, Number.MAX_SAFE_INTEGER, 'must be a whole number, 0 or more')
			.optional()
			.describe('group of a Citus cluster; as in Patroni, only with `citus.database`'),
		database: z.unknown().optional().describe('its database'),
	}).optional(),
	ctl: section({
		insecure: yesOrNo.default(false).describe('do not verify TLS to Patroni'),
		cacert: file
			.optional()
			.describe("file with the CA certificates for Patroni; default: `restapi.cafile`, then the system's"),
		certfile: file.optional().describe('file with the client certificate for Patroni'),
		keyfile: file.optional().describe('file with its key; default: `certfile`'),
		keyfile_password: text.optional().describe('password of that key'),
		authentication: authentication.optional(),
		auth: oldAuth,
	}).prefault({}),
	restapi: section({
		cafile: file.optional().describe('CA certificates for Patroni, where `ctl.cacert` is not set'),
		listen: ofNode.describe('whether this is the file of a node'),
		connect_address: ofNode.describe(
			"of a node's own file: the address of its REST API, `HOST:PORT`, to begin with",
		),
		certfile: ofNode.describe('its certificate: then its REST API is on https'),
		authentication: authentication.optional(),
		auth: oldAuth,
	}).prefault({}),
	postgresql: nodeSection({
		connect_address: ofNode.describe("address of the node's PostgreSQL"),
		data_dir: ofNode.describe("PostgreSQL's data directory, where `data_dir` of pgha-top's file is not set"),
		parameters: nodeSection({log_directory: ofNode.describe("folder of PostgreSQL's logs")}),
	}),
	log: nodeSection({dir: ofNode.describe("folder of Patroni's logs")}),
	'pgha-top': strictSection(ownShape).prefault({}),
});

export type SettingsContent = z.infer<typeof settingsSchema>;
