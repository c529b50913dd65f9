/** Entry point: parses flags, runs the chosen mode, sets the exit code. */
import * as z from 'zod';
import packageJson from './package.json' with {type: 'json'};
import {takeColor} from './source/cli/color.ts';
import {
	type CommandLine,
	commandLine,
	type Done,
	exitCodes,
	type Subcommand,
} from './source/cli/command-line.ts';
import {program, valueFlags} from './source/cli/command-table.ts';
import {flags as programFlags} from './source/cli/commands/console.ts';
import {helpText} from './source/cli/help-text.ts';
import {parseFlags, shownArgument, UsageError, unknownCommand} from './source/cli/parse-flags.ts';
import {type Config, configOf} from './source/config/config.ts';
import {ConfigError} from './source/config/origin.ts';
import {preferencesOf} from './source/config/preferences.ts';
import {readSettings, type Settings} from './source/config/settings.ts';
import {catchFaults} from './source/lib/faults.ts';
import {dropMalloc} from './source/lib/malloc.ts';
import {sanitize} from './source/lib/sanitize.ts';
import {redact} from './source/lib/secrets.ts';
import {isWatchFormat} from './source/snapshot/format-names.ts';
import {nagiosProblem} from './source/snapshot/nagios.ts';
import {terminalProblem} from './source/ui/terminal.ts';

// Deprecation warnings of packages would corrupt the screen.
process.noDeprecation = true;
// The process name in ps, pgrep and killall, instead of node.
process.title = 'pgha-top';

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

/** Run as a plugin of a monitoring, which reads standard output, and knows no other codes than 0 to 3. */
let isPlugin = false;

// Node.js would exit with 1, which means "degraded". Modes that must clean up catch faults themselves.
catchFaults(error => {
	process.exit(complain(inFull(error), exitCodes.software));
});

try {
	process.exitCode = await main();
} catch (error) {
	// Node.js would exit with 1, which means "degraded" for `--once`.
	process.exitCode = complain(inFull(error), exitCodes.software);
}

// Sockets and streams of the sources are still open and would delay the exit.
process.exit();

async function main(): Promise<number> {
	dropMalloc(process.env);
	let typed: CommandLine;
	try {
		isPlugin = asksForNagios(process.argv.slice(2));
		const args = takeColor(process.argv.slice(2), process.env);
		// A package that looks for these flags itself reads them in another way.
		process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
		const {word, rest} = commandWord(args);
		if (word !== undefined) {
			return await byWord(word, rest);
		}

		typed = commandLine(args);
	} catch (error) {
		if (error instanceof UsageError) {
			return complain(error.message, exitCodes.usage);
		}

		throw error;
	}

	if (typed.help || typed.version) {
		return write(typed.help ? helpText(program) : `${packageJson.version}\n`, 0);
	}

	// Sources answer once.
	z.config({jitless: typed.once});
	let config: Config;
	let settings: Settings;
	try {
		settings = readSettings(typed.settings, process.env);
		config = configOf(settings);
		if (!typed.once) {
			const {applyPreferences} = await import('./source/ui/preferences.ts');
			applyPreferences(preferencesOf(settings));
		}
	} catch (error) {
		if (error instanceof ConfigError) {
			return complain(error.message, exitCodes.usage);
		}

		throw error;
	}

	if (typed.settings.writeProbe && config.probe === undefined) {
		return complain('--write-probe needs a probe: pass --probe DSN, PGSERVICE or PGUSER', exitCodes.usage);
	}

	const {once, watchMs, format, timeoutMs, recording} = typed;
	if (typed.printConfig) {
		const {printConfig} = await import('./source/config/print.ts');
		return write(printConfig(config, settings), 0);
	}

	if (once) {
		const {printSnapshot} = await import('./source/snapshot/command.ts');
		const {isTTY, columns} = process.stdout;
		const width = isTTY ? columns : undefined;
		return print(await printSnapshot(config, {settings, format, timeoutMs, width}));
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

		return complain(inFull(error), exitCodes.software);
	}
}

/** Finds the first word that is neither a flag nor a flag's value: patronictl accepts `-c FILE drill switchover`. */
function commandWord(args: readonly string[]): {word: string | undefined; rest: readonly string[]} {
	for (let index = 0; index < args.length; index++) {
		const arg = args[index] ?? '';
		if (arg === '--') {
			break;
		}

		if (!arg.startsWith('-') || arg === '-') {
			return {word: arg, rest: args.toSpliced(index, 1)};
		}

		if (takesNext(arg)) {
			index++;
		}
	}

	return {word: undefined, rest: args};
}

function takesNext(flag: string): boolean {
	if (flag.startsWith('--')) {
		return valueFlags.has(flag.slice(2));
	}

	// In -kc FILE the last letter takes the value; in -cFILE the rest is the value.
	const letters = [...flag.slice(1)];
	const first = letters.findIndex(letter => valueFlags.has(letter));
	return first !== -1 && first === letters.length - 1;
}

/** Also of a command line with errors. */
function asksForNagios(args: readonly string[]): boolean {
	return args.some(
		(arg, index) =>
			/^(?:--format=|-[a-z]*f=?)nagios$/i.test(arg) ||
			(arg === 'nagios' && /^(?:--format|-[a-z]*f)$/i.test(args[index - 1] ?? '')),
	);
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

		return complain(inFull(error), exitCodes.software);
	}
}

async function print({text, exitCode, complaint}: Done): Promise<number> {
	const written = text === '' ? exitCode : await write(text, exitCode);
	return complaint === undefined ? written : complain(complaint, exitCode);
}

function complain(message: string, exitCode: number): number {
	if (isPlugin) {
		process.stdout.write(nagiosProblem(sanitize(redact(message))));
		return exitCodes.pluginUnknown;
	}

	process.stderr.write(
		`${redact(message)
			.split('\n')
			.map(line => `pgha-top: ${sanitize(line)}`)
			.join('\n')}\n`,
	);
	return exitCode;
}

function inFull(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Resolves when everything is written, even into a slow pipe. @returns the exit code */
async function write(text: string, exitCode: number): Promise<number> {
	const error = await new Promise<Error | null | undefined>(resolve => {
		process.stdout.once('error', resolve).write(text, resolve);
	});
	if (!error) {
		return exitCode;
	}

	return 'code' in error && error.code === 'EPIPE'
		? exitCodes.brokenPipe
		: complain(`cannot write to standard output: ${error.message}`, exitCodes.software);
}
