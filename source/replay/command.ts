/** `pgha-top replay` and `pgha-top tour`. */
import {statSync} from 'node:fs';
import path from 'node:path';
import type {Done} from '../cli/command-line.ts';
import {exitCodes} from '../cli/command-line.ts';
import {replayDefinition, replayFlags, tour, tourDefinition, tourFlags} from '../cli/commands/replay.ts';
import {helpText} from '../cli/help-text.ts';
import {mustBeFile, parseFlags, shownArgument, suggestionFor, UsageError} from '../cli/parse-flags.ts';
import type {Preferences} from '../config/preferences.ts';
import {expandHome} from '../lib/files.ts';
import {openRecording} from '../recording/read/open.ts';
import type {Playable} from '../recording/read/reader.ts';
import {RecordingError} from '../recording/schema.ts';
import type {FoundWatch} from '../recording/watch-folders.ts';
import {cell, type Table} from '../state/view/cells.ts';
import {terminalProblem} from '../ui/terminal.ts';

/** @throws UsageError */
export async function replayCommand(args: readonly string[]): Promise<Done> {
	const {flags: given, input} = parseFlags(replayFlags, args, 'pgha-top replay --help');
	if (given.help) {
		return {text: helpText(replayDefinition), exitCode: 0};
	}

	const [file, more] = input;
	if (given.live && more === undefined) {
		return playLive(file, given.dir);
	}

	if (given.dir !== undefined) {
		throw new UsageError('--dir needs --live; see pgha-top replay --help');
	}

	if (file === undefined || more !== undefined) {
		const problem =
			file === undefined
				? 'name the recording to play, or pass --live'
				: `unexpected argument ${shownArgument(more ?? '')}`;
		throw new UsageError(`${problem}; see pgha-top replay --help`);
	}

	mustBeFile(file, 'pgha-top replay --help');
	return play(file, {asOperator: false});
}

/** @throws UsageError */
export async function tourCommand(args: readonly string[]): Promise<Done> {
	const {flags: given, input} = parseFlags(tourFlags, args, 'pgha-top tour --help');
	const [name, more] = input;
	if (given.help || name === undefined) {
		return {text: given.help ? helpText(tourDefinition) : await tourList(), exitCode: 0};
	}

	if (given.list) {
		throw new UsageError('--list takes no name; pgha-top tour NAME plays one');
	}

	const file = fileOfTour(name);
	if (file === undefined || more !== undefined) {
		const problem =
			file === undefined
				? `the tour has no ${shownArgument(name)}${suggestionFor(
						name,
						tour.map(one => one.name),
					)}`
				: `unexpected argument ${shownArgument(more ?? '')}`;
		throw new UsageError(`${problem}; pgha-top tour lists what it has`);
	}

	return play(file, {asOperator: true});
}

async function tourList(): Promise<string> {
	const {printableTable} = await import('../ui/table-layout.ts');
	return `Recordings of a real cluster; pgha-top tour NAME plays one; ? shows the keys.\n\n${await printableTable(tourTable())}\n`;
}

/** @param scope of the watch; undefined: the only one that runs */
async function playLive(scope: string | undefined, dir: string | undefined): Promise<Done> {
	const {findWatches, watchFolders} = await import('../recording/watch-folders.ts');
	const {watches, looked} = await findWatches(dir === undefined ? watchFolders() : [expandHome(dir)]);
	const all = watches.filter(({description: {cluster}}) => scope === undefined || cluster.scope === scope);
	const running = all.filter(({state}) => state !== 'stopped');
	const [watch, other] = running;
	if (watch === undefined) {
		return {text: '', exitCode: exitCodes.noInput, complaint: noWatch(scope, all[0], looked)};
	}

	if (other !== undefined) {
		const folders = running.map(({description: {cluster}, folder}) => `${cluster.scope} (${folder})`);
		throw new UsageError(
			scope === undefined
				? `several watches run, name the cluster of one: ${folders.join(', ')}`
				: `several clusters of the name ${scope} are watched: ${folders.join(', ')}; pass --dir with a folder that has one of them`,
		);
	}

	return reported(async () => {
		const {LiveRecording} = await import('../recording/read/live-recording.ts');
		const recording = await LiveRecording.open(watch.folder);
		return shown(recording, 'use pgha-top --watch SECONDS to print the state', async preferences => {
			const {replayLive} = await import('../ui/replay.tsx');
			await replayLive(recording, preferences);
		});
	});
}

function noWatch(scope: string | undefined, last: FoundWatch | undefined, looked: readonly string[]): string {
	const of = scope === undefined ? '' : ` of ${scope}`;
	const start = 'pgha-top watch starts one';
	if (last === undefined) {
		return `no watch${of} found on this machine; ${start} (looked in ${looked.join(', ')})`;
	}

	const {cluster, ended} = last.description;
	const end =
		ended === null
			? 'was killed'
			: `ended ${new Date(ended.at).toISOString().replace(/\.\d+/, '')} (${ended.why})`;
	return `no watch${of} runs on this machine: that of ${cluster.scope} ${end}; ${start}, and pgha-top replay plays a file in ${last.folder} (looked in ${looked.join(', ')})`;
}

async function play(file: string, options: {asOperator: boolean}): Promise<Done> {
	return reported(async () => {
		// Opened first, so that an unreadable recording is reported without a screen.
		const recording = await openRecording(file);
		const hint = 'use pgha-top report FILE to read a recording without a terminal';
		return shown(recording, hint, async preferences => {
			const {replay} = await import('../ui/replay.tsx');
			await replay(recording, preferences, options);
		});
	});
}

/** @param hint what to do without a terminal */
async function shown(
	recording: Playable,
	hint: string,
	show: (preferences: Preferences) => Promise<void>,
): Promise<Done> {
	const problem = terminalProblem(process, process.env, hint);
	if (problem !== undefined) {
		recording.close();
		return {text: '', exitCode: exitCodes.usage, complaint: problem};
	}

	const [{applyPreferences}, {readPreferences}] = await Promise.all([
		import('../ui/preferences.ts'),
		import('../config/preferences.ts'),
	]);
	const preferences = readPreferences(process.env);
	applyPreferences(preferences);
	await show(preferences);
	return {text: '', exitCode: 0};
}

async function reported(work: () => Promise<Done>): Promise<Done> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof RecordingError) {
			return {text: '', exitCode: exitCodes.noInput, complaint: error.message};
		}

		throw error;
	}
}

/** In the package, two folders above this file, as source and as built. */
export function tourFile(name: string): string {
	return path.join(import.meta.dirname, '..', '..', 'recordings', `${name}.ndjson.gz`);
}

/** Undefined for an unknown name. */
export function fileOfTour(name: string): string | undefined {
	return tour.some(one => one.name === name) ? tourFile(name) : undefined;
}

/** The installed recordings, for `pgha-top tour`. */
export function tourTable(): Table {
	return {
		columns: [
			{title: 'Name', align: 'left', rank: 0},
			{title: 'What it shows', align: 'left', rank: 0},
		],
		rows: tour
			.filter(({name}) => statSync(tourFile(name), {throwIfNoEntry: false}) !== undefined)
			.map(({name, what}) => ({id: name, cells: [cell(name, 'strong'), cell(what)]})),
	};
}
