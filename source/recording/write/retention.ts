/** Which files of a watch are deleted, so that all of them stay within a size and an age; pure. */

export type KeptFile = {
	name: string;
	bytes: number;
	/** When it was last written, Unix ms. */
	endedAt: number;
};

export type Retention = {
	/** Bytes of all files together, the present one included. */
	keepBytes: number;
	/** ms since a file was last written. */
	keepMs: number;
};

/**
 * The oldest files that do not fit beside the present one, and all that are too old.
 * @param closed in the order in which they were written
 * @param presentBytes of the file that is being written, which is never deleted
 */
export function surplus(
	closed: readonly KeptFile[],
	presentBytes: number,
	now: number,
	{keepBytes, keepMs}: Retention,
): KeptFile[] {
	let bytes = presentBytes;
	const fitting = new Set<KeptFile>();
	for (const file of closed.toReversed()) {
		bytes += file.bytes;
		if (bytes > keepBytes) {
			break;
		}

		fitting.add(file);
	}

	return closed.filter(file => !fitting.has(file) || now - file.endedAt > keepMs);
}
