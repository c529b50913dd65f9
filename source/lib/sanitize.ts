/** Makes untrusted text safe for a terminal: no control characters, escape sequences or invisible direction changes. */
import {stripVTControlCharacters} from 'node:util';

/**
 * Controls (C0, DEL, C1), line and paragraph separators, lone surrogates, and invisible characters: zero width, bidi
 * marks, embeddings, overrides and isolates, fillers, variation selectors, tags (Unicode's
 * Default_Ignorable_Code_Point).
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;
const unsafeButTab = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;
const anyUnsafe = new RegExp(unsafe.source, 'u');
const anyUnsafeButTab = new RegExp(unsafeButTab.source, 'u');
/** Printable ASCII, the usual case: tested first, in a tenth of the time. */
const plain = /^[ -~]*$/;

/** One line of safe text; line ends and tabs become a space, visible characters are kept. */
export function sanitize(text: string): string {
	return plain.test(text) || !anyUnsafe.test(text)
		? text
		: stripVTControlCharacters(text)
				.replaceAll(/[\t\r\n\u2028\u2029]+/g, ' ')
				.replaceAll(unsafe, '');
}

/** A log line, unchanged if it is safe, as nearly always; tabs are kept. */
export function sanitizeLogLine(text: string): string {
	return plain.test(text) || !anyUnsafeButTab.test(text)
		? text
		: stripVTControlCharacters(text)
				.replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
				.replaceAll(unsafeButTab, '')
				.trimEnd();
}

/**
 * Sanitizes every string in a value, keys included; returns the value itself if all are safe.
 * @param clean sanitizes a string, given the key above it
 */
export function sanitizeJson(
	value: unknown,
	clean: (text: string, key: string) => string = sanitize,
	key = '',
): unknown {
	if (typeof value === 'string') {
		return clean(value, key);
	}

	// Called for each answer of each source: nothing is made for what stays as it is.
	if (Array.isArray(value)) {
		let cleaned: unknown[] | undefined;
		for (let index = 0; index < value.length; index++) {
			const one: unknown = value[index];
			const other = sanitizeJson(one, clean, key);
			if (cleaned === undefined && other !== one) {
				cleaned = value.slice(0, index);
			}

			cleaned?.push(other);
		}

		return cleaned ?? value;
	}

	if (typeof value === 'object' && value !== null) {
		const fields = value as Record<string, unknown>;
		const names = Object.keys(value);
		let cleaned: [string, unknown][] | undefined;
		for (let index = 0; index < names.length; index++) {
			const name = names[index] ?? '';
			const one = fields[name];
			const safeName = sanitize(name);
			const other = sanitizeJson(one, clean, name);
			if (cleaned === undefined && (safeName !== name || other !== one)) {
				cleaned = names.slice(0, index).map(before => [before, fields[before]]);
			}

			cleaned?.push([safeName, other]);
		}

		return cleaned === undefined ? value : Object.fromEntries(cleaned);
	}

	return value;
}
