/** `pgha-top replay` and `pgha-top tour`: what was typed behind them, and the recording on the screen. */

import {mustBeFile, parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import type {Done} from '../cli/subcommand.ts';
import {RecordingError} from '../recording/format.ts';
import {openRecording} from '../recording/read/open.ts';
import {terminalProblem} from '../ui/terminal.ts';
import {fileOfTour, tourTable} from './tour.ts';

const replayUsage = `
  Plays a recording on the screen: nothing is connected to, and nothing can be sent

  Usage
    $ pgha-top replay FILE

  Space plays and stops, ? tells the other keys.
  Exit codes: 0 done, 64 the command line is wrong, 66 the recording can't be read
`;

const tourUsage = `
  Recordings of a real cluster that come with pgha-top, each with something that happens

  Usage
    $ pgha-top tour         lists them; so does --list
    $ pgha-top tour NAME    plays one
`;

export const replayFlags = {help: {type: 'boolean', shortFlag: 'h', default: false}} as const;
export const tourFlags = {...replayFlags, list: {type: 'boolean', default: false}} as const;
const usageError = 64;
/** EX_NOINPUT. */
const notRead = 66;

/** @throws UsageError */
export async function replayCommand(args: readonly string[]): Promise<Done> {
	const {flags: given, input} = parseFlags(replayFlags, args, {help: 'pgha-top replay --help'});
	if (given.help) {
		return {text: replayUsage, exitCode: 0};
	}

	const [file, more] = input;
	if (file === undefined || more !== undefined) {
		const problem =
			file === undefined
				? 'name the recording that is to be played'
				: `unexpected argument ${shownArgument(more ?? '')}`;
		throw new UsageError(`${problem}; see pgha-top replay --help`);
	}

	mustBeFile(file, 'pgha-top replay --help');
	return played(file, {asOperator: false});
}

/** @throws UsageError */
export async function tourCommand(args: readonly string[]): Promise<Done> {
	const {flags: given, input} = parseFlags(tourFlags, args, {help: 'pgha-top tour --help'});
	const [name, more] = input;
	if (given.help || name === undefined) {
		return {text: given.help ? tourUsage : await tourList(), exitCode: 0};
	}

	if (given.list) {
		throw new UsageError('--list takes no name; pgha-top tour NAME plays one');
	}

	const file = fileOfTour(name);
	if (file === undefined || more !== undefined) {
		const problem =
			file === undefined
				? `the tour has no ${shownArgument(name)}`
				: `unexpected argument ${shownArgument(more ?? '')}`;
		throw new UsageError(`${problem}; pgha-top tour lists what it has`);
	}

	return played(file, {asOperator: true});
}

async function tourList(): Promise<string> {
	const {printableTable} = await import('../ui/print-table.ts');
	return `Recordings of a real cluster; pgha-top tour NAME plays one: Space plays and pauses, ? shows the other keys.\n\n${await printableTable(tourTable())}\n`;
}

async function played(file: string, options: {asOperator: boolean}): Promise<Done> {
	try {
		// Whether there is anything to play is said first.
		const recording = await openRecording(file);
		const problem = terminalProblem(
			process,
			process.env,
			'pgha-top report FILE tells what is in a recording without one',
		);
		if (problem !== undefined) {
			recording.close();
			return {text: '', exitCode: usageError, complaint: problem};
		}

		process.env.NODE_ENV ??= 'production';
		const {replay} = await import('../ui/replay.tsx');
		await replay(recording, options);
		return {text: '', exitCode: 0};
	} catch (error) {
		if (error instanceof RecordingError) {
			return {text: '', exitCode: notRead, complaint: error.message};
		}

		throw error;
	}
}
