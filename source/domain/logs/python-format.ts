/** A format of Python's logging, such as Patroni's `log.format`, and of strftime: compiled to match its lines. */
import {anyText, fieldsMax, type LineToken, matchHead} from './line-pattern.ts';
import {headText, type ParsedLine} from './parsed-line.ts';

export type PythonFormat = {
	/** Before the message. */
	head: readonly LineToken[];
	/** Parses a time of the format's `asctime`. */
	stamp: (text: string) => string | undefined;
};

type Form = {form: RegExp; shorter: number};

const integer: Form = {form: /-?\d{1,20}/y, shorter: 19};
const formed: Readonly<Record<string, Form>> = {
	levelname: {form: /NOTSET|DEBUG|INFO|WARNING|ERROR|CRITICAL/y, shorter: 0},
	levelno: integer,
	lineno: integer,
	process: integer,
	thread: integer,
	msecs: {form: /\d{1,3}(?:\.\d{1,9})?/y, shorter: 12},
	relativeCreated: {form: /\d{1,20}(?:\.\d{1,9})?/y, shorter: 30},
	created: {form: /\d{1,12}\.\d{1,9}/y, shorter: 8},
};

/** Longer settings are not compiled. */
const formatMaxLength = 1000;

/** Undefined: the format has no message, so its lines have no text to show. */
export function compileFormat(format: string, dateFormat: string | undefined): PythonFormat | undefined {
	if (format.length > formatMaxLength || (dateFormat?.length ?? 0) > formatMaxLength) {
		return undefined;
	}

	const date = dateFormat === undefined || dateFormat === '' ? defaultDate : compileDate(dateFormat);
	const head: LineToken[] = [];
	let literal = '';
	const endLiteral = () => {
		if (literal !== '') {
			head.push({literal});
			literal = '';
		}
	};

	for (const [, name, width = '', char] of format.matchAll(
		/%%|%\((\w{1,40})\)[#0 +]{0,4}(-?\d{0,3})(?:\.\d{0,3})?[a-z]|(.)/gsu,
	)) {
		if (name === undefined) {
			literal += char ?? '%';
			continue;
		}

		endLiteral();
		if (name === 'message') {
			return head.filter(token => 'field' in token).length > fieldsMax
				? undefined
				: {head, stamp: date.stamp};
		}

		const form = name === 'asctime' ? date.form : Object.hasOwn(formed, name) ? formed[name] : undefined;
		head.push(
			form === undefined
				? anyText(name)
				: {field: name, ...form, width: Number(width === '-' ? 0 : width), maybeBlank: false},
		);
	}

	return undefined;
}

/** A line of the format; undefined if it is none: a line of a traceback, or of another program. */
export function ofFormat(format: PythonFormat, line: string): ParsedLine | undefined {
	const match = matchHead(format.head, line, () => true);
	if (match === undefined) {
		return undefined;
	}

	const of = (name: string) => match.fields.find(({field}) => field === name);
	const [level, time, created, process] = [of('levelname'), of('asctime'), of('created'), of('process')];
	const value = (range: typeof level) =>
		range === undefined ? undefined : line.slice(range.start, range.end).trim();
	const shown = [level, time, created, of('levelno'), of('msecs')]
		.filter(range => range !== undefined)
		.sort((a, b) => a.start - b.start);
	const stamp = value(time);
	return {
		word: value(level),
		head: headText(line, match.end, shown),
		text: line.slice(match.end),
		stamp: (stamp === undefined ? undefined : format.stamp(stamp)) ?? value(created),
		pid: process === undefined ? undefined : Number(value(process)),
		follows: false,
	};
}

type DateFormat = {
	/** Undefined: any text. */
	form: Form | undefined;
	stamp: PythonFormat['stamp'];
};

const defaultDate: DateFormat = {
	form: {form: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:,\d{3})?/y, shorter: 0},
	stamp: text => text,
};

const monthNames = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const months = monthNames.split('|');
const zone = String.raw`(?<Z>Z|[+-]\d\d:?\d\d(?::?\d\d)?|[A-Za-z]{1,10})?`;

/** Patterns of strftime's directives; the group's name is the part of the time. */
const directives: Readonly<Record<string, string>> = {
	Y: String.raw`(?<Y>\d{4})`,
	m: String.raw`(?<m>\d\d)`,
	d: String.raw`(?<d>\d\d)`,
	e: String.raw`(?<d>[ \d]\d)`,
	H: String.raw`(?<H>\d\d)`,
	M: String.raw`(?<M>\d\d)`,
	S: String.raw`(?<S>\d\d)`,
	b: `(?<b>${monthNames})`,
	h: `(?<b>${monthNames})`,
	a: String.raw`\p{L}{2,10}\.?`,
	A: String.raw`\p{L}{2,20}`,
	j: String.raw`\d{3}`,
	z: zone,
	Z: zone,
	f: String.raw`(?<f>\d{1,6})`,
	s: String.raw`(?<s>\d{1,12})`,
};
const shorthands: Readonly<Record<string, string>> = {
	F: '%Y-%m-%d',
	T: '%H:%M:%S',
	R: '%H:%M',
	D: '%m/%d/%y',
};

/** A directive that is not known makes the time any text, without meaning; the line's time is then unknown. */
function compileDate(format: string): DateFormat {
	const long = format.replaceAll(/%([FTRD])/g, (whole, name: string) => shorthands[name] ?? whole);
	const seen = new Set<string>();
	let source = '';
	let isKnown = true;
	for (const [whole, name, char] of long.matchAll(/%%|%(.)|(.)/gsu)) {
		if (name === undefined) {
			source += (char ?? whole[0] ?? '').replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
		} else {
			const directive = Object.hasOwn(directives, name) ? directives[name] : undefined;
			const group = directive === undefined ? undefined : /\(\?<(\w)>/.exec(directive)?.[1];
			isKnown &&= directive !== undefined && (group === undefined || !seen.has(group));
			seen.add(group ?? '');
			source += isKnown ? directive : '';
		}
	}

	if (!isKnown) {
		return {form: undefined, stamp: () => undefined};
	}

	const pattern = new RegExp(source, 'uy');
	return {
		form: {form: pattern, shorter: 0},
		stamp(text) {
			pattern.lastIndex = 0;
			return stampOf(pattern.exec(text)?.groups ?? {});
		},
	};
}

function stampOf({
	Y,
	m,
	d,
	H,
	M,
	S,
	b,
	f,
	s,
	Z,
}: Readonly<Record<string, string | undefined>>): string | undefined {
	if (s !== undefined) {
		return `${s}.${(f ?? '0').padEnd(3, '0')}`;
	}

	const month = m ?? (b === undefined ? undefined : String(months.indexOf(b) + 1).padStart(2, '0'));
	if (month === undefined || d === undefined || H === undefined || M === undefined) {
		return undefined;
	}

	const time = `${H}:${M}:${S ?? '00'}`;
	return Y === undefined
		? `${months[Number(month) - 1] ?? month} ${String(Number(d)).padStart(2)} ${time}`
		: `${Y}-${month}-${d.trim().padStart(2, '0')} ${time}${f === undefined ? '' : `.${f}`}${Z ?? ''}`;
}
