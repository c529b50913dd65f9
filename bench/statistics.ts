/** Medians and percentiles of samples. */

/** The value below which the given share of the samples lies (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
	const sorted = samples.toSorted((a, b) => a - b);
	const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
	if (value === undefined) {
		throw new Error('there are no samples');
	}

	return value;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);
