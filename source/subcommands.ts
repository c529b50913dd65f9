/** What the program does instead of opening its console, by the first word behind its name; loaded when it is asked for. */

export type Done = {
	/** For standard output. */
	text: string;
	exitCode: number;
	/** Why it could not be done, for standard error. */
	complaint?: string;
};

/** @throws UsageError, ConfigError */
export type Subcommand = (args: readonly string[]) => Promise<Done>;

export const subcommands: ReadonlyMap<string, () => Promise<Subcommand>> = new Map([
	['replay', async () => (await import('./ui/replay-commands.ts')).replayCommand],
	['tour', async () => (await import('./ui/replay-commands.ts')).tourCommand],
	['drill', async () => (await import('./drill/command.ts')).drillCommand],
	['report', async () => (await import('./report/command.ts')).reportCommand],
]);

/** Flags that take a value, over all commands: what stands behind one of them is no command. */
export const valueFlags: ReadonlySet<string> = new Set(
	'config-file dcs-url scope group vip probe record reason timeout target goal within format output c d'.split(
		' ',
	),
);

const itself = 'pgha-top without a command';
const settings = 'pgha-top and pgha-top drill';

/** Where a flag belongs that a command does not have. */
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

/** The first word that is neither a flag nor a flag's value, and all the rest: `-c FILE drill switchover` is patronictl's order. */
export function commandWord(args: readonly string[]): {word: string | undefined; rest: readonly string[]} {
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

	// Of -kc FILE the last letter takes the value, of -cFILE the rest is it.
	const letters = [...flag.slice(1)];
	const first = letters.findIndex(letter => valueFlags.has(letter));
	return first !== -1 && first === letters.length - 1;
}
