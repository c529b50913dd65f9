/** System errors in words. Logic reads the code, never these words. */

const words: Readonly<Record<string, string>> = {
	EACCES: 'permission denied',
	EDQUOT: 'the disk quota is used up',
	EEXIST: 'the file exists already; name another one',
	EIO: 'the disk fails (EIO)',
	EISDIR: 'it is a directory',
	ELOOP: 'too many symbolic links',
	ENAMETOOLONG: 'the name is too long',
	ENOENT: 'no such file',
	ENOSPC: 'no space is left on the disk',
	ENOTDIR: 'part of its path is not a folder',
	ENXIO: 'it is not a regular file',
	EPERM: 'permission denied',
	ERR_INVALID_ARG_VALUE: 'the name has a NUL in it',
	EROFS: 'the file system is read-only',
};

/** `ENOENT`; undefined for an error that is not the system's or Node.js's. */
export function errorCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Whether there is no file or folder of that name. */
export function isMissing(error: unknown): boolean {
	const code = errorCode(error);
	return code === 'ENOENT' || code === 'ENOTDIR';
}

/** In words; Node's message would repeat the path and the system call. Without a code, the error's own message. */
export function errnoWords(error: unknown): string {
	const code = errorCode(error);
	return code === undefined
		? error instanceof Error
			? error.message
			: String(error)
		: (words[code] ?? code);
}
