/** Text from outside made safe for a terminal: no control characters, no escape sequences, no invisible direction changes. */
import {stripVTControlCharacters} from 'node:util';

/**
 * Controls (C0, DEL, C1), line and paragraph separators, halves of surrogate pairs, and what cannot be seen: zero width, bidi
 * marks, embeddings, overrides and isolates, fillers, variation selectors, tags (Unicode's Default_Ignorable_Code_Point).
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;
const unsafeButTab = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;
const anyUnsafe = new RegExp(unsafe.source, 'u');
const anyUnsafeButTab = new RegExp(unsafeButTab.source, 'u');
/** Printable ASCII, which nearly all text is: looked for first, since it takes a tenth of the time. */
const plain = /^[ -~]*$/;

/** One line of safe text; line ends and tabs become a space, brackets and all else that can be seen survive. */
export function sanitize(text: string): string {
	return plain.test(text) || !anyUnsafe.test(text)
		? text
		: stripVTControlCharacters(text)
				.replaceAll(/[\t\r\n\u2028\u2029]+/g, ' ')
				.replaceAll(unsafe, '');
}

/** A line of a log: as it is where nothing in it is unsafe, which is nearly always; tabs stay. */
export function sanitizeLogLine(text: string): string {
	return plain.test(text) || !anyUnsafeButTab.test(text)
		? text
		: stripVTControlCharacters(text)
				.replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
				.replaceAll(unsafeButTab, '')
				.trimEnd();
}

/**
 * The same for every string within a value, keys included; the value itself where nothing in it is unsafe.
 * @param clean what is done to a string, by the key that it stands under
 */
export function sanitizeJson(
	value: unknown,
	clean: (text: string, key: string) => string = sanitize,
	key = '',
): unknown {
	if (typeof value === 'string') {
		return clean(value, key);
	}

	if (Array.isArray(value)) {
		let changed = false;
		const cleaned = value.map(one => {
			const other = sanitizeJson(one, clean, key);
			changed ||= other !== one;
			return other;
		});
		return changed ? cleaned : value;
	}

	if (typeof value === 'object' && value !== null) {
		let changed = false;
		const entries = Object.entries(value).map(([name, one]): [string, unknown] => {
			const [safeName, other] = [sanitize(name), sanitizeJson(one, clean, name)];
			changed ||= safeName !== name || other !== one;
			return [safeName, other];
		});
		return changed ? Object.fromEntries(entries) : value;
	}

	return value;
}
