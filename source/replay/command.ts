/** `pgha-top replay` and `pgha-top tour`. */
import {statSync} from 'node:fs';
import path from 'node:path';
import type {Done} from '../cli/command-line.ts';
import {exitCodes} from '../cli/command-line.ts';
import {replayDefinition, replayFlags, tour, tourDefinition, tourFlags} from '../cli/commands/replay.ts';
import {helpText} from '../cli/help-text.ts';
import {mustBeFile, parseFlags, shownArgument, suggestionFor, UsageError} from '../cli/parse-flags.ts';
import {openRecording} from '../recording/read/open.ts';
import {RecordingError} from '../recording/schema.ts';
import {cell, type Table} from '../state/view/cells.ts';
import {terminalProblem} from '../ui/terminal.ts';

/** @throws UsageError */
export async function replayCommand(args: readonly string[]): Promise<Done> {
	const {flags: given, input} = parseFlags(replayFlags, args, 'pgha-top replay --help');
	if (given.help) {
		return {text: helpText(replayDefinition), exitCode: 0};
	}

	const [file, more] = input;
	if (file === undefined || more !== undefined) {
		const problem =
			file === undefined ? 'name the recording to play' : `unexpected argument ${shownArgument(more ?? '')}`;
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

async function play(file: string, options: {asOperator: boolean}): Promise<Done> {
	try {
		// Opened first, so that an unreadable recording is reported without a screen.
		const recording = await openRecording(file);
		const problem = terminalProblem(
			process,
			process.env,
			'use pgha-top report FILE to read a recording without a terminal',
		);
		if (problem !== undefined) {
			recording.close();
			return {text: '', exitCode: exitCodes.usage, complaint: problem};
		}

		const [{replay}, {applyPreferences}, {readPreferences}] = await Promise.all([
			import('../ui/replay.tsx'),
			import('../ui/preferences.ts'),
			import('../config/preferences.ts'),
		]);
		const preferences = readPreferences(process.env);
		applyPreferences(preferences);
		await replay(recording, preferences, options);
		return {text: '', exitCode: 0};
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
