/**
 * Collects the settings of all places in order: files, environment, flags. Finds the files: patronictl's, a node's
 * patroni.yml, and pgha-top's own.
 */

import {readdirSync, realpathSync, statSync} from 'node:fs';
import path from 'node:path';
import {errnoWords, isMissing} from '../lib/faults.ts';
import {configFolder, expandHome, findUnreadable} from '../lib/files.ts';
import {type Environment, environmentLayer} from './environment.ts';
import {dcsUrlLayers, type Flags, flagLayers, isMapping, type Layer, Layers} from './layers.ts';
import {ConfigError, isSecret, pointAt} from './origin.ts';
import {type SettingsContent, settingsSchema} from './schema.ts';
import {asWritten} from './setting-kinds.ts';
import {templateProblems} from './template.ts';
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
	const ours = ownFile(environment);
	const {own, patroni} = ours === undefined ? {own: undefined, patroni: undefined} : ownLayers(ours);
	const scope = scopeIn(patroni);
	const isScopeGiven = Boolean(flags.scope ?? environment.PATRONI_SCOPE);
	const {files: theirs, missed} = filesBeside(scope, flags.configFile, environment, {etc, isScopeGiven});
	const named = flags.configFile ?? (environment.PATRONICTL_CONFIG_FILE || undefined);
	const replaced =
		named ?? (theirs.length === 0 && environment.PATRONI_CONFIGURATION ? 'PATRONI_CONFIGURATION' : undefined);
	const layers = new Layers([
		...(patroni === undefined ? [] : [replaced === undefined ? patroni : unusedLayer(patroni, replaced)]),
		...theirs.map(file => yamlFile(file)),
		...(own === undefined ? [] : [own]),
		environmentOf(theirs, environment),
		...dcsLayers(flags, environment),
		...flagLayers(flags),
	]);
	const templates = templateProblems(layers, isSecret);
	if (templates.length > 0) {
		throw new ConfigError(templates.join('\n'));
	}

	const content = layers.validate(settingsSchema);
	if (content.scope === undefined) {
		throw new ConfigError(
			theirs.length > 0
				? `${theirs.join(', ')}: scope is missing: the name of the cluster, as in patroni.yml`
				: `no configuration found: pass patronictl's with -c FILE, or set PATRONICTL_CONFIG_FILE, or PATRONI_SCOPE and PATRONI_ETCD3_HOSTS, or --scope and --rest, or let \`pgha-top init HOST\` write one (looked for ${missed.join(', ')})`,
		);
	}

	return {
		content: {...content, scope: content.scope},
		layers,
		files: [...theirs, ...(ours === undefined ? [] : [ours])],
	};
}

/** The settings with values that count only where nothing else gives them. */
export function withFound(settings: Settings, found: Layer): Settings {
	const layers = new Layers([found, ...settings.layers.layers]);
	return {...settings, layers, content: {...layers.validate(settingsSchema), scope: settings.content.scope}};
}

/**
 * pgha-top's own file. Its section `patroni` has what patronictl's file has otherwise, below all other settings of
 * Patroni.
 */
function ownLayers(file: string): {own: Layer; patroni: Layer | undefined} {
	const whole = yamlFile(file, ['pgha-top']);
	const own = whole.content['pgha-top'];
	if (!isMapping(own) || !isMapping(own.patroni)) {
		return {own: whole, patroni: undefined};
	}

	const {patroni, ...rest} = own;
	const path = ['pgha-top', 'patroni'];
	return {
		own: {...whole, content: {'pgha-top': rest}},
		patroni: {content: patroni, originOf: below => whole.originOf([...path, ...below])},
	};
}

function scopeIn(layer: Layer | undefined): string | undefined {
	const scope = layer && asWritten(new Layers([layer]).content.scope);
	return typeof scope === 'string' ? scope : undefined;
}

