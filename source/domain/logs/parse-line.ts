/** Parses time, level and text of a log line, by the service that wrote it. */
import {levelOf, levels} from './log-buffer.ts';

export type ParsedLine = {
	/** The service's name of the level; undefined without one. */
	word: string | undefined;
	text: string;
	/** The time as written in the line. */
	stamp: string | undefined;
	/** The line continues the one before: a detail, a hint, a part of a traceback. */
	follows: boolean;
};

const postgresLevels = 'PANIC|FATAL|ERROR|WARNING|NOTICE|LOG|INFO|DEBUG[1-5]?';
const postgresMore = 'DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|BACKTRACE';
const date = String.raw`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?(?:\d\d)?|[A-Z]{2,5}\b))?`;

/** `2026-11-23 04:14:03.799 UTC [135] app@db LOG:  text`, with any log_line_prefix in between. */
const postgres = new RegExp(
	`^(?:(?<stamp>${date}) )?(?<between>[^:]{0,120}?)(?:(?<word>${postgresLevels})|(?<more>${postgresMore})): {1,2}(?<text>.*)$`,
	's',
);
/** `2026-11-23 04:14:03,756 INFO: text` */
const python = new RegExp(`^(?<stamp>${date}) (?<word>[A-Z]{4,8}): (?<text>.*)$`, 's');
/** PostgreSQL's csvlog: the level precedes the five-character SQLSTATE. */
const csv = new RegExp(
	`^(?<stamp>${date}),.*?,(?<word>${postgresLevels}),[0-9A-Z]{5},"(?<text>(?:[^"]|"")*)`,
	's',
);
/** `[WARNING]  (74) : text`, with `[WARNING] 326/041414 (74) : text` before 2.4. */
const haproxy = /^\[(?<word>[A-Z]+)\]\s+(?:\d+\/\d+\s+)?\(\d+\) : (?<text>.*)$/s;
/** `Nov 23 04:14:14 pgdb1 haproxy[74]: text`, also with an RFC 3339 time. */
const syslog = new RegExp(
	`^(?<stamp>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d|${date}) \\S+ [^ :]+: (?<text>.*)$`,
	's',
);
const stamped = new RegExp(`^(?<stamp>${date})[ ,]+(?<text>.*)$`, 's');

export function parseLine(service: string, line: string): ParsedLine {
	switch (service) {
		case 'postgresql': {
			return ofPostgres(line) ?? plain(line);
		}

		case 'patroni': {
			return of(python.exec(line)) ?? ofPostgres(line) ?? plain(line);
		}

		case 'etcd': {
			return ofJson(line, ['level', 'ts', 'msg', 'caller']) ?? plain(line);
		}

		default: {
			return of(haproxy.exec(line)) ?? plain(line);
		}
	}
}

/** Whether PostgreSQL, started by Patroni, wrote a line of Patroni's journal. */
export function isPostgres(line: string): boolean {
	const groups = postgres.exec(line)?.groups;
	return groups?.stamp !== undefined && /\[\d+\]/.test(groups.between ?? '');
}

function ofPostgres(line: string): ParsedLine | undefined {
	if (line.startsWith('{')) {
		return ofJson(line, ['error_severity', 'timestamp', 'message']);
	}

	const row = csv.exec(line)?.groups;
	if (row !== undefined) {
		return {...lineOf(row), text: (row.text ?? '').replaceAll('""', '"')};
	}

	const groups = postgres.exec(line)?.groups;
	if (groups === undefined) {
		return undefined;
	}

	const {more, between = '', stamp} = groups;
	// The prefix stays in the text: process, user, database.
	const text = `${between.trim() === '' ? '' : `${between.trim()} `}${groups.text ?? ''}`;
	return more === undefined
		? {word: groups.word, text, stamp, follows: false}
		: {word: more, text, stamp, follows: true};
}

function of(match: RegExpExecArray | null): ParsedLine | undefined {
	return match?.groups === undefined ? undefined : lineOf(match.groups);
}

function lineOf({word, text = '', stamp}: Readonly<Record<string, string | undefined>>): ParsedLine {
	return {word, text, stamp, follows: false};
}

