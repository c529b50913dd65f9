/** What the program prints at its end: a result on standard output, or a problem on standard error. */
import {sanitize} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';
import {nagiosProblem} from '../snapshot/nagios.ts';
import {type Done, exitCodes} from './command-line.ts';

/** Run as a plugin of a monitoring, which reads standard output, and knows no other codes than 0 to 3. */
let isPlugin = false;

/** Also by a command line with errors. */
export function complainAsAsked(args: readonly string[]): void {
	isPlugin = args.some(
		(arg, index) =>
			/^(?:--format=|-[a-z]*f=?)nagios$/i.test(arg) ||
			(arg === 'nagios' && /^(?:--format|-[a-z]*f)$/i.test(args[index - 1] ?? '')),
	);
}

export async function print({text, exitCode, complaint}: Done): Promise<number> {
	const written = text === '' ? exitCode : await write(text, exitCode);
	return complaint === undefined ? written : complain(complaint, exitCode);
}

/** @returns the exit code */
export function complain(message: string, exitCode: number): number {
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

/** A fault, which Node.js would report with the exit code 1: that means "degraded" for `--once`. */
export function complainOfFault(error: unknown): number {
	return complain(
		error instanceof Error ? (error.stack ?? error.message) : String(error),
		exitCodes.software,
	);
}

/** Resolves when everything is written, even into a slow pipe. @returns the exit code */
export async function write(text: string, exitCode: number): Promise<number> {
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
