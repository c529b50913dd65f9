/** The type of a simulated parser, and the format of inputs with two parts. */
import type {Fact} from '../../source/domain/events.ts';

export type Parser = {
	seeds: readonly string[];
	/** Limit of CPU time, if it differs from the default. */
	milliseconds?: number;
	/**
	 * Parses an input and checks the result.
	 * @returns the facts that a source would report
	 * @throws an error that is not a fault of this program, if it refuses the input
	 */
	read: (input: string) => readonly Fact[];
};

/** The text before the first line end, and after it. */
export function halves(input: string): [string, string] {
	const at = input.indexOf('\n');
	return at < 0 ? [input, ''] : [input.slice(0, at), input.slice(at + 1)];
}
