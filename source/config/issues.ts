/** What a schema refuses of settings: each problem with its path, in the words for the operator. */
import type * as z from 'zod';
import {describeValue} from './origin.ts';

export type Issue = {
	path: readonly string[];
	problem: string;
	/** There is no such key. */
	isUnknown: boolean;
	/** There is no value, and one is needed. */
	isMissing: boolean;
};

/** How settings are parsed: an error has the value; a schema that parses once is not compiled, which would cost more. */
export const parsedOnce = {reportInput: true, jitless: true} as const;

export function issuesIn(error: z.ZodError): Issue[] {
	return error.issues.flatMap(issueOfShape).flatMap((issue): Issue[] => {
		const path = issue.path.map(String);
		return issue.code === 'unrecognized_keys'
			? issue.keys.map(key => ({
					path: [...path, key],
					problem: issue.message,
					isUnknown: true,
					isMissing: false,
				}))
			: [
					{
						path,
						problem: `${issue.message}, found ${describeValue(path, issue.input)}`,
						isUnknown: false,
						isMissing: issue.input === undefined,
					},
				];
	});
}

/** Zod's words for a union without a message of its own. */
const anyUnion = 'Invalid input';

/**
 * Of a setting that may have several shapes: the errors in the shape that the value has, as `unknown setting` in a
 * section.
 */
function issueOfShape(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
	if (issue.code !== 'invalid_union' || issue.message !== anyUnion) {
		return [issue];
	}

	const [likeliest = []] = issue.errors.toSorted((one, other) => distance(one) - distance(other));
	return likeliest.flatMap(one =>
		issueOfShape({...one, path: [...issue.path, ...one.path]} as z.core.$ZodIssue),
	);
}

/** How far a value is from a shape, by the errors that it has in it: 0 has it, 2 is another type. */
function distance(issues: readonly z.core.$ZodIssue[]): number {
	const isInside = issues.some(
		({code, path}) => path.length > 0 || code === 'unrecognized_keys' || code === 'custom',
	);
	return isInside ? 0 : issues.some(({code}) => code === 'invalid_type' || code === 'invalid_value') ? 2 : 1;
}
