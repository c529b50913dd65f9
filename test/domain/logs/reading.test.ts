import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {FileReader, JournalReader} from '../../../source/domain/logs/journal.ts';
import {parseTimestamp} from '../../../source/domain/logs/timestamp.ts';
import {parseMoment} from '../../../source/lib/parse-time.ts';

const clock = {correction: 0, zone: 0};
const units = new Map([
	['patroni.service', 'patroni'],
	['etcd.service', 'etcd'],
	['haproxy.service', 'haproxy'],
	['keepalived.service', 'keepalived'],
]);
const journal = (fields: object) =>
	new JournalReader('pgdb1', clock, units).read(
		JSON.stringify({
			__REALTIME_TIMESTAMP: '1795407240028515',
			__CURSOR: 's=a;i=bb',
			PRIORITY: '6',
			...fields,
		}),
	);

describe('a line of the journal', () => {
	it.each([
		[
			'Patroni',
			{
				_SYSTEMD_UNIT: 'patroni.service',
				MESSAGE: '2026-11-23 04:14:10,541 INFO: no action. I am (pgdb1), a secondary',
			},
			{service: 'patroni', level: 6, word: 'INFO', text: 'no action. I am (pgdb1), a secondary'},
		],
		[
			'PostgreSQL in the journal of Patroni',
			{
				_SYSTEMD_UNIT: 'patroni.service',
				MESSAGE: '2026-11-23 04:14:03.847 UTC [144] FATAL:  the database system is starting up',
			},
			{service: 'postgresql', level: 3, word: 'FATAL', text: '[144] the database system is starting up'},
		],
		[
			'etcd',
			{
				_SYSTEMD_UNIT: 'etcd.service',
				MESSAGE:
					'{"level":"warn","ts":"2026-11-23T04:14:00.028Z","caller":"api/x.go:7","msg":"slow fdatasync","took":"1.2s","n":3}',
			},
			{service: 'etcd', level: 4, word: 'warn', text: 'slow fdatasync took=1.2s n=3'},
		],
		[
			'HAProxy',
			{
				_SYSTEMD_UNIT: 'haproxy.service',
				MESSAGE: "[ALERT]    (74) : proxy 'primary' has no server available!",
			},
			{service: 'haproxy', level: 1, word: 'ALERT', text: "proxy 'primary' has no server available!"},
		],
		[
			'keepalived',
			{_SYSTEMD_UNIT: 'keepalived.service', PRIORITY: '5', MESSAGE: '(postgres) Entering MASTER STATE'},
			{service: 'keepalived', level: 5, word: 'notice', text: '(postgres) Entering MASTER STATE'},
		],
		[
			'systemd about a unit',
			{_SYSTEMD_UNIT: 'init.scope', UNIT: 'etcd.service', MESSAGE: 'Started etcd.service.'},
			{service: 'etcd', text: 'Started etcd.service.'},
		],
		['the kernel', {_TRANSPORT: 'kernel', MESSAGE: 'oom'}, {service: 'kernel', text: 'oom'}],
		[
			'anything else',
			{_SYSTEMD_UNIT: 'ssh.service', MESSAGE: 'hello [x]\ty'},
			{service: 'system', text: 'hello [x]\ty'},
		],
		['bytes that are no UTF-8', {MESSAGE: [104, 105, 255, 27, 91, 50, 74]}, {text: 'hi\uFFFD'}],
		[
			'a message that is too long for journalctl',
			{MESSAGE: null},
			{text: '(a message that journalctl does not show)'},
		],
	])('of %s', (_, fields, expected) => {
		expect(journal(fields)?.line).toMatchObject({at: 1_795_407_240_028_515, node: 'pgdb1', ...expected});
		expect(journal(fields)?.cursor).toBe('s=a;i=bb');
	});

	it('has the level of the line that it continues', () => {
		const reader = new JournalReader('pgdb1', clock, units);
		const read = (text: string) =>
			reader.read(
				JSON.stringify({
					__REALTIME_TIMESTAMP: '1',
					__CURSOR: 'c',
					PRIORITY: '6',
					_COMM: 'postgres',
					_SYSTEMD_UNIT: 'patroni.service',
					MESSAGE: text,
				}),
			)?.line;
		expect(read('2026-11-23 04:14:03.847 UTC [1] ERROR:  division by zero')).toMatchObject({level: 3});
		expect(read('2026-11-23 04:14:03.847 UTC [1] STATEMENT:  SELECT 1/0')).toMatchObject({
			level: 3,
			word: 'STATEMENT',
		});
	});

	it('is undefined for anything else, whatever the input', () => {
		fc.assert(
			fc.property(fc.string(), text => {
				expect(() => new JournalReader('a', clock, units).read(text)).not.toThrow();
			}),
		);
		expect(journal({__REALTIME_TIMESTAMP: 'x'})).toBeUndefined();
	});

	it('is ordered by the corrected clock', () => {
		const reader = new JournalReader('pgdb1', {correction: 2_000_000, zone: 0}, units);
		expect(
			reader.read(JSON.stringify({__REALTIME_TIMESTAMP: '5000000', __CURSOR: 'c', MESSAGE: 'x'}))?.line,
		).toMatchObject({at: 5_000_000, order: 3_000_000});
	});
});

