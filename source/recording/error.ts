/** A recording that can't be read, or can't be made: the message says which file, which line, and why. */
export class RecordingError extends Error {
	override name = 'RecordingError';
}

/** In words, for what file systems say most. */
export function whyNot(error: unknown): string {
	const words: Readonly<Record<string, string>> = {
		ENOENT: 'no such file or folder',
		ENOTDIR: 'a folder of that name can not be there, since a file is',
		EACCES: 'permission denied',
		EISDIR: 'it is a directory',
		EEXIST: 'the file is there already, and a recording overwrites nothing',
		ENOSPC: 'no space is left on the disk',
		EDQUOT: 'the disk quota is used up',
		EIO: 'the disk fails (EIO)',
		EROFS: 'the file system is read-only',
	};
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return words[code] ?? (code === '' ? String(error) : code);
}
