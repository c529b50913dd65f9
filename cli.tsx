#!/usr/bin/env node
/** The front door: flags, which mode to run, the exit code. */
import './source/node-version.ts';
import packageJson from './package.json' with {type: 'json'};
import {type CommandLine, commandLine, UsageError, usage} from './source/command-line.ts';
import {type Config, configOf} from './source/config/config.ts';
import {ConfigError} from './source/config/error.ts';
import {printConfig} from './source/config/print.ts';
import {readSettings, type Settings} from './source/config/settings.ts';
import {RecordingError} from './source/recording/error.ts';
import {sanitize} from './source/sanitize.ts';
import {terminalProblem} from './source/ui/terminal.ts';

/** Exit codes beyond those of `--once`: sysexits' EX_USAGE and EX_SOFTWARE. */
const usageError = 64;
const softwareError = 70;
/** EX_CANTCREAT: a recording can't be written. */
const notWritten = 73;

// A package's use of something deprecated is nothing for an operator, and would be written across the screen.
process.noDeprecation = true;
// What ps, pgrep and killall know it by, instead of node.
process.title = 'pgha-top';

process.exitCode = await main();
// Sockets and streams of the sources are still open; nothing is left to be said on them.
process.exit();

async function main(): Promise<number> {
	let typed: CommandLine;
	try {
		typed = commandLine(process.argv.slice(2));
	} catch (error) {
		if (error instanceof UsageError) {
			return complain(error.message, usageError);
		}

		throw error;
	}

	if (typed.help || typed.version) {
		await write(typed.help ? usage : `${packageJson.version}\n`);
		return 0;
	}

	let config: Config;
	let settings: Settings;
	try {
		settings = readSettings(typed.settings, process.env);
		config = configOf(settings);
	} catch (error) {
		if (error instanceof ConfigError) {
			return complain(error.message, usageError);
		}

		throw error;
	}

	const {once, json, timeout, recording} = typed;
	if (typed.printConfig) {
		await write(printConfig(config, settings));
		return 0;
	}

	if (once) {
		const {once: look} = await import('./source/once/once.ts');
		const {text, exitCode} = await look(config, {json, timeout});
		await write(text);
		return exitCode;
	}

	const problemOfTerminal = terminalProblem(process, process.env);
	if (problemOfTerminal !== undefined) {
		return complain(problemOfTerminal, usageError);
	}

	process.env.NODE_ENV ??= 'production';
	const {live} = await import('./source/ui/live.tsx');
	try {
		const recorded = await live(config, {
			...recording,
			program: packageJson.version,
			config: () => printConfig(config, settings),
		});
		if (recorded !== undefined) {
			// Nobody may be there to read it any more.
			process.stderr.once('error', () => undefined).write(`pgha-top: recorded to ${sanitize(recorded)}\n`);
		}

		return 0;
	} catch (error) {
		if (error instanceof RecordingError) {
			return complain(error.message, notWritten);
		}

		return complain(error instanceof Error ? (error.stack ?? error.message) : String(error), softwareError);
	}
}

function complain(message: string, exitCode: number): number {
	process.stderr.write(
		`${message
			.split('\n')
			.map(line => `pgha-top: ${sanitize(line)}`)
			.join('\n')}\n`,
	);
	return exitCode;
}

/** Resolves when all is written, also into a slow pipe. */
async function write(text: string): Promise<void> {
	await new Promise<void>(resolve => {
		process.stdout.write(text, () => {
			resolve();
		});
	});
}
