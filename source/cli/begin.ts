/** What every mode begins with: the process, the arguments, the configuration. */
import * as z from 'zod';
import {type Config, configOf} from '../config/config.ts';
import {readSettings, type Settings} from '../config/settings.ts';
import {catchFaults} from '../lib/faults.ts';
import {dropMalloc} from '../lib/malloc.ts';
import type {CommandLine} from './command-line.ts';
import {valueFlags} from './command-table.ts';
import {complainOfFault} from './output.ts';
import {UsageError} from './parse-flags.ts';

export function beginProcess(): void {
	// Deprecation warnings of packages would corrupt the screen.
	process.noDeprecation = true;
	// The process name in ps, pgrep and killall, instead of node.
	process.title = 'pgha-top';
	dropMalloc(process.env);
	// Modes that must clean up catch faults themselves.
	catchFaults(error => {
		process.exit(complainOfFault(error));
	});
}

/** Finds the first word that is neither a flag nor a flag's value: patronictl accepts `-c FILE drill switchover`. */
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

	// In -kc FILE the last letter takes the value; in -cFILE the rest is the value.
	const letters = [...flag.slice(1)];
	const first = letters.findIndex(letter => valueFlags.has(letter));
	return first !== -1 && first === letters.length - 1;
}

/** @throws {UsageError | ConfigError} */
export function configure({once, settings: typed}: CommandLine): {config: Config; settings: Settings} {
	// Sources answer once.
	z.config({jitless: once});
	const settings = readSettings(typed, process.env);
	const config = configOf(settings);
	if (typed.writeProbe && config.probe === undefined) {
		throw new UsageError('--write-probe needs a probe: pass --probe DSN, PGSERVICE or PGUSER');
	}

	return {config, settings};
}
