/** The formats of `--once` and `--watch`. */
export const snapshotFormats = ['text', 'json', 'yaml', 'tsv', 'nagios', 'openmetrics'] as const;

export type SnapshotFormat = (typeof snapshotFormats)[number];

/** Those that can be repeated: a line, or some, for each look. */
export const watchFormats = ['text', 'json'] as const;

export type WatchFormat = (typeof watchFormats)[number];

export function isWatchFormat(format: SnapshotFormat): format is WatchFormat {
	return watchFormats.some(one => one === format);
}
