/** What the operator gave us is wrong: the message says what, where and what to do, one line a problem. */
export class ConfigError extends Error {
	override name = 'ConfigError';
}

/** In words; Node's message would repeat the path and the system call. */
export function whyNotRead(error: unknown): string {
	const words: Readonly<Record<string, string>> = {
		ENOENT: 'no such file',
		ENOTDIR: 'no such file',
		EACCES: 'permission denied',
		EISDIR: 'it is a directory',
	};
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return words[code] ?? (code === '' ? 'unknown error' : code);
}
