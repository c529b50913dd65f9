/** What two outputs have in common, and what differs: whole outputs are compared in a few lines. */

/** Each value of a JSON document by its path: `members.1.state`. */
export function flat(value: unknown, path = ''): ReadonlyMap<string, string> {
	return typeof value === 'object' && value !== null
		? new Map(
				Object.entries(value).flatMap(([name, one]) => [
					...flat(one, path === '' ? name : `${path}.${name}`),
				]),
			)
		: new Map([[path, JSON.stringify(value)]]);
}

/** Each line of a text, by its position. */
export function lines(text: string): ReadonlyMap<string, string> {
	return new Map(text.split('\n').map((line, index) => [`${index}`, line]));
}

/** `path: before → after` of each value that is not the same; a dash where there is none. */
export function changes(
	before: ReadonlyMap<string, string>,
	after: ReadonlyMap<string, string>,
): readonly string[] {
	return [...new Set([...before.keys(), ...after.keys()])]
		.filter(path => before.get(path) !== after.get(path))
		.map(path => `${path}: ${before.get(path) ?? '-'} → ${after.get(path) ?? '-'}`);
}
