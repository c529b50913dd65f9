/** Parses the command line; a wrong one is an error message and exit code 2. */
import {parseArgs} from 'node:util';
import {LabError} from './failure.ts';

/** A wrong command line. */
export class UsageError extends LabError {}

export const exitCodeOf = (error: LabError) => (error instanceof UsageError ? 2 : 1);

type Flags = Record<string, {type: 'string' | 'boolean'}>;

/** A verb's flags. One that takes a word, too, says how it is used. */
export function parse<const Wanted extends Flags>(args: string[], options: Wanted, usage?: string) {
	try {
		const parsed = parseArgs({args, options, allowPositionals: usage !== undefined, strict: true});
		if (parsed.positionals.length <= 1) return parsed;
	} catch (error) {
		throw new UsageError(`${error instanceof Error ? error.message : error}; see npm run lab -- help`);
	}

	throw new UsageError(`usage: npm run lab -- ${usage}`);
}

export function required(value: string | undefined, usage: string): string {
	if (value === undefined || value.startsWith('-')) throw new UsageError(`usage: npm run lab -- ${usage}`);
	return value;
}

export function numberIn(value: string | undefined, flag: string, unit: string): number | undefined {
	if (value === undefined) return undefined;
	if (/^\d+$/.test(value) && Number(value) > 0) return Number(value);
	throw new UsageError(`${flag} must be a whole number of ${unit}, and is "${value}"`);
}
