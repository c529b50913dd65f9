/**
 * Collects the settings of all places in order: files, environment, flags. Finds the files: patronictl's, a node's
 * patroni.yml, and pgha-top's own.
 */

import {readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import {errnoWords, isMissing} from '../lib/faults.ts';
import {configFolder, expandHome, findUnreadable} from '../lib/files.ts';
import {
	dcsUrlLayers,
	type Environment,
	environmentLayer,
	type Flags,
	flagLayers,
	type Layer,
	Layers,
} from './layers.ts';
import {ConfigError} from './origin.ts';
import {type SettingsContent, settingsSchema} from './schema.ts';
import {yamlFile, yamlText} from './yaml-file.ts';

export type Settings = {
	content: SettingsContent & {scope: string};
	layers: Layers;
	/** Files that were read. */
	files: readonly string[];
};

/**
 * @param etc `/etc`, except in tests
 * @throws ConfigError that names the problem, its place, and the fix
 */
export function readSettings(flags: Flags, environment: Environment, etc = '/etc'): Settings {
	const {files: theirs, missed} = patronictlFiles(flags.configFile, environment, etc);
	const ours = ownFile(environment);
	const layers = new Layers([
		...theirs.map(file => yamlFile(file)),
		...(ours === undefined ? [] : [yamlFile(ours, ['pgha-top'])]),
		environmentOf(theirs, environment),
		...dcsLayers(flags, environment),
		...flagLayers(flags),
	]);
	const content = layers.validate(settingsSchema);
	const {scope} = content;
	if (scope === undefined) {
		throw new ConfigError(
			theirs.length > 0
				? `${theirs.join(', ')}: scope is missing: the name of the cluster, as in patroni.yml`
				: `no configuration found: pass patronictl's with -c FILE, or set PATRONICTL_CONFIG_FILE, or PATRONI_SCOPE and PATRONI_ETCD3_HOSTS, or --scope and --rest (looked for ${missed.join(', ')})`,
		);
	}

	return {
		content: {...content, scope},
		layers,
		files: [...theirs, ...(ours === undefined ? [] : [ours])],
	};
}

/** As in Patroni: without a file, one variable may hold a whole file, and replaces all other variables. */
function environmentOf(files: readonly string[], environment: Environment): Layer {
	const whole = environment.PATRONI_CONFIGURATION;
	return files.length === 0 && whole
		? yamlText('PATRONI_CONFIGURATION', whole)
		: environmentLayer(environment);
}

function dcsLayers({dcsUrl}: Flags, {DCS_URL: variable}: Environment): Layer[] {
	if (dcsUrl !== undefined) {
		return dcsUrlLayers('--dcs-url', dcsUrl);
	}

	return variable ? dcsUrlLayers('DCS_URL', variable) : [];
}

/** `missed`: places without a readable file, and the reason, for the error. */
export type Found = {files: readonly string[]; missed: readonly string[]};

/** File names on a node in Debian, the RPM packages and Patroni's manual. */
const usualNames = ['patroni.yml', 'patroni.yaml', 'config.yml', 'config.yaml'];

/** Debian's template for new clusters: it has the DCS's address, but no cluster. */
const noClusters = new Set(['dcs.yml']);

/** @throws ConfigError if a given file does not exist, or if a node has several configurations */
export function patronictlFiles(
	flag: string | undefined,
	environment: Environment,
	/** `/etc`, except in tests. */
	etc: string,
): Found {
	const named = flag ?? (environment.PATRONICTL_CONFIG_FILE || undefined);
	if (named !== undefined) {
		return {files: filesAt(expandHome(named)), missed: []};
	}

	const folder = path.join(etc, 'patroni');
	const own = path.join(configFolder(environment), 'patroni', 'patronictl.yaml');
	const usual = [own, ...usualNames.map(name => path.join(folder, name)), path.join(etc, 'patroni.yml')];
	const missed: string[] = [];
	for (const file of usual) {
		const problem = findUnreadable(file);
		if (problem === undefined) {
			return {files: [file], missed};
		}

		if (!problem.isMissing) {
			missed.push(`${file} (${problem.why})`);
		}
	}

	const {files, why} = yamlFiles(folder);
	if (files.length > 1) {
		throw new ConfigError(
			`${folder} has several configurations: name one with -c: ${files.join(', ')} (none is called ${usualNames.join(', ')})`,
		);
	}

	return {
		files,
		missed: [...missed, own, why === undefined ? path.join(folder, '*.yml') : `${folder} (${why})`],
	};
}

/** pgha-top's own file; undefined if it does not exist. */
export function ownFile(environment: Environment): string | undefined {
	const named = environment.PGHA_TOP_CONFIG_FILE;
	if (named) {
		return expandHome(named);
	}

	const file = path.join(configFolder(environment), 'pgha-top', 'config.yaml');
	return findUnreadable(file)?.isMissing ? undefined : file;
}

/** Like Patroni, accepts a folder: its files sorted by name, later ones override. */
function filesAt(place: string): string[] {
	if (!isFolder(place)) {
		return [place];
	}

	const {files, why} = yamlFiles(place, new Set());
	if (files.length === 0) {
		throw new ConfigError(
			why === undefined
				? `${place}: the folder has no *.yml or *.yaml that can be read`
				: `${place}: the folder cannot be read: ${why}`,
		);
	}

	return files;
}

/** False on errors: reading the path as a file then reports the reason. */
function isFolder(place: string): boolean {
	try {
		return statSync(place, {throwIfNoEntry: false})?.isDirectory() ?? false;
	} catch {
		return false;
	}
}

function yamlFiles(folder: string, without = noClusters): {files: string[]; why?: string} {
	try {
		const names = readdirSync(folder).filter(name => /\.ya?ml$/.test(name) && !without.has(name));
		return {
			files: names
				.sort()
				.map(name => path.join(folder, name))
				.filter(file => findUnreadable(file) === undefined),
		};
	} catch (error) {
		return {files: [], ...(isMissing(error) ? {} : {why: errnoWords(error)})};
	}
}
