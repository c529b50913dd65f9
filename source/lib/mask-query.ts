/** Masks the values in the text of an SQL statement, and cuts it: what remains is its shape. Pure. */
import {redact} from './secrets.ts';

/** Characters of a masked statement. */
const shownMax = 240;
/** Characters that are read; the server cuts at track_activity_query_size, by default 1 KiB. */
const readMax = 4096;

/** A value that was masked, as pg_stat_statements would write a parameter without its number. */
const masked = '?';
/** The rest of the text is a value, or may be one. */
const open = '…';

/** What the statement is made of; each pattern matches at its position and takes linear time. */
const space = /\s+/y;
const lineComment = /--[^\r\n]*/y;
const parameter = /\$\d+/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*)?\$/y;
/** `E'…'`, `B'…'`, `X'…'`, `N'…'`, `U&'…'` or a plain string, up to its first quote. */
const stringStart = /(?:[EBXN]|U&)?'/iy;
const quotedName = /(?:U&)?"(?:[^"]|"")*"/iy;
const word = /[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*/y;
/** Also `0x1F`, `1_000`, `1.5e-3`; a sign stays. */
const number = /(?:\d[\w.]*|\.\d[\w.]*)(?:(?<=[eE])[+-]\d[\w]*)?/y;

/** Names of values that are secret also where they are not written as a literal. */
const secretName =
	/passw|passphrase|passcode|pwd|secret|token|credential|(?:api|access|private|account|encryption)_?key|conninfo|authorization/i;

/**
 * The statement without its literals, comments and anything like a password. A text that was cut within a literal, or that
 * reads in two ways, is masked to its end.
 */
export function maskQuery(text: string): string {
	const parts = maskParts(text.slice(0, readMax).replace(/\p{Surrogate}$/u, ''));
	const shown = redact(parts.join('').trim())
		// `IN (?, ?, ?)` and `VALUES (?, ?), (?, ?)` say no more than their first.
		.replaceAll(/\?(?:, ?\?)+/g, `${masked}, ${open}`)
		.replaceAll(/(\([^()]{0,200}\))(?:, ?\1)+/g, `$1, ${open}`);
	const characters = [...shown];
	return characters.length > shownMax || text.length > readMax
		? `${characters
				.slice(0, shownMax - 1)
				.join('')
				.replace(/…$/, '')}${open}`
		: shown;
}

function maskParts(text: string): string[] {
	const parts: string[] = [];
	let at = 0;
	/** A value follows: `SET name =`, `password :=`. */
	let isValueNext = false;
	/** The name that a sign of assignment would give a value to. */
	let name = '';
	/** The statement's first word. */
	let verb = '';
	const take = (pattern: RegExp): string | undefined => {
		pattern.lastIndex = at;
		const found = pattern.exec(text)?.[0];
		at += found?.length ?? 0;
		return found;
	};
	while (at < text.length) {
		if (take(space) !== undefined || take(lineComment) !== undefined) {
			if (parts.at(-1) !== ' ') {
				parts.push(' ');
			}
		} else if (text.startsWith('/*', at)) {
			at = commentEnd(text, at);
			if (parts.at(-1) !== ' ') {
				parts.push(' ');
			}
		} else if (isValueNext && isSetting(verb)) {
			// A list, or words, of any kind: all the rest.
			return [...parts, masked];
		} else if (take(parameter) !== undefined) {
			parts.push(text.slice(text.lastIndexOf('$', at - 1), at));
			isValueNext = false;
		} else if (isStart(stringStart, text, at)) {
			const end = stringEnd(text, at);
			parts.push(masked);
			if (end === undefined) {
				return [...parts, open];
			}

			at = end;
			isValueNext = false;
		} else if (isStart(dollarTag, text, at)) {
			const tag = take(dollarTag) ?? '';
			const end = text.indexOf(tag, at);
			parts.push(masked);
			if (end < 0) {
				return [...parts, open];
			}

			at = end + tag.length;
		} else if (text[at] === '"' || /^U&"/i.test(text.slice(at, at + 3))) {
			const quoted = take(quotedName);
			if (quoted === undefined) {
				return [...parts, masked, open];
			}

			// In other systems double quotes are a string: after a secret's name it may be one.
			parts.push(isValueNext || secretName.test(name) ? masked : quoted);
			name = isValueNext ? '' : quoted;
			isValueNext = false;
		} else if (text[at] === '$') {
			// The beginning of a dollar quote that was cut, or no SQL.
			return [...parts, masked, open];
		} else if (take(number) !== undefined) {
			parts.push(masked);
			isValueNext = false;
		} else {
			const found = take(word);
			if (found === undefined) {
				const sign = text[at] ?? '';
				at++;
				if (sign === ';') {
					verb = '';
					isValueNext = false;
				} else if (sign === '=' || (sign === ':' && text[at] === '=')) {
					isValueNext ||= secretName.test(name) || isSetting(verb);
				} else if (!'>:,.'.includes(sign)) {
					name = '';
				}

				parts.push(sign);
				continue;
			}

			const isTo = /^to$/i.test(found);
			parts.push(isValueNext && !isTo ? masked : found);
			// A password is a string, and what is not one is a mistake that the server keeps, too.
			const isPassword = /^password$/i.test(found) && /^(?:alter|create)$/.test(verb);
			isValueNext = isPassword || (isTo && (isSetting(verb) || secretName.test(name)));
			name = isTo ? name : found;
			verb ||= found.toLowerCase();
		}
	}

	return parts;
}

/** `SET x TO y` and `ALTER … SET x = y` take bare words as values. */
function isSetting(verb: string): boolean {
	return verb === 'set' || verb === 'alter';
}

function isStart(pattern: RegExp, text: string, at: number): boolean {
	pattern.lastIndex = at;
	return pattern.test(text);
}

/** Comments nest. */
function commentEnd(text: string, from: number): number {
	let depth = 0;
	const edges = /\/\*|\*\//g;
	edges.lastIndex = from;
	for (let edge = edges.exec(text); edge !== null; edge = edges.exec(text)) {
		depth += edge[0] === '/*' ? 1 : -1;
		if (depth === 0) {
			return edges.lastIndex;
		}
	}

	return text.length;
}

/**
 * Undefined if the string does not end, or may end elsewhere: with standard_conforming_strings off a backslash escapes the
 * quote after it in a plain string, too.
 */
function stringEnd(text: string, from: number): number | undefined {
	const first = text.indexOf("'", from);
	const escapes = /[eE]/.test(text.slice(from, first));
	let at = first + 1;
	while (at < text.length) {
		const one = text[at];
		if (one === '\\' && (text[at + 1] === "'" || text[at + 1] === '\\')) {
			if (!escapes) {
				return undefined;
			}

			at += 2;
		} else if (one === "'" && text[at + 1] === "'") {
			at += 2;
		} else if (one === "'") {
			return at + 1;
		} else {
			at++;
		}
	}

	return undefined;
}
