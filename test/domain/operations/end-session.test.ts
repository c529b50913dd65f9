/** To end a session: the one that was selected, by its pid and its begin, confirmed by its pid. */
import {describe, expect, it} from 'vitest';
import {requestLines} from '../../../source/domain/operations/request.ts';
import {topOverlay} from '../../../source/state/state.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import type {Operator} from '../../support/operator.ts';
import {Operator as Console} from '../../support/operator.ts';
import {clientSession, monitored, monitoredOperator, sessionsOf} from '../../support/sessions.ts';
import {acknowledged, probedTarget, unacknowledged} from '../../support/write-probe.ts';

const held = clientSession({pid: 4711, state: 'idle in transaction', transactionMs: 61_000});
const waiting = clientSession({
	pid: 4712,
	state: 'active',
	transactionMs: 100,
	blockedBy: [4711],
	wait: 'Lock: tuple',
});

function opened(session = held, operator = monitoredOperator()): Operator {
	return operator
		.after(2)
		.press('sessions.toggle')
		.after(3, sessionsOf('pgdb1', [session, waiting]), sessionsOf('pgdb2', []));
}

const asked = (session = held) => opened(session).press('operation.end');

const confirmed = () => asked().focus('name').types('4711').press('dialog.enter');

const levels = (operator: Operator) => operator.checks.map(({level, text}) => `${level} ${text}`);

const notice = ({state}: Operator) => state.view.notice?.text;

describe('the question', () => {
	it('has the statement, which no other session with this pid meets', () => {
		expect(asked().dialog.requests.flatMap(requestLines)).toEqual([
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = 4711 AND backend_start = '2026-11-22 23:00:00.004711+00' by SQL on 10.73.0.160:5432 (user monitor, database postgres)",
		]);
	});

	it('says what is lost, and who waits', () => {
		expect(levels(asked())).toEqual([
			'warning its transaction of 1m is rolled back (idle in transaction)',
			'warning its client gets an error, and may connect again at once',
			'ok monitor may end it',
			'ok pgdb1 is the leader',
			'ok 1 session waits for a lock that it holds',
		]);
	});

	it('is blocked where the login may not', () => {
		expect(levels(asked({...held, mayEnd: false}))[0]).toMatch(
			/^blocking monitor may not end it: that needs pg_signal_backend/,
		);
	});

	it('is blocked once the session has ended, also if its pid is used again', () => {
		const operator = asked();
		operator.after(5, sessionsOf('pgdb1', [{...held, startedAt: '2026-11-23 00:00:04.000000+00'}]));
		expect(levels(operator)).toEqual(['blocking the session has ended']);
		operator.focus('name').types('4711').press('dialog.enter');
		expect(operator.sent).toEqual([]);
	});

	it('is blocked while the sessions are not known', () => {
		expect(levels(asked().blind('sessions:pgdb1'))).toEqual([
			'blocking the sessions on pgdb1 are not known now: no answer in time',
		]);
	});

	it('warns of a PostgreSQL that takes writes without being the leader', () => {
		const operator = monitoredOperator().after(2).press('sessions.toggle');
		operator.after(3, sessionsOf('pgdb2', [held], {inRecovery: false})).press('operation.end');
		expect(levels(operator)).toContain('warning pgdb2 takes writes, and is not the leader');
	});

	it('is not asked about a session that has ended, about an application, on a frozen screen, or with --read-only', () => {
		const gone = opened()
			.press('select.down')
			.after(5, sessionsOf('pgdb1', [waiting]));
		expect(topOverlay(gone.press('select.up', 'operation.end').state.view)?.kind).toBe('dialog');
		const ended = opened()
			.press('select.up')
			.after(5, sessionsOf('pgdb1', [waiting]))
			.press('operation.end');
		expect(notice(ended)).toMatch(/^no session selected/);
		expect(notice(opened().press('sessions.group', 'operation.end'))).toMatch(/^no session selected/);
		expect(notice(opened().press('freeze.toggle', 'operation.end'))).toMatch(/frozen/);
		const readOnly = opened(held, new Console('trixie', {...monitored, operations: 'disabled'}));
		expect(notice(readOnly.press('operation.end'))).toMatch(/^read-only/);
	});
});