describe('a line of a file', () => {
	const now = Date.UTC(2026, 10, 23, 4, 20);
	const read = (service: string, ...lines: readonly string[]) => {
		const reader = new FileReader('pgdb1', service, {correction: 0, zone: 60});
		return lines.map(line => reader.read(line, now));
	};
	const utc = Date.UTC(2026, 10, 23, 4, 14, 3, 799) * 1000;

	it.each([
		[
			'text',
			'2026-11-23 04:14:03.799 UTC [135] app@db LOG:  starting [x]',
			'LOG',
			'[135] app@db starting [x]',
		],
		[
			'csv',
			'2026-11-23 04:14:03.799 UTC,"app","db",135,"10.0.0.1:5",6742.1,3,"SELECT",2026-11-23 04:00:00 UTC,3/4,0,ERROR,22012,"division by ""zero""",,,',
			'ERROR',
			'[135] app@db division by "zero"',
		],
		[
			'json',
			'{"timestamp":"2026-11-23 04:14:03.799 UTC","pid":135,"session_id":"a","error_severity":"PANIC","message":"gone"}',
			'PANIC',
			'gone pid=135',
		],
	])('of PostgreSQL as %s', (_, line, word, text) => {
		expect(read('postgresql', line)[0]).toMatchObject({at: utc, word, text});
	});

	it('takes the time of the line before if it has none', () => {
		const [, second] = read('postgresql', '2026-11-23 04:14:03.799 UTC [1] ERROR:  x', '\tmore of it');
		expect(second).toMatchObject({at: utc, level: 3, text: '\tmore of it'});
	});

	it('keeps its order among lines of the same time', () => {
		const reader = new FileReader('pgdb1', 'flood', {correction: 5, zone: 0});
		const lines = ['one', 'two', '2026-11-23 04:14:00 UTC three', 'four', 'five'].map(text =>
			reader.read(text, Date.UTC(2026, 10, 23, 4, 13)),
		);
		const [first = 0, , third = 0] = lines.map(({order}) => order);
		expect(lines.map(({order}) => order)).toEqual([first, first + 0.5, third, third + 0.5, third + 1]);
		expect(first).toBe(Date.UTC(2026, 10, 23, 4, 13) * 1000);
		expect(third).toBe(Date.UTC(2026, 10, 23, 4, 14) * 1000 - 5);
	});

	it("is read in the node's time zone if it names none", () => {
		expect(read('patroni', '2026-11-23 05:14:03,799 WARNING: late')[0]).toMatchObject({
			at: utc,
			level: 4,
			text: 'late',
		});
	});

	it("of syslog is shown without its prefix, with HAProxy's level", () => {
		expect(read('haproxy', 'Nov 23 05:14:03 pgdb1 haproxy[74]: [WARNING]  (74) : down')[0]).toMatchObject({
			at: Date.UTC(2026, 10, 23, 4, 14, 3) * 1000,
			word: 'WARNING',
			text: 'down',
		});
	});
});

describe('times', () => {
	it.each([
		['2026-11-23 04:14:03.799 UTC', Date.UTC(2026, 10, 23, 4, 14, 3, 799)],
		['2026-11-23T04:14:03.799Z', Date.UTC(2026, 10, 23, 4, 14, 3, 799)],
		['2026-11-23 04:14:03+02', Date.UTC(2026, 10, 23, 2, 14, 3)],
		['2026-11-23 04:14:03,5', Date.UTC(2026, 10, 23, 3, 14, 3, 500)],
		['Nov 23 04:14:03', Date.UTC(2026, 10, 23, 3, 14, 3)],
		['Dec 31 23:00:00', Date.UTC(2025, 11, 31, 22)],
	])('of logs: %s', (text, ms) => {
		expect(parseTimestamp(text, {local: 60}, Date.UTC(2026, 10, 23, 5))).toBe(ms * 1000);
	});

	it.each([
		['-5m', Date.UTC(2026, 10, 23, 4, 55)],
		['04:14:10.5', Date.UTC(2026, 10, 23, 4, 14, 10, 500)],
		['23:00', Date.UTC(2026, 10, 22, 23)],
		['2026-11-20 01:02', Date.UTC(2026, 10, 20, 1, 2)],
	])('of operators: %s', (text, at) => {
		expect(parseMoment(text, Date.UTC(2026, 10, 23, 5))).toEqual({at});
	});

	it.each(['', 'noon', '25:00', '5m', '04:14:61'])('that are invalid: "%s"', text => {
		expect(parseMoment(text, 0)).toHaveProperty('problem');
	});
});
