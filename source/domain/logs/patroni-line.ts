/** Lines of Patroni's log: its default format, `log.format` with `log.dateformat`, and `log.type: json`. */
import {jsonObject, lineOf, ofJson, type ParsedLine} from './parsed-line.ts';
import {datePattern} from './postgresql-line.ts';
import {compileFormat, ofFormat} from './python-format.ts';
import type {PatroniLogSettings} from './settings.ts';

/** `2026-11-23 04:14:03,756 INFO: text` */
const usual = new RegExp(`^(?<stamp>${datePattern}) (?<word>[A-Z]{4,8}): (?<text>.*)$`, 's');
/** Custom formats: a time, and a level among the first words, with or without brackets. */
const custom = new RegExp(
	`^\\[?(?<stamp>${datePattern})\\]?[ ,:-]{1,3}(?<head>[^:]{0,100}?)[\\[(<]?\\b(?<word>DEBUG|INFO|WARNING|ERROR|CRITICAL)\\b[\\])>]? {0,8}[:|-]? {0,3}(?<text>.*)$`,
	's',
);

/** Names of the fields that users give them, the usual ones first. */
const names = {
	levelname: ['levelname', 'level', 'severity', 'levelName', 'log.level'],
	asctime: ['asctime', '@timestamp', 'timestamp', 'time', 'ts', 'date'],
	message: ['message', 'msg', 'text'],
} as const;

export function patroniParser(settings: PatroniLogSettings): (line: string) => ParsedLine | undefined {
	const {format, dateFormat, fields} = settings;
	// A default date format may have a custom format around it, and the reverse.
	const compiled =
		format === undefined && dateFormat === undefined
			? undefined
			: compileFormat(format ?? '%(asctime)s %(levelname)s: %(message)s', dateFormat);
	return line =>
		ofPatroniJson(line, fields) ??
		(compiled === undefined ? undefined : ofFormat(compiled, line)) ??
		byPattern(usual, line);
}

/** A line of an unknown format. */
export function guessPatroni(line: string): ParsedLine | undefined {
	const parsed = byPattern(custom, line);
	const head = custom.exec(line)?.groups?.head?.trim() ?? '';
	return parsed === undefined ? undefined : {...parsed, head};
}

function byPattern(pattern: RegExp, line: string): ParsedLine | undefined {
	const groups = pattern.exec(line)?.groups;
	return groups === undefined ? undefined : lineOf(groups);
}

function ofPatroniJson(line: string, fields: PatroniLogSettings['fields']): ParsedLine | undefined {
	const content = jsonObject(line);
	if (content === undefined) {
		return undefined;
	}

	const nameOf = (field: keyof typeof names) => {
		const own = fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
		return own !== undefined && Object.hasOwn(content, own)
			? own
			: (names[field].find(name => Object.hasOwn(content, name)) ?? '');
	};
	return ofJson(content, {
		level: nameOf('levelname'),
		time: nameOf('asctime'),
		message: nameOf('message'),
		hidden: new Set(),
	});
}