describe('the answer', () => {
	it.each(['', '4712', 'pgdb1'])('%j sends nothing: the pid must be typed', name => {
		const operator = asked().focus('name').types(name).press('dialog.enter');
		expect(operator.sent).toEqual([]);
		expect(operator.dialog.problem).toBe('type 4711 to confirm; nothing was sent');
	});

	it('is sent once, after its line in the audit log', () => {
		const operator = confirmed();
		expect(operator.sent).toEqual([
			{
				via: 'sql',
				to: 'pgdb1',
				host: '10.73.0.160',
				port: 5432,
				user: 'monitor',
				database: 'postgres',
				statement: expect.stringContaining('pid = 4711'),
			},
		]);
		expect(operator.audit).toEqual(['confirmed']);
	});

	it('is shown and not sent in a dry run', () => {
		const operator = opened(held, new Console('trixie', {...monitored, operations: 'dry-run'})).press(
			'operation.end',
		);
		operator.focus('name').types('4711').press('dialog.enter');
		expect(operator.sent).toEqual([]);
		expect(notice(operator)).toMatch(/^dry run, nothing was sent: SELECT pg_terminate_backend/);
	});
});

describe('the outcome', () => {
	const replied = (operator: Operator, value: string | undefined, error?: string) =>
		operator.after(4, operator.answer({kind: 'sql', error, value, tookMs: 2}));

	it('is done when an answer of later has no such session', () => {
		const operator = replied(confirmed(), 'true');
		expect(operator.run.outcome).toBeUndefined();
		operator.after(5, sessionsOf('pgdb1', [held, waiting]));
		expect(operator.run.outcome).toBeUndefined();
		operator.after(7, sessionsOf('pgdb1', [waiting]));
		expect(operator.run.outcome).toMatchObject({
			kind: 'done',
			text: 'session 4711 is gone from pgdb1 after 4.0 s',
		});
	});

	it('is not done by an answer of before, or by one that cannot have all sessions', () => {
		const operator = replied(confirmed(), 'true');
		operator.after(4, {...sessionsOf('pgdb1', [waiting]), tookMs: 2000});
		operator.after(5, sessionsOf('pgdb1', [waiting], {total: 900}));
		expect(operator.run.outcome).toBeUndefined();
	});

	it.each([
		[undefined, undefined, 'failed', 'the session had ended before; nothing was ended'],
		['false', undefined, 'failed', 'PostgreSQL could not signal the process; its log says why'],
		[undefined, 'permission denied', 'refused', 'PostgreSQL refused it: permission denied'],
	])('of the value %j is known', (value, error, kind, words) => {
		expect(replied(confirmed(), value, error).run.outcome).toMatchObject({kind, text: words});
	});

	it('is seen although the list is closed', () => {
		const operator = confirmed().press('dismiss', 'dismiss');
		expect(operator.state.view.overlays).toEqual([]);
		expect(subscriptions(operator.state).filter(({kind}) => kind === 'sessions')).toMatchObject([
			{member: 'pgdb1'},
		]);
	});

	it('is the cause of no write outage', () => {
		const operator = opened(
			held,
			new Console('trixie', {...monitored, probe: probedTarget.probe}).after(1, acknowledged),
		).after(3, acknowledged);
		operator.press('operation.end').focus('name').types('4711').press('dialog.enter');
		operator.after(4, unacknowledged()).after(9, acknowledged);
		const texts = operator.state.timeline.map(({text}) => text).join('\n');
		expect(texts).toContain('write outage through :5000 ended after 6.00 s');
		expect(texts).not.toContain('cause: end session');
	});
});
