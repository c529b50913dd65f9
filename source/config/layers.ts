/** Merges settings from several places, as Patroni does, and records the origin of each value. */

import type * as z from 'zod';
import {storeKinds} from '../domain/target.ts';
import {ownValue} from '../lib/json.ts';
import {issuesIn, parsedOnce} from './issues.ts';
import {passwordIn} from './libpq.ts';
import {ConfigError, endpointUrl, etcdPort, type Origin, pointAt} from './origin.ts';
import {YamlScalar} from './yaml-scalar.ts';

export type Path = readonly string[];

/** A file, the environment, or the flags. */
export type Layer = {
	content: Mapping;
	originOf: (path: Path) => Origin;
	/** Keys that stand twice in a mapping of the file, with their lines; the last one counts. */
	repeated?: readonly {path: Path; first: number; last: number}[];
	/** A flag, whose empty value is a mistake. */
	isTyped?: boolean;
	/** What Patroni ignores of this layer, with its origin. */
	ignored?: readonly string[];
};

export type Mapping = {[key: string]: unknown};

export function isMapping(value: unknown): value is Mapping {
	return (
		typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof YamlScalar)
	);
}

/** Without the values that are undefined. */
export function present<T extends object>(mapping: T): {[K in keyof T]?: Exclude<T[K], undefined>} {
	return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
}

export function isNothing(value: unknown): boolean {
	return value === null || value === undefined || (value instanceof YamlScalar && value.value === null);
}

/** The section of a store with nothing but empty texts. */
function isEmptyStore([section, ...rest]: Path, value: unknown): boolean {
	const values =
		rest.length === 0 &&
		storeKinds.some(kind => kind === section) &&
		isMapping(value) &&
		Object.values(value);
	return Array.isArray(values) && values.length > 0 && values.every(one => one === '');
}

/** Where an empty value counts in Patroni: it formats user and password, and needs `citus.database` to be text. */
function countsEmpty([section, key, ...rest]: Path): boolean {
	return (
		((section === 'ctl' || section === 'restapi') && key === 'authentication' && rest.length === 1) ||
		(section === 'citus' && key === 'database')
	);
}

export class Layers {
	readonly content: Mapping = {};
	readonly layers: readonly Layer[];
	readonly #givers = new Map<string, Layer>();

	/**
	 * @param layers later ones override: mappings are merged, other values replaced, a value of nothing removes the key,
	 * an empty text counts as not given
	 */
	constructor(layers: readonly Layer[]) {
		this.layers = layers;
		for (const layer of layers) {
			this.#lay(this.content, layer, {content: layer.content, path: [], isNew: false});
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
		const result = schema.safeParse(this.content, parsedOnce);
		if (result.success) {
			return result.data;
		}

		throw new ConfigError(
			issuesIn(result.error)
				.map(({path, problem}) => this.complaint(path, problem))
				.join('\n'),
		);
	}

	/** `FILE, line 4: ctl.insecure: must be true or false`. */
	complaint(path: Path, problem: string): string {
		const origin = this.nearest(path);
		return `${origin === undefined ? path.join('.') : pointAt(origin)}: ${problem}`;
	}

	/** @param isNew whether this layer made the mapping: as in Patroni, only what another layer gave is removed by nothing */
	#lay(
		onto: Mapping,
		layer: Layer,
		{content, path, isNew}: {content: Mapping; path: Path; isNew: boolean},
	): void {
		for (const [key, value] of Object.entries(content)) {
			const here = [...path, key];
			if (isNothing(value) && !(isNew && countsEmpty(here) && value instanceof YamlScalar)) {
				delete onto[key];
				this.#forget(here);
				continue;
			}

			if (!layer.isTyped && (value === '' ? !countsEmpty(here) : isEmptyStore(here, value))) {
				continue;
			}

			this.#givers.set(here.join('\n'), layer);
			const known = ownValue(onto, key);
			const laid = isMapping(value) ? (isMapping(known) ? known : {}) : value;
			// Assigning a key `__proto__` would silently lose it.
			Object.defineProperty(onto, key, {value: laid, enumerable: true, writable: true, configurable: true});
			if (isMapping(value) && isMapping(laid)) {
				this.#lay(laid, layer, {content: value, path: here, isNew: laid !== known});
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

/** Flags as typed; validated together with all other settings. */
export type Flags = {
	configFile?: string | undefined;
	/** Chosen before the layers are laid. */
	profile?: string | undefined;
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
	/** Minutes; 0 of `--no-history`. */
	history?: number | undefined;
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
	history,
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
		...(history === undefined
			? []
			: [one(history === 0 ? '--no-history' : '--history', {'pgha-top': {history}})]),
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
	return {content, originOf: () => ({name}), isTyped: true};
}
