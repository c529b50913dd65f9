/** `--print-config`: the effective configuration as YAML, each value with its origin, without secrets. */
import {Document, isMap, isScalar, isSeq, type Node} from 'yaml';
import {sanitize} from '../lib/sanitize.ts';
import {hidden, redact} from '../lib/secrets.ts';
import {endpointsKey, restCredentialsAt, userInUrl} from './access.ts';
import type {Config} from './config.ts';
import type {Environment} from './environment.ts';
import {isMapping, type Mapping, type Path} from './layers.ts';
import {parseDsn, unusedIn} from './libpq.ts';
import type {LoginAccess} from './login.ts';
import {isSecret, sourceOf} from './origin.ts';
import type {ProbeAccess} from './probe.ts';
import type {Settings} from './settings.ts';
import {describeStore} from './store.ts';
import {dcsPrefix} from './target.ts';

export function printConfig(
	config: Config,
	settings: Settings,
	environment: Environment = process.env,
): string {
	const content = effective(config, settings);
	const document = new Document(maskSecrets(content, []));
	comment(document.contents, [], settings);
	document.commentBefore = [
		` ${describeStore(config.store) ?? `pgha-top reads the keys below ${dcsPrefix(config)} in etcd.`}`,
		...config.warnings.map(warning => ` WARNING: ${warning}`),
		...config.notices.map(notice => ` NOTICE: ${notice}`),
		...(config.probe === undefined ? [] : unusedIn(environment).map(unused => ` ${unused}`)),
	].join('\n');
	// Values from files and the environment may contain escape sequences.
	return document
		.toString({lineWidth: 0, flowCollectionPadding: false})
		.split('\n')
		.map(line => sanitize(line))
		.join('\n');
}

/** The effective settings, by the keys of patronictl's file and pgha-top's own. */
function effective(config: Config, settings: Settings): Mapping {
	const {content} = settings;
	const {scope, namespace, etcd, rest, ssh, probe} = config;
	const {'pgha-top': own} = content;
	const joined = probe && effectiveProbe(probe);
	const monitored = config.monitor && effectiveLogin(config.monitor);
	return present({
		scope,
		namespace,
		citus: config.group === undefined ? undefined : {group: config.group},
		etcd3:
			etcd.endpoints.length === 0
				? undefined
				: present({
						hosts: etcd.endpoints,
						...etcd.credentials,
						cacert: etcd.tls?.ca,
						cert: etcd.tls?.cert,
						key: etcd.tls?.key,
					}),
		ctl: present({
			insecure: rest.tls.insecure ?? false,
			cacert: rest.tls.ca,
			certfile: rest.tls.cert,
			keyfile: rest.tls.key,
			keyfile_password: rest.tls.keyPassword,
			authentication: rest.credentials && {...rest.credentials},
		}),
		'pgha-top': present({
			...own,
			rest: config.store.seeds,
			data_dir: config.dataDir,
			ssh: typeof own.ssh === 'object' ? present({...own.ssh, config_file: ssh.configFile}) : ssh.isUsed,
			haproxy: haproxyContent(config, settings),
			notify: notifyContent(config, settings),
			probe: present({...joined, ...own.probe, dsn: undefined, ...joined}),
			monitor: monitored && present({...monitored, ...own.monitor, ...monitored}),
		}),
	});
}

/** Without the parts that have no settings, and without the section if it has none. */
function haproxyContent({haproxy}: Config, {content}: Settings): Mapping | false | undefined {
	const own = content['pgha-top'].haproxy;
	if (own === false) {
		return false;
	}

	const section = present({
		...own,
		backends: Object.keys(haproxy.backends).length === 0 ? undefined : own.backends,
		ports: Object.keys(haproxy.ports).length === 0 ? undefined : own.ports,
	});
	return Object.keys(section).length === 0 ? undefined : section;
}

/** Nothing without a way to notify. */
function notifyContent({notify: {command, webhook}}: Config, {content}: Settings): Mapping | undefined {
	const own = content['pgha-top'].notify;
	return command === undefined && webhook === undefined
		? undefined
		: present({...own, webhook: webhook === undefined ? undefined : own.webhook});
}

