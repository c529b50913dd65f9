/** The list of sessions by keys: which source runs for it, what is selected, and what a filter keeps. */
import {describe, expect, it} from 'vitest';
import {selectedInList} from '../../../source/state/selection.ts';
import {topOverlay} from '../../../source/state/state.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import type {Operator} from '../../support/operator.ts';
import {clientSession, monitoredOperator, sessionsOf} from '../../support/sessions.ts';

const old = clientSession({pid: 3, transactionMs: 9000, application: 'reports'});
const young = clientSession({pid: 2, transactionMs: 100});
const idle = clientSession({pid: 1});

const opened = () =>
	monitoredOperator()
		.after(2)
		.press('sessions.toggle')
		.after(3, sessionsOf('pgdb1', [idle, young]), sessionsOf('pgdb2', [old]));

function selected({state}: Operator): string | undefined {
	const overlay = topOverlay(state.view);
	return overlay?.kind === 'sessions'
		? selectedInList(state, overlay)?.split(' ').slice(0, 2).join(' ')
		: undefined;
}

const asked = ({state}: Operator) =>
	subscriptions(state).flatMap(one => (one.kind === 'sessions' ? [one.member] : []));

describe('the sessions', () => {
	it('are asked for while their list is open, also below a question', () => {
		const operator = monitoredOperator().after(2);
		expect(asked(operator)).toEqual([]);
		expect(asked(operator.press('sessions.toggle'))).toEqual(['pgdb1', 'pgdb2']);
		expect(asked(operator.press('list.filter'))).toEqual(['pgdb1', 'pgdb2']);
		expect(asked(operator.press('dismiss', 'sessions.toggle'))).toEqual([]);
	});

	it('are forgotten when their list is closed: an old answer is not shown as the present one', () => {
		const operator = opened();
		expect(operator.state.cluster.sessions.size).toBe(2);
		operator.after(
			5,
			{type: 'source.closed', source: 'sessions:pgdb1'},
			{type: 'source.closed', source: 'sessions:pgdb2'},
		);
		expect(operator.state.cluster.sessions.size).toBe(0);
	});

	it('are in the order of their transactions', () => {
		const operator = opened();
		expect(selected(operator)).toBe('pgdb2 3');
		expect(selected(operator.press('select.down'))).toBe('pgdb1 2');
		expect(selected(operator.press('go.last'))).toBe('pgdb1 1');
	});

	it('stay selected when their place changes', () => {
		const operator = opened().press('select.down');
		operator.after(5, sessionsOf('pgdb1', [{...young, transactionMs: 20_000}, idle]));
		expect(selected(operator)).toBe('pgdb1 2');
	});

	it('are not selected any more when they have ended, and no other is instead', () => {
		const operator = opened().press('select.down');
		operator.after(5, sessionsOf('pgdb1', [idle]));
		expect(selected(operator)).toBeUndefined();
		expect(selected(operator.press('select.down'))).toBe('pgdb2 3');
	});

	it('are others when the pid is used again', () => {
		const operator = opened().press('select.down');
		operator.after(5, sessionsOf('pgdb1', [{...young, startedAt: '2026-11-23 00:00:04.000001+00'}, idle]));
		expect(selected(operator)).toBeUndefined();
	});

	it('are filtered by all of their words', () => {
		const operator = opened().press('list.filter').types('repor').press('prompt.take');
		expect(selected(operator)).toBe('pgdb2 3');
		operator.press('select.down');
		expect(selected(operator)).toBe('pgdb2 3');
		expect(selected(operator.press('dismiss', 'select.down'))).toBe('pgdb1 2');
	});

	it('are grouped by application, and one by one again', () => {
		const operator = opened().press('sessions.group');
		expect(topOverlay(operator.state.view)).toMatchObject({kind: 'sessions', grouped: true});
		expect(selected(operator.press('sessions.group'))).toBe('pgdb2 3');
	});
});
