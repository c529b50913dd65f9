/** Lines of PostgreSQL's log: stderr with a known or unknown log_line_prefix, csvlog, jsonlog, syslog. */
import {type FieldRange, headMaxLength, matchHead} from './line-pattern.ts';
import type {LinePrefix} from './line-prefix.ts';
import {headText, jsonObject, ofJson, type ParsedLine} from './parsed-line.ts';
import {firstSeverity, levelOfSeverity, type Severity, severityAt, unknownSeverityAt} from './severities.ts';

/** `2026-11-23 04:14:03.799 UTC`, also with the zone's offset, or without a zone. */
export const datePattern = String.raw`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?(?:\d\d)?|[A-Z]{2,5}(?![A-Za-z])))?`;

/** A line by its log_line_prefix; undefined if it does not begin with it. */
export function ofPrefix(prefix: LinePrefix, line: string): ParsedLine | undefined {
	if (line.startsWith('\t') && !prefix.startsWithTab) {
		// PostgreSQL puts a tab before each further line of a message, so its text cannot look like another one.
		return {word: undefined, text: line, stamp: undefined, follows: true};
	}

	return byTokens(prefix, line, severityAt) ?? byTokens(prefix, line, unknownSeverityAt);
}

function byTokens(
	{session, background}: LinePrefix,
	line: string,
	severityHere: (line: string, at: number) => Severity | undefined,
): ParsedLine | undefined {
	if (session.length === 0 && severityHere === unknownSeverityAt) {
		return undefined;
	}

	const accepts = (end: number) => severityHere(line, end) !== undefined;
	const ofSession = matchHead(session, line, accepts);
	const ofOthers = background === undefined ? undefined : matchHead(background, line, accepts);
	// The first severity is the line's: a later one is in its text.
	const match = ofOthers !== undefined && ofOthers.end < (ofSession?.end ?? Infinity) ? ofOthers : ofSession;
	const severity = match === undefined ? undefined : severityHere(line, match.end);
	if (match === undefined || severity === undefined) {
		return undefined;
	}

	const times = match.fields.filter(({field}) => field === 'm' || field === 't' || field === 'n');
	// `%t` is the least exact.
	const time = times.find(({field}) => field !== 't') ?? times[0];
	return {
		...ofSeverity(line, severity),
		head: headText(line, match.end, times),
		stamp: time === undefined ? undefined : textAt(line, time),
		pid: pidOf(line, match.fields),
	};
}

function textAt(line: string, {start, end}: FieldRange): string {
	return line.slice(start, end).trim();
}

/** The process of `%p`; else of the session id `%c`, in hexadecimal. */
function pidOf(line: string, fields: readonly FieldRange[]): number | undefined {
	const own = fields.find(({field}) => field === 'p');
	const session = fields.find(({field}) => field === 'c');
	return own !== undefined
		? Number(textAt(line, own))
		: session === undefined
			? undefined
			: Number.parseInt(textAt(line, session).split('.')[1] ?? '', 16);
}

function ofSeverity(line: string, {word, level, end}: Severity): Omit<ParsedLine, 'stamp'> {
	return {word, level, text: line.slice(end), follows: level === undefined};
}

const dates = new RegExp(datePattern, 'g');
const epochs = /(?<![\d.])\d{9,11}\.\d{3}(?!\.)/g;
/** In the order of trust: `pid=1`, `[1]`, `[1-1]`, `[1:1]`, `(1)` but not a port. */
const pids: readonly RegExp[] = [
	/\bpid[=: ]{1,2}(\d{1,10})\b/i,
	/(?<![\w\]])\[(\d{1,10})(?:[-:/]\d*)?\]/,
	/(?<![\w\])])\((\d{1,10})\)/,
];
/** `%c`: in hexadecimal. */
const sessionId = /(?<!\w)[\da-f]{8}\.([\da-f]{1,8})(?!\w)/;
/** A number by itself; no SQLSTATE, no query id. */
const numbers = /(?<![^\s|:;,<])[1-9]\d{0,9}(?![^\s|:;,>%])/g;

/** A line of an unknown prefix: its first severity, a time and a process before it. */
export function guessLine(line: string): ParsedLine | undefined {
	if (line.startsWith('\t')) {
		return undefined;
	}

	const severity = firstSeverity(line, headMaxLength) ?? looseSeverity(line);
	if (severity === undefined) {
		return undefined;
	}

	const head = line.slice(0, severity.start);
	const times = [...head.matchAll(dates), ...head.matchAll(epochs)].map(({0: value, index}) => ({
		value,
		start: index,
		end: index + value.length,
	}));
	// Besides the line's time there may be the start of its session, which is never later.
	const time = times.reduce<(typeof times)[number] | undefined>(
		(latest, one) =>
			latest === undefined || one.value.slice(0, 19) >= latest.value.slice(0, 19) ? one : latest,
		undefined,
	);
	const rest = times.reduceRight(
		(text, {start, end}) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end),
		head,
	);
	return {
		...ofSeverity(line, severity),
		head: headText(line, severity.start, time === undefined ? [] : [time]),
		stamp: time?.value,
		pid: guessPid(rest, time),
	};
}

