/** Patroni's version numbers compared. */

/** Undefined where the version is not known. */
export function isAtLeast(version: string | undefined, least: string): boolean | undefined {
	if (version === undefined || !/^\d/.test(version)) {
		return undefined;
	}

	const [is, needed] = [version, least].map(text =>
		text.split('.').map(part => Number.parseInt(part, 10) || 0),
	);
	for (let part = 0; part < 3; part++) {
		const difference = (is?.[part] ?? 0) - (needed?.[part] ?? 0);
		if (difference !== 0) {
			return difference > 0;
		}
	}

	return true;
}
