/** A log line after parsing. */
import {sanitizeLogLine} from '../../lib/sanitize.ts';

export type ParsedLine = {
	/** The service's name of the level; undefined without one. */
	word: string | undefined;
	/** The level where the service's own words decide it; undefined: by the word. */
	level?: number | undefined;
	/** What precedes the text besides time and level: process, user, database. */
	head?: string;
	text: string;
	/** Length of the message in `text`, where other fields of JSON or CSV follow it. */
	messageLength?: number;
	/** The time as written in the line. */
	stamp: string | undefined;
	/** The process that wrote the line, if the line names it. */
	pid?: number | undefined;
	/** The line continues the one before: a detail, a hint, a part of a traceback. */
	follows: boolean;
};

/** The text that is shown, safe for a terminal, and where the message is in it if it is not all of it. */
export function shownText({head = '', text, messageLength}: ParsedLine): {
	text: string;
	messageAt?: number;
	messageEnd?: number;
} {
	// Unescaping JSON or CSV can produce control characters, so the text is sanitized again.
	const [safeHead, safeText] = [sanitizeLogLine(head), sanitizeLogLine(text)];
	const at = safeHead === '' ? 0 : safeHead.length + 1;
	return {
		text: safeHead === '' ? safeText : `${safeHead} ${safeText}`,
		...(at === 0 ? {} : {messageAt: at}),
		...(messageLength === undefined || messageLength >= text.length
			? {}
			: {messageEnd: at + sanitizeLogLine(text.slice(0, messageLength)).length}),
	};
}

export function lineOf({word, text = '', stamp}: Readonly<Record<string, string | undefined>>): ParsedLine {
	return {word, text, stamp, follows: false};
}

/** The object of a JSON line; undefined if it is none, e.g. cut. */
export function jsonObject(line: string): Readonly<Record<string, unknown>> | undefined {
	if (!line.startsWith('{')) {
		return undefined;
	}

	try {
		const content: unknown = JSON.parse(line);
		return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}

		throw error;
	}
}

/** The message of a JSON line with these field names; other fields follow it as name=value. */
export function ofJson(
	content: Readonly<Record<string, unknown>>,
	{level, time, message, hidden}: {level: string; time: string; message: string; hidden: ReadonlySet<string>},
): ParsedLine | undefined {
	if (!Object.hasOwn(content, message)) {
		return undefined;
	}

	const {[level]: word, [time]: stamp, [message]: text, ...rest} = content;
	const more = Object.entries(rest)
		.filter(([name]) => !hidden.has(name))
		.map(([name, value]) => `${name}=${plainOf(value)}`);
	const shown = plainOf(text);
	return {
		word: typeof word === 'string' ? word : undefined,
		text: [shown, ...more].join(' '),
		messageLength: shown.length,
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

type Range = {start: number; end: number};

/** The head without these ranges (in order), the brackets around each, and separators at both ends; `''` if only signs remain. */
export function headText(line: string, end: number, without: readonly Range[]): string {
	let rest = '';
	let at = 0;
	for (const range of without) {
		const isEnclosed = brackets.has(`${line[range.start - 1]}${line[range.end]}`) && range.end < end;
		const start = range.start - (isEnclosed ? 1 : 0);
		rest += line.slice(at, Math.max(at, start));
		at = Math.max(at, range.end + (isEnclosed ? 1 : 0));
	}

	rest += line.slice(at, Math.max(at, end));
	return /[\p{L}\p{N}]/u.test(rest) ? trimSigns(rest.replaceAll(/ {2,}/g, ' ')) : '';
}

const brackets: ReadonlySet<string> = new Set(['[]', '<>', '()', '{}']);
const separators = ' \t|:;,-';

function trimSigns(text: string): string {
	let [start, end] = [0, text.length];
	while (start < end && separators.includes(text[start] ?? '')) {
		start++;
	}

	while (end > start && separators.includes(text[end - 1] ?? '')) {
		end--;
	}

	return text.slice(start, end);
}
