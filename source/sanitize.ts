/** Text from outside made safe for a terminal: no control characters, no escape sequences, no invisible direction changes. */
import {stripVTControlCharacters} from 'node:util';

/** C0 (but tab), DEL, C1, and the bidi marks, embeddings, overrides and isolates. */
const unsafe = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** One line of safe text; line ends and tabs become a space, brackets and all else that can be seen survive. */
export function sanitize(text: string): string {
	return stripVTControlCharacters(text)
		.replaceAll(/[\t\r\n]+/g, ' ')
		.replaceAll(unsafe, '');
}

/** The same for every string within a parsed JSON value, keys included. */
export function sanitizeJson(value: unknown): unknown {
	if (typeof value === 'string') {
		return sanitize(value);
	}

	if (Array.isArray(value)) {
		return value.map(sanitizeJson);
	}

	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([key, inner]) => [sanitize(key), sanitizeJson(inner)]),
		);
	}

	return value;
}
