/** The layer of sessions as whole frames: one by one, by application, after a change of leader, and stale. */
import {describe, expect, it} from 'vitest';
import {Operator} from '../support/operator.ts';
import {frameOf, type Size} from '../support/screen.tsx';
import {clientSession, monitoredOperator, sessionsOf, statusOf} from '../support/sessions.ts';

const sizes: readonly Size[] = [
	{width: 80, height: 24},
	{width: 120, height: 40},
	{width: 200, height: 60},
];

const blocker = clientSession({
	pid: 28_128,
	state: 'idle in transaction',
	transactionMs: 754_000,
	queryMs: 753_000,
	query: 'UPDATE orders SET state = ? WHERE id = ?',
});
const waiting = clientSession({
	pid: 28_176,
	application: 'shop-worker',
	address: '10.73.0.22',
	state: 'active',
	transactionMs: 41_000,
	queryMs: 41_000,
	wait: 'Lock: transactionid',
	blockedBy: [28_128],
	query:
		'WITH late AS (SELECT id FROM orders WHERE state = ? AND changed < now() - ?::interval FOR UPDATE) UPDATE orders SET state = ? FROM late WHERE late.id = orders.id RETURNING orders.id, orders.customer, orders.total, …',
});
const local = clientSession({
	pid: 90,
	application: '',
	user: 'postgres',
	database: 'postgres',
	address: undefined,
	query: '',
	mayEnd: false,
});
const onPgdb1 = [blocker, waiting, clientSession({pid: 28_129}), local];
const onPgdb2 = [
	clientSession({
		pid: 4711,
		application: 'reports',
		user: 'bi',
		state: 'active',
		transactionMs: 3_725_000,
		queryMs: 12_000,
		query: 'SELECT sum(total) FROM orders',
	}),
];

const web = {application: 'shop-web', user: 'app', address: '10.73.0.21', sessions: 2};
const worker = {application: 'shop-worker', user: 'app', address: '10.73.0.22', sessions: 1};

/** The layer is open. */
function opened(): Operator {
	return monitoredOperator()
		.after(2, statusOf('pgdb1', [web, worker]), statusOf('pgdb2', []))
		.press('sessions.toggle')
		.after(4, sessionsOf('pgdb1', onPgdb1), sessionsOf('pgdb2', onPgdb2));
}

function changed(): Operator {
	const operator = opened();
	return operator.after(10, operator.leads('pgdb2')).after(
		14,
		statusOf('pgdb1', [worker], {inRecovery: true}),
		statusOf('pgdb2', [{...web, address: '10.73.0.23'}], {inRecovery: false}),
		sessionsOf('pgdb1', [waiting], {inRecovery: true}),
		sessionsOf('pgdb2', [clientSession({pid: 5, address: '10.73.0.23', sessionMs: 2000})], {
			inRecovery: false,
		}),
	);
}

describe.each(sizes)('at $width x $height', size => {
	it.each([
		['before the first answer', () => monitoredOperator().after(2).press('sessions.toggle')],
		['one by one', opened],
		['the selected one', () => opened().press('select.down', 'select.down')],
		['by application', () => opened().press('sessions.group')],
		['after a change of leader', changed],
		['by application after a change of leader', () => changed().press('sessions.group')],
		['to end one', () => opened().press('select.down', 'operation.end')],
		['stale', () => opened().blind('sessions:pgdb1').after(20)],
		[
			'without pg_monitor',
			() =>
				opened().after(
					6,
					sessionsOf('pgdb1', undefined, {gaps: [{part: 'sessions', reason: 'needs pg_monitor'}]}),
				),
		],
		['without SQL', () => new Operator('trixie').after(2).press('sessions.toggle')],
	])('%s', (_, made) => {
		expect(frameOf(made().state, size)).toMatchSnapshot();
	});
});
