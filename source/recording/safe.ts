/** A recording comes from outside like any other text: nothing in it may steer the terminal of whoever looks at it. */
import {sanitizeLogLine} from '../sanitize.ts';

/** Line by line, since a patch of the configuration may have several; what is safe is left as it is. */
export function safe(text: string): string {
	return text.includes('\n') ? text.split('\n').map(sanitizeLogLine).join('\n') : sanitizeLogLine(text);
}

/** Every string within a parsed JSON value, keys included. */
export function safeJson(value: unknown): unknown {
	if (typeof value === 'string') {
		return safe(value);
	}

	if (Array.isArray(value)) {
		return value.map(safeJson);
	}

	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(Object.entries(value).map(([key, inner]) => [safe(key), safeJson(inner)]));
	}

	return value;
}

/** Whether JSON text may hold anything unsafe at all, written out or as an escape: nearly none does. */
export function maybeUnsafe(json: string): boolean {
	return /\\[ubfrn]|[\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|\uDB40/.test(
		json,
	);
}
