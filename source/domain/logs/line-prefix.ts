/** PostgreSQL's log_line_prefix: compiled as `log_status_format` of `src/backend/utils/error/elog.c` reads it. */
import {anyText, fieldsMax, type LineToken} from './line-pattern.ts';

export type LinePrefix = {
	/** Tokens in a session, and in other processes, whose prefix ends at `%q`; undefined without `%q`. */
	session: readonly LineToken[];
	background: readonly LineToken[] | undefined;
	/** The first character of a line can be a tab, which else continues a message. */
	startsWithTab: boolean;
};

type Form = {form: RegExp; shorter: number};

/** Zones have no name if log_timezone is a number. */
const time: Form = {
	form: /\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})? (?:[A-Za-z]{1,10}|[+-]\d{2,6})?/y,
	shorter: 10,
};
const digits: Form = {form: /\d{1,20}/y, shorter: 19};

/** Escapes whose values have a form; the others are any text. */
const formed: Readonly<Record<string, Form>> = {
	m: time,
	t: time,
	s: time,
	n: {form: /\d{1,12}\.\d{3}/y, shorter: 0},
	p: digits,
	P: {form: /\d{0,20}/y, shorter: 20},
	l: digits,
	c: {form: /[\da-f]{1,16}\.[\da-f]{1,8}/y, shorter: 7},
	v: {form: /(?:-?\d{1,10}\/\d{1,10})?/y, shorter: 9},
	x: digits,
	e: {form: /[\dA-Z]{5}/y, shorter: 0},
	Q: {form: /-?\d{1,20}/y, shorter: 19},
};
/** Names of hosts have no spaces. */
const hosts: ReadonlySet<string> = new Set(['h', 'r', 'L']);
const free: ReadonlySet<string> = new Set(['a', 'b', 'd', 'i', 'u', ...hosts]);
/** Empty, but for the padding, in processes without the thing. */
const maybeEmpty: ReadonlySet<string> = new Set(['P', 'v']);

/** A longer setting, or one with more fields, is not compiled; PostgreSQL has no limit. */
export const prefixMaxLength = 1000;

export function compilePrefix(prefix: string): LinePrefix | undefined {
	if (prefix.length > prefixMaxLength) {
		return undefined;
	}

	const tokens: LineToken[] = [];
	let background: LineToken[] | undefined;
	let literal = '';
	const endLiteral = () => {
		if (literal !== '') {
			tokens.push({literal});
			literal = '';
		}
	};

	// An unknown escape, and an incomplete one at the end, are ignored.
	for (const [whole, width = '', name, char] of prefix.matchAll(/%%|%(-?\d*)(.)?|(.)/gsu)) {
		if (char !== undefined || whole === '%%') {
			literal += char ?? '%';
		} else if (name === 'q') {
			endLiteral();
			background ??= [...tokens];
		} else if (name !== undefined && (Object.hasOwn(formed, name) || free.has(name))) {
			endLiteral();
			tokens.push(fieldOf(name, Number(width === '-' ? 0 : width)));
		}
	}

	endLiteral();
	if (tokens.filter(token => 'field' in token).length > fieldsMax) {
		return undefined;
	}

	return {session: tokens, background, startsWithTab: /^[\t ]/.test(prefix)};
}

function fieldOf(field: string, width: number): LineToken {
	const form = formed[field];
	return form === undefined
		? // Its padding makes it a text with spaces.
			anyText(field, hosts.has(field) && width === 0)
		: {
				field,
				...form,
				width: Math.abs(width) > prefixMaxLength ? 0 : width,
				maybeBlank: width !== 0 && maybeEmpty.has(field),
			};
}
