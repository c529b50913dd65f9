/** The known word that a mistyped one means. */

/** Undefined if no known word is similar. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
	const plain = bare(typed);
	const same = known.find(word => bare(word) === plain);
	const begun = plain.length < 3 ? [] : known.filter(word => bare(word).startsWith(plain));
	if (same !== undefined || begun.length === 1) {
		return same ?? begun[0];
	}

	const [best] = known
		.map(word => ({word, away: distance(plain, bare(word))}))
		.sort((a, b) => a.away - b.away);
	return best !== undefined && best.away <= Math.min(2, Math.floor((best.word.length + 1) / 3))
		? best.word
		: undefined;
}

/** Without case and separators: `readOnly`, `read_only` and `READ-ONLY` are equal. */
function bare(word: string): string {
	return word
		.toLowerCase()
		.replaceAll(/[^a-z0-9]/g, '')
		.slice(0, 40);
}

/** Edit distance: letters missing, added, replaced, or swapped with their neighbour. */
function distance(one: string, other: string): number {
	const rows: number[][] = [Array.from({length: other.length + 1}, (_, index) => index)];
	for (let i = 1; i <= one.length; i++) {
		const row = [i];
		for (let j = 1; j <= other.length; j++) {
			const cost = one[i - 1] === other[j - 1] ? 0 : 1;
			const swapped =
				i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
					? (rows[i - 2]?.[j - 2] ?? 0) + 1
					: Number.POSITIVE_INFINITY;
			row[j] = Math.min(
				(rows[i - 1]?.[j] ?? 0) + 1,
				(row[j - 1] ?? 0) + 1,
				(rows[i - 1]?.[j - 1] ?? 0) + cost,
				swapped,
			);
		}

		rows.push(row);
	}

	return rows[one.length]?.[other.length] ?? 0;
}
