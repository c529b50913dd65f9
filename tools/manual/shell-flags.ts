/** What the completions of all shells need of a command. */
import {allFlags, commands, program} from '../../source/cli/command-table.ts';
import {
	type CommandDefinition,
	type Completion,
	type FlagDefinition,
	kebab,
	negatedFlags,
} from '../../source/cli/definition.ts';

/** `values`: what to complete the value with; undefined: the flag is a switch. */
export type ShellFlag = {
	long: string;
	short: string | undefined;
	text: string;
	isMultiple: boolean;
	values: Values | undefined;
	/** The name of the value. */
	valueName: string;
};

export type Values = readonly string[] | Completion | 'anything';

export function shellFlags(command: CommandDefinition): ShellFlag[] {
	const flags = allFlags(command);
	return [
		...Object.entries(flags).map(([name, flag]) => ({
			long: kebab(name),
			short: flag.shortFlag,
			text: flag.text,
			isMultiple: flag.isMultiple === true,
			values: valuesOf(flag),
			valueName: flag.value ?? 'VALUE',
		})),
		...negatedFlags(flags).map(long => ({
			long,
			short: undefined,
			text: `disable ${long.slice('no-'.length)}`,
			isMultiple: false,
			values: undefined,
			valueName: '',
		})),
	];
}

function valuesOf({type, choices, completes}: FlagDefinition): Values | undefined {
	return type === 'boolean' ? undefined : (choices ?? completes ?? 'anything');
}

export function wordValues({word}: CommandDefinition): Values | undefined {
	return word === undefined ? undefined : (word.choices ?? word.completes ?? 'anything');
}

/** `help` and `version` with the commands. */
export const words: readonly {name: string; summary: string}[] = [
	...commands.map(({name, summary}) => ({name, summary})),
	{name: 'help', summary: 'print the help of a command'},
	{name: 'version', summary: 'print the version'},
];

export const everyCommand: readonly CommandDefinition[] = [program, ...commands];

/** For all three shells. */
export const origin = 'made from source/cli/commands/ at build';
