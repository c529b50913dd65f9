/** Logs as programs write them: zones, languages, csvlog of several lines, syslog, formats of Patroni and etcd. */
import {describe, expect, it} from 'vitest';
import {FileReader, JournalReader} from '../../../source/domain/logs/journal.ts';
import {LineParser, levelFrom} from '../../../source/domain/logs/parse-line.ts';
import {shownText} from '../../../source/domain/logs/parsed-line.ts';
import {
	effectiveSettings,
	type LogSettings,
	logExtensions,
	postgresLogFolder,
} from '../../../source/domain/logs/settings.ts';
import {parseTimestamp} from '../../../source/domain/logs/timestamp.ts';

const now = Date.UTC(2026, 10, 23, 5);

describe('a time', () => {
	it.each([
		// From the issue: the node's local zone is another one.
		['2026-01-31 22:59:58 UTC', 180, undefined, Date.UTC(2026, 0, 31, 22, 59, 58)],
		['2026-01-31 22:59:58 MSK', 0, undefined, Date.UTC(2026, 0, 31, 19, 59, 58)],
		['2026-01-31 22:59:58 CET', 0, 'Europe/Berlin', Date.UTC(2026, 0, 31, 21, 59, 58)],
		['2026-07-31 22:59:58 CEST', 0, 'Europe/Berlin', Date.UTC(2026, 6, 31, 20, 59, 58)],
		['2026-01-31 22:59:58 +03', 0, 'Europe/Istanbul', Date.UTC(2026, 0, 31, 19, 59, 58)],
		['2026-01-31 22:59:58 -0330', 0, undefined, Date.UTC(2026, 1, 1, 2, 29, 58)],
		['2026-01-31 22:59:58 +0545', 0, undefined, Date.UTC(2026, 0, 31, 17, 14, 58)],
		// The hour that the change of the clock repeats.
		['2026-10-25 02:30:00 CEST', 0, 'Europe/Berlin', Date.UTC(2026, 9, 25, 0, 30)],
		['2026-10-25 02:30:00 CET', 0, 'Europe/Berlin', Date.UTC(2026, 9, 25, 1, 30)],
		// Abbreviations that several zones use.
		['2026-01-31 22:59:58 IST', 0, 'Asia/Kolkata', Date.UTC(2026, 0, 31, 17, 29, 58)],
		['2026-01-31 22:59:58 IST', 0, 'Asia/Jerusalem', Date.UTC(2026, 0, 31, 20, 59, 58)],
		['2026-01-31 22:59:58 CST', 480, undefined, Date.UTC(2026, 0, 31, 14, 59, 58)],
		['2026-01-31 22:59:58 CST', 0, 'America/Chicago', Date.UTC(2026, 1, 1, 4, 59, 58)],
		// log_timezone was changed since.
		['2026-01-31 22:59:58 UTC', 0, 'Europe/Moscow', Date.UTC(2026, 0, 31, 22, 59, 58)],
		// POSIX counts westwards.
		['2026-01-31 22:59:58 UTC', 0, 'UTC+3', Date.UTC(2026, 1, 1, 1, 59, 58)],
		['2026-01-31 22:59:58 +0330', 0, '<+0330>-3:30', Date.UTC(2026, 0, 31, 19, 29, 58)],
		// A real PostgreSQL 17 wrote these at 20:04 UTC with a zone that is a number: also westwards, without a name.
		['2026-11-26 17:04:32.544', 180, '3', Date.UTC(2026, 10, 26, 20, 4, 32, 544)],
		['2026-11-26 23:04:33.563', 180, '-3', Date.UTC(2026, 10, 26, 20, 4, 33, 563)],
		['2026-11-26 20:04:35.483', 180, '0', Date.UTC(2026, 10, 26, 20, 4, 35, 483)],
		['2026-11-26 16:34:41.857', 180, '+03:30', Date.UTC(2026, 10, 26, 20, 4, 41, 857)],
		['2026-11-26 17:04:45.571', 180, '<>3', Date.UTC(2026, 10, 26, 20, 4, 45, 571)],
		['2026-11-26 17:04:46.986 A', 180, 'a3', Date.UTC(2026, 10, 26, 20, 4, 46, 986)],
		// Not of this setting: the zone has a name, or none.
		['2026-01-31 22:59:58 CET', 0, '3', Date.UTC(2026, 0, 31, 21, 59, 58)],
		['2026-01-31 22:59:58', 60, 'UTC+3', Date.UTC(2026, 0, 31, 21, 59, 58)],
		['2026-01-31 22:59:58 WAT', 0, 'no/such_zone', Date.UTC(2026, 0, 31, 21, 59, 58)],
		['2026-01-31 22:59:58 XYZ', 60, 'no/such_zone', Date.UTC(2026, 0, 31, 21, 59, 58)],
		['1769900398.123', 180, undefined, 1_769_900_398_123],
	])('%s on a node at %d minutes, log_timezone %s', (stamp, local, logTimezone, ms) => {
		expect(parseTimestamp(stamp, {local, logTimezone}, now)).toBe(ms * 1000);
	});
});

