/** The command line of `pgha-top` without a command; what a command returns, and all exit codes. */
import type {Flags} from '../config/layers.ts';
import {isWatchFormat, type SnapshotFormat, watchFormats} from '../snapshot/format-names.ts';
import {flags} from './commands/console.ts';
import {eitherOf, parseFlags, shownArgument, type Typed, UsageError} from './parse-flags.ts';

/** Seconds, one day. setTimeout fires at once beyond 24.8 days. */
const timeoutMaxSeconds = 86_400;
const defaultTimeout = 5;

export type CommandLine = {
	settings: Flags;
	once: boolean;
	/** Interval of `--watch`. */
	watchMs: number | undefined;
	format: SnapshotFormat;
	timeoutMs: number;
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
		watch,
		json,
		format = json ? 'json' : 'text',
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
	return {
		settings,
		once,
		watchMs: watch === undefined ? undefined : watch * 1000,
		format,
		timeoutMs: timeout * 1000,
		printConfig,
		recording,
		help,
		version,
	};
}

function usageProblem({flags: given, input}: Typed<typeof flags>): string | undefined {
	if (input.length > 0) {
		return `unexpected argument ${shownArgument(input[0] ?? '')}; see pgha-top --help`;
	}

	const {once, watch, json, format, timeout, printConfig, record, recordLogs, reason} = given;
	if (timeout !== undefined && !(timeout > 0 && timeout <= timeoutMaxSeconds)) {
		return `--timeout must be a number of seconds above 0, at most ${timeoutMaxSeconds}`;
	}

	if (watch !== undefined && !(watch >= 1 && watch <= timeoutMaxSeconds)) {
		return `--watch must be a number of seconds, 1 to ${timeoutMaxSeconds}`;
	}

	const ofSession = [
		...(record === undefined ? [] : ['--record']),
		...(recordLogs ? ['--record-logs'] : []),
		...(reason === undefined ? [] : ['--reason']),
	];
	const ofSnapshot = [
		...(format === undefined ? [] : ['--format']),
		...(json ? ['--json'] : []),
		...(timeout === undefined ? [] : ['--timeout']),
	];
	const modes = [
		...(printConfig ? ['--print-config'] : []),
		...(once ? ['--once'] : []),
		...(watch === undefined ? [] : ['--watch']),
	];
	const [mode, otherMode] = modes;
	if (otherMode !== undefined) {
		return `${otherMode} cannot be used with ${mode}`;
	}

	const [needless] = printConfig ? [...ofSnapshot, ...ofSession] : mode === undefined ? [] : ofSession;
	if (needless !== undefined) {
		return `${needless} cannot be used with ${mode}${printConfig ? '' : ': there is no session to record'}`;
	}

	if (record === '-') {
		return '--record needs a file: a recording is not written to standard output';
	}

	if (mode === undefined && ofSnapshot.length > 0) {
		return `${ofSnapshot[0]} needs --once or --watch`;
	}

	if (json && format !== undefined && format !== 'json') {
		return `--json and --format ${format} contradict each other`;
	}

	return watch !== undefined && !isWatchFormat(format ?? 'text')
		? `--watch prints ${eitherOf(watchFormats)}, not ${format}; for ${format} run --once again and again`
		: undefined;
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
	/** UNKNOWN of a Nagios plugin. */
	pluginUnknown: 3,
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
	/** 128 + SIGINT: a dialog or `--watch` was ended by Ctrl-C. */
	interrupted: 130,
	/** 128 + SIGPIPE: the reader of standard output has closed it. */
	brokenPipe: 141,
} as const;
