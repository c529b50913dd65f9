/** Errors of the lab: a message for the user, without a stack trace. */
export class LabError extends Error {
	override name = 'LabError';
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** Whether a system call failed with this code, e.g. ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && 'code' in error && error.code === code;
}
