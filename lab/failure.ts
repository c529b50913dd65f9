/** The lab's own errors: a sentence for the person who typed the command, without a stack. */
export class LabError extends Error {
	override name = 'LabError';
}

/** The words of anything that was thrown. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** Whether a system call failed with this code, e.g. ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && 'code' in error && error.code === code;
}
