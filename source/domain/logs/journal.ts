/** Lines of `journalctl --output=json` made into log lines. */
import {countOf} from '../../lib/json.ts';
import {sanitize, sanitizeLogLine} from '../../lib/sanitize.ts';
import {type LogLine, levelWords, statisticsService} from './log-buffer.ts';
import {isPostgres, levelFrom, parseLine} from './parse-line.ts';

/** What lines need of a node: its clock and its units. */
export type NodeClock = {
	/** µs that the node's clock is ahead of the session's time, where that is worth a word; else 0. It changes when either is set. */
	correction: number;
	/** Minutes that its local time is ahead of UTC. */
	zone: number;
};

/** Longer ones are cut: memory is bounded by them. */
export const textMaxLength = 8192;
/** What services call their levels is shorter. */
export const longestWord = 16;

/** `s=…;i=…;b=…;m=…;t=…;x=…` */
export const cursorShape = /^[A-Za-z0-9=;._-]{1,400}$/;

/** Of one field in one line. */
const repeatsMax = 100;

/** Fields that are asked for (`--output-fields`); the times and the cursor come with each line anyway. */
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
	/** By unit, with its suffix. */
	readonly #names: ReadonlyMap<string, string>;
	/** The level of the last line of each service, for the lines that follow one. */
	readonly #levels = new Map<string, number>();

	/** @param names what the units' lines are called, by unit */
	constructor(node: string, clock: NodeClock, names: ReadonlyMap<string, string>) {
		this.#node = node;
		this.#clock = clock;
		this.#names = names;
	}

	/** Undefined for anything but a journal line. */
	read(json: string): {line: LogLine; cursor: string | undefined} | undefined {
		const fields = parse(json);
		const at = countOf(fields?.__REALTIME_TIMESTAMP);
		if (fields === undefined || at === undefined) {
			return undefined;
		}

		const whole = message(fields.MESSAGE);
		const service = this.#service(fields, whole);
		const said = parseLine(service, whole);
		const level = levelFrom(said, this.#levels.get(service), countOf(fields.PRIORITY) ?? Number.NaN);
		this.#levels.set(service, level);
		return {
			line: {
				at,
				order: at - this.#clock.correction,
				node: this.#node,
				service,
				level,
				// What was written as an escape of JSON, or between the quotes of CSV, has become text only now.
				word: said.word === undefined ? (levelWords[level] ?? '') : sanitize(said.word).slice(0, longestWord),
				text: sanitizeLogLine(said.text),
			},
			cursor: plainCursor(textOf(fields.__CURSOR)),
		};
	}

	#service(fields: Fields, text: string): string {
		const named =
			this.#names.get(textOf(fields._SYSTEMD_UNIT)) ??
			this.#names.get(textOf(fields.UNIT)) ??
			this.#names.get(textOf(fields.OBJECT_SYSTEMD_UNIT));
		// Patroni's PostgreSQL writes to Patroni's journal where it has no log collector of its own.
		if (named !== undefined && (fields._COMM === 'postgres' || (named === 'patroni' && isPostgres(text)))) {
			return 'postgresql';
		}

		if (named === 'haproxy' && text.includes('/<STATS>')) {
			return statisticsService;
		}

		return named ?? (fields._TRANSPORT === 'kernel' ? 'kernel' : 'system');
	}
}

/** The cursor after a line that is skipped. */
export function cursorOf(json: string): string | undefined {
	return plainCursor(/"__CURSOR":"([^"]+)"/.exec(json)?.[1] ?? '');
}

/**
 * What a cursor says of its entry alone: boot, both clocks, and the hash of its fields. Its first two parts, sequence and
 * number, change when journald copies the entry into another file, as it does after a boot.
 */
export function entryOf(cursor: string): string {
	return cursor.slice(Math.max(0, cursor.indexOf(';b=')));
}

/** Boot and clocks are the same: entries that journald took in at once, which only one machine did. */
export function isSameMoment(cursor: string, other: string): boolean {
	const moment = (text: string) => entryOf(text).replace(/;x=[^;]*/, '');
	return moment(cursor) === moment(other);
}

/** The id of the boot that an entry is of. */
export function bootOf(cursor: string): string | undefined {
	return /;b=([\da-f]{32})(?:;|$)/.exec(cursor)?.[1];
}

/** What could not be given to journalctl again is not kept. */
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

/** Text, or bytes where it is not UTF-8; several where the field came more than once; null where journalctl cut it. */
function message(value: unknown): string {
	if (typeof value === 'string') {
		return safe(value);
	}

	if (isBytes(value)) {
		return bytesText(value);
	}

	if (Array.isArray(value)) {
		// A field that came more than once: text or bytes each, and nothing deeper.
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
