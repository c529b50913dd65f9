/** The one validated Config that the rest of the program sees, folded from flags, environment and files. */

import {existsSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import {endpointUrl, hostList} from './endpoint.ts';
import {ConfigError} from './error.ts';
import {type OwnFile, ownFile, type PatronictlFile, patronictlFile} from './schema.ts';
import {readYaml, validate, type YamlFile} from './yaml-file.ts';

export type Credentials = {username: string; password: string};

/** File names of PEM files; a missing `ca` means the system's own. */
export type Tls = {ca?: string; cert?: string; key?: string; keyPassword?: string; insecure?: boolean};

export type Node = {name: string; host: string; roles: readonly ('database' | 'etcd')[]};

export type Config = {
	scope: string;
	/** With a leading and without a trailing slash: `/service`. */
	namespace: string;
	etcd: {endpoints: readonly string[]; credentials?: Credentials; tls?: Tls};
	rest: {credentials?: Credentials; tls: Tls};
	vip: string | undefined;
	nodes: readonly Node[];
	ssh: {user?: string; port?: number; configFile?: string};
	/** Milliseconds that a request may take. */
	deadline: number;
	/** The files that it was read from, for messages. */
	files: readonly string[];
};

export type Flags = {configFile?: string; scope?: string; vip?: string};

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError that says what is missing or wrong, where, and what to do. */
export function readConfig(flags: Flags, environment: Environment = process.env): Config {
	const patronictl = openFirst(patronictlPaths(flags, environment));
	const own = openFirst(ownPaths(environment));
	const theirs: PatronictlFile = patronictl ? (validate(patronictl, patronictlFile) ?? {}) : {};
	const ours: OwnFile = {
		...(patronictl ? validate(patronictl, ownFile, ['pgha-top']) : undefined),
		...(own ? validate(own, ownFile) : undefined),
	};

	const scope = flags.scope ?? environment.PATRONI_SCOPE ?? theirs.scope;
	if (scope === undefined) {
		throw new ConfigError(
			patronictl
				? `${patronictl.path}: scope is missing: the name of the cluster, as in patroni.yml`
				: `no configuration found: give patronictl's with -c FILE or PATRONICTL_CONFIG_FILE (looked for ${defaultPatronictlPaths(environment).join(', ')})`,
		);
	}

	const rest = restAccess(theirs);
	return {
		scope,
		namespace: `/${(environment.PATRONI_NAMESPACE ?? theirs.namespace ?? '/service').replaceAll(/^\/+|\/+$/g, '')}`,
		etcd: etcdAccess(theirs, patronictl?.path),
		rest,
		vip: flags.vip ?? ours.vip,
		nodes: Object.entries(ours.nodes ?? {}).map(([name, node]) => ({
			name,
			host: node.host,
			roles: node.roles ?? ['database', 'etcd'],
		})),
		ssh: {
			...(ours.ssh?.user === undefined ? {} : {user: ours.ssh.user}),
			...(ours.ssh?.port === undefined ? {} : {port: ours.ssh.port}),
			...(ours.ssh?.config_file === undefined ? {} : {configFile: expandHome(ours.ssh.config_file)}),
		},
		deadline: (ours.deadline ?? 1.5) * 1000,
		files: [patronictl?.path, own?.path].filter(file => file !== undefined),
	};
}

function openFirst(candidates: readonly {path: string; required: boolean}[]): YamlFile | undefined {
	const found = candidates.find(({path: file, required}) => required || existsSync(file));
	return found && readYaml(found.path);
}

function patronictlPaths(flags: Flags, environment: Environment) {
	const named = flags.configFile ?? environment.PATRONICTL_CONFIG_FILE;
	return named === undefined
		? defaultPatronictlPaths(environment).map(file => ({path: file, required: false}))
		: [{path: expandHome(named), required: true}];
}

/** Where patronictl looks by itself, and where a node keeps Patroni's own (Debian's and the RPM packages' names). */
function defaultPatronictlPaths(environment: Environment): string[] {
	return [
		path.join(configHome(environment), 'patroni', 'patronictl.yaml'),
		'/etc/patroni/patroni.yml',
		'/etc/patroni/config.yml',
		'/etc/patroni.yml',
	];
}

function ownPaths(environment: Environment) {
	const named = environment.PGHA_TOP_CONFIG_FILE;
	return named === undefined
		? [{path: path.join(configHome(environment), 'pgha-top', 'config.yaml'), required: false}]
		: [{path: expandHome(named), required: true}];
}

function configHome(environment: Environment): string {
	return environment.XDG_CONFIG_HOME || path.join(homedir(), '.config');
}

function expandHome(file: string): string {
	return file === '~' || file.startsWith('~/') ? path.join(homedir(), file.slice(1)) : file;
}

function etcdAccess({etcd3, etcd}: PatronictlFile, file: string | undefined): Config['etcd'] {
	const named = etcd3?.hosts ?? etcd3?.host ?? etcd3?.url;
	if (named === undefined) {
		const why =
			etcd === undefined
				? 'etcd3 is missing'
				: 'only etcd (the v2 API) is configured, which pgha-top does not speak';
		throw new ConfigError(`${file ?? 'configuration'}: ${why}: give etcd3.hosts, a list of HOST:PORT`);
	}

	const secure = etcd3?.protocol === 'https' || etcd3?.cacert !== undefined || etcd3?.cert !== undefined;
	const tls = {
		...(etcd3?.cacert === undefined ? {} : {ca: etcd3.cacert}),
		...(etcd3?.cert === undefined ? {} : {cert: etcd3.cert}),
		...(etcd3?.key === undefined ? {} : {key: etcd3.key}),
	};
	const endpoints = hostList(named).flatMap(host => endpointUrl(host, secure) ?? []);
	return {
		endpoints: [...new Set(endpoints)],
		...(etcd3?.username === undefined
			? {}
			: {credentials: {username: etcd3.username, password: etcd3.password ?? ''}}),
		...(endpoints.some(endpoint => endpoint.startsWith('https:')) ? {tls} : {}),
	};
}

/** patronictl's rules: `ctl` over `restapi`; the client certificate from `ctl` alone. */
function restAccess({ctl, restapi}: PatronictlFile): Config['rest'] {
	const authentication = ctl?.authentication ?? restapi?.authentication;
	const ca = ctl?.cacert ?? restapi?.cafile;
	return {
		...(authentication?.username === undefined
			? {}
			: {credentials: {username: authentication.username, password: authentication.password ?? ''}}),
		tls: {
			...(ca === undefined ? {} : {ca}),
			...(ctl?.certfile === undefined ? {} : {cert: ctl.certfile}),
			...(ctl?.keyfile === undefined ? {} : {key: ctl.keyfile}),
			...(ctl?.keyfile_password === undefined ? {} : {keyPassword: ctl.keyfile_password}),
			...(ctl?.insecure === undefined ? {} : {insecure: ctl.insecure}),
		},
	};
}
