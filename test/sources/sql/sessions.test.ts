/** Client sessions by SQL: what PostgreSQL answers, how it is read, and that no value of a query gets into a fact. */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {SqlLink} from '../../../source/sources/sql/link.ts';
import {parseSessions} from '../../../source/sources/sql/parse.ts';
import {sqlSessionsSource} from '../../../source/sources/sql/source.ts';
import {captureText} from '../../support/captures.ts';
import {PostgresServer, rowAnswer} from '../../support/postgres-server.ts';

const captured = captureText('bookworm', 'sql-sessions-primary.json');
const primary: unknown = JSON.parse(captured);

describe('the answer', () => {
	it('of a primary is its sessions, the oldest transaction first', () => {
		const {inRecovery, total, sessions = [], gaps} = parseSessions(primary, []);
		expect({inRecovery, total, gaps}).toEqual({inRecovery: false, total: 4, gaps: []});
		expect(
			sessions.map(({application, state, wait, blockedBy, mayEnd}) => [
				application,
				state,
				wait,
				blockedBy.length,
				mayEnd,
			]),
		).toEqual([
			['shop-web', 'idle in transaction', undefined, 0, true],
			['shop-worker', 'active', 'Lock: transactionid', 1, true],
			['reports "??', 'idle', undefined, 0, true],
			// A superuser's, on a Unix socket.
			['', 'idle', undefined, 0, false],
		]);
		expect(sessions[0]).toMatchObject({
			startedAt: '2026-11-27 08:20:58.688389+00',
			user: 'app',
			database: 'shop',
			address: '127.0.0.1',
			query: 'UPDATE t SET password=••• WHERE id=?;',
		});
		expect(sessions[3]?.address).toBeUndefined();
	});

	it('has the values of queries, and the fact has none', () => {
		expect(captured).toContain('hunter2');
		expect(JSON.stringify(parseSessions(primary, []))).not.toContain('hunter');
	});

	it('of a login without pg_monitor is none, and says so', () => {
		const answer: unknown = JSON.parse(captureText('bookworm', 'sql-sessions-without-pg_monitor.json'));
		expect(parseSessions(answer, [])).toEqual({
			inRecovery: false,
			gaps: [{part: 'sessions', reason: 'needs pg_monitor'}],
		});
	});

	it.each([
		['a time that is no time', {startedAt: "2026-11-27 08:20:58.688389+00' OR true --"}],
		['a pid that is no pid', {pid: -1}],
		['a pid in words', {pid: '1; DROP TABLE t'}],
	])('leaves a session with %s out: it is written into a statement', (_, odd) => {
		const answer = {
			server: {recovery: false, all: true},
			total: 1,
			sessions: [{pid: 1, startedAt: '2026-11-27 08:20:58.688389+00', ...odd}],
		};
		expect(parseSessions(answer, []).sessions).toEqual([]);
	});

	it('has at most as many rows as are asked for', () => {
		const one = {pid: 1, startedAt: '2026-11-27 08:20:58.688389+00'};
		const answer = {server: {recovery: false, all: true}, sessions: Array.from({length: 5000}, () => one)};
		expect(parseSessions(answer, []).sessions).toHaveLength(500);
	});

	it.each([null, [], {}, {server: {}}, 'x'])('%j is refused', answer => {
		expect(() => parseSessions(answer, [])).toThrow('not an answer of PostgreSQL');
	});
});

/** What the source reports until its first answer or loss. */
async function firstReport(answer: string): Promise<Event | undefined> {
	const server = new PostgresServer({
		hostile: {
			answer: rowAnswer([
				['version', 23, '150018'],
				['answer', 3802, answer],
			]),
		},
	});
	const port = await server.listen();
	const link = new SqlLink({
		host: '127.0.0.1',
		port,
		user: 'monitor',
		database: 'postgres',
		password: 'x',
		ssl: {mode: 'disable'},
		deadline: 2000,
	});
	const events: Event[] = [];
	const abort = new AbortController();
	const untilPoll = async () => abort.abort();
	await sqlSessionsSource(
		link,
		'pgdb1',
	)({
		emit: event => events.push(event),
		signal: abort.signal,
		pause: untilPoll,
		untilPoll,
		pauseByCalm: untilPoll,
	});
	server.close();
	expect(link.isUsed).toBe(false);
	expect(events.shift()).toEqual({type: 'source.connecting', source: 'sessions:pgdb1'});
	return events[0];
}

describe('the source', () => {
	it('reports the sessions of its member', async () => {
		const report = await firstReport(captured);
		expect(report).toMatchObject({type: 'sql.sessions', member: 'pgdb1', sessions: {total: 4}});
	});

	it('takes an answer of many long sessions', async () => {
		const [session] = (primary as {sessions: object[]}).sessions;
		const sessions = Array.from({length: 500}, () => ({...session, query: 'SELECT 1'.padEnd(600)}));
		expect(await firstReport(JSON.stringify({server: {recovery: false, all: true}, sessions}))).toMatchObject(
			{
				type: 'sql.sessions',
			},
		);
	});

	it('is lost with an answer that is too long', async () => {
		expect(await firstReport(JSON.stringify('x'.repeat(1_100_000)))).toMatchObject({
			type: 'source.lost',
			reason: 'answer exceeds 1024 KiB',
		});
	});

	it('is lost with an answer to another question', async () => {
		expect(await firstReport('{}')).toMatchObject({type: 'source.lost'});
	});
});
