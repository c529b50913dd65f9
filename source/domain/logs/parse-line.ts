/** Parses time, level and text of a log line, by the service that wrote it and its settings. */
import {CsvlogParser} from './csvlog.ts';
import {ofEtcd} from './etcd-line.ts';
import {compilePrefix} from './line-prefix.ts';
import {levelOf, levels} from './log-buffer.ts';
import {lineOf, type ParsedLine} from './parsed-line.ts';
import {guessPatroni, patroniParser} from './patroni-line.ts';
import {datePattern, guessLine, isPostgres, ofJsonlog, ofPrefix, ofSyslogPart} from './postgresql-line.ts';
import type {LogSettings} from './settings.ts';

/** `[WARNING]  (74) : text`, with `[WARNING] 326/041414 (74) : text` before 2.4. */
const haproxy = /^\[(?<word>[A-Z]+)\]\s+(?:\d+\/\d+\s+)?\(\d+\) : (?<text>.*)$/s;
/** `Nov 23 04:14:14 pgdb1 haproxy[74]: text`, also with an RFC 3339 time. */
const syslog = new RegExp(
	`^(?<stamp>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d|${datePattern}) \\S+ [^ :[]+(?:\\[(?<pid>\\d{1,10})\\])?: (?<text>.*)$`,
	's',
);
const stamped = new RegExp(`^(?<stamp>${datePattern})[ ,]+(?<text>.*)$`, 's');

/** Parses the lines of one log, in its order: a row of csvlog may have several lines. */
export class LineParser {
	readonly #prefix: ReturnType<typeof compilePrefix>;
	readonly #patroni: ReturnType<typeof patroniParser>;
	readonly #csvlog = new CsvlogParser();

	constructor({postgresql, patroni}: LogSettings = {}) {
		this.#prefix = postgresql?.linePrefix === undefined ? undefined : compilePrefix(postgresql.linePrefix);
		this.#patroni = patroniParser(patroni ?? {});
	}

	/** @param isCut the line's end is missing; `isSyslog`: the line came by syslog, which may have numbered it */
	parse(service: string, line: string, {isCut = false, isSyslog = false} = {}): ParsedLine {
		switch (service) {
			case 'postgresql': {
				return this.#ofPostgres(line, isCut, isSyslog) ?? plain(line);
			}

			case 'patroni': {
				return (
					this.#patroni(line) ?? this.#ofPostgres(line, isCut, false) ?? guessPatroni(line) ?? plain(line)
				);
			}

			case 'etcd': {
				return ofEtcd(line) ?? plain(line);
			}

			default: {
				return byHaproxy(line) ?? plain(line);
			}
		}
	}

	/** Whether PostgreSQL, started by Patroni, wrote a line of Patroni's journal. */
	isPostgres(line: string): boolean {
		return isPostgres(line, this.#prefix);
	}

	#ofPostgres(line: string, isCut: boolean, isSyslog: boolean): ParsedLine | undefined {
		const known = (one: string) => (this.#prefix === undefined ? undefined : ofPrefix(this.#prefix, one));
		const text = (one: string) => known(one) ?? guessLine(one);
		return (
			this.#csvlog.parse(line, isCut) ??
			ofJsonlog(line) ??
			(isSyslog ? ofSyslogPart(line, text) : undefined) ??
			known(line) ??
			ofSyslog(line, text) ??
			guessLine(line)
		);
	}
}

/** PostgreSQL's line in a file of syslog, whose header has time and process. */
function ofSyslog(line: string, parse: (line: string) => ParsedLine | undefined): ParsedLine | undefined {
	const {stamp, pid, text} = syslog.exec(line)?.groups ?? {};
	if (stamp === undefined || pid === undefined || text === undefined) {
		return undefined;
	}

	const parsed = ofSyslogPart(text, parse) ?? parse(text);
	return parsed === undefined
		? undefined
		: {...parsed, stamp: parsed.stamp ?? stamp, pid: parsed.pid ?? Number(pid)};
}

function byHaproxy(line: string): ParsedLine | undefined {
	const groups = haproxy.exec(line)?.groups;
	return groups === undefined ? undefined : lineOf(groups);
}

/** A line of unknown format: only a time or a syslog header at its start is parsed. */
function plain(line: string): ParsedLine {
	const groups = (syslog.exec(line) ?? stamped.exec(line))?.groups;
	if (groups === undefined) {
		return {
			word: undefined,
			text: line,
			stamp: undefined,
			// Lines of a traceback and PostgreSQL's continuation lines are indented or have no header.
			follows: /^\s/.test(line) || /^(?:Traceback|[A-Za-z.]+(?:Error|Exception)\b)/.test(line),
		};
	}

	const inner = haproxy.exec(groups.text ?? '')?.groups;
	return lineOf({...(inner ?? groups), stamp: groups.stamp});
}

/** A line's level: its own, else that of the line it continues, else the journal's. */
export function levelFrom(
	{word, level, follows}: ParsedLine,
	before: number | undefined,
	priority: number,
): number {
	return (
		level ??
		(word === undefined ? undefined : levelOf(word)) ??
		(follows ? before : undefined) ??
		(Number.isInteger(priority) && priority >= 0 && priority <= levels.debug ? priority : levels.info)
	);
}
