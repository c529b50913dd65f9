/**
 * Collects the settings of all places in order: files (patronictl's, a node's patroni.yml, and pgha-top's own),
 * environment, flags.
 */
import {ownSection, refuseMistakes, refuseRepeated} from './check-files.ts';
import {type Environment, environmentLayer} from './environment.ts';
import {checkOwner} from './file-owner.ts';
import {dcsUrlLayers, type Flags, flagLayers, type Layer, Layers, present} from './layers.ts';
import {ownAmongPatronis} from './misplaced.ts';
import {ConfigError, isSecret, pointAt} from './origin.ts';
import {machineFile, type OwnPart, ownSettings} from './own-files.ts';
import {type Found, patronictlFiles, userPatronictlFile} from './patronictl-files.ts';
import {environmentFor, generalOf, ofOneCluster, readOnlyLock, scopeOfParts} from './precedence.ts';
import {type SettingsContent, settingsSchema} from './schema.ts';
import {asWritten} from './setting-kinds.ts';
import {templateProblems} from './template.ts';
import {yamlFile, yamlText} from './yaml-file.ts';

export type Settings = {
	content: SettingsContent & {scope: string};
	layers: Layers;
	/** All that stands in pgha-top's own files and sections, also in profiles that are not chosen. */
	ownLayers: readonly Layer[];
	/** Files that were read. */
	files: readonly string[];
	/** The name of the profile that was chosen. */
	profile?: string;
};

/**
 * @param etc `/etc`, except in tests
 * @throws ConfigError that names the problem, its place, and the fix
 */
export function readSettings(flags: Flags, given: Environment, etc = '/etc'): Settings {
	const ours = ownSettings(flags.profile, given, etc);
	const profileScope = scopeOfParts(ours.parts.filter(({isProfile}) => isProfile));
	const {profile} = ours;
	const {environment, ignored} = environmentFor(
		given,
		profile === undefined || profileScope === undefined
			? undefined
			: {name: profile.name, scope: profileScope},
	);
	const isScopeGiven = Boolean(flags.scope ?? environment.PATRONI_SCOPE);
	const {
		files: theirs,
		missed,
		parts,
	} = filesBeside(ours.parts, flags.configFile, environment, {
		etc,
		isScopeGiven,
	});
	const whole = theirs.map(file => withMisplaced(yamlFile(file)));
	const variables = environmentOf(theirs, environment);
	for (const layer of [...whole, variables]) {
		refuseRepeated(layer);
	}

	if (flags.configFile === undefined && !environment.PATRONICTL_CONFIG_FILE) {
		for (const file of theirs.filter((_, index) => ownSection(whole[index] ?? variables).length > 0)) {
			checkOwner(file, environment, `, or move its section pgha-top: to ${machineFile(etc)}`);
		}
	}

	const ownLayers = [...ours.layers, ...[...whole, variables].flatMap(layer => ownSection(layer))];
	refuseMistakes(ownLayers, settingsSchema);
	const layers = new Layers([
		...fileLayers(parts, whole, replacement(flags, theirs, environment)),
		variables,
		{content: {}, originOf: () => ({name: 'environment'}), ignored: [...ours.unread, ...ignored]},
		...dcsLayers(flags, environment),
		...flagLayers(flags),
		...readOnlyLock(parts, flags.readOnly, environment),
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
				: `no configuration found: pass patronictl's with -c FILE, or set PATRONICTL_CONFIG_FILE, or PATRONI_SCOPE and PATRONI_ETCD3_HOSTS, or --scope and --rest, or let \`pgha-top init HOST\` write one (looked for ${[...missed, ...ours.missed].join(', ')})`,
		);
	}

	if (profile !== undefined && profileScope !== undefined && content.scope !== profileScope) {
		throw new ConfigError(
			layers.complaint(
				['scope'],
				`${content.scope} is another cluster than that of the profile ${profile.name} (${profileScope}): leave out one of them`,
			),
		);
	}

	return {
		content: {...content, scope: content.scope},
		layers,
		ownLayers,
		files: [...theirs, ...ours.files],
		...(profile === undefined ? {} : {profile: profile.name}),
	};
}

/** What is used instead of the sections `patroni`. */
function replacement(flags: Flags, theirs: readonly string[], environment: Environment): string | undefined {
	return (
		flags.configFile ??
		(environment.PATRONICTL_CONFIG_FILE ||
			(theirs.length === 0 && environment.PATRONI_CONFIGURATION ? 'PATRONI_CONFIGURATION' : undefined))
	);
}

