import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {wordsFilter} from '../../../source/domain/history/filter.ts';
import {complaintNow, lastWords, notNow} from '../../../source/domain/history/last-words.ts';
import {foldWords, wordMaxLength, wordOf, wordsOf} from '../../../source/domain/history/words.ts';
import {logLine, logLinesEvent} from '../../support/log-lines.ts';
import {healthySession, type Session} from '../../support/session.ts';
import {follows, leads, patroniSaid, postgresSaid, walRemoved} from '../../support/words.ts';
import {loopTexts} from './patroni-loop.ts';

const wordsOfMember = ({state}: Session, member = 'pgdb2') =>
	lastWords(state.cluster, state.target, state.now, member);
const lost: Event = {type: 'source.lost', source: 'said:pgdb2', reason: 'connection lost'};
const when = (session: Session) => {
	const words = wordsOfMember(session);
	return words?.decision && notNow(session.state, words, words.decision);
};

describe("a member's last decision", () => {
	it('is of now for two loops, then has its age, and never counts as of now once its log is lost', () => {
		// loop_wait of the captures is 5 s.
		const session = healthySession('trixie').at(1, patroniSaid('pgdb2', 1, follows));
		expect(wordsOfMember(session)?.decision).toMatchObject({text: follows, isNow: true});
		expect(when(session)).toBeUndefined();
		expect(when(session.at(10))).toBeUndefined();
		expect(when(session.at(13))).toBe('12s ago');
		expect(when(session.at(14, lost).at(60))).toBe('59s ago; now: connection lost');
		expect(when(session.at(61, patroniSaid('pgdb2', 61, follows)))).toBeUndefined();
		expect(when(session.at(62, lost))).toBe('1s ago; now: connection lost');
	});

	it('has the reasons of its own loop', () => {
		const session = healthySession('trixie').at(
			1,
			patroniSaid('pgdb2', 0, 'Watchdog device is not usable', follows),
			patroniSaid(
				'pgdb2',
				1,
				'Wal position of pgdb3 is ahead of my wal position',
				'following a different leader because i am not the healthiest node',
				'My wal position exceeds maximum replication lag',
			),
		);
		expect(wordsOfMember(session)?.decision?.why).toBe(
			'following a different leader because i am not the healthiest node: Wal position of pgdb3 is ahead of my wal position; then: My wal position exceeds maximum replication lag',
		);
	});

	it('has what was logged since, while a loop lasts', () => {
		const session = healthySession('trixie').at(
			1,
			patroniSaid('pgdb2', 1, leads, 'Demoting self (graceful)'),
		);
		expect(wordsOfMember(session)?.decision?.why).toBe(`${leads}; then: Demoting self (graceful)`);
	});

	it('is not read from a log twice: its last line counts, also where a clock was set back', () => {
		const session = healthySession('trixie')
			.at(1, patroniSaid('pgdb2', 5000, 'DCS is not accessible'))
			.at(2, patroniSaid('pgdb2', 1, 'DCS is not accessible'), patroniSaid('pgdb2', 2, follows));
		expect(wordsOfMember(session)?.decision?.text).toBe(follows);
	});

	it('is among the lines of the logs while they are read', () => {
		const session = healthySession('trixie').at(
			1,
			{type: 'source.alive', source: 'logs:pgdb2'},
			logLinesEvent('pgdb2', logLine(1, follows, {node: 'pgdb2'}), logLine(1, 'x', {node: 'pgdb2'})),
		);
		expect(wordsOfMember(session)).toMatchObject({source: 'logs:pgdb2', isHeard: true});
		expect(wordsOfMember(session.at(2, {type: 'source.closed', source: 'logs:pgdb2'}))?.isHeard).toBe(false);
	});
});

describe("PostgreSQL's last complaint", () => {
	const complaint = (session: Session) =>
		complaintNow(wordsOfMember(session), session.state.now, 'postgres.wal-removed')?.said;
	const complained = () => healthySession('trixie').at(1, postgresSaid('pgdb2', 1, 'FATAL', walRemoved));

	it('holds while PostgreSQL repeats it and its log is read', () => {
		expect(complaint(complained())).toMatchObject({object: '000000040000000000000003'});
		expect(complaint(complained().at(30))).toBeDefined();
		expect(complaint(complained().at(32))).toBeUndefined();
		expect(complaint(complained().at(2, lost))).toBeUndefined();
	});

	it('ends when it streams, or leads', () => {
		const began = postgresSaid(
			'pgdb2',
			2,
			'LOG',
			'started streaming WAL from primary at 0/D000000 on timeline 43',
		);
		expect(wordsOfMember(complained().at(2, began))?.postgres).toBeUndefined();
		expect(wordsOfMember(complained().at(2, patroniSaid('pgdb2', 2, leads)))?.postgres).toBeUndefined();
		expect(wordsOfMember(complained().at(2, patroniSaid('pgdb2', 2, follows)))?.postgres).toBeDefined();
	});

	it.each([
		['LOG', 'replication terminated by primary server'],
		['FATAL', 'the database system is starting up'],
		['FATAL', 'password authentication failed for user "app"'],
		['FATAL', 'terminating connection due to administrator command'],
		['ERROR', 'division by zero'],
		['LOG', 'database system is ready to accept connections'],
	])('is not: %s:  %s', (word, text) => {
		expect(wordOf(logLine(1, text, {service: 'postgresql', word}), 0)).toBeUndefined();
	});

	it('has no secret', () => {
		const line = logLine(1, 'could not connect to the primary server: password=hunter2 host=x', {
			service: 'postgresql',
			word: 'FATAL',
		});
		expect(JSON.stringify(wordOf(line, 0))).not.toContain('hunter2');
	});
});

