/** The effective configuration: validates the merged settings and the files that they name. */
import type {Service} from '../domain/cluster/services.ts';
import type {LogSource} from '../domain/facts.ts';
import type {LogBounds} from '../domain/logs/log-buffer.ts';
import type {Node, Target, TitleColor, Vip} from '../domain/target.ts';
import {expandHome, findUnreadable} from '../lib/files.ts';
import {learnSecrets} from '../lib/secrets.ts';
import {
	checkTlsFiles,
	type EtcdAccess,
	etcdAccess,
	isPlainHttp,
	type RestAccess,
	restAccess,
} from './access.ts';
import type {Environment} from './environment.ts';
import {type HaproxyConfig, haproxyOf} from './haproxy.ts';
import {type Flags, type Path, present} from './layers.ts';
import {parseDsn} from './libpq.ts';
import {filedPasswords, type LoginAccess, monitorAccess} from './login.ts';
import {citusGroup, notices} from './notices.ts';
import {ConfigError, sourceOf} from './origin.ts';
import {type ProbeAccess, probeAccess} from './probe.ts';
import {type NodeSettings, nodeSettings, readSettings, type Settings} from './settings.ts';
import {type StoreAccess, storeAccess} from './store.ts';
import {vipsIn} from './vips.ts';
import {
	type NotifyConfig,
	notifyConfig,
	secretsOfNotify,
	type WatchConfig,
	watchConfig,
} from './watch-settings.ts';

/** Without characters that have a meaning in a shell. */
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9@._+,:=-]+)+$/;

export type Config = {
	scope: string;
	/** As configured; `dcsPrefix` derives the key prefix from it. */
	namespace: string;
	/** The name of the profile, and the colour of the title bar. */
	profile?: string;
	titleColor?: TitleColor;
	/** Citus group; undefined for other clusters. */
	group?: number;
	/** Which store Patroni uses; with `seeds`, its members are followed by REST alone. */
	store: StoreAccess;
	etcd: EtcdAccess;
	rest: RestAccess;
	/** What a node's own patroni.yml says of it; all undefined in a file of patronictl's only. */
	ofNode: NodeSettings;
	/** The first VIP. */
	vip: string | undefined;
	vips: readonly Vip[];
	nodes: readonly Node[];
	/** `isUsed`: the nodes are read over SSH. */
	ssh: {user?: string; port?: number; configFile?: string; isUsed: boolean};
	/** Whether operations are sent, only shown (dry run), or not offered. */
	operations: 'enabled' | 'dry-run' | 'disabled';
	haproxy: HaproxyConfig;
	/** systemd unit of each service on nodes without a name of their own for it. */
	units: Readonly<Record<Service, string>>;
	/** Whether the nodes' own files are read for what is not configured. */
	discovers: boolean;
	/** What was found there and is used, and what else is to be known. */
	found: NonNullable<Target['found']>;
	/** PostgreSQL's data directory, if it is not in a usual place. */
	dataDir?: string;
	/** Connection settings of the probe; undefined without a user. */
	probe?: ProbeAccess;
	/** How members are asked by SQL; undefined without a user. */
	monitor?: LoginAccess;
	/** By a node's name or a role. */
	logs: Readonly<Record<string, readonly LogSource[]>>;
	/** Limits of all logs together. */
	logBounds: LogBounds;
	/** How long before its start the console reads the nodes' logs, ms; 0: not at all. */
	historyMs: number;
	/** For `pgha-top watch`. */
	watch: WatchConfig;
	notify: NotifyConfig;
	/** Milliseconds for a request. */
	deadline: number;
	/** Files that were read, for messages. */
	files: readonly string[];
	/** Settings that make data less trustworthy, for the operator. */
	warnings: readonly string[];
	/** What Patroni reads in another way than it is written, or cannot use: the place, the problem and the fix. */
	notices: readonly string[];
};

/** @throws ConfigError that names the problem, its place, and the fix */
export function readConfig(flags: Flags, environment: Environment = process.env, etc?: string): Config {
	return configOf(readSettings(flags, environment, etc), environment);
}

