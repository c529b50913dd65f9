/** Settings from the environment: Patroni's variables, parsed as Patroni parses them, libpq's and pgha-top's. */
import type {Layer, Mapping, Path} from './layers.ts';
import {yamlValue} from './yaml-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with which psql connects; host and port are those of the cluster. */
const libpq: Readonly<Record<string, Path>> = Object.fromEntries(
	['service', 'user', 'database', 'password', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'].map(key => [
		`PG${key.toUpperCase()}`,
		['pgha-top', 'probe', key],
	]),
);

/** The variables of Patroni 4 that pgha-top reads, with the path of each setting. */
export const variables: Readonly<Record<string, Path>> = {
	PATRONI_SCOPE: ['scope'],
	PATRONI_NAMESPACE: ['namespace'],
	PATRONI_NAME: ['name'],
	...variablesOf('PATRONI_ETCD3', ['etcd3'], ['host', 'hosts', 'port', 'url', 'proxy', 'protocol', 'srv']),
	...variablesOf('PATRONI_ETCD3', ['etcd3'], ['username', 'password', 'cacert', 'cert', 'key']),
	...variablesOf('PATRONI_ETCD', ['etcd'], ['host', 'hosts', 'url', 'proxy', 'srv']),
	...variablesOf('PATRONI_CONSUL', ['consul'], ['host', 'url']),
	PATRONI_EXHIBITOR_HOSTS: ['exhibitor', 'hosts'],
	...variablesOf('PATRONI_KUBERNETES', ['kubernetes'], ['namespace', 'labels', 'scope_label']),
	...variablesOf('PATRONI_RAFT', ['raft'], ['self_addr', 'partner_addrs']),
	PATRONI_ZOOKEEPER_HOSTS: ['zookeeper', 'hosts'],
	...variablesOf('PATRONI_CTL', ['ctl'], ['insecure', 'cacert', 'certfile', 'keyfile', 'keyfile_password']),
	...variablesOf('PATRONI_CTL', ['ctl', 'authentication'], ['username', 'password']),
	...variablesOf('PATRONI_RESTAPI', ['restapi'], ['cafile', 'listen', 'connect_address', 'certfile']),
	...variablesOf('PATRONI_RESTAPI', ['restapi', 'authentication'], ['username', 'password']),
	...variablesOf('PATRONI_POSTGRESQL', ['postgresql'], ['connect_address', 'data_dir']),
	PATRONI_LOG_DIR: ['log', 'dir'],
	...variablesOf('PATRONI_CITUS', ['citus'], ['group', 'database']),
	PGHA_TOP_READ_ONLY: ['pgha-top', 'read_only'],
	PGHA_TOP_DRY_RUN: ['pgha-top', 'dry_run'],
	PGHA_TOP_HISTORY: ['pgha-top', 'history'],
	PGHA_TOP_THEME: ['pgha-top', 'theme'],
	...libpq,
};

function variablesOf(prefix: string, section: Path, keys: readonly string[]): Record<string, Path> {
	return Object.fromEntries(keys.map(key => [`${prefix}_${key.toUpperCase()}`, [...section, key]]));
}

/** Any of these makes its section stand, even if it is empty (patroni/config.py, `_build_environment_configuration`). */
const storeVariable =
	/^PATRONI_(CONSUL|ETCD|ETCD3|EXHIBITOR|KUBERNETES|ZOOKEEPER)_(?:HOSTS?|PORTS?|USE_PROXIES|PROTOCOL|SRV|SRV_SUFFIX|URL|PROXY|CACERT|CERT|KEY|VERIFY|TOKEN|CHECKS|DC|CONSISTENCY|REGISTER_SERVICE|SERVICE_CHECK_INTERVAL|SERVICE_CHECK_TLS_SERVER_NAME|SERVICE_TAGS|NAMESPACE|CONTEXT|USE_ENDPOINTS|SCOPE_LABEL|ROLE_LABEL|POD_IP|LABELS|BYPASS_API_SERVICE|RETRIABLE_HTTP_CODES|KEY_PASSWORD|USE_SSL|SET_ACLS|GROUP|DATABASE|LEADER_LABEL_VALUE|FOLLOWER_LABEL_VALUE|STANDBY_LEADER_LABEL_VALUE|TMP_ROLE_LABEL|AUTH_DATA|BOOTSTRAP_LABELS)$/;
const raftVariable = /^PATRONI_RAFT_(?:DATA_DIR|SELF_ADDR|PARTNER_ADDRS|PASSWORD|BIND_ADDR)$/;

export function environmentLayer(environment: Environment): Layer {
	const content: Mapping = {};
	const names = new Map<string, string>();
	const ignored: string[] = [];
	const etcd = Object.keys(environment).some(
		name => environment[name] !== undefined && storeVariable.exec(name)?.[1] === 'ETCD3',
	);
	for (const [name, path] of Object.entries(variables)) {
		const text = environment[name];
		if (name === 'PATRONI_CITUS_DATABASE' ? text === undefined : !text) {
			// As in Patroni, an empty variable counts as unset.
			continue;
		}

		if (!etcd && /^PATRONI_ETCD3_(?:USERNAME|PASSWORD)$/.test(name)) {
			ignored.push(`${name}: ignored, as in Patroni, without PATRONI_ETCD3_HOSTS or PATRONI_ETCD3_URL`);
			continue;
		}

		put(content, path, path.at(-1) === 'hosts' ? list(text ?? '') : text);
		names.set(path.join('.'), name);
	}

	for (const name of Object.keys(environment).sort()) {
		const section =
			storeVariable.exec(name)?.[1]?.toLowerCase() ?? (raftVariable.test(name) ? 'raft' : undefined);
		const isEmpty = !environment[name];
		if (section !== undefined && environment[name] !== undefined && !(section === 'raft' && isEmpty)) {
			content[section] ??= {};
			if (section !== 'etcd3') {
				names.set(`${section}.${name}`, name);
			}
		}
	}

	return {
		content,
		ignored,
		originOf(path) {
			const nearest = path.findIndex((_, index) => names.has(path.slice(0, index + 1).join('.')));
			const below = [...names].find(([key]) => key.startsWith(`${path.join('.')}.`))?.[1];
			return {name: names.get(path.slice(0, nearest + 1).join('.')) ?? below ?? 'environment'};
		},
	};
}

/** A YAML list with or without brackets, as Patroni's `_parse_list` reads it: its manual has `'a:2379','b:2379'`. */
function list(text: string): unknown {
	const hasForm = text.trim().startsWith('-') || text.includes('[');
	const read = yamlValue(hasForm ? text : `[${text}]`);
	// Not YAML, such as `[fd00::1]:2379`: hosts separated by commas.
	return Array.isArray(read) ? read : text;
}

function put(content: Mapping, [key = '', ...rest]: Path, value: unknown): void {
	if (rest.length === 0) {
		content[key] = value;
		return;
	}

	const below: Mapping = {};
	Object.assign(below, content[key]);
	content[key] = below;
	put(below, rest, value);
}