/** A line of unknown format: only a time or a syslog header at its start is parsed. */
function plain(line: string): ParsedLine {
	const match = syslog.exec(line) ?? stamped.exec(line);
	const inner = match?.groups === undefined ? undefined : haproxy.exec(match.groups.text ?? '');
	if (inner?.groups !== undefined) {
		return lineOf({...inner.groups, stamp: match?.groups?.stamp});
	}

	return (
		of(match) ?? {
			word: undefined,
			text: line,
			stamp: undefined,
			// Lines of a traceback and PostgreSQL's continuation lines are indented or have no header.
			follows: /^\s/.test(line) || /^(?:Traceback|[A-Za-z.]+(?:Error|Exception)\b)/.test(line),
		}
	);
}

/** Parses a JSON line with these field names; other fields follow the message as name=value. */
function ofJson(
	line: string,
	[level, time, message, ...hidden]: readonly [string, string, string, ...string[]],
): ParsedLine | undefined {
	if (!line.startsWith('{')) {
		return undefined;
	}

	let content: unknown;
	try {
		content = JSON.parse(line);
	} catch (error) {
		if (error instanceof SyntaxError) {
			// Truncated, or not JSON: displayed unchanged.
			return undefined;
		}

		throw error;
	}

	if (typeof content !== 'object' || content === null || !Object.hasOwn(content, message)) {
		return undefined;
	}

	const {[level]: word, [time]: stamp, [message]: text, ...rest} = content as Record<string, unknown>;
	const more = Object.entries(rest)
		.filter(([name]) => !hidden.includes(name) && !(level === 'error_severity' && postgresNoise.has(name)))
		.map(([name, value]) => `${name}=${plainOf(value)}`);
	return {
		word: typeof word === 'string' ? word : undefined,
		text: [plainOf(text), ...more].join(' '),
		stamp: typeof stamp === 'string' ? stamp : undefined,
		follows: false,
	};
}

/** Text as it is, other values as JSON. String() would call a value's own `toString`; JSON may be nested too deeply. */
function plainOf(value: unknown): string {
	try {
		return typeof value === 'string' ? value : JSON.stringify(value);
	} catch (error) {
		if (error instanceof RangeError) {
			return '…';
		}

		throw error;
	}
}

/** Fields in every line of PostgreSQL's jsonlog that are left out. */
const postgresNoise: ReadonlySet<string> = new Set([
	'session_id',
	'line_num',
	'ps',
	'session_start',
	'vxid',
	'txid',
	'backend_type',
	'query_id',
]);

/** A line's level: its own, else that of the line it continues, else the journal's. */
export function levelFrom({word, follows}: ParsedLine, before: number | undefined, priority: number): number {
	return (
		(word === undefined ? undefined : levelOf(word)) ??
		(follows ? before : undefined) ??
		(Number.isInteger(priority) && priority >= 0 && priority <= levels.debug ? priority : levels.info)
	);
}

const full =
	/^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?|[A-Z]{2,5})?$/;

const short = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)$/;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Unix time in µs; undefined if the time is invalid.
 * @param zone offset of the node's local time from UTC in minutes; also used for zone names other than UTC and GMT
 * @param now ms; a time without a year is of the present year, or of the last one if it would be more than a day ahead
 */
export function parseTimestamp(stamp: string, zone: number, now: number): number | undefined {
	const match = full.exec(stamp);
	if (match) {
		const [, year, month, day, hour, minute, second, fraction = '', where] = match;
		const utc = Date.UTC(
			Number(year),
			Number(month) - 1,
			Number(day),
			Number(hour),
			Number(minute),
			Number(second),
		);
		return (utc - minutesOf(where, zone) * 60_000) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
	}

	const parts = short.exec(stamp);
	if (!parts) {
		return undefined;
	}

	const [, name = '', day, hour, minute, second] = parts;
	const month = months.indexOf(name);
	const year = new Date(now).getUTCFullYear();
	const inYear = (one: number) =>
		Date.UTC(one, month, Number(day), Number(hour), Number(minute), Number(second)) - zone * 60_000;
	const aDay = 86_400_000;
	const at = inYear(year) > now + aDay ? inYear(year - 1) : inYear(year);
	return month < 0 ? undefined : at * 1000;
}

function minutesOf(where: string | undefined, zone: number): number {
	if (where === 'Z' || where === 'UTC' || where === 'GMT') {
		return 0;
	}

	const match = where === undefined ? undefined : /^([+-])(\d\d):?(\d\d)?$/.exec(where);
	return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) : zone;
}