/** @param head with spaces in place of times */
function guessPid(head: string, time: {start: number; end: number} | undefined): number | undefined {
	for (const pattern of pids) {
		const found = pattern.exec(head)?.[1];
		if (found !== undefined) {
			return Number(found);
		}
	}

	const session = sessionId.exec(head)?.[1];
	if (session !== undefined) {
		return Number.parseInt(session, 16);
	}

	// A number by itself after the time, at the end, or before the time: names may have numbers, too.
	const isAlone = (between: string) => !/\p{L}/u.test(between);
	const found = [...head.matchAll(numbers)].map(({0: text, index}) => ({
		text,
		index,
		end: index + text.length,
	}));
	const number =
		found.find(
			({index}) => time !== undefined && index >= time.end && isAlone(head.slice(time.end, index)),
		) ??
		found.find(({text, end}) => text.length > 1 && isAlone(head.slice(end)) && !/\d/.test(head.slice(end))) ??
		found.find(({index, end}) =>
			isAlone(time === undefined ? head.slice(0, index) : head.slice(end, time.start)),
		);
	return number === undefined ? undefined : Number(number.text);
}

const english = 'PANIC|FATAL|ERROR|WARNING|NOTICE|LOG|INFO|DEBUG[1-5]?';
/** One space after the colon: of other programs in PostgreSQL's log. */
const loose = new RegExp(`^(?:${datePattern} )?[^:]{0,120}?(${english}): `);

function looseSeverity(line: string): (Severity & {start: number}) | undefined {
	const match = loose.exec(line.length > headMaxLength ? line.slice(0, headMaxLength) : line);
	const word = match?.[1];
	return match === null || word === undefined
		? undefined
		: {word, level: levelOfSeverity(word), start: match[0].length - word.length - 2, end: match[0].length};
}

/** Whether PostgreSQL, started by Patroni, wrote a line of Patroni's journal. */
export function isPostgres(line: string, prefix: LinePrefix | undefined): boolean {
	if (prefix?.session.some(token => 'form' in token && token.form !== undefined) && !line.startsWith('\t')) {
		const parsed = ofPrefix(prefix, line);
		if (parsed !== undefined && (parsed.stamp !== undefined || parsed.pid !== undefined)) {
			return true;
		}
	}

	const guessed = guessLine(line);
	return (
		guessed?.stamp !== undefined &&
		guessed.pid !== undefined &&
		line.startsWith(guessed.stamp) &&
		!/^[.,]\d+ [A-Z]{4,8}: /.test(line.slice(19)) &&
		/\[\d+[^\]]{0,20}\]/.test(guessed.head ?? '')
	);
}

/** Fields in every line of PostgreSQL's jsonlog that are left out. */
const noise: ReadonlySet<string> = new Set([
	'session_id',
	'line_num',
	'ps',
	'session_start',
	'vxid',
	'txid',
	'backend_type',
	'query_id',
]);

/** A line of jsonlog. */
export function ofJsonlog(line: string): ParsedLine | undefined {
	const content = jsonObject(line);
	const parsed =
		content === undefined
			? undefined
			: ofJson(content, {level: 'error_severity', time: 'timestamp', message: 'message', hidden: noise});
	return parsed === undefined
		? undefined
		: {
				...parsed,
				level: parsed.word === undefined ? undefined : levelOfSeverity(parsed.word),
				pid: typeof content?.pid === 'number' ? content.pid : undefined,
			};
}

/** syslog's number of a message and of its part: `[3] `, `[3-1] `. */
const syslogNumber = /^\[\d{1,20}(?:-(\d{1,10}))?\] /;

/** A line that PostgreSQL sent to syslog: its further parts have no prefix. */
export function ofSyslogPart(
	line: string,
	parse: (line: string) => ParsedLine | undefined,
): ParsedLine | undefined {
	const match = syslogNumber.exec(line);
	if (match === null) {
		return undefined;
	}

	const text = line.slice(match[0].length);
	return Number(match[1] ?? 1) > 1 ? {word: undefined, text, stamp: undefined, follows: true} : parse(text);
}
