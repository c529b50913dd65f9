/** The error for an unknown command: the command that resembles it, or that replaces one of patronictl. */
import {commandNames} from './command-table.ts';
import {shownArgument, suggestionFor, UsageError} from './parse-flags.ts';

const ofPatronictl: ReadonlyMap<string, string> = new Map([
	['list', 'pgha-top --once prints the members'],
	['switchover', 'S in the console; pgha-top drill switchover runs and measures one'],
	['failover', 'F in the console'],
	['edit-config', 'E in the console'],
	['show-config', 'E in the console shows it in your editor'],
	['pause', 'P in the console'],
	['resume', 'P in the console'],
	['reinit', 'I in the console'],
	['reload', 'L in the console'],
	['restart', 'R in the console'],
	['flush', 'm in the console lists what is scheduled'],
]);

export function unknownCommand(word: string): UsageError {
	const replacement = ofPatronictl.get(word);
	const hint =
		replacement === undefined
			? suggestionFor(word, commandNames) ||
				(/\.(ndjson|gz|zst)$/.test(word) ? '; pgha-top replay FILE plays a recording' : '')
			: `: ${replacement}`;
	return new UsageError(`unknown command ${shownArgument(word)}${hint}; see pgha-top --help`);
}