describe('what is kept', () => {
	it('is bounded, and the same whether lines come at once or one by one', () => {
		const texts = [
			...loopTexts.map(({text}) => text),
			'not healthy enough for leader race',
			'Watchdog device is not usable',
			`bootstrap ${'x'.repeat(1000)} in progress`,
		];
		fc.assert(
			fc.property(fc.array(fc.constantFrom(...texts), {maxLength: 300}), chosen => {
				const words = wordsOf(
					chosen.map((text, index) => logLine(index, text)),
					0,
				);
				const whole = foldWords(undefined, 'said:pgdb1', words);
				let each = foldWords(undefined, 'said:pgdb1', []);
				for (const word of words) {
					each = foldWords(each, 'said:pgdb1', [word]);
				}

				expect(each).toEqual(whole);
				expect(whole.reasons.length).toBeLessThanOrEqual(8);
				expect(whole.since.length).toBeLessThanOrEqual(8);
				expect(whole.decision?.text.length ?? 0).toBeLessThanOrEqual(wordMaxLength);
			}),
		);
	});
});

describe("the node's filter", () => {
	const filter = new RegExp(wordsFilter);
	const reasons = [
		'not healthy enough for leader race',
		'My wal position exceeds maximum replication lag',
		'Wal position of pgdb3 is ahead of my wal position',
		'Can not figure out my timeline',
		'Primary (pgdb1) is still alive',
		'Watchdog device is not usable',
		'Member pgdb2 is not reachable',
		'Could not take out TTL lock',
		'pgdb3 has equally tolerable WAL position and priority 2, while this node has priority 1',
		'Quorum requirement 1 can not be reached',
		'Error when fetching backup: pg_basebackup exited with code=1',
		'Error communicating with DCS',
		'Waiting for primary to release us from synchronous standby',
	];

	it('has every decision and reason', () => {
		for (const text of [...loopTexts.map(one => one.text), ...reasons]) {
			expect(filter.test(`2026-11-27 11:41:30,978 INFO: ${text}`), text).toBe(true);
		}
	});

	it('has the complaints of PostgreSQL, also in a csvlog and a jsonlog', () => {
		for (const line of [
			`2026-11-27 UTC [1] FATAL:  ${walRemoved}`,
			'2026-11-27,"a","b",1,"x",FATAL,53300,"sorry, too many clients already"',
			'{"error_severity":"PANIC","message":"x"}',
			'ERROR:  could not extend file "base/5/1": No space left on device',
			'LOG:  started streaming WAL from primary at 0/D000000 on timeline 43',
			'LOG:  restarted WAL streaming at 0/D000000 on timeline 43',
			'LOG:  new timeline 5 forked off current database system timeline 4 before current recovery point 0/5',
		]) {
			expect(filter.test(line), line).toBe(true);
		}
	});

	it('leaves out what a busy server logs', () => {
		for (const line of [
			'LOG:  checkpoint complete: wrote 3 buffers (0.0%)',
			'LOG:  connection received: host=10.73.0.1 port=4711',
			'LOG:  duration: 3.1 ms  statement: select 1',
			'STATEMENT:  select 1',
			'ERROR:  duplicate key value violates unique constraint "a"',
			'INFO: Lock owner: x',
			'localhost:5432 - accepting connections',
		]) {
			expect(filter.test(line), line).toBe(line.includes('Lock owner') && filter.test('Lock owner: x'));
		}
	});
});

describe('without a leader', () => {
	it("every member's reason stands side by side", () => {
		const session = healthySession('trixie')
			.at(3, {type: 'dcs.deleted', source: 'watch:a', path: 'leader', revision: 1000})
			.at(
				5,
				patroniSaid('pgdb1', 4, 'Watchdog device is not usable', 'DCS is not accessible'),
				patroniSaid(
					'pgdb2',
					5,
					'My wal position exceeds maximum replication lag',
					'following a different leader because i am not the healthiest node',
				),
			);
		const {cluster, target, now} = session.state;
		const found = findFindings(cluster, target, now).find(({id}) => id === 'leader.none');
		expect(found?.evidence.filter(({source}) => source?.startsWith('said:'))).toEqual([
			expect.objectContaining({
				text: 'pgdb1: DCS is not accessible: Watchdog device is not usable',
				fresh: true,
			}),
			expect.objectContaining({
				text: 'pgdb2: following a different leader because i am not the healthiest node: My wal position exceeds maximum replication lag',
				fresh: true,
			}),
		]);
	});
});