/** Merged from the DSN, the service and single settings. */
function effectiveProbe(probe: ProbeAccess): Mapping {
	const {host, port, readPort} = probe;
	return {host, port, read_port: readPort ?? false, ...effectiveLogin(probe)};
}

function effectiveLogin({user, database, password, ssl}: LoginAccess): Mapping {
	const {mode: sslmode, ca: sslrootcert, cert: sslcert, key: sslkey} = ssl;
	return {
		user,
		database,
		password,
		sslmode,
		sslrootcert,
		sslcert,
		sslkey,
	};
}

/** The settings that an effective value may come from, the likeliest first. */
function givers(path: Path, settings: Settings): Path[] {
	const [section, key = '', ...rest] = path;
	const endpoints = endpointsKey(settings);
	if (section === 'etcd3') {
		const isUserInUrl = ['username', 'password'].includes(key) && userInUrl(settings) !== undefined;
		return [
			...((key === 'hosts' || isUserInUrl) && endpoints !== undefined ? [['etcd3', endpoints]] : [path]),
			...(key === 'key' ? [['etcd3', 'cert']] : []),
		];
	}

	if (section === 'pgha-top' && key === 'rest') {
		return [path, ['restapi', 'connect_address'], ['pgha-top', 'nodes']];
	}

	if (section === 'ctl' && key === 'authentication') {
		const at = restCredentialsAt(settings) ?? [];
		return [[...at, ...rest], at];
	}

	if (section === 'pgha-top' && key === 'monitor') {
		const [name = ''] = rest;
		return [
			path,
			...(name === 'sslmode' || name === 'service' ? [] : [[section, key, 'service']]),
			...(name.startsWith('ssl') ? [[section, 'probe', name]] : []),
		];
	}

	if (section === 'pgha-top' && key === 'probe') {
		const [name = ''] = rest;
		const dsn = parseDsn(settings.content['pgha-top'].probe.dsn ?? '') ?? {};
		const inDsn = (name === 'database' ? 'dbname' : name) in dsn;
		const isOwn = ['read_port', 'write', 'table', 'service'].includes(name);
		return [
			...(inDsn ? [[section, key, 'dsn']] : []),
			path,
			...(isOwn || name === 'port' || name === 'sslmode' ? [] : [[section, key, 'service']]),
			...(name === 'host' ? [[section, 'vip']] : []),
			...(name === 'port' ? [[section, 'haproxy', 'ports', 'primary']] : []),
			...(name === 'read_port' ? [[section, 'haproxy', 'ports', 'replicas']] : []),
		];
	}

	return [
		path,
		...(section === 'ctl' && key === 'cacert' ? [['restapi', 'cafile']] : []),
		...(section === 'pgha-top' && key === 'data_dir' ? [['postgresql', 'data_dir']] : []),
		...(section === 'ctl' && key === 'keyfile' ? [['ctl', 'certfile']] : []),
	];
}

function comment(node: Node | null, path: Path, settings: Settings): void {
	if (isMap(node)) {
		for (const {key, value} of node.items) {
			if (isScalar(key) && (isMap(value) || isSeq(value) || isScalar(value))) {
				comment(value, [...path, String(key.value)], settings);
			}
		}

		return;
	}

	if (node === null) {
		return;
	}

	if (isSeq(node)) {
		node.flow = true;
	}

	const origin = givers(path, settings)
		.map(giver => settings.layers.given(giver))
		.find(one => one !== undefined);
	node.comment = ` ${origin === undefined ? 'default' : sourceOf(origin, path.join('.'))}`;
}

function maskSecrets(value: unknown, path: Path): unknown {
	if (isMapping(value)) {
		return Object.fromEntries(
			Object.entries(value).map(([key, one]) => [key, maskSecrets(one, [...path, key])]),
		);
	}

	return isSecret(path) && !isMapping(value) ? hidden : typeof value === 'string' ? redact(value) : value;
}

function present(mapping: Mapping): Mapping {
	return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
}
