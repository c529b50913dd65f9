/** Merges settings from several places, as Patroni does, and records the origin of each value. */

import {parse} from 'yaml';
import type * as z from 'zod';
import {storeKinds} from '../domain/target.ts';
import {ownValue} from '../lib/json.ts';
import {passwordIn} from './libpq.ts';
import {ConfigError, describeValue, endpointUrl, etcdPort, type Origin, pointAt} from './origin.ts';

export type Path = readonly string[];

/** A file, the environment, or the flags. */
export type Layer = {content: Mapping; originOf: (path: Path) => Origin};

export type Mapping = {[key: string]: unknown};

export function isMapping(value: unknown): value is Mapping {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class Layers {
	readonly content: Mapping = {};
	readonly #givers = new Map<string, Layer>();

	/** @param layers later ones override: mappings are merged, other values replaced, an empty value removes the key */
	constructor(layers: readonly Layer[]) {
		for (const layer of layers) {
			this.#lay(this.content, layer.content, layer, []);
		}
	}

	/** The origin of the value; undefined for a default. */
	given(path: Path): Origin | undefined {
		return this.#givers.get(path.join('\n'))?.originOf(path);
	}

	/** The origin to report for an error at `path`: the value's, else that of its nearest parent. */
	nearest(path: Path): Origin | undefined {
		for (let length = path.length; length > 0; length--) {
			const giver = this.#givers.get(path.slice(0, length).join('\n'));
			if (giver) {
				return giver.originOf(path);
			}
		}

		return undefined;
	}

	/** @throws ConfigError with one line for each invalid value */
	validate<T extends z.ZodType>(schema: T): z.infer<T> {
		const result = schema.safeParse(this.content, {reportInput: true});
		if (result.success) {
			return result.data;
		}

		throw new ConfigError(
			result.error.issues
				.flatMap(issueOfShape)
				.flatMap(issue => {
					const path = issue.path.map(String);
					if (issue.code === 'unrecognized_keys') {
						return issue.keys.map(key => this.complaint([...path, key], issue.message));
					}

					return this.complaint(path, `${issue.message}, found ${describeValue(path, issue.input)}`);
				})
				.join('\n'),
		);
	}

	/** `FILE, line 4: ctl.insecure: must be true or false`. */
	complaint(path: Path, problem: string): string {
		const origin = this.nearest(path);
		return `${origin === undefined ? path.join('.') : pointAt(origin)}: ${problem}`;
	}

	#lay(onto: Mapping, content: Mapping, layer: Layer, path: Path): void {
		for (const [key, value] of Object.entries(content)) {
			const here = [...path, key];
			if (value === null || value === undefined) {
				delete onto[key];
				this.#forget(here);
				continue;
			}

			this.#givers.set(here.join('\n'), layer);
			const known = ownValue(onto, key);
			const laid = isMapping(value) ? (isMapping(known) ? known : {}) : value;
			// Assigning a key `__proto__` would silently lose it.
			Object.defineProperty(onto, key, {value: laid, enumerable: true, writable: true, configurable: true});
			if (isMapping(value) && isMapping(laid)) {
				this.#lay(laid, value, layer, here);
			}
		}
	}

	#forget(path: Path): void {
		const id = path.join('\n');
		for (const known of this.#givers.keys()) {
			if (known === id || known.startsWith(`${id}\n`)) {
				this.#givers.delete(known);
			}
		}
	}
}

/** Zod's words for a union without a message of its own. */
const anyUnion = 'Invalid input';

/**
 * Of a setting that may have several shapes: the errors in the shape that the value has, as `unknown setting` in a
 * section.
 */
function issueOfShape(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
	if (issue.code !== 'invalid_union' || issue.message !== anyUnion) {
		return [issue];
	}

	const [likeliest = []] = issue.errors.toSorted((one, other) => distance(one) - distance(other));
	return likeliest.flatMap(one =>
		issueOfShape({...one, path: [...issue.path, ...one.path]} as z.core.$ZodIssue),
	);
}

/** How far a value is from a shape, by the errors that it has in it: 0 has it, 2 is another type. */
function distance(issues: readonly z.core.$ZodIssue[]): number {
	const isInside = issues.some(
		({code, path}) => path.length > 0 || code === 'unrecognized_keys' || code === 'custom',
	);
	return isInside ? 0 : issues.some(({code}) => code === 'invalid_type' || code === 'invalid_value') ? 2 : 1;
}

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
	...variablesOf('PATRONI_ETCD3', ['etcd3'], ['host', 'hosts', 'port', 'url', 'proxy', 'protocol', 'srv']),
	...variablesOf('PATRONI_ETCD3', ['etcd3'], ['username', 'password', 'cacert', 'cert', 'key']),
	...variablesOf('PATRONI_CTL', ['ctl'], ['insecure', 'cacert', 'certfile', 'keyfile', 'keyfile_password']),
	...variablesOf('PATRONI_CTL', ['ctl', 'authentication'], ['username', 'password']),
	...variablesOf('PATRONI_ETCD', ['etcd'], ['host', 'hosts', 'url', 'proxy', 'srv']),
	...variablesOf('PATRONI_CONSUL', ['consul'], ['host', 'url']),
	PATRONI_EXHIBITOR_HOSTS: ['exhibitor', 'hosts'],
	...variablesOf('PATRONI_KUBERNETES', ['kubernetes'], ['namespace', 'labels', 'scope_label']),
	...variablesOf('PATRONI_RAFT', ['raft'], ['self_addr', 'partner_addrs']),
	PATRONI_ZOOKEEPER_HOSTS: ['zookeeper', 'hosts'],
	PATRONI_RESTAPI_CONNECT_ADDRESS: ['restapi', 'connect_address'],
	PATRONI_RESTAPI_CAFILE: ['restapi', 'cafile'],
	...variablesOf('PATRONI_RESTAPI', ['restapi', 'authentication'], ['username', 'password']),
	PATRONI_CITUS_GROUP: ['citus', 'group'],
	PGHA_TOP_READ_ONLY: ['pgha-top', 'read_only'],
	PGHA_TOP_DRY_RUN: ['pgha-top', 'dry_run'],
	...libpq,
};

