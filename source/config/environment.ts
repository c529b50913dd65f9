/** The environment as a layer of settings: Patroni's own variables, as its config.py reads them, and ours. */
import {parse} from 'yaml';
import type {Layer, Mapping, Path} from './layers.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What psql would take from the environment to come in as a client; host and port are the cluster's own. */
const libpq: Readonly<Record<string, Path>> = Object.fromEntries(
	['service', 'user', 'database', 'password', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'].map(key => [
		`PG${key.toUpperCase()}`,
		['pgha-top', 'probe', key],
	]),
);

/** All that pgha-top uses of what Patroni 4 reads from the environment, and what each is called in a file. */
export const variables: Readonly<Record<string, Path>> = {
	PATRONI_SCOPE: ['scope'],
	PATRONI_NAMESPACE: ['namespace'],
	...named('PATRONI_ETCD3', ['etcd3'], ['host', 'hosts', 'port', 'url', 'proxy', 'protocol', 'srv']),
	...named('PATRONI_ETCD3', ['etcd3'], ['username', 'password', 'cacert', 'cert', 'key']),
	...named('PATRONI_CTL', ['ctl'], ['insecure', 'cacert', 'certfile', 'keyfile', 'keyfile_password']),
	...named('PATRONI_CTL', ['ctl', 'authentication'], ['username', 'password']),
	PATRONI_RESTAPI_CAFILE: ['restapi', 'cafile'],
	...named('PATRONI_RESTAPI', ['restapi', 'authentication'], ['username', 'password']),
	PATRONI_CITUS_GROUP: ['citus', 'group'],
	PGHA_TOP_READ_ONLY: ['pgha-top', 'read_only'],
	PGHA_TOP_DRY_RUN: ['pgha-top', 'dry_run'],
	...libpq,
};

function named(prefix: string, section: Path, keys: readonly string[]): Record<string, Path> {
	return Object.fromEntries(keys.map(key => [`${prefix}_${key.toUpperCase()}`, [...section, key]]));
}

export function environmentLayer(environment: Environment): Layer {
	const content: Mapping = {};
	const names = new Map<string, string>();
	for (const [name, path] of Object.entries(variables)) {
		const text = environment[name];
		// As in Patroni, one that is empty is one that is not there.
		if (text) {
			put(content, path, path.at(-1) === 'hosts' ? list(text) : text);
			names.set(path.join('.'), name);
		}
	}

	return {
		content,
		originOf(path) {
			const nearest = path.findIndex((_, index) => names.has(path.slice(0, index + 1).join('.')));
			const below = [...names].find(([key]) => key.startsWith(`${path.join('.')}.`))?.[1];
			return {name: names.get(path.slice(0, nearest + 1).join('.')) ?? below ?? 'environment'};
		},
	};
}

/** Patroni takes a list of YAML with or without brackets: `'a:2379','b:2379'` is what its manual shows. */
function list(text: string): unknown {
	const trimmed = text.trim();
	try {
		const parsed: unknown = parse(/^(?:-\s|\[.*\]$)/s.test(trimmed) ? trimmed : `[${trimmed}]`, {
			logLevel: 'error',
		});
		if (Array.isArray(parsed) && parsed.every(host => typeof host === 'string')) {
			return parsed;
		}
	} catch {
		// Not YAML, such as `[fd00::1]:2379`: hosts with commas.
	}

	return text;
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
