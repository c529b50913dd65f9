/** `pgha-top replay` and `pgha-top tour`. */
import {statSync} from 'node:fs';
import path from 'node:path';
import type {Done} from '../cli/command-line.ts';
import {exitCodes} from '../cli/command-line.ts';
import {mustBeFile, parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import {openRecording} from '../recording/read/open.ts';
import {RecordingError} from '../recording/schema.ts';
import {cell, type Table} from '../state/view/cells.ts';
import {terminalProblem} from '../ui/terminal.ts';

const replayUsage = `
  Play a recording on the screen; connects to nothing and sends nothing

  Usage
    $ pgha-top replay FILE

  Space plays and pauses, ? shows all keys.
  Exit codes: 0 done, 64 wrong command line, 66 the recording cannot be read
`;

const tourUsage = `
  Recordings of a real cluster that come with pgha-top

  Usage
    $ pgha-top tour         list them, like --list
    $ pgha-top tour NAME    play one
`;

export const replayFlags = {help: {type: 'boolean', shortFlag: 'h', default: false}} as const;
export const tourFlags = {...replayFlags, list: {type: 'boolean', default: false}} as const;

/** @throws UsageError */
export async function replayCommand(args: readonly string[]): Promise<Done> {
	const {flags: given, input} = parseFlags(replayFlags, args, {help: 'pgha-top replay --help'});
	if (given.help) {
		return {text: replayUsage, exitCode: 0};
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

	return play(file, {asOperator: true});
}

async function tourList(): Promise<string> {
	const {printableTable} = await import('../ui/table-layout.ts');
	return `Recordings of a real cluster; pgha-top tour NAME plays one: Space plays and pauses, ? shows the other keys.\n\n${await printableTable(tourTable())}\n`;
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

		const {replay} = await import('../ui/replay.tsx');
		await replay(recording, options);
		return {text: '', exitCode: 0};
	} catch (error) {
		if (error instanceof RecordingError) {
			return {text: '', exitCode: exitCodes.noInput, complaint: error.message};
		}

		throw error;
	}
}

export const tour = [
	{name: 'calm', what: 'a healthy cluster: who leads, who holds the VIP, what clients feel'},
	{name: 'switchover', what: 'a switchover by two keys, step by step, and the sync standby back'},
	{name: 'refused', what: 'the next switchover comes too soon: the question says why, and nothing is sent'},
	{name: 'power-off', what: 'the node that holds the VIP is shut down, and comes back as a replica'},
	{name: 'power-cut', what: 'the plug of the leader is pulled: no leader until the lease has run out'},
	{name: 'split-cable', what: "the leader's network cable is out: it is cut off, and another one takes over"},
	{name: 'no-quorum', what: 'two of three etcd members stop: the leader gives up, though PostgreSQL runs'},
	{name: 'two-holders', what: 'both nodes hold the VIP, since keepalived on one hears nothing of the other'},
] as const;

export type TourName = (typeof tour)[number]['name'];

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