describe('a line of PostgreSQL in a file', () => {
	const read = (lines: readonly string[], settings?: LogSettings, zone = 180) => {
		const reader = new FileReader('pgdb1', 'postgresql', {correction: 0, zone}, settings);
		return lines.map(line => reader.read(line, now));
	};

	it('keeps level, process, time and text under the commonest custom prefix', () => {
		for (const settings of [undefined, {postgresql: {linePrefix: '%t [%p]: [%l-1] user=%u,db=%d '}}]) {
			expect(read(['2026-01-31 22:59:58 UTC [4711]: [3-1] user=app,db=shop FATAL:  x'], settings)).toEqual([
				expect.objectContaining({
					at: Date.UTC(2026, 0, 31, 22, 59, 58) * 1000,
					level: 3,
					word: 'FATAL',
					pid: 4711,
					text: '[4711]: [3-1] user=app,db=shop x',
				}),
			]);
		}
	});

	it('has the time zone of a log_timezone that is a number, without a name in the lines', () => {
		const settings = {postgresql: {linePrefix: '%m [%p] ', timezone: '-3'}};
		const lines = [
			'2026-11-26 23:04:33.563  [49] LOG:  x',
			'2026-11-26 23:04:33.564 ,,,49,,69281f6d.31,1,,2026-11-26 23:04:33 ,,0,LOG,00000,"y",,,,,,,,,"","postmaster",,0',
		];
		expect(read(lines, settings, 60)).toEqual(
			[563, 564].map((ms, index) =>
				expect.objectContaining({
					at: Date.UTC(2026, 10, 26, 20, 4, 33, ms) * 1000,
					pid: 49,
					text: `[49] ${'xy'[index]}`,
				}),
			),
		);
	});

	it('has the time zone of log_timezone', () => {
		const settings = {postgresql: {linePrefix: '%m ', timezone: 'Asia/Jerusalem'}};
		expect(read(['2026-01-31 22:59:58.000 IST LOG:  x'], settings)[0]?.at).toBe(
			Date.UTC(2026, 0, 31, 20, 59, 58) * 1000,
		);
	});

	it('says that its time is assumed where the prefix has none', () => {
		const settings = {postgresql: {linePrefix: '%u@%d '}};
		expect(read(['app@shop ERROR:  x', 'app@shop STATEMENT:  y', '\tz'], settings)).toEqual([
			expect.objectContaining({at: now * 1000, isTimeAssumed: true, level: 3, text: 'app@shop x'}),
			expect.objectContaining({isTimeAssumed: true, level: 3, word: 'STATEMENT'}),
			expect.objectContaining({isTimeAssumed: true, level: 3, text: '\tz'}),
		]);
		const timed = read(['2026-01-31 22:59:58 UTC [1] ERROR:  x', '\ty']);
		expect(timed.map(({isTimeAssumed}) => isTimeAssumed)).toEqual([undefined, undefined]);
	});

	it('gives a detail the level of the message of its own process', () => {
		const lines = [
			'2026-01-31 22:59:58.000 UTC [1] ERROR:  x',
			'2026-01-31 22:59:58.000 UTC [2] LOG:  y',
			'2026-01-31 22:59:58.000 UTC [1] STATEMENT:  z',
		];
		expect(read(lines).map(({level}) => level)).toEqual([3, 6, 3]);
	});

	it('of csvlog has all details, and several lines are one row', () => {
		const begin =
			'2026-01-31 22:59:58.123 UTC,"app","shop",4711,"10.0.0.1:5",6742.1,3,"INSERT",2026-01-31 22:00:00 UTC,3/4,0';
		const lines = [
			`${begin},ERROR,23505,"duplicate ""key""","Key (id)=(1) exists.",,,,,"INSERT`,
			`2026-01-31 22:59:58.123 UTC,,,4712,,6742.1,3,,2026-01-31 22:00:00 UTC,,0,PANIC,XX000,no row`,
			'  INTO stock",,,"psql","client backend",,0',
			`${begin},LOG,00000,"next",,,,,,,,,"psql","client backend",,0`,
		];
		expect(read(lines)).toEqual([
			expect.objectContaining({
				level: 3,
				word: 'ERROR',
				pid: 4711,
				text: '[4711] app@shop duplicate "key" DETAIL: Key (id)=(1) exists. STATEMENT: INSERT',
			}),
			expect.objectContaining({level: 3, word: ''}),
			expect.objectContaining({level: 3, word: '', text: 'STATEMENT:   INTO stock application_name: psql'}),
			expect.objectContaining({level: 6, word: 'LOG', text: '[4711] app@shop next application_name: psql'}),
		]);
	});

	it('of csvlog that was cut ends its row', () => {
		const reader = new FileReader('pgdb1', 'postgresql', {correction: 0, zone: 0});
		const row = (severity: string) =>
			`2026-01-31 22:59:58.123 UTC,,,1,,a.1,3,"",2026-01-31 22:00:00 UTC,,0,${severity},00000,"long`;
		reader.read(row('LOG'), now, true);
		expect(reader.read(row('FATAL'), now, true)).toMatchObject({word: 'FATAL', level: 3});
	});

	it.each([
		['FEHLER', 3],
		['WARNUNG', 4],
		['ПРЕДУПРЕЖДЕНИЕ', 4],
		['致命错误', 3],
		['HINWEIS', 5],
		['ÖLÜMCÜL (FATAL)', 3],
		['PÂNICO', 2],
	])('in another language: %s', (word, level) => {
		for (const settings of [undefined, {postgresql: {linePrefix: '%m [%p] '}}]) {
			const line = `2026-01-31 22:59:58.000 UTC [1] ${word}:  x`;
			expect(read([line], settings)[0]).toMatchObject({level, word: word.slice(0, 16), text: '[1] x'});
		}
	});

	it('of syslog has its own prefix after the header and the number', () => {
		const settings = {postgresql: {linePrefix: 'user=%u,db=%d '}};
		const lines = [
			'Nov 23 04:14:14 pgdb1 postgres[74]: [3-1] user=app,db=shop ERROR:  x',
			'Nov 23 04:14:14 pgdb1 postgres[74]: [3-2] #011more',
		];
		expect(read(lines, settings, 0)).toEqual([
			expect.objectContaining({
				at: Date.UTC(2026, 10, 23, 4, 14, 14) * 1000,
				pid: 74,
				level: 3,
				text: 'user=app,db=shop x',
			}),
			expect.objectContaining({level: 3, word: ''}),
		]);
	});
});

