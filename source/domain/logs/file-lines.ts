/** Converts lines of a log file to log lines, with the time in the text, else that of the line before. */
import {sanitize, sanitizeLogLine} from '../../lib/sanitize.ts';
import {type NodeClock, wordMaxLength} from './journal.ts';
import {type LogLine, levels, levelWords, tick} from './log-buffer.ts';
import {levelFrom, parseLine, parseTimestamp} from './parse-line.ts';

export class FileReader {
	readonly #node: string;
	readonly #service: string;
	readonly #clock: NodeClock;
	#at: number | undefined;
	#level: number | undefined;
	/** Time and order of the line before. */
	#lastAt = Number.NaN;
	#lastOrder = Number.NaN;

	constructor(node: string, service: string, clock: NodeClock) {
		this.#node = node;
		this.#service = service;
		this.#clock = clock;
	}

	/** @param now this machine's clock, ms; the time of lines before the first one with its own */
	read(text: string, now: number): LogLine {
		const parsed = parseLine(this.#service, sanitizeLogLine(text));
		const {correction, zone} = this.#clock;
		const own =
			parsed.stamp === undefined ? undefined : parseTimestamp(parsed.stamp, zone, now + correction / 1000);
		// A line without a time takes the time of the line before.
		this.#at = own ?? this.#at;
		const at = this.#at ?? now * 1000 + correction;
		// A line without a time and a level continues the one before: statements have several lines.
		const follows = parsed.follows || (own === undefined && parsed.word === undefined);
		this.#level = levelFrom({...parsed, follows}, this.#level, levels.info);
		// Lines of the same time get distinct orders here; otherwise the ring would copy each line to do it.
		const order = at === this.#lastAt ? this.#lastOrder + tick : at - correction;
		this.#lastAt = at;
		this.#lastOrder = order;
		return {
			at,
			order,
			node: this.#node,
			service: this.#service,
			level: this.#level,
			// Unescaping JSON or CSV can produce control characters, so the text is sanitized again.
			word:
				parsed.word === undefined
					? follows
						? ''
						: (levelWords[this.#level] ?? '')
					: sanitize(parsed.word).slice(0, wordMaxLength),
			text: sanitizeLogLine(parsed.text),
		};
	}
}
