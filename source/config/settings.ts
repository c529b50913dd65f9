/** Collects the settings of all places in order: files, environment, flags. */
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
import {ownFile, patronictlFiles} from './places.ts';
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
				: `no configuration found: pass patronictl's with -c FILE, or set PATRONICTL_CONFIG_FILE, or PATRONI_SCOPE and PATRONI_ETCD3_HOSTS (looked for ${missed.join(', ')})`,
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