/** @throws ConfigError if etcd is not configured, or a configured file cannot be used */
export function configOf(settings: Settings, environment: Environment = process.env): Config {
	const config = readSections(settings, environment);
	learnSecretsOf(config, settings, environment);
	const unused = checkFiles(config, settings);
	if (unused.length === 0) {
		return config;
	}

	const {ca: _, ...tls} = config.rest.tls;
	return {...config, rest: {...config.rest, tls}, notices: [...config.notices, ...unused]};
}

function readSections(settings: Settings, environment: Environment): Config {
	const {scope, namespace, 'pgha-top': own} = settings.content;
	const group = citusGroup(settings);
	const node = nodeSettings(settings);
	const dataDir = own.data_dir ?? (plainPath.test(node.dataDir ?? '') ? node.dataDir : undefined);
	const {user, port, config_file: configFile} = typeof own.ssh === 'object' ? own.ssh : {};
	const store = storeAccess(settings);
	const access = {
		etcd: store.seeds === undefined ? etcdAccess(settings) : {endpoints: []},
		rest: restAccess(settings),
	};
	const probe = probeAccess(settings, environment);
	const monitor = monitorAccess(settings, environment);
	const runsEtcd = store.seeds === undefined || store.kind === 'etcd' || store.kind === 'etcd3';
	const vips = vipsIn(own.vip);
	return {
		scope,
		namespace: `/${namespace.replaceAll(/\/+/g, '/').replaceAll(/^\/|\/$/g, '')}`,
		...(settings.profile === undefined ? {} : {profile: settings.profile}),
		...(own.color === undefined ? {} : {titleColor: own.color}),
		...(group === undefined ? {} : {group}),
		store,
		...access,
		ofNode: node,
		vip: vips[0]?.address,
		vips,
		nodes: Object.entries(own.nodes ?? {}).map(([name, {host, roles, units}]) => ({
			name,
			host,
			roles: roles ?? (runsEtcd ? ['database', 'etcd'] : ['database']),
			...(units === undefined ? {} : {units: present(units)}),
		})),
		ssh: {
			...(user === undefined ? {} : {user}),
			...(port === undefined ? {} : {port}),
			...(configFile === undefined ? {} : {configFile: expandHome(configFile)}),
			isUsed: readsNodes(settings),
		},
		operations: own.read_only ? 'disabled' : own.dry_run ? 'dry-run' : 'enabled',
		haproxy: haproxyOf(own.haproxy, settings.layers),
		discovers: own.discover && readsNodes(settings),
		found: {values: [], remarks: []},
		units: own.units,
		...(dataDir === undefined ? {} : {dataDir}),
		...(probe === undefined ? {} : {probe}),
		...(monitor === undefined ? {} : {monitor}),
		logs: Object.fromEntries(
			Object.entries(own.logs ?? {}).map(([where, sources]) => [
				where,
				sources.map(source => ({...source, name: source.name ?? nameOf(source)})),
			]),
		),
		logBounds: {lines: own.log_buffer.lines, bytes: own.log_buffer.mebibytes * 1024 * 1024},
		historyMs: own.history * 60_000,
		watch: watchConfig(own.watch),
		notify: notifyConfig(own.notify),
		deadline: own.deadline * 1000,
		files: settings.files,
		warnings: [...store.warnings, ...warningsOf(settings, access)],
		notices: notices(settings),
	};
}

