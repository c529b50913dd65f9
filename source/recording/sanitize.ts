/** A recording comes from outside like any other text: nothing in it may steer the terminal of whoever looks at it. */
import {sanitizeLogLine} from '../lib/sanitize.ts';

/** Below these keys text has lines: the configuration as it was printed, and a change of it. */
const withLines: ReadonlySet<string> = new Set(['config', 'patch']);

/** All of a patch may have lines. */
export function hasLines(key: string): boolean {
	return withLines.has(key);
}

/** One line, as all text in a state is; what is safe is left as it is. @param key that it stands under */
export function sanitizeRecorded(text: string, key = ''): string {
	return hasLines(key) && text.includes('\n')
		? text.split('\n').map(sanitizeLogLine).join('\n')
		: sanitizeLogLine(text);
}

/** Every string within a parsed JSON value, keys included. */
export function safeJson(value: unknown, key = ''): unknown {
	if (typeof value === 'string') {
		return sanitizeRecorded(value, key);
	}

	if (Array.isArray(value)) {
		return value.map(one => safeJson(one, key));
	}

	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([name, inner]) => [
				sanitizeRecorded(name),
				safeJson(inner, hasLines(key) ? key : name),
			]),
		);
	}

	return value;
}

/** Whether JSON text may hold anything unsafe at all, written out or as an escape: nearly none does. */
export function maybeUnsafe(json: string): boolean {
	return /\\[ubfrn]|[\u007F-\u009F\u2028\u2029\uFFF9-\uFFFB\p{Default_Ignorable_Code_Point}\p{Surrogate}]/u.test(
		json,
	);
}
