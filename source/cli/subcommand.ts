/** What a subcommand is, and what it returns. */

export type Done = {
	/** For standard output. */
	text: string;
	exitCode: number;
	/** Why it could not be done, for standard error. */
	complaint?: string;
};

/** @throws UsageError, ConfigError */
export type Subcommand = (args: readonly string[]) => Promise<Done>;