/** The files, lowest first: those of the machine and the user, with patronictl's between them, and the profile. */
function fileLayers(
	parts: readonly OwnPart[],
	theirs: readonly Layer[],
	replaced: string | undefined,
): Layer[] {
	const files = parts.filter(({isProfile}) => !isProfile);
	const profiles = parts.filter(({isProfile}) => isProfile);
	const ownOf = (some: readonly OwnPart[]) => some.map(({own}) => own);
	const patroniOf = (some: readonly OwnPart[]) =>
		some
			.flatMap(({patroni}) => patroni ?? [])
			.map(patroni => (replaced === undefined ? patroni : unusedLayer(patroni, replaced)));
	return [
		...ownOf(files.filter(({isMachines}) => isMachines)),
		...patroniOf(files),
		...theirs,
		...ownOf(files.filter(({isMachines}) => !isMachines)),
		...patroniOf(profiles),
		...ownOf(profiles),
	];
}

/** The settings with values that count only where nothing else gives them. */
export function withFound(settings: Settings, found: Layer): Settings {
	const layers = new Layers([found, ...settings.layers.layers]);
	return {...settings, layers, content: {...layers.validate(settingsSchema), scope: settings.content.scope}};
}

function scopeIn(layer: Layer | undefined): string | undefined {
	const scope = layer && asWritten(new Layers([layer]).content.scope);
	return typeof scope === 'string' ? scope : undefined;
}

/**
 * patronictl's files, and the parts that are of the same cluster. Of another cluster than the user's own file or the
 * profile, patronictl's file counts only where it is named; over the machine's file the user's patronictl.yaml counts.
 */
function filesBeside(
	parts: readonly OwnPart[],
	flag: string | undefined,
	environment: Environment,
	options: {etc: string; isScopeGiven: boolean},
): Found & {parts: readonly OwnPart[]} {
	const all = ofOneCluster(parts);
	const scope = scopeOfParts(all);
	if (scope === undefined || flag !== undefined || environment.PATRONICTL_CONFIG_FILE) {
		return {...patronictlFiles(flag, environment, options), parts: all};
	}

	const files = foundFiles(environment, options);
	const others = files.filter(file => ![undefined, scope].includes(scopeIn(yamlFile(file))));
	const users = others.find(file => file === userPatronictlFile(environment));
	return users !== undefined && scopeOfParts(all.filter(({isMachines}) => !isMachines)) === undefined
		? {files: [users], missed: [], parts: all.map(part => (part.isMachines ? generalOf(part) : part))}
		: {files: files.filter(file => !others.includes(file)), missed: [], parts: all};
}

/** None where there are several, or one that is not valid: none is needed. */
function foundFiles(
	environment: Environment,
	options: {etc: string; isScopeGiven: boolean},
): readonly string[] {
	try {
		const {files} = patronictlFiles(undefined, environment, options);
		// Read here, so that an invalid one does not count.
		return files.filter(file => yamlFile(file) !== undefined);
	} catch (error) {
		if (error instanceof ConfigError) {
			return [];
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

/** Patroni's file ignores what it does not know; what of it is pgha-top's is a notice. */
function withMisplaced(layer: Layer): Layer {
	return {...layer, ignored: ownAmongPatronis(layer, 'whole file')};
}

/** As in Patroni: without a file, one variable may hold a whole file, and replaces all other variables. */
function environmentOf(files: readonly string[], environment: Environment): Layer {
	const whole = environment.PATRONI_CONFIGURATION;
	return files.length === 0 && whole
		? withMisplaced(yamlText('PATRONI_CONFIGURATION', whole))
		: environmentLayer(environment);
}

function dcsLayers({dcsUrl}: Flags, {DCS_URL: variable}: Environment): Layer[] {
	if (dcsUrl !== undefined) {
		return dcsUrlLayers('--dcs-url', dcsUrl);
	}

	return variable ? dcsUrlLayers('DCS_URL', variable) : [];
}

/** What a node's own patroni.yml says of the node. Addresses are `HOST:PORT`, as they stand in the file; folders are paths on the node, `logDirectory` maybe in `dataDir`. */
export type NodeSettings = {
	name?: string;
	restListen?: string;
	restAddress?: string;
	/** Whether the REST API has a certificate. */
	restTls: boolean;
	postgresqlAddress?: string;
	dataDir?: string;
	/** PostgreSQL's `log_directory`. */
	logDirectory?: string;
	/** Patroni's `log.dir`. */
	patroniLogDir?: string;
};

export function nodeSettings({content: {name, restapi, postgresql, log}}: Settings): NodeSettings {
	return {
		restTls: restapi.certfile !== undefined,
		...present({
			name,
			restListen: restapi.listen,
			restAddress: restapi.connect_address,
			postgresqlAddress: postgresql?.connect_address,
			dataDir: postgresql?.data_dir,
			logDirectory: postgresql?.parameters?.log_directory,
			patroniLogDir: log?.dir,
		}),
	};
}
