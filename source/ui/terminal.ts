/** Whether there is a terminal that can show the console, and if not, why and what to do. */

export type Streams = {stdin: {isTTY?: boolean}; stdout: {isTTY?: boolean}};

/** A sentence for the operator; undefined when all is well. */
export function terminalProblem(
	{stdin, stdout}: Streams,
	environment: Readonly<Record<string, string | undefined>>,
	instead = 'use --once for a snapshot in a script',
): string | undefined {
	if (!stdin.isTTY || !stdout.isTTY) {
		return `standard input and output must be a terminal; ${instead}`;
	}

	return environment.TERM === 'dumb' || environment.TERM === ''
		? `this terminal (TERM=dumb) can not show a full screen; ${instead}, or set TERM to what it really is`
		: undefined;
}
