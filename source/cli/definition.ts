/** What a command is, in one table: for the parser, `--help`, the man page, the completions and the documentation. */

export type FlagDefinition = {
	readonly type: 'string' | 'boolean' | 'number';
	readonly shortFlag?: string;
	readonly default?: string | number | boolean;
	readonly isMultiple?: true;
	/** Name of the value in the help: `FILE`. */
	readonly value?: string;
	/** All values that are accepted. */
	readonly choices?: readonly string[];
	/** What a shell completes the value with, where it has no choices. */
	readonly completes?: Completion;
	readonly text: string;
	/** Another form of the value, with its own text. */
	readonly otherForm?: {readonly value: string; readonly text: string};
	/** `--no-…` disables what a file or the environment enables. */
	readonly isNegatable?: true;
};

export type Completion = 'file' | 'folder' | 'host';

export type FlagTable = Readonly<Record<string, FlagDefinition>>;

/** The word after a command. */
export type WordDefinition = {
	readonly name: string;
	readonly choices?: readonly string[];
	readonly completes?: Completion;
};

export type CommandDefinition = {
	/** Empty: `pgha-top` without a command. */
	readonly name: string;
	/** In the list of commands. */
	readonly summary: string;
	/** First line of its help. */
	readonly title: string;
	/** What follows its name, one way of use each. */
	readonly usage: readonly string[];
	readonly word?: WordDefinition;
	/** Paragraphs below the usage. */
	readonly about: readonly string[];
	readonly flags: FlagTable;
	/** The flags that name the cluster are accepted, and not listed in its help. */
	readonly takesSettings: boolean;
	readonly examples: readonly {readonly typed: string; readonly text: string}[];
	readonly exitCodes: readonly (readonly [number, string])[];
	/** Variables, in the help of `pgha-top` alone. */
	readonly environment?: readonly (readonly [string, string])[];
};

/** Of every command. `cli.tsx` handles colour before a command sees its flags. */
export const commonFlags = {
	color: {
		type: 'string',
		value: 'WHEN',
		choices: ['auto', 'always', 'never'],
		text: 'colours: auto (on a terminal, unless NO_COLOR is set), always or never',
	},
	noColor: {type: 'boolean', text: 'like --color never'},
	help: {type: 'boolean', shortFlag: 'h', default: false, text: 'print this help'},
	version: {type: 'boolean', shortFlag: 'V', default: false, text: 'print the version'},
} as const satisfies FlagTable;

/** What a command's own parser sees of `commonFlags`. */
export const helpFlag = {help: commonFlags.help} as const;

/** A flag's name as typed: `read-only` of `readOnly`. */
export function kebab(name: string): string {
	return name.replaceAll(/(?!^)[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

/** `-c, --config-file FILE` */
export function flagForm(name: string, {shortFlag, value, choices}: FlagDefinition): string {
	const short = shortFlag === undefined ? '' : `-${shortFlag}, `;
	const shown = value ?? choices?.join('|');
	return `${short}--${kebab(name)}${shown === undefined ? '' : ` ${shown}`}`;
}

/** A row for each form of a flag; one for all that `--no-…` disables. */
export function flagRows(flags: FlagTable): {form: string; text: string}[] {
	const rows = Object.entries(flags).flatMap(([name, flag]) => [
		{form: flagForm(name, flag), text: flag.text},
		...(flag.otherForm === undefined
			? []
			: [{form: flagForm(name, {...flag, value: flag.otherForm.value}), text: flag.otherForm.text}]),
	]);
	const negated = negatedFlags(flags);
	return negated.length === 0
		? rows
		: [
				...rows,
				{
					form: negated.map(name => `--${name}`).join(', '),
					text: 'disable a setting that a file or the environment enables',
				},
			];
}

/** `no-read-only` for each flag that has it. */
export function negatedFlags(flags: FlagTable): string[] {
	return Object.entries(flags).flatMap(([name, {isNegatable}]) =>
		isNegatable === true ? [`no-${kebab(name)}`] : [],
	);
}