describe('the journal of Patroni', () => {
	const service = (text: string, linePrefix?: string) =>
		new JournalReader(
			'pgdb1',
			{correction: 0, zone: 0},
			new Map([['patroni.service', 'patroni']]),
			linePrefix === undefined ? {} : {postgresql: {linePrefix}},
		).read(
			JSON.stringify({
				__REALTIME_TIMESTAMP: '1',
				__CURSOR: 'c',
				_SYSTEMD_UNIT: 'patroni.service',
				MESSAGE: text,
			}),
		)?.line.service;

	it.each([
		['2026-01-31 22:59:58 UTC [4711]: [3-1] user=app,db=shop FATAL:  x', undefined, 'postgresql'],
		['<2026-01-31 22:59:58.123 UTC>FATAL:  x', '<%m>', 'postgresql'],
		['2026-01-31 22:59:58,123 ERROR: psycopg: FATAL:  the database system is starting up', '%m ', 'patroni'],
		['psycopg2.OperationalError: connection to server failed: FATAL:  x', '%u ', 'patroni'],
		['psycopg2.OperationalError: user postgres@db failed: FATAL:  x', '%u@%d ', 'patroni'],
		['2026-01-31 22:59:58,123 ERROR: cannot [7] connect: FATAL:  x', undefined, 'patroni'],
	])('%s under %s is of %s', (line, linePrefix, expected) => {
		expect(service(line, linePrefix)).toBe(expected);
	});
});

