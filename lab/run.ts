/** Runs a program to its end; an error has its name and the end of its output. */
import {readFileSync} from 'node:fs';
import {ExecaError, execa, type Options} from 'execa';
import {LabError} from './failure.ts';

export type RunOptions = {
	input?: string;
	env?: Record<string, string>;
	/** Milliseconds, after which the program is killed. */
	timeout?: number;
	/** A file for all output of verbose programs. */
	log?: string;
	signal?: AbortSignal;
};

/** @returns what the program wrote to standard output */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
	const settings: Options = {
		...(options.input === undefined ? {stdin: 'ignore'} : {input: options.input}),
		...(options.env ? {env: options.env} : {}),
		...(options.timeout ? {timeout: options.timeout, killSignal: 'SIGKILL'} : {}),
		...(options.signal ? {cancelSignal: options.signal} : {}),
		...(options.log
			? {stdout: {file: options.log, append: true}, stderr: {file: options.log, append: true}}
			: {}),
	};
	try {
		const {stdout} = await execa(file, args, settings);
		return typeof stdout === 'string' ? stdout : '';
	} catch (error) {
		if (!(error instanceof ExecaError)) throw error;
		const how = error.timedOut
			? `did not end within ${(options.timeout ?? 0) / 1000} s`
			: error.signal
				? `was ended by ${error.signal}`
				: error.exitCode === undefined
					? `could not be started (${error.originalMessage})`
					: `failed with exit code ${error.exitCode}`;
		const words: string = options.log ? readFileSync(options.log, 'utf8') : String(error.stderr ?? '');
		const said = words.trim().split('\n').slice(-8).join('\n  ');
		const shown = args.find(argument => argument.includes('\n')) ? '…' : args.join(' ');
		const where = options.log ? `\n  see all of its output: ${options.log}` : '';
		throw new LabError(`\`${file} ${shown}\` ${how}${said ? `\n  ${said}` : ''}${where}`, {cause: error});
	}
}
