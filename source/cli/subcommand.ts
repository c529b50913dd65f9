/** The type of a subcommand, its result, and all exit codes. */

export type Done = {
	/** Text for standard output. */
	text: string;
	exitCode: number;
	/** Error for standard error. */
	complaint?: string;
};

/** @throws UsageError, ConfigError */
export type Subcommand = (args: readonly string[]) => Promise<Done>;

/** Flags that take a value, of all commands: the next word is not a command. */
export const valueFlags: ReadonlySet<string> = new Set(
	'config-file dcs-url scope group vip probe record reason timeout target goal within format output c d'.split(
		' ',
	),
);

const itself = 'pgha-top without a command';

const settings = 'pgha-top and pgha-top drill';

/** The command that each flag belongs to, for the error of a command without it. */
export const flagsElsewhere: ReadonlyMap<string, string> = new Map([
	...['once', 'json', 'timeout', 'print-config', 'version'].map((name): [string, string] => [name, itself]),
	...['target', 'within', 'yes'].map((name): [string, string] => [name, 'pgha-top drill']),
	...['format', 'output'].map((name): [string, string] => [name, 'pgha-top report']),
	['goal', 'pgha-top drill and pgha-top report'],
	['list', 'pgha-top tour'],
	...[
		...['config-file', 'dcs-url', 'insecure', 'scope', 'group', 'vip', 'read-only', 'dry-run', 'probe'],
		...['write-probe', 'record', 'record-logs', 'reason', 'c', 'd', 'k'],
		...['no-insecure', 'no-read-only', 'no-dry-run', 'no-write-probe'],
	].map((name): [string, string] => [name, settings]),
]);

export const exitCodes = {
	done: 0,
	/** EX_USAGE: invalid command line or configuration. */
	usage: 64,
	/** EX_NOINPUT: a recording cannot be read. */
	noInput: 66,
	/** EX_SOFTWARE: a bug in pgha-top. */
	software: 70,
	/** EX_CANTCREAT: a recording or a report cannot be written. */
	cannotCreate: 73,
	/** 128 + SIGPIPE: the reader of standard output has closed it. */
	brokenPipe: 141,
} as const;
