/** `--once`; also the entry of the scripts that run it with kept code (`source/lib/kept-code.ts`). */
import type {Config} from '../config/config.ts';
import {ConfigError} from '../config/origin.ts';
import type {Settings} from '../config/settings.ts';
import {printSnapshot} from '../snapshot/command.ts';
import {beginProcess, commandWord, configure} from './begin.ts';
import {takeColor} from './color.ts';
import {type CommandLine, commandLine, exitCodes} from './command-line.ts';
import {complain, complainAsAsked, complainOfFault, print} from './output.ts';
import {UsageError} from './parse-flags.ts';

export async function printOnce(
	{format, timeoutMs}: CommandLine,
	{config, settings}: {config: Config; settings: Settings},
): Promise<number> {
	const {isTTY, columns} = process.stdout;
	const width = isTTY ? columns : undefined;
	return print(await printSnapshot(config, {settings, format, timeoutMs, width}));
}

/** @returns the exit code; undefined, and nothing is done yet, where the command line is of another mode, or has an error */
export async function onceAlone(): Promise<number | undefined> {
	const args = process.argv.slice(2);
	const typed = onceOf(args);
	if (typed === undefined) {
		return undefined;
	}

	beginProcess();
	try {
		complainAsAsked(args);
		process.argv.splice(2, Number.POSITIVE_INFINITY, ...takeColor(args, process.env));
		return await printOnce(typed, configure(typed));
	} catch (error) {
		return error instanceof UsageError || error instanceof ConfigError
			? complain(error.message, exitCodes.usage)
			: complainOfFault(error);
	}
}

function onceOf(args: readonly string[]): CommandLine | undefined {
	try {
		const rest = takeColor(args, {});
		const typed = commandWord(rest).word === undefined ? commandLine(rest) : undefined;
		return typed?.once && !typed.help && !typed.version && !typed.printConfig ? typed : undefined;
	} catch {
		// The usual way parses it again, and reports it.
		return undefined;
	}
}
