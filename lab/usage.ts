/** Parses the command line; an invalid one is an error message and exit code 2. */
import {parseArgs} from 'node:util';
import {LabError} from './failure.ts';

/** The command line is invalid. */
export class UsageError extends LabError {}

export const exitCodeOf = (error: LabError) => (error instanceof UsageError ? 2 : 1);

type Flags = Record<string, {type: 'string' | 'boolean'}>;

/** Parses a verb's flags, and one word if `usage` is given. @throws UsageError */
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
