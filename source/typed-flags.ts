/** Flags as they were typed, checked against those that there are: for the program and for each of its subcommands. */
import meow, {type AnyFlags, type Result} from 'meow';

/** It can't be done as it was typed; the message says what to change. */
export class UsageError extends Error {}

/** @throws UsageError for a flag that is not known, is given twice, or is not given as it should be */
export function typedFlags<F extends AnyFlags>(
	usage: string,
	flags: F,
	args: readonly string[],
	help: string,
): Result<F> {
	let cli: Result<F>;
	try {
		cli = meow(usage, {
			importMeta: import.meta,
			argv: args,
			// Given, so that no package.json is looked for and taken apart, which costs as much as all the rest.
			pkg: {name: 'pgha-top'},
			// Written to the end before the program ends, also into a slow pipe: by the front door.
			autoHelp: false,
			autoVersion: false,
			flags,
		});
	} catch (error) {
		// A flag that was given twice.
		throw new UsageError(error instanceof Error ? error.message.replace(/\.$/, '') : String(error));
	}

	const problem = unknownFlag(cli, flags) ?? misused(cli, flags, args);
	if (problem !== undefined) {
		throw new UsageError(`${problem}; see ${help}`);
	}

	return cli;
}

function unknownFlag({unnormalizedFlags}: {unnormalizedFlags: object}, flags: AnyFlags): string | undefined {
	const known = new Set([
		...Object.keys(flags),
		...Object.values(flags).flatMap(({shortFlag}) => shortFlag ?? []),
	]);
	const unknown = Object.keys(unnormalizedFlags).find(name => !known.has(name));
	return unknown === undefined ? undefined : `unknown flag ${asTyped(unknown)}`;
}

function misused(
	{flags: given}: {flags: object},
	flags: AnyFlags,
	args: readonly string[],
): string | undefined {
	for (const [name, {type}] of Object.entries(flags)) {
		if (type === 'boolean' && args.some(arg => arg.startsWith(`${asTyped(name)}=`))) {
			return `${asTyped(name)} takes no value`;
		}
	}

	const empty = Object.entries(given).find(([, value]) => [value].flat().includes(''));
	return empty && `${asTyped(empty[0])} needs a value`;
}

/** As it is written on a command line. */
function asTyped(name: string): string {
	return name.length === 1
		? `-${name}`
		: `--${name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}
