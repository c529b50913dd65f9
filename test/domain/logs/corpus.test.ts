/** Lines of a real PostgreSQL under many log_line_prefixes, beside what csvlog says of the same messages. */
import {describe, expect, it} from 'vitest';
import {levelOf} from '../../../source/domain/logs/log-buffer.ts';
import {LineParser, levelFrom} from '../../../source/domain/logs/parse-line.ts';
import type {ParsedLine} from '../../../source/domain/logs/parsed-line.ts';
import type {LogSettings} from '../../../source/domain/logs/settings.ts';
import {parseTimestamp} from '../../../source/domain/logs/timestamp.ts';
import {type CsvRow, type LogSample, readLogCorpus} from '../../support/log-corpus.ts';

const samples = readLogCorpus();
/** Of each line what is not as csvlog has it. */
type Fault = {prefix: string; line: string; wrong: string[]};

function faultsOf(sample: LogSample, settings: LogSettings, logTimezone: string | undefined): Fault[] {
	const {prefix} = sample;
	const parser = new LineParser(settings);
	const messages = sample.log.map(({lines, row}) => ({
		row,
		parsed: lines.map(line => ({line, ...parser.parse('postgresql', line)})),
	}));
	return messages.flatMap(({row, parsed}) => {
		const level = parsed[0] === undefined ? undefined : levelFrom(parsed[0], undefined, 7);
		return parsed.map((one, index) => {
			const wrong = [
				...(index > 0 || level === levelOf(row.severity) ? [] : ['level']),
				...(one.follows === index > 0 ? [] : ['follows']),
				...(one.line.startsWith('\t') ? [] : headFaults(sample, row, one, logTimezone)),
			];
			return {prefix, line: one.line, wrong: [...wrong, ...textFaults(row, parsed, index)]};
		});
	});
}

/** Time and process, if the prefix has them for this process. */
function headFaults(
	{prefix, timezone}: LogSample,
	row: CsvRow,
	parsed: ParsedLine,
	logTimezone?: string,
): string[] {
	const isSession = row.user !== '' || row.message.startsWith('connection received');
	const begin = isSession ? prefix : prefix.replace(/%q.*$/, '');
	const pid = /%-?\d*[pc]/.test(begin) ? row.pid : undefined;
	const expected = micros(row.time, timezone);
	const isExact = /%-?\d*[mn]/.test(begin);
	const at = parsed.stamp === undefined ? undefined : micros(parsed.stamp, logTimezone, expected, row.time);
	const isTimeRight = isExact
		? at === expected
		: /%-?\d*t/.test(begin)
			? // PostgreSQL reads the clock once for `%t`, and later for csvlog.
				at !== undefined && at <= expected && expected - at < 2_000_000
			: at === undefined;
	return [
		...(parsed.pid === pid ? [] : [`process ${parsed.pid}, not ${pid}`]),
		...(isTimeRight ? [] : [`time ${parsed.stamp}, not ${row.time}`]),
	];
}

/** @param expected without a known log_timezone, the node's own zone is that of the log */
function micros(stamp: string, logTimezone: string | undefined, expected?: number, full = ''): number {
	const local =
		expected === undefined
			? 0
			: Math.round((Date.parse(`${full.slice(0, 23).replace(' ', 'T')}Z`) * 1000 - expected) / 60_000_000);
	return parseTimestamp(stamp, {local, logTimezone}, 0) ?? Number.NaN;
}

/** The text of a message is all that csvlog has, with a tab before each further line. */
function textFaults(row: CsvRow, parsed: readonly (ParsedLine & {line: string})[], index: number): string[] {
	const mine = parsed[index];
	if (mine === undefined || mine.line.startsWith('\t')) {
		return [];
	}

	const after = parsed.slice(index + 1);
	const end = after.findIndex(({line}) => !line.startsWith('\t'));
	const lines = [mine, ...(end < 0 ? after : after.slice(0, end))];
	const text = lines.map((one, at) => (at === 0 ? one.text : one.text.slice(1))).join('\n');
	const all = [row.message, row.detail, row.hint, row.context, row.query];
	const isKnown =
		index === 0
			? isMessage(text, row)
			: all.includes(text) || text === row.location || /^ *\w+, \w+\.c:\d+$/.test(text);
	return isKnown ? [] : [`text ${text}`];
}

/** The message, with SQLSTATE if the server is verbose, and ` at character 8` in its language, a column of its own in csvlog. */
function isMessage(text: string, {message, state, query}: CsvRow): boolean {
	const own = text.startsWith(`${state}: `) ? text.slice(state.length + 2) : text;
	const position = own.slice(message.length);
	return (
		own.startsWith(message) &&
		(position === '' || (query !== undefined && /^[^:]{0,24}\d[^:]{0,20}$/.test(position)))
	);
}

describe('the corpus', () => {
	it('has at least 30 prefixes, all levels, several zones and languages', () => {
		const rows = samples.flatMap(({log}) => log.map(({row}) => row));
		expect(new Set(samples.map(({prefix}) => prefix)).size).toBeGreaterThanOrEqual(30);
		expect(new Set(rows.map(({severity}) => severity))).toEqual(
			new Set(['LOG', 'WARNING', 'ERROR', 'FATAL', 'PANIC']),
		);
		expect(new Set(samples.map(({timezone}) => timezone)).size).toBeGreaterThan(15);
		expect(new Set(samples.map(({messages}) => messages)).size).toBeGreaterThan(15);
		expect(rows.some(({user}) => user === 'FATAL: [x] y')).toBe(true);
	});

	it.each(
		samples.map(
			sample => [`"${sample.prefix}" ${sample.timezone} ${sample.messages ?? ''}`, sample] as const,
		),
	)('is parsed right by its prefix %s', (_, sample) => {
		const {prefix, timezone} = sample;
		const settings = {postgresql: {linePrefix: prefix, timezone}};
		expect(faultsOf(sample, settings, timezone).filter(({wrong}) => wrong.length > 0)).toEqual([]);
	});

	it('is mostly guessed right where the prefix is not known', () => {
		const all = samples.flatMap(sample => faultsOf(sample, {}, undefined));
		const right = all.filter(({wrong}) => wrong.length === 0).length;
		expect(right / all.length).toBeGreaterThan(0.92);
		// The level is right in all but the prefix that begins with a severity itself.
		const levels = all.filter(({prefix, wrong}) => wrong.includes('level') && !prefix.startsWith('LOG:  '));
		expect(levels).toEqual([]);
	});

	it('is guessed right for every common prefix', () => {
		const common = samples.filter(({prefix}) =>
			/^(?:%m \[%p\] |%t \[%p\]: |%t \[%p-%l\] |%m\|%u\|%d\| |%t:%r:%u@%d:\[%p\]: |<%m>|\[%m\] \[%p\]|user=)/.test(
				prefix,
			),
		);
		expect(common.length).toBeGreaterThan(25);
		expect(
			common.flatMap(sample => faultsOf(sample, {}, undefined)).filter(({wrong}) => wrong.length > 0),
		).toEqual([]);
	});
});
