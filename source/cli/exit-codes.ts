/**
 * Exit codes of all modes: those of sysexits.h, and what a shell reports for SIGPIPE. `--once` and a drill have their own for
 * results, 0 to 3. source/main.ts uses 69 and 70 itself, since an old Node.js must be able to run it.
 */
export const exitCodes = {
	done: 0,
	/** EX_USAGE: the command line or the configuration is wrong. */
	usage: 64,
	/** EX_NOINPUT: a recording cannot be read. */
	noInput: 66,
	/** EX_SOFTWARE: a fault of pgha-top. */
	software: 70,
	/** EX_CANTCREAT: a recording or a report cannot be written. */
	cannotCreate: 73,
	/** The reader of standard output has gone. */
	brokenPipe: 141,
} as const;
