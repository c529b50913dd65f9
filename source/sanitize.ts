/** Text from outside made safe for a terminal: no control characters, no escape sequences, no invisible direction changes. */
import {stripVTControlCharacters} from 'node:util';

/**
 * C0 (but tab), DEL, C1, line and paragraph separators, what can't be seen (zero width, byte order mark, tags), and the bidi
 * marks, embeddings, overrides and isolates. Halves of surrogate pairs are no characters.
 */
const unsafe =
	/[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]|\p{Surrogate}/gu;
const anyUnsafe = new RegExp(unsafe.source, 'u');

/** One line of safe text; line ends and tabs become a space, brackets and all else that can be seen survive. */
export function sanitize(text: string): string {
	return stripVTControlCharacters(text)
		.replaceAll(/[\t\r\n]+/g, ' ')
		.replaceAll(unsafe, '');
}

/** A line of a log: as it is where nothing in it is unsafe, which is nearly always; tabs stay. */
export function sanitizeLogLine(text: string): string {
	return anyUnsafe.test(text)
		? stripVTControlCharacters(text)
				.replaceAll(/[\r\n]+/g, ' ')
				.replaceAll(unsafe, '')
				.trimEnd()
		: text;
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
