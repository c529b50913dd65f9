/** The lines of a log file, made into log lines: the time out of the text, or that of the line before. */
import {sanitize, sanitizeLogLine} from '../../lib/sanitize.ts';
import {longestWord, type NodeClock} from './journal.ts';
import {type LogLine, levels, levelWords, tick} from './log-buffer.ts';
import {levelFrom, parseLine, parseTimestamp} from './parse-line.ts';

export class FileReader {
	readonly #node: string;
	readonly #service: string;
	readonly #clock: NodeClock;
	#at: number | undefined;
	#level: number | undefined;
	/** Of the line before. */
	#lastAt = Number.NaN;
	#lastOrder = Number.NaN;

	constructor(node: string, service: string, clock: NodeClock) {
		this.#node = node;
		this.#service = service;
		this.#clock = clock;
	}

	/** @param now our clock, ms: the time of a line before any that has its own. */
	read(text: string, now: number): LogLine {
		const said = parseLine(this.#service, sanitizeLogLine(text));
		const {correction, zone} = this.#clock;
		const own =
			said.stamp === undefined ? undefined : parseTimestamp(said.stamp, zone, now + correction / 1000);
		// Without a time of its own, a line has that of its arrival.
		this.#at = own ?? this.#at;
		const at = this.#at ?? now * 1000 + correction;
		// A line without a time and a level goes with the one before: statements have many lines.
		const follows = said.follows || (own === undefined && said.word === undefined);
		this.#level = levelFrom({...said, follows}, this.#level, levels.info);
		// Lines of one moment have their places here already: the ring would make each of them again.
		const order = at === this.#lastAt ? this.#lastOrder + tick : at - correction;
		this.#lastAt = at;
		this.#lastOrder = order;
		return {
			at,
			order,
			node: this.#node,
			service: this.#service,
			level: this.#level,
			// What was written as an escape of JSON, or between the quotes of CSV, has become text only now.
			word:
				said.word === undefined
					? follows
						? ''
						: (levelWords[this.#level] ?? '')
					: sanitize(said.word).slice(0, longestWord),
			text: sanitizeLogLine(said.text),
		};
	}
}