/** Of another cluster than the own file's, patronictl's file counts only where it is named. */
function filesBeside(
	scope: string | undefined,
	flag: string | undefined,
	environment: Environment,
	options: {etc: string; isScopeGiven: boolean},
): Found {
	if (scope === undefined || flag !== undefined || environment.PATRONICTL_CONFIG_FILE) {
		return patronictlFiles(flag, environment, options);
	}

	try {
		const {files} = patronictlFiles(undefined, environment, options);
		return {files: files.filter(file => [undefined, scope].includes(scopeIn(yamlFile(file)))), missed: []};
	} catch (error) {
		if (error instanceof ConfigError) {
			// Several files, or one that is not valid: none is needed.
			return {files: [], missed: []};
		}

		throw error;
	}
}

function unusedLayer({originOf}: Layer, by: string): Layer {
	return {
		content: {},
		originOf,
		ignored: [`${pointAt(originOf([]))}: not used: ${by} has the configuration`],
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

/** `missed`: places without a usable file, and the reason, for the error. */
export type Found = {files: readonly string[]; missed: readonly string[]};

/** File names on a node in Debian, the RPM packages and Patroni's manual. */
const usualNames = ['patroni.yml', 'patroni.yaml', 'config.yml', 'config.yaml'];

/**
 * @param options `etc`: `/etc`, except in tests; `isScopeGiven`: by the environment or a flag, so that a file needs none
 * @throws ConfigError if a given file does not exist, or if a node has several configurations
 */
export function patronictlFiles(
	flag: string | undefined,
	environment: Environment,
	{etc, isScopeGiven = false}: {etc: string; isScopeGiven?: boolean},
): Found {
	const named = flag ?? (environment.PATRONICTL_CONFIG_FILE || undefined);
	if (named !== undefined) {
		return {files: filesAt(expandHome(named)), missed: []};
	}

	const folder = path.join(etc, 'patroni');
	const own = path.join(configFolder(environment), 'patroni', 'patronictl.yaml');
	const usual = [
		...usualNames.map(name => path.join(folder, name)),
		...['patroni.yml', 'patroni.yaml'].map(name => path.join(etc, name)),
	];
	const missed: string[] = [];
	for (const file of [own, ...usual]) {
		const problem = findUnreadable(file);
		if (problem === undefined && (file === own || isScopeGiven || hasScope(file))) {
			return {files: [file], missed};
		}

		if (problem === undefined || !problem.isMissing) {
			missed.push(`${file} (${problem?.why ?? 'no scope'})`);
		}
	}

	const {files: all, why} = yamlFiles(folder);
	const unreadable = all.flatMap(file => {
		const problem = findUnreadable(file);
		return problem === undefined || usual.includes(file) ? [] : [`${file} (${problem.why})`];
	});
	const files = withoutLinks(
		all.filter(file => !usual.includes(file) && findUnreadable(file) === undefined && hasScope(file)),
	);
	if (files.length > 1) {
		throw new ConfigError(
			`${folder} has several configurations: name one with -c: ${files.join(', ')} (none is called ${usualNames.join(', ')})`,
		);
	}

	return {
		files,
		missed: [
			...missed,
			...unreadable,
			own,
			why === undefined ? `${path.join(folder, '*.yml')} with a scope` : `${folder} (${why})`,
		],
	};
}

/** Templates and parts, such as Debian's dcs.yml, have no scope. A file that is not valid counts: its error is shown. */
function hasScope(file: string): boolean {
	try {
		return new Layers([yamlFile(file)]).content.scope !== undefined;
	} catch (error) {
		if (error instanceof ConfigError) {
			return true;
		}

		throw error;
	}
}

/** Two names of one file count once. */
function withoutLinks(files: readonly string[]): string[] {
	return [...new Map(files.map(file => [realpathSync(file), file])).values()];
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

	const {files, why} = yamlFiles(place);
	if (files.length === 0) {
		throw new ConfigError(
			why === undefined
				? `${place}: the folder has no *.yml or *.yaml`
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

/** As in Patroni: files and links to files, by name. */
function yamlFiles(folder: string): {files: string[]; why?: string} {
	try {
		const names = readdirSync(folder).filter(name => /\.ya?ml$/.test(name));
		return {
			files: names
				.sort()
				.map(name => path.join(folder, name))
				.filter(file => statSync(file, {throwIfNoEntry: false})?.isFile()),
		};
	} catch (error) {
		return {files: [], ...(isMissing(error) ? {} : {why: errnoWords(error)})};
	}
}
