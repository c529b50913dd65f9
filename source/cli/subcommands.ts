/** The table of subcommands, and the choice of one by the command line. */
import type {Subcommand} from './subcommand.ts';
import {valueFlags} from './subcommand.ts';

export const subcommands: ReadonlyMap<string, () => Promise<Subcommand>> = new Map([
	['replay', async () => (await import('../replay/command.ts')).replayCommand],
	['tour', async () => (await import('../replay/command.ts')).tourCommand],
	['drill', async () => (await import('../drill/command.ts')).drillCommand],
	['report', async () => (await import('../report/command.ts')).reportCommand],
]);

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