describe('a line of Patroni', () => {
	it.each([
		[{}, '2026-11-23 04:14:10,541 INFO: no action', 'INFO', 'no action', '2026-11-23 04:14:10,541'],
		[
			{format: '%(asctime)s [%(process)d] %(levelname)-8s %(name)s - %(message)s'},
			'2026-11-23 04:14:10,541 [74] WARNING  patroni.ha - a: b',
			'WARNING',
			'[74] patroni.ha a: b',
			'2026-11-23 04:14:10,541',
		],
		[
			{format: '%(levelname)s %(asctime)s: %(message)s', dateFormat: '%d/%b/%Y:%H:%M:%S %z'},
			'ERROR 23/Nov/2026:04:14:10 +0300: x',
			'ERROR',
			'x',
			'2026-11-23 04:14:10+0300',
		],
		[
			{dateFormat: '%Y-%m-%dT%H:%M:%S'},
			'2026-11-23T04:14:10 CRITICAL: x',
			'CRITICAL',
			'x',
			'2026-11-23 04:14:10',
		],
		[{format: '%(levelname)s|%(message)s'}, 'ERROR|x|y', 'ERROR', 'x|y', undefined],
		// Unknown: guessed.
		[{}, '[2026-11-23 04:14:10,541] [74] ERROR - x', 'ERROR', '[74] x', '2026-11-23 04:14:10,541'],
		[
			{},
			'{"asctime": "2026-11-23 04:14:10,541", "levelname": "WARNING", "message": "x", "module": "ha"}',
			'WARNING',
			'x module=ha',
			'2026-11-23 04:14:10,541',
		],
		[
			{json: true, fields: {levelname: 'lvl', asctime: '@t', message: 'what'}},
			'{"@t": "2026-11-23 04:14:10,541", "lvl": "ERROR", "what": "x", "message": "other"}',
			'ERROR',
			'x message=other',
			'2026-11-23 04:14:10,541',
		],
	])('with %j: %s', (patroni, line, word, text, stamp) => {
		const parsed = new LineParser({patroni}).parse('patroni', line);
		expect({...parsed, ...shownText(parsed)}).toMatchObject({word, text, follows: false});
		expect(parsed.stamp).toBe(stamp);
	});

	it('of an invalid format is read as usual', () => {
		for (const format of ['no message', '%(asctime)', '%', 'x'.repeat(5000), '%(message']) {
			const parser = new LineParser({patroni: {format, dateFormat: '%'}});
			expect(parser.parse('patroni', '2026-11-23 04:14:10,541 INFO: x')).toMatchObject({
				word: 'INFO',
				text: 'x',
			});
		}
	});
});

describe('a line of etcd', () => {
	it.each([
		['2021-03-04 10:11:12.345678 W | etcdserver: took too long', 'WARNING', 4, 'etcdserver: took too long'],
		['2021-03-04 10:11:12.345678 C | etcdmain: x', 'CRITICAL', 2, 'etcdmain: x'],
		['2021-03-04 10:11:12.345678 N | x', 'NOTICE', 5, 'x'],
		[
			'{"level":"warn","ts":"2026-11-23T04:14:00.028Z","caller":"a.go:7","msg":"x","n":3}',
			'warn',
			4,
			'x n=3',
		],
		[
			'2023-03-04T10:11:12.345Z\tERROR\tetcdserver/util.go:170\tx\t{"took":"1s"}',
			'ERROR',
			3,
			'x\t{"took":"1s"}',
		],
	])('%s', (line, word, level, text) => {
		const parsed = new LineParser().parse('etcd', line);
		expect(parsed).toMatchObject({word, text});
		expect(levelFrom(parsed, undefined, 6)).toBe(level);
		expect(parsed.stamp).toBeDefined();
	});
});

describe('the settings', () => {
	it("of a node win over the cluster's", () => {
		expect(
			effectiveSettings(
				{postgresql: {linePrefix: '%m ', timezone: 'UTC'}},
				{postgresql: {linePrefix: '%t '}, dataDirectory: '/data'},
			),
		).toEqual({postgresql: {linePrefix: '%t ', timezone: 'UTC'}, dataDirectory: '/data'});
	});

	it.each([
		[{postgresql: {directory: '/var/log/pg'}}, '/var/log/pg'],
		[{postgresql: {directory: 'log'}, dataDirectory: '/data/'}, '/data/log'],
		[{postgresql: {directory: 'log'}}, undefined],
		[{}, undefined],
	])('%j name the folder %s', (settings, folder) => {
		expect(postgresLogFolder(settings)).toBe(folder);
	});

	it.each([
		[undefined, ['log', 'csv', 'json']],
		['csvlog', ['csv', 'log', 'json']],
		['stderr,csvlog', ['log', 'csv', 'json']],
		['jsonlog, csvlog', ['csv', 'json', 'log']],
	])('log_destination %s prefers %j', (destination, expected) => {
		expect(logExtensions({postgresql: destination === undefined ? {} : {destination}})).toEqual(expected);
	});
});
