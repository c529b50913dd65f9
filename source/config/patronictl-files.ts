/** Finds patronictl's configuration: the user's, or a node's patroni.yml under its usual names. */
import {readdirSync, realpathSync, statSync} from 'node:fs';
import path from 'node:path';
import {errnoWords, isMissing} from '../lib/faults.ts';
import {configFolder, expandHome, findUnreadable} from '../lib/files.ts';
import type {Environment} from './environment.ts';
import {Layers} from './layers.ts';
import {ConfigError} from './origin.ts';
import {yamlFile} from './yaml-file.ts';

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
	const own = userPatronictlFile(environment);
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

export function userPatronictlFile(environment: Environment): string {
	return path.join(configFolder(environment), 'patroni', 'patronictl.yaml');
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
