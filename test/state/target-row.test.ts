/** A key applies to the target row that the screen shows, and a notice disappears when it is no longer true. */
import {describe, expect, it} from 'vitest';
import {topOverlay} from '../../source/state/state.ts';
import {findingsPane} from '../../source/state/view/findings.ts';
import {statusNotice} from '../../source/state/view/verdict.ts';
import {Operator} from '../support/operator.ts';

const on = (name: string) => new Operator('trixie').after(10).select(name);
const kind = ({state}: Operator) => topOverlay(state.view)?.kind;

describe('a key that asks for an operation', () => {
	it.each(['findings.toggle', 'help.toggle'] as const)('asks nothing about a row hidden by %s', overlay => {
		const operator = on('pgdb1').press(overlay, 'operation.restart');
		expect(kind(operator)).not.toBe('dialog');
		expect(operator.state.view.notice?.text).toMatch(/^no row selected: press Esc and select one in a pane/);
		expect(kind(operator.press('operation.pause'))).toBe('dialog');
	});

	it('asks nothing about the selected row while the steps of another operation are shown', () => {
		const operator = on('pgdb2').press('operation.reload', 'dialog.yes');
		expect(kind(operator)).toBe('run');
		expect(kind(operator.press('operation.restart'))).toBe('run');
		expect(kind(operator.press('menu.open'))).toBe('run');
	});

	it('applies to the member whose details or logs are open', () => {
		const details = on('pgdb2').press('details.open').after(11, on('pgdb1').gone('members/pgdb1'));
		expect(details.press('operation.reload').dialog.operation).toMatchObject({member: 'pgdb2'});
		const logs = on('pgdb2').press('log.open', 'menu.open');
		expect(topOverlay(logs.state.view)).toMatchObject({subject: {member: 'pgdb2'}});
	});

	it('is shown by a finding together with the row that it applies to', () => {
		const operator = on('pgdb1');
		operator.after(11, operator.member('pgdb2', {pendingRestart: true}), operator.configured({pause: true}));
		const words = findingsPane(operator.state)
			.lines.map(line => line.map(({text}) => text).join(''))
			.join(' ');
		expect(words).toContain('[Esc, select pgdb2, R]');
		expect(words).toContain('[P]');
	});
});

describe('a frozen screen', () => {
	it('sends nothing, whatever question is open', () => {
		const operator = on('pgdb2').press('operation.reload', 'freeze.toggle', 'dialog.yes');
		expect(operator.dialog.problem).toMatch(/^nothing was sent: the screen is frozen/);
		expect(operator.sent).toEqual([]);
		expect(operator.press('freeze.toggle', 'dialog.yes').sent).toHaveLength(1);
	});

	it('is unfrozen when the editor returns with a question', () => {
		const operator = on('pgdb2').press('freeze.toggle');
		const revision = operator.state.cluster.keys.get('config')?.modRevision;
		operator.after(11, {type: 'config.edited', revision, patch: {ttl: 25}, difference: []});
		expect(operator.state.view.frozen).toBeUndefined();
		expect(operator.press('dialog.yes').sent).toHaveLength(1);
	});
});

describe('"still running"', () => {
	const leaving = () => on('pgdb2').press('operation.reload', 'dialog.yes', 'dismiss', 'quit');
	const word = ({state}: Operator) => statusNotice(state)?.text;

	it('is hidden by the outcome, and then one key quits', () => {
		const operator = leaving();
		expect(word(operator)).toBe('reload pgdb2: still running; press again to quit and let it continue');
		operator.after(11, operator.answer({kind: 'answered', status: 202, text: 'reload scheduled'}));
		expect(operator.run.outcome?.kind).toBe('done');
		expect(word(operator)).toBeUndefined();
		expect(operator.press('quit').effects).toContainEqual({type: 'quit'});
	});

	it('is hidden by the next key, typed text included, and is shown again', () => {
		const operator = leaving().press('log.open', 'quit', 'log.search');
		expect(word(operator)).toBeUndefined();
		operator.press('quit');
		expect(word(operator)).toMatch(/still running/);
		expect(word(operator.types('x'))).toBeUndefined();
		expect(operator.press('quit').effects).not.toContainEqual({type: 'quit'});
	});
});
