/** A whole number from 0 on, as a count, a size, a revision or a place in the WAL is; undefined for anything else. */
export function countOf(value: unknown): number | undefined {
	const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
	return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

export function portOf(value: unknown): number | undefined {
	const port = countOf(value);
	return port !== undefined && port >= 1 && port <= 65_535 ? port : undefined;
}