function variablesOf(prefix: string, section: Path, keys: readonly string[]): Record<string, Path> {
	return Object.fromEntries(keys.map(key => [`${prefix}_${key.toUpperCase()}`, [...section, key]]));
}

export function environmentLayer(environment: Environment): Layer {
	const content: Mapping = {};
	const names = new Map<string, string>();
	for (const [name, path] of Object.entries(variables)) {
		const text = environment[name];
		// As in Patroni, an empty variable counts as unset.
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

/** Patroni accepts a YAML list with or without brackets: its manual has `'a:2379','b:2379'`. */
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
		// Not YAML, such as `[fd00::1]:2379`: hosts separated by commas.
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

/** Flags as typed; validated together with all other settings. */
export type Flags = {
	configFile?: string | undefined;
	dcsUrl?: string | undefined;
	rest?: string | undefined;
	insecure?: boolean | undefined;
	scope?: string | undefined;
	group?: string | undefined;
	vip?: string | undefined;
	readOnly?: boolean | undefined;
	dryRun?: boolean | undefined;
	probe?: string | undefined;
	writeProbe?: boolean | undefined;
};

/** @throws ConfigError if a password is on the command line, where every user can read it */
export function flagLayers({
	rest,
	scope,
	group,
	vip,
	insecure,
	readOnly,
	dryRun,
	probe,
	writeProbe,
}: Flags): Layer[] {
	if (probe !== undefined && passwordIn(probe) !== undefined) {
		throw new ConfigError(
			'--probe: a password on the command line is visible to every user of this machine (ps): put it into ~/.pgpass',
		);
	}

	return [
		...(scope === undefined ? [] : [one('--scope', {scope})]),
		...(group === undefined ? [] : [one('--group', {citus: {group}})]),
		...(rest === undefined ? [] : [one('--rest', {'pgha-top': {rest}})]),
		...(vip === undefined ? [] : [one('--vip', {'pgha-top': {vip}})]),
		...(readOnly === undefined
			? []
			: [one(`--${readOnly ? '' : 'no-'}read-only`, {'pgha-top': {read_only: readOnly}})]),
		...(dryRun === undefined
			? []
			: [one(`--${dryRun ? '' : 'no-'}dry-run`, {'pgha-top': {dry_run: dryRun}})]),
		...(probe === undefined ? [] : [one('--probe', {'pgha-top': {probe: {dsn: probe}}})]),
		...(writeProbe === undefined
			? []
			: [one(`--${writeProbe ? '' : 'no-'}write-probe`, {'pgha-top': {probe: {write: writeProbe}}})]),
		...(insecure === undefined ? [] : [one(`--${insecure ? '' : 'no-'}insecure`, {ctl: {insecure}})]),
	];
}

/** No store is configured, of whatever kind. */
const noStores: Mapping = Object.fromEntries(storeKinds.map(kind => [kind, null]));

/**
 * patronictl's `-d etcd3://HOST:PORT/NAMESPACE`: replaces all DCS settings, including TLS and user. Another store than
 * etcd's v3 API is followed through REST.
 * @param name the flag, or the variable for it
 * @throws ConfigError
 */
export function dcsUrlLayers(name: string, url: string): Layer[] {
	const [, scheme, location, path] = /^([a-z0-9]+):\/\/([^/]*)(\/.*)?$/.exec(url) ?? [];
	const host = location === '' || location?.startsWith(':') ? `localhost${location}` : location;
	const kind = storeKinds.find(one => one === scheme);
	if (kind === undefined || host === undefined || host.includes('@') || !endpointUrl(host, false, etcdPort)) {
		throw new ConfigError(
			`${name}: must be etcd3://HOST:PORT or etcd3://HOST:PORT/NAMESPACE${
				scheme !== undefined && kind === undefined ? `; Patroni has no store ${scheme}` : ''
			}`,
		);
	}

	const namespace = path === undefined || path === '/' ? {} : {namespace: path};
	return [one(name, noStores), one(name, {[kind]: {host}, ...namespace})];
}

function one(name: string, content: Mapping): Layer {
	return {content, originOf: () => ({name})};
}
