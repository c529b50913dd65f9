/** Sessions by application: what is counted, and what a list that was cut cannot say. */
import {describe, expect, it} from 'vitest';
import {sessionGroups} from '../../../source/domain/cluster/session-list.ts';
import {sessionsPane} from '../../../source/state/view/sessions.ts';
import {clientSession, monitoredOperator, sessionsOf} from '../../support/sessions.ts';

const sessions = [
	clientSession({pid: 1, state: 'active', transactionMs: 5000}),
	clientSession({pid: 2, transactionMs: 9000}),
	clientSession({pid: 3, application: 'billing'}),
];
const open = (total: number) =>
	monitoredOperator()
		.after(2)
		.press('sessions.toggle')
		.after(3, sessionsOf('pgdb1', sessions, {total}));
const groups = ({state}: ReturnType<typeof open>) => sessionGroups(state.cluster, state.target, state.now);

describe('the groups of sessions', () => {
	it('have their sessions, transactions and the age of the oldest', () => {
		expect(groups(open(3))).toMatchObject([
			{application: 'shop-web', sessions: 2, active: 1, inTransaction: 2, oldestMs: 9000, isCut: false},
			{application: 'billing', sessions: 1, active: 0, inTransaction: 0, oldestMs: undefined},
		]);
	});

	it('are lower limits where not all sessions were listed, also in the line of the member', () => {
		const operator = open(900);
		expect(groups(operator).map(({isCut}) => isCut)).toEqual([true, true]);
		operator.press('sessions.group');
		const [overlay] = operator.state.view.overlays;
		const pane = overlay?.kind === 'sessions' ? sessionsPane(operator.state, overlay) : undefined;
		const texts = (pane?.table?.rows ?? []).map(({cells}) => cells.map(({text}) => text).join(' '));
		expect(texts[0]).toMatch(/shop-web app 10\.73\.0\.21 ≥ 2 .*≥ 1 ≥ 2/);
		expect(
			(pane?.lines ?? [])
				.flat()
				.map(({text}) => text)
				.join(''),
		).toContain('≥ 1 active');
	});
});
