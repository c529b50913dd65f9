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
