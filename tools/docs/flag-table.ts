/** Formats the flags of a command as a table. */
import {ownFlags} from '../../source/cli/command-table.ts';
import {type CommandDefinition, flagRows} from '../../source/cli/definition.ts';
import {code, table} from './table.ts';

export function flagTable(command: CommandDefinition): string {
	return table(
		['flag', 'meaning'],
		flagRows(ownFlags(command)).map(({form, text}) => [code(form), text]),
	);
}

export function exitCodeTable({exitCodes}: CommandDefinition): string {
	return table(
		['exit code', 'meaning'],
		exitCodes.map(([exitCode, text]) => [String(exitCode), text]),
	);
}

export function exampleBlock({examples}: CommandDefinition): string {
	const width = Math.max(...examples.map(({typed}) => typed.length));
	return ['```sh', ...examples.map(({typed, text}) => `${typed.padEnd(width)}  # ${text}`), '```'].join('\n');
}
