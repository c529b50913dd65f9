/** All commands, and what follows from their flags together. */
import {definition as autopsyDefinition} from './commands/autopsy.ts';
import {dsnDefinition, historyDefinition, topologyDefinition} from './commands/cluster.ts';
import {definition as consoleDefinition} from './commands/console.ts';
import {definition as doctorDefinition} from './commands/doctor.ts';
import {definition as drillDefinition} from './commands/drill.ts';
import {definition as initDefinition} from './commands/init.ts';
import {replayDefinition, tourDefinition} from './commands/replay.ts';
import {definition as reportDefinition} from './commands/report.ts';
import {settingFlags} from './commands/settings.ts';
import {definition as watchDefinition} from './commands/watch.ts';
import {type CommandDefinition, commonFlags, type FlagTable, kebab, negatedFlags} from './definition.ts';

export const program = consoleDefinition;

/** In the order of `--help`. */
export const commands: readonly CommandDefinition[] = [
	replayDefinition,
	tourDefinition,
	initDefinition,
	doctorDefinition,
	drillDefinition,
	reportDefinition,
	autopsyDefinition,
	watchDefinition,
	historyDefinition,
	topologyDefinition,
	dsnDefinition,
];

export const commandNames: readonly string[] = [...commands.map(({name}) => name), 'help', 'version'];

/** Flags in a command's own help: not those that name the cluster. */
export function ownFlags({name, flags, takesSettings}: CommandDefinition): FlagTable {
	const {color, noColor, help, version} = commonFlags;
	const own = Object.entries(flags).filter(
		([flag]) => !(flag in commonFlags) && !(takesSettings && name !== '' && flag in settingFlags),
	);
	return {...Object.fromEntries(own), color, noColor, help, ...(name === '' ? {version} : {})};
}

/** Every flag that the command accepts, for completions. */
export function allFlags(command: CommandDefinition): FlagTable {
	return {...command.flags, ...commonFlags};
}

const everywhere = [program, ...commands];

/** Flags that take a value, of all commands, long and short: the next word is not a command. */
export const valueFlags: ReadonlySet<string> = new Set(
	everywhere.flatMap(command =>
		Object.entries(allFlags(command)).flatMap(([name, {type, shortFlag}]) =>
			type === 'boolean' ? [] : [kebab(name), ...(shortFlag === undefined ? [] : [shortFlag])],
		),
	),
);

/** The commands that have the flag, typed long, short or with `no-`; undefined if none has it. */
export function placesOf(typed: string): string | undefined {
	const places = everywhere.filter(({flags}) =>
		[
			...Object.entries(flags).flatMap(([name, {shortFlag}]) => [kebab(name), shortFlag]),
			...negatedFlags(flags),
		].includes(typed),
	);
	const names = places.map(({name}) => (name === '' ? 'pgha-top without a command' : `pgha-top ${name}`));
	return names.length === 0 ? undefined : names.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

/** `pgha-top drill` */
export function fullName({name}: CommandDefinition): string {
	return name === '' ? 'pgha-top' : `pgha-top ${name}`;
}