/** Registers the configured secrets, so that all output masks them. */
function learnSecretsOf(
	{etcd, rest, haproxy, probe, monitor, notify, scope, nodes}: Config,
	{content}: Settings,
	environment: Environment,
): void {
	const users = [etcd.credentials, rest.credentials, haproxy.credentials].flatMap(one => one ?? []);
	const fromEnvironment = Object.entries(environment).flatMap(([name, value]) =>
		/^(?:PATRONI|PG)[A-Z0-9_]*PASSWORD$/.test(name) ? [value] : [],
	);
	const {dsn, password} = content['pgha-top'].probe;
	const inDsn = parseDsn(dsn ?? '');
	const logins = [probe, monitor].flatMap(one => one ?? []);
	learnSecrets(
		[
			...users.map(one => one.password),
			rest.tls.keyPassword,
			...logins.flatMap(one => [one.password, one.ssl.keyPassword]),
			// Also passwords that another setting overrides.
			password,
			content['pgha-top'].monitor.password,
			inDsn?.password,
			inDsn?.sslpassword,
			...logins.flatMap(one => filedPasswords(one, environment)),
			...secretsOfNotify(notify),
			...fromEnvironment,
		],
		{
			users: [...users.map(({username}) => username), ...logins.map(({user}) => user)],
			plain: [
				scope,
				...nodes.flatMap(({name, host}) => [name, host]),
				...users.map(({username}) => username),
				...logins.flatMap(one => [one.user, one.database]),
				...(probe === undefined ? [] : [probe.host]),
			],
		},
	);
}

/** With patronictl's file alone no node is reached over SSH; any setting about nodes enables it. */
function readsNodes({content: {'pgha-top': own}, layers}: Settings): boolean {
	return (
		own.ssh !== false &&
		['vip', 'nodes', 'ssh', 'haproxy', 'units', 'data_dir', 'logs'].some(
			key => layers.given(['pgha-top', key]) !== undefined,
		)
	);
}

function nameOf(source: {unit: string} | {file: string}): string {
	return 'unit' in source ? source.unit : source.file;
}

/**
 * @returns what is wrong with a CA that is not needed, since the REST API is plain http
 * @throws ConfigError that names each unusable file and its setting
 */
function checkFiles({etcd, rest, ssh}: Config, settings: Settings): readonly string[] {
	const {layers} = settings;
	const unused: string[] = [];
	const isUnneeded = rest.secureBy === undefined && isPlainHttp(settings);
	const problems: string[] = [];
	const complain = (path: Path, problem: string) => problems.push(layers.complaint(path, problem));
	checkTlsFiles(
		etcd.tls ?? {},
		{ca: ['etcd3', 'cacert'], cert: ['etcd3', 'cert'], key: ['etcd3', 'key']},
		complain,
	);
	checkTlsFiles(
		rest.tls,
		{
			ca: layers.given(['ctl', 'cacert']) ? ['ctl', 'cacert'] : ['restapi', 'cafile'],
			cert: ['ctl', 'certfile'],
			key: ['ctl', 'keyfile'],
			keyPassword: ['ctl', 'keyfile_password'],
		},
		(path, problem) => {
			const line = layers.complaint(path, problem);
			(isUnneeded ? unused : problems).push(
				isUnneeded ? `${line}; not used: the REST API is plain http` : line,
			);
		},
	);
	if (ssh.configFile !== undefined) {
		const problem = findUnreadable(ssh.configFile);
		if (problem !== undefined) {
			complain(['pgha-top', 'ssh', 'config_file'], `${ssh.configFile} cannot be read: ${problem.why}`);
		}
	}

	if (problems.length > 0) {
		throw new ConfigError(problems.join('\n'));
	}

	return unused;
}

export function warningsOf(settings: Settings, {etcd, rest}: {etcd: EtcdAccess; rest: RestAccess}): string[] {
	const {
		content: {etcd3},
		layers,
	} = settings;
	const turnedOff = layers.given(['ctl', 'insecure']);
	const by = turnedOff && 'name' in turnedOff ? sourceOf(turnedOff, '') : 'ctl.insecure';
	return [
		...(rest.tls.insecure && rest.tls.cert === undefined ? [`TLS to Patroni is NOT verified (${by})`] : []),
		...(rest.tls.insecure && rest.tls.cert !== undefined
			? [`the host name in Patroni's certificates is NOT checked (${by})`]
			: []),
		...(etcd.endpoints.length > 0 && etcd.tls === undefined && (etcd3?.cacert ?? etcd3?.cert) !== undefined
			? ['the connection to etcd has no TLS (etcd3.protocol is http)']
			: []),
	];
}
