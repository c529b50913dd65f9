/** What a simulation knows of a parser, and how inputs of two parts are written. */
import type {Fact} from '../../source/domain/events.ts';

export type Parser = {
	seeds: readonly string[];
	/** Of CPU time, where more is no harm. */
	milliseconds?: number;
	/**
	 * Reads an input and checks what came of it.
	 * @returns the facts that a source would report
	 * @throws an error that is no fault of the program's own where it refuses the input
	 */
	read: (input: string) => readonly Fact[];
};

/** What stands before the first line end, and behind it. */
export function halves(input: string): [string, string] {
	const at = input.indexOf('\n');
	return at < 0 ? [input, ''] : [input.slice(0, at), input.slice(at + 1)];
}
