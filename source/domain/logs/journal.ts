/** Converts lines of `journalctl --output=json`, and lines of log files, to log lines. */
import {countOf} from '../../lib/json.ts';
import {sanitize, sanitizeLogLine} from '../../lib/sanitize.ts';
import {type LogLine, levels, levelWords, statisticsService, tick} from './log-buffer.ts';
import {LineParser, levelFrom} from './parse-line.ts';
import {type ParsedLine, shownText} from './parsed-line.ts';
import type {LogSettings} from './settings.ts';
import {parseTimestamp} from './timestamp.ts';

/** A node's clock and time zone, for the times of its lines. */
export type NodeClock = {
	/**
	 * How far the node's clock is ahead of the session's time, µs; 0 if below `noticeableOffsetMs`. Changes when either
	 * clock is set.
	 */
	correction: number;
	/** Offset of the node's local time from UTC, minutes. */
	zone: number;
};

/** Longer texts are cut to bound memory. */
export const textMaxLength = 8192;
/** Longer than any service's level names. */
export const wordMaxLength = 16;

/** Shape of a journal cursor: `s=…;i=…;b=…;m=…;t=…;x=…` */
export const cursorShape = /^[A-Za-z0-9=;._-]{1,400}$/;

/** Limit of repetitions of one field in one entry. */
const repeatsMax = 100;

/** Fields for `--output-fields`; journalctl always adds the times and the cursor. */
export const journalFields = [
	'MESSAGE',
	'PRIORITY',
	'_SYSTEMD_UNIT',
	'UNIT',
	'OBJECT_SYSTEMD_UNIT',
	'SYSLOG_IDENTIFIER',
	'_COMM',
	'_TRANSPORT',
	'_PID',
] as const;

type Fields = Readonly<Record<string, unknown>>;

export class JournalReader {
	readonly #node: string;
	readonly #clock: NodeClock;
	/** Service names by unit, with the unit's suffix. */
	readonly #names: ReadonlyMap<string, string>;
	/** Level of each service's last line, for lines that continue it. */
	readonly #levels = new Map<string, LastLevels>();
	readonly #parser: LineParser;

	/** @param names service names by unit */
	constructor(node: string, clock: NodeClock, names: ReadonlyMap<string, string>, settings?: LogSettings) {
		this.#node = node;
		this.#clock = clock;
		this.#names = names;
		this.#parser = new LineParser(settings);
	}

	/** Parses one entry; undefined if it is not one. */
	read(json: string): {line: LogLine; cursor: string | undefined} | undefined {
		const fields = parse(json);
		const at = countOf(fields?.__REALTIME_TIMESTAMP);
		if (fields === undefined || at === undefined) {
			return undefined;
		}

		const whole = message(fields.MESSAGE);
		const service = this.#service(fields, whole);
		const parsed = this.#parser.parse(service, whole, {isSyslog: fields._TRANSPORT === 'syslog'});
		const last = this.#levels.get(service) ?? new LastLevels();
		this.#levels.set(service, last);
		const level = last.levelOf(parsed, countOf(fields.PRIORITY) ?? Number.NaN);
		return {
			line: {
				at,
				order: at - this.#clock.correction,
				node: this.#node,
				service,
				level,
				// Unescaping JSON or CSV can produce control characters, so the text is sanitized again.
				word:
					parsed.word === undefined
						? (levelWords[level] ?? '')
						: sanitize(parsed.word).slice(0, wordMaxLength),
				...shownText(parsed),
				...(parsed.pid === undefined ? {} : {pid: parsed.pid}),
			},
			cursor: plainCursor(textOf(fields.__CURSOR)),
		};
	}

	#service(fields: Fields, text: string): string {
		const named =
			this.#names.get(textOf(fields._SYSTEMD_UNIT)) ??
			this.#names.get(textOf(fields.UNIT)) ??
			this.#names.get(textOf(fields.OBJECT_SYSTEMD_UNIT));
		// Without a logging collector, PostgreSQL writes to Patroni's journal.
		if (
			named !== undefined &&
			(fields._COMM === 'postgres' || (named === 'patroni' && this.#parser.isPostgres(text)))
		) {
			return 'postgresql';
		}

		if (named === 'haproxy' && text.includes('/<STATS>')) {
			return statisticsService;
		}

		return named ?? (fields._TRANSPORT === 'kernel' ? 'kernel' : 'system');
	}
}

/** The cursor of an entry that is skipped. */
export function cursorOf(json: string): string | undefined {
	return plainCursor(/"__CURSOR":"([^"]+)"/.exec(json)?.[1] ?? '');
}

/**
 * The part of a cursor that identifies the entry: boot, both clocks, hash of the fields. The sequence id and number
 * before it change when journald copies the entry to another file, as it does after a boot.
 */
export function entryOf(cursor: string): string {
	return cursor.slice(Math.max(0, cursor.indexOf(';b=')));
}

/** Whether boot and clocks are the same: entries that journald received at once, on one machine. */
export function isSameMoment(cursor: string, other: string): boolean {
	const moment = (text: string) => entryOf(text).replace(/;x=[^;]*/, '');
	return moment(cursor) === moment(other);
}

