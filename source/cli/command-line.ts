/** The command line of `pgha-top` without a command; what a command returns, and all exit codes. */
import type {Flags} from '../config/layers.ts';
import {flags} from './commands/console.ts';
import {parseFlags, shownArgument, type Typed, UsageError} from './parse-flags.ts';

/** Seconds, one day. setTimeout fires at once beyond 24.8 days. */
const timeoutMaxSeconds = 86_400;
const defaultTimeout = 5;

export type CommandLine = {
	settings: Flags;
	once: boolean;
	json: boolean;
	/** Milliseconds. */
	timeout: number;
	printConfig: boolean;
	/** Undefined `file`: no recording from the start. */
	recording: {file: string | undefined; logs: boolean; reason: string | undefined};
	help: boolean;
	version: boolean;
};

/** @throws UsageError */
export function commandLine(args: readonly string[]): CommandLine {
	const cli = parseFlags(flags, args, 'pgha-top --help');
	const {
		once,
		json,
		timeout = defaultTimeout,
		printConfig,
		record,
		recordLogs,
		reason,
		help,
		version,
		...settings
	} = cli.flags;
	const problem = usageProblem(cli);
	if (problem !== undefined) {
		throw new UsageError(problem);
	}

	const recording = {file: record, logs: recordLogs, reason};
	return {settings, once, json, timeout: timeout * 1000, printConfig, recording, help, version};
}

function usageProblem({flags: given, input}: Typed<typeof flags>): string | undefined {
	if (input.length > 0) {
		return `unexpected argument ${shownArgument(input[0] ?? '')}; see pgha-top --help`;
	}

	const {once, json, timeout, printConfig, record, recordLogs, reason} = given;
	if (timeout !== undefined && !(timeout > 0 && timeout <= timeoutMaxSeconds)) {
		return `--timeout must be a number of seconds above 0, at most ${timeoutMaxSeconds}`;
	}

	const ofSession = [
		...(record === undefined ? [] : ['--record']),
		...(recordLogs ? ['--record-logs'] : []),
		...(reason === undefined ? [] : ['--reason']),
	];
	const ofOnce = [...(json ? ['--json'] : []), ...(timeout === undefined ? [] : ['--timeout'])];
	if (printConfig && (once || ofOnce.length > 0 || ofSession.length > 0)) {
		return `${[...(once ? ['--once'] : []), ...ofOnce, ...ofSession][0]} cannot be used with --print-config`;
	}

	if (once && ofSession.length > 0) {
		return `${ofSession[0]} cannot be used with --once: there is no session to record`;
	}

	if (record === '-') {
		return '--record needs a file: a recording is not written to standard output';
	}

	return !once && ofOnce.length > 0 ? `${ofOnce[0]} needs --once` : undefined;
}

export type Done = {
	/** Text for standard output. */
	text: string;
	exitCode: number;
	/** Error for standard error. */
	complaint?: string;
};

/** @throws UsageError, ConfigError */
export type Subcommand = (args: readonly string[]) => Promise<Done>;

export const exitCodes = {
	done: 0,
	/** EX_USAGE: invalid command line or configuration. */
	usage: 64,
	/** EX_NOINPUT: a recording cannot be read. */
	noInput: 66,
	/** EX_UNAVAILABLE: `init` finds no cluster; an old Node.js. */
	unavailable: 69,
	/** EX_SOFTWARE: a bug in pgha-top. */
	software: 70,
	/** EX_CANTCREAT: a recording or a report cannot be written. */
	cannotCreate: 73,
	/** 128 + SIGINT: a dialog was ended by Ctrl-C. */
	interrupted: 130,
	/** 128 + SIGPIPE: the reader of standard output has closed it. */
	brokenPipe: 141,
} as const;
