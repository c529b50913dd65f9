/**
 * pgha-top's own files, lowest first: `/etc/pgha-top/config.yaml` for all users of the machine, the user's file, and the
 * chosen profile, of either.
 */
import {existsSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {errnoWords, isMissing} from '../lib/faults.ts';
import {configFolder, expandHome, findUnreadable} from '../lib/files.ts';
import {refuseRepeated} from './check-files.ts';
import type {Environment} from './environment.ts';
import {checkOwner} from './file-owner.ts';
import {isMapping, isNothing, type Layer, type Mapping, type Path} from './layers.ts';
import type {OwnLayer} from './misplaced.ts';
import {ConfigError, pointAt} from './origin.ts';
import {asWritten} from './setting-kinds.ts';
import {yamlFile} from './yaml-file.ts';

/** A file of pgha-top, or a profile in one: its settings, and those of Patroni's in its section `patroni`. */
export type OwnPart = {
	/** Of `/etc`: for all users. */
	isMachines: boolean;
	isProfile: boolean;
	own: Layer;
	patroni: Layer | undefined;
	/** The cluster that it names. */
	scope: string | undefined;
};

export type OwnSettings = {
	/** Lowest first. */
	parts: readonly OwnPart[];
	/** All that stands in the files, also in profiles that are not chosen. */
	layers: readonly OwnLayer[];
	/** Files that were read. */
	files: readonly string[];
	/** Where files without settings were looked for. */
	missed: readonly string[];
	/** Files that are not read, with the reason. */
	unread: readonly string[];
	/** `by`: the flag or variable that chose it. */
	profile: {name: string; by: string} | undefined;
};

export const profileVariable = 'PGHA_TOP_PROFILE';
export const profileFlag = '--profile';

/** pgha-top's own settings for the run. @throws ConfigError, also for a profile that does not exist */
export function ownSettings(flag: string | undefined, environment: Environment, etc: string): OwnSettings {
	const isNamed = Boolean(environment.PGHA_TOP_CONFIG_FILE);
	const places: readonly Place[] = [
		{isMachines: true, isNamed: false, file: machineFile(etc), environment},
		{isMachines: false, isNamed, file: userFile(environment), environment},
	];
	const present = places.filter(place => place.isNamed || findUnreadable(place.file)?.isMissing !== true);
	const bases = present.map(place => ({isMachines: place.isMachines, ...partOf(readOwn(place.file, place))}));
	const chosen = flag ?? (environment[profileVariable] || undefined);
	const by = flag === undefined ? profileVariable : profileFlag;
	const found = chosen === undefined ? [] : profilesNamed(chosen, by, bases, places);
	const sections = bases.flatMap(({profiles}) => [...profiles.values()].map(read => read()));
	return {
		layers: [...bases, ...sections, ...found].flatMap(({own, patroni}): OwnLayer[] => [
			{...own, place: 'file'},
			...(patroni === undefined ? [] : [{...patroni, place: 'patroni' as const}]),
		]),
		parts: [
			...bases.map(({profiles: _, ...part}) => ({...part, isProfile: false})),
			...found.map(({file: _, ...part}) => part),
		],
		files: [...present.map(({file}) => file), ...found.flatMap(({file}) => file ?? [])],
		unread: [...(isNamed ? [] : [userFile(environment)]), machineFile(etc)].flatMap(misnamed),
		missed: places.filter(place => !present.includes(place)).map(({file}) => file),
		profile: chosen === undefined ? undefined : {name: chosen, by},
	};
}

/** `config.yml`, as other programs accept it. */
function misnamed(file: string): string[] {
	const other = file.replace(/yaml$/, 'yml');
	return existsSync(other) ? [`${other}: not used: the configuration is in ${file}`] : [];
}

/** A file that is named counts whoever owns it, as that of `ssh -F` does. */
function readOwn(file: string, {isMachines, isNamed, environment}: Omit<Place, 'file'>): Layer {
	if (!isNamed) {
		checkOwner(file, environment, isMachines ? '' : ', or name the file with PGHA_TOP_CONFIG_FILE');
	}

	const layer = yamlFile(file, ['pgha-top']);
	refuseRepeated(layer);
	return layer;
}

export function machineFile(etc: string): string {
	return path.join(etc, 'pgha-top', 'config.yaml');
}

export function userFile(environment: Environment): string {
	const named = environment.PGHA_TOP_CONFIG_FILE;
	return named ? expandHome(named) : path.join(configFolder(environment), 'pgha-top', 'config.yaml');
}

/** The folder of profiles with a file of their own, beside the configuration. */
export function profileFolder(file: string): string {
	return path.join(path.dirname(file), 'profiles');
}

/** A name that can be a file's. */
export const profileName = /^(?![.-])[\p{L}\p{N}_.@+-]{1,64}$/u;

type Part = Omit<OwnPart, 'isMachines' | 'isProfile'>;

/** A section `patroni` has what patronictl's file has otherwise. */
function partOf(whole: Layer, at: Path = ['pgha-top']): Part & {profiles: Profiles} {
	const content = at.reduce<unknown>(
		(below, key) => (isMapping(below) ? below[key] : undefined),
		whole.content,
	);
	const originOf = (below: Path) => whole.originOf([...at, ...below]);
	const {patroni, profiles, ...rest} = isMapping(content) ? content : {};
	const isSection = isMapping(patroni);
	if (!isSection && patroni !== undefined && !isNothing(patroni)) {
		throw new ConfigError(`${pointAt(originOf(['patroni']))}: must be a mapping of settings (key: value)`);
	}

	return {
		own: {content: {'pgha-top': rest}, originOf: below => originOf(below.slice(1))},
		patroni: isSection ? {content: patroni, originOf: below => originOf(['patroni', ...below])} : undefined,
		scope: isSection ? scopeOf(patroni) : undefined,
		profiles: profilesIn(profiles, whole, at),
	};
}

function scopeOf(patroni: Mapping): string | undefined {
	const scope = asWritten(patroni.scope);
	return typeof scope === 'string' && scope !== '' ? scope : undefined;
}

/** By name. */
type Profiles = ReadonlyMap<string, () => Part>;

/** @throws ConfigError if it is not a mapping of names to settings */
function profilesIn(profiles: unknown, whole: Layer, at: Path): Profiles {
	const here = [...at, 'profiles'];
	if (profiles === undefined || isNothing(profiles)) {
		return new Map();
	}

	if (!isMapping(profiles)) {
		throw new ConfigError(`${pointAt(whole.originOf(here))}: must be a mapping: NAME: {…}`);
	}

	return new Map(
		Object.entries(profiles).map(([name, content]) => {
			if (!profileName.test(name)) {
				throw new ConfigError(
					`${pointAt(whole.originOf(here))}: the name of a profile has letters, digits and . _ + @ - only`,
				);
			}

			if (!isMapping(content) && !isNothing(content)) {
				throw new ConfigError(
					`${pointAt(whole.originOf([...here, name]))}: must be a mapping of settings (key: value)`,
				);
			}

			return [name, () => withoutProfiles(partOf(whole, [...here, name]))];
		}),
	);
}

/** `isNamed`: by the operator, for this run. */
type Place = {isMachines: boolean; isNamed: boolean; file: string; environment: Environment};
type Base = {isMachines: boolean; profiles: Profiles};
type Chosen = OwnPart & {file: string | undefined};

/** The profile in the machine's files, and over it the one in the user's. @throws ConfigError if there is none */
function profilesNamed(name: string, by: string, bases: readonly Base[], places: readonly Place[]): Chosen[] {
	const known = places.map(place => ({
		place,
		inFile: bases.find(({isMachines}) => isMachines === place.isMachines)?.profiles ?? new Map(),
		inFolder: profileFiles(profileFolder(place.file)),
	}));
	const all = known.flatMap(({place, inFile, inFolder}): Chosen[] => {
		const {isMachines, file} = place;
		const section: (() => Part) | undefined = inFile.get(name);
		const its = inFolder.get(name);
		if (section !== undefined && its !== undefined) {
			throw new ConfigError(
				`the profile ${name} stands twice: in ${its}, and below profiles: in ${file}: remove one of them`,
			);
		}

		const part =
			section?.() ?? (its === undefined ? undefined : withoutProfiles(partOf(readOwn(its, place))));
		return part === undefined ? [] : [{...part, isMachines, isProfile: true, file: its}];
	});
	if (all.length > 0) {
		return all;
	}

	const names = [...new Set(known.flatMap(({inFile, inFolder}) => [...inFile.keys(), ...inFolder.keys()]))];
	const looked = places.flatMap(({file}) => [file, profileFolder(file)]);
	throw new ConfigError(
		`${by}: no profile ${JSON.stringify(name)}; ${names.length === 0 ? 'there are none' : `there are ${names.sort().join(', ')}`} (looked in ${looked.join(', ')})`,
	);
}

/** The user's file that has the profile, or the folder's; undefined without one. @throws ConfigError */
export function fileOfProfile(name: string, environment: Environment): string | undefined {
	const file = userFile(environment);
	const isRead = findUnreadable(file)?.isMissing !== true;
	const isNamed = Boolean(environment.PGHA_TOP_CONFIG_FILE);
	const {profiles} = isRead
		? partOf(readOwn(file, {isMachines: false, isNamed, environment}))
		: {profiles: new Map()};
	return profileFiles(profileFolder(file)).get(name) ?? (profiles.has(name) ? file : undefined);
}

/** @throws ConfigError for profiles in a profile */
function withoutProfiles({profiles, ...part}: ReturnType<typeof partOf>): Part {
	if (profiles.size > 0) {
		throw new ConfigError(
			`${pointAt(part.own.originOf(['pgha-top', 'profiles']))}: a profile has no profiles of its own`,
		);
	}

	return part;
}

/** By name. */
function profileFiles(folder: string): ReadonlyMap<string, string> {
	try {
		return new Map(
			readdirSync(folder).flatMap((entry): [string, string][] => {
				const name = entry.replace(/\.ya?ml$/, '');
				return name !== entry && profileName.test(name) ? [[name, path.join(folder, entry)]] : [];
			}),
		);
	} catch (error) {
		if (isMissing(error)) {
			return new Map();
		}

		throw new ConfigError(`${folder}: cannot be read: ${errnoWords(error)}`);
	}
}