/** The boot id of an entry. */
export function bootOf(cursor: string): string | undefined {
	return /;b=([\da-f]{32})(?:;|$)/.exec(cursor)?.[1];
}

/** The cursor, unless it is unsafe to pass to journalctl again. */
function plainCursor(text: string): string | undefined {
	return cursorShape.test(text) ? text : undefined;
}

function parse(json: string): Fields | undefined {
	try {
		const content: unknown = JSON.parse(json);
		return typeof content === 'object' && content !== null ? (content as Fields) : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}

		throw error;
	}
}

/** The message: text, bytes if it is not UTF-8, an array if the field is repeated, null if journalctl omits it. */
function message(value: unknown): string {
	if (typeof value === 'string') {
		return safe(value);
	}

	if (isBytes(value)) {
		return bytesText(value);
	}

	if (Array.isArray(value)) {
		// A repeated field: each element is text or bytes, never an array.
		const parts = value
			.slice(0, repeatsMax)
			.map((one: unknown) => (typeof one === 'string' ? one : isBytes(one) ? bytesText(one) : ''));
		return safe(parts.join(' '));
	}

	return value === null ? '(a message that journalctl does not show)' : '';
}

function isBytes(value: unknown): value is readonly number[] {
	return Array.isArray(value) && value.every(one => typeof one === 'number');
}

function bytesText(bytes: readonly number[]): string {
	return safe(Buffer.from(bytes.slice(0, textMaxLength * 4)).toString());
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

function safe(text: string): string {
	const kept =
		text.length > textMaxLength ? `${text.slice(0, textMaxLength)}… (${text.length} characters)` : text;
	return sanitizeLogLine(kept);
}

/** Processes whose last level is kept. */
const processesMax = 200;

/** The levels of a log's last lines, for lines that continue one: of the same process, where lines name it. */
class LastLevels {
	#last: number | undefined;
	readonly #byProcess = new Map<number, number>();

	levelOf(parsed: ParsedLine, priority: number): number {
		const {pid, follows} = parsed;
		const before = pid === undefined ? this.#last : (this.#byProcess.get(pid) ?? this.#last);
		const level = levelFrom(parsed, before, priority);
		this.#last = level;
		if (pid !== undefined && !follows) {
			if (this.#byProcess.size >= processesMax) {
				this.#byProcess.clear();
			}

			this.#byProcess.set(pid, level);
		}

		return level;
	}
}

/** A line of a file has the time in its text, else that of the line before. */
export class FileReader {
	readonly #node: string;
	readonly #service: string;
	readonly #clock: NodeClock;
	readonly #parser: LineParser;
	readonly #logTimezone: string | undefined;
	readonly #levels = new LastLevels();
	#at: number | undefined;
	/** The line before has no time of its own. */
	#isTimeAssumed = false;
	/** Time and order of the line before. */
	#lastAt = Number.NaN;
	#lastOrder = Number.NaN;

	constructor(node: string, service: string, clock: NodeClock, settings?: LogSettings) {
		this.#node = node;
		this.#service = service;
		this.#clock = clock;
		this.#parser = new LineParser(settings);
		this.#logTimezone = service === 'postgresql' ? settings?.postgresql?.timezone : undefined;
	}

	/**
	 * @param now this machine's clock, ms; the time of lines before the first one with its own
	 * @param isCut the line's end is missing
	 */
	read(text: string, now: number, isCut = false): LogLine {
		const parsed = this.#parser.parse(this.#service, sanitizeLogLine(text), {isCut});
		const {correction, zone} = this.#clock;
		const zones = {local: zone, logTimezone: this.#logTimezone};
		const own =
			parsed.stamp === undefined ? undefined : parseTimestamp(parsed.stamp, zones, now + correction / 1000);
		// A line without a time takes the time of the line before.
		const isBeforeAll = own === undefined && this.#at === undefined;
		this.#at = own ?? this.#at;
		const at = this.#at ?? now * 1000 + correction;
		// A line without a time and a level continues the one before: statements have several lines.
		const follows = parsed.follows || (own === undefined && parsed.word === undefined);
		this.#isTimeAssumed = isBeforeAll || (own === undefined && (!follows || this.#isTimeAssumed));
		const level = this.#levels.levelOf({...parsed, follows}, levels.info);
		// Lines of the same time get distinct orders here; otherwise the ring would copy each line to do it.
		const order = at === this.#lastAt ? this.#lastOrder + tick : at - correction;
		this.#lastAt = at;
		this.#lastOrder = order;
		return {
			at,
			order,
			node: this.#node,
			service: this.#service,
			level,
			// Unescaping JSON or CSV can produce control characters, so the text is sanitized again.
			word:
				parsed.word === undefined
					? follows
						? ''
						: (levelWords[level] ?? '')
					: sanitize(parsed.word).slice(0, wordMaxLength),
			...shownText(parsed),
			...(parsed.pid === undefined ? {} : {pid: parsed.pid}),
			...(this.#isTimeAssumed ? {isTimeAssumed: true} : {}),
		};
	}
}
