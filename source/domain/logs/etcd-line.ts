/** Lines of etcd's log: JSON (zap, from 3.5), zap's text, and the format before 3.5. */
import {levels} from './log-buffer.ts';
import {jsonObject, lineOf, ofJson, type ParsedLine} from './parsed-line.ts';

/** `2021-03-04 10:11:12.345678 W | etcdserver: read-only range request took too long` */
const capnslog =
	/^(?<stamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) (?<word>[CEWNIDT]) \| (?<text>.*)$/s;
/** `2023-03-04T10:11:12.345Z\tWARN\tetcdserver/util.go:170\tapply request took too long\t{"took":"1s"}` */
const text =
	/^(?<stamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))\t(?<word>[A-Za-z]{4,6})\t(?:[\w./-]{1,200}:\d{1,6}\t)?(?<text>.*)$/s;

const letters: Readonly<Record<string, {word: string; level: number}>> = {
	C: {word: 'CRITICAL', level: levels.crit},
	E: {word: 'ERROR', level: levels.err},
	W: {word: 'WARNING', level: levels.warning},
	N: {word: 'NOTICE', level: levels.notice},
	I: {word: 'INFO', level: levels.info},
	D: {word: 'DEBUG', level: levels.debug},
	T: {word: 'TRACE', level: levels.debug},
};

const hidden: ReadonlySet<string> = new Set(['caller']);

export function ofEtcd(line: string): ParsedLine | undefined {
	const content = jsonObject(line);
	if (content !== undefined) {
		return ofJson(content, {level: 'level', time: 'ts', message: 'msg', hidden});
	}

	const old = capnslog.exec(line)?.groups;
	if (old !== undefined) {
		return {...lineOf(old), ...letters[old.word ?? '']};
	}

	const groups = text.exec(line)?.groups;
	return groups === undefined ? undefined : lineOf(groups);
}
