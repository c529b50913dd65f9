/** The order of names everywhere, which is patronictl's: by their characters' codes, so that no language's rules need be loaded. */
export function byName({name: a}: {name: string}, {name: b}: {name: string}): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
