/** Where a value was given: what an error points at, and what `--print-config` writes beside the value. */

export type Origin =
	| {file: string; line: number | undefined; key: string}
	/** An environment variable or a flag, by its name. */
	| {name: string};

/** As an error begins: `FILE, line 4: ctl.cacert`, `PATRONI_CTL_CACERT`, `--vip`. */
export function pointAt(origin: Origin): string {
	if ('name' in origin) {
		return origin.name;
	}

	const line = origin.line === undefined ? '' : `, line ${origin.line}`;
	return `${origin.file}${line}${origin.key === '' ? '' : `: ${origin.key}`}`;
}

/** As a comment says: `FILE:4`, `PATRONI_CTL_CACERT`, `--vip`; with the key where that is not the one it stands beside. */
export function sourceOf(origin: Origin, beside: string): string {
	if ('name' in origin) {
		return origin.name;
	}

	const key = origin.key === beside || `pgha-top.${origin.key}` === beside ? '' : `, ${origin.key}`;
	return `${origin.file}${origin.line === undefined ? '' : `:${origin.line}`}${key}`;
}
