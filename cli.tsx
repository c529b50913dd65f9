/** Entry point: parses flags, runs the chosen mode, sets the exit code. */
import packageJson from './package.json' with {type: 'json'};
import {beginProcess, commandWord, configure} from './source/cli/begin.ts';
import {takeColor} from './source/cli/color.ts';
import {type CommandLine, commandLine, exitCodes, type Subcommand} from './source/cli/command-line.ts';
import {program} from './source/cli/command-table.ts';
import {flags as programFlags} from './source/cli/commands/console.ts';
import {helpText} from './source/cli/help-text.ts';
import {complain, complainAsAsked, complainOfFault, print, write} from './source/cli/output.ts';
import {parseFlags, shownArgument, UsageError, unknownCommand} from './source/cli/parse-flags.ts';
import {ConfigError} from './source/config/origin.ts';
import {preferencesOf} from './source/config/preferences.ts';
import {sanitize} from './source/lib/sanitize.ts';
import {isWatchFormat} from './source/snapshot/format-names.ts';
import {terminalProblem} from './source/ui/terminal.ts';

const subcommands: ReadonlyMap<string, () => Promise<Subcommand>> = new Map([
	['replay', async () => (await import('./source/replay/command.ts')).replayCommand],
	['tour', async () => (await import('./source/replay/command.ts')).tourCommand],
	['init', async () => (await import('./source/init/command.ts')).initCommand],
	['autopsy', async () => (await import('./source/autopsy/command.ts')).autopsyCommand],
	['doctor', async () => (await import('./source/doctor/command.ts')).doctorCommand],
	['drill', async () => (await import('./source/drill/command.ts')).drillCommand],
	['report', async () => (await import('./source/report/command.ts')).reportCommand],
	['watch', async () => (await import('./source/watch/command.ts')).watchCommand],
	['history', async () => (await import('./source/snapshot/cluster-command.ts')).historyCommand],
	['topology', async () => (await import('./source/snapshot/cluster-command.ts')).topologyCommand],
	['dsn', async () => (await import('./source/snapshot/cluster-command.ts')).dsnCommand],
]);

beginProcess();
try {
	process.exitCode = await main();
} catch (error) {
	process.exitCode = complainOfFault(error);
}

// Sockets and streams of the sources are still open and would delay the exit.
process.exit();

async function main(): Promise<number> {
	try {
		complainAsAsked(process.argv.slice(2));
		const args = takeColor(process.argv.slice(2), process.env);
		// A package that looks for these flags itself reads them in another way.
		process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
		const {word, rest} = commandWord(args);
		return await (word === undefined ? withoutCommand(commandLine(args)) : byWord(word, rest));
	} catch (error) {
		if (error instanceof UsageError || error instanceof ConfigError) {
			return complain(error.message, exitCodes.usage);
		}

		throw error;
	}
}

/** @throws {UsageError | ConfigError} */
async function withoutCommand(typed: CommandLine): Promise<number> {
	if (typed.help || typed.version) {
		return write(typed.help ? helpText(program) : `${packageJson.version}\n`, 0);
	}

	const {once, watchMs, format, timeoutMs, recording} = typed;
	const {config, settings} = configure(typed);
	if (!once) {
		const {applyPreferences} = await import('./source/ui/preferences.ts');
		applyPreferences(preferencesOf(settings));
	}

	if (typed.printConfig) {
		const {printConfig} = await import('./source/config/print.ts');
		return write(printConfig(config, settings), 0);
	}

	if (once) {
		const {printOnce} = await import('./source/cli/once.ts');
		return printOnce(typed, {config, settings});
	}

	if (watchMs !== undefined && isWatchFormat(format)) {
		const {printWatch} = await import('./source/snapshot/command.ts');
		return print(await printWatch(config, {settings, format, timeoutMs, everyMs: watchMs}));
	}

	const problemOfTerminal = terminalProblem(process, process.env);
	if (problemOfTerminal !== undefined) {
		return complain(problemOfTerminal, exitCodes.usage);
	}

	const [{runConsole}, {printConfig}, {RecordingError}] = await Promise.all([
		import('./source/ui/console.tsx'),
		import('./source/config/print.ts'),
		import('./source/recording/schema.ts'),
	]);
	try {
		const recorded = await runConsole(config, settings, {
			...recording,
			program: packageJson.version,
			config: () => printConfig(config, settings),
		});
		if (recorded !== undefined) {
			// Standard error may be closed.
			process.stderr.once('error', () => undefined).write(`pgha-top: recorded to ${sanitize(recorded)}\n`);
		}

		return 0;
	} catch (error) {
		if (error instanceof RecordingError) {
			return complain(error.message, exitCodes.cannotCreate);
		}

		return complainOfFault(error);
	}
}

/** @throws UsageError for an unknown command */
async function byWord(word: string, rest: readonly string[]): Promise<number> {
	const subcommand = subcommands.get(word);
	if (subcommand !== undefined) {
		return asksForVersion(rest) ? printVersion() : instead(await subcommand(), rest);
	}

	// The word after an unknown flag may be its value, even a password: the message names only the flag.
	const {flags: given, input} = parseFlags(programFlags, rest, 'pgha-top --help');
	const [about, more] = input;
	if (word === 'help' && more === undefined) {
		const explained = subcommands.get(about ?? '');
		if (explained !== undefined) {
			return instead(await explained(), ['--help']);
		}

		if (about === undefined || about === 'help' || about === 'version') {
			return write(helpText(program), 0);
		}

		throw unknownCommand(about);
	}

	if (word === 'version' && about === undefined) {
		return given.help ? write(helpText(program), 0) : printVersion();
	}

	throw word === 'help' || word === 'version'
		? new UsageError(`unexpected argument ${shownArgument(more ?? about ?? '')}; see pgha-top --help`)
		: unknownCommand(word);
}

async function printVersion(): Promise<number> {
	return write(`${packageJson.version}\n`, 0);
}

/** `pgha-top drill --version`: the version of a command is that of the program. */
function asksForVersion(args: readonly string[]): boolean {
	const flags = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
	return flags.length === 1 && (flags[0] === '--version' || flags[0] === '-V');
}

async function instead(subcommand: Subcommand, args: readonly string[]): Promise<number> {
	try {
		return await print(await subcommand(args));
	} catch (error) {
		if (error instanceof UsageError || error instanceof ConfigError) {
			return complain(error.message, exitCodes.usage);
		}

		return complainOfFault(error);
	}
}
