import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../../source/domain/commands.ts';
import {bindingFor, keymap} from '../../../source/keymap/keymap.ts';
import {selectedRow} from '../../../source/state/selection.ts';
import {shownSnapshot, topOverlay} from '../../../source/state/state.ts';
import {healthySession, pressAt, type Session, target} from '../../support/session.ts';

const press = (session: Session, ...commands: readonly Command[]) => pressAt(session, 1, ...commands);

describe('the view', () => {
	it('moves the selection within the focused pane, and not past its ends', () => {
		const session = healthySession('trixie');
		expect(selectedRow(session.state)).toBe('pgdb1');
		expect(selectedRow(press(session, 'select.down').state)).toBe('pgdb2');
		expect(selectedRow(press(session, 'select.down').state)).toBe('pgdb2');
		expect(selectedRow(press(session, 'pane.next').state)).toBe('etcd1');
		expect(selectedRow(press(session, 'pane.previous', 'select.up').state)).toBe('pgdb1');
	});

	it('keeps the selection on its member when rows appear and disappear', () => {
		const session = press(healthySession('trixie'), 'select.down');
		expect(
			selectedRow(
				session.at(2, {type: 'dcs.deleted', source: 'watch:a', path: 'members/pgdb1', revision: 900}).state,
			),
		).toBe('pgdb2');
	});

	it('freezes the screen while the cluster changes, and unfreezes it', () => {
		const session = press(healthySession('trixie'), 'freeze.toggle').at(5, {
			type: 'dcs.deleted',
			source: 'watch:a',
			path: 'leader',
			revision: 900,
		});
		expect(shownSnapshot(session.state).cluster.keys.get('leader')).toBeDefined();
		expect(session.state.cluster.keys.get('leader')).toBeUndefined();
		expect(shownSnapshot(press(session, 'freeze.toggle').state).cluster.keys.get('leader')).toBeUndefined();
	});

	it('quits, refreshes, redraws and suspends by the keys for it only, whatever is pressed', () => {
		const own: ReadonlySet<string> = new Set(['quit', 'refresh', 'redraw', 'suspend']);
		fc.assert(
			fc.property(fc.array(fc.constantFrom(...keymap.map(({command}) => command))), commands => {
				const session = healthySession('trixie');
				session.state = {...session.state, target: {...target, operations: 'disabled'}};
				press(session, ...commands);
				expect(session.effects.map(({type}) => type).filter(type => own.has(type))).toEqual(
					commands.filter(command => own.has(command)),
				);
			}),
		);
	});
});

describe('overlays', () => {
	const overlays = ({state}: Session) => state.view.overlays.map(({kind}) => kind);

	it('are closed one by one by Esc and q: from a question back to its menu, from there to the panes', () => {
		const session = press(healthySession('trixie'), 'select.down', 'menu.open', 'menu.choose');
		expect(overlays(session)).toEqual(['menu', 'dialog']);
		expect(overlays(press(session, 'dismiss'))).toEqual(['menu']);
		expect(overlays(press(session, 'dismiss'))).toEqual([]);
		for (const mode of [
			'menu',
			'dialog',
			'logs',
			'details',
			'pane',
			'findings',
			'help',
			'run',
			'drill',
		] as const) {
			expect(bindingFor('q', mode, {operations: true, typing: false})?.command).toBe('dismiss');
		}

		expect(bindingFor('q', 'panes', {operations: true, typing: false})?.command).toBe('quit');
	});

	it('are gone with their menu once a question was answered', () => {
		const session = press(healthySession('trixie'), 'select.down', 'menu.open', 'menu.choose');
		expect(overlays(press(session, 'dialog.yes'))).toEqual(['run']);
		expect(overlays(press(session, 'dismiss'))).toEqual([]);
	});

	it('of the panes of etcd and the VIP open by Enter', () => {
		const session = press(healthySession('trixie'), 'pane.next', 'details.open');
		expect(session.state.view.overlays.at(-1)).toMatchObject({kind: 'pane', pane: 'leader'});
		expect(overlays(press(session, 'dismiss'))).toEqual([]);
		expect(press(session, 'pane.next', 'details.open').state.view.overlays.at(-1)).toMatchObject({
			kind: 'pane',
			pane: 'vip',
		});
	});
});

describe('the menu', () => {
	const selected = ({state}: Session) => {
		const overlay = topOverlay(state.view);
		return overlay?.kind === 'menu' ? overlay.selected : undefined;
	};

	it('wraps around at both ends by single steps', () => {
		const session = press(healthySession('trixie'), 'select.down', 'menu.open', 'go.first');
		const first = selected(session);
		const last = selected(press(session, 'select.up'));
		expect(last).not.toBe(first);
		expect(selected(press(session, 'go.last'))).toBe(last);
		expect(selected(press(session, 'select.down'))).toBe(first);
	});

	it('opens at the row that was chosen last, where that is offered', () => {
		const session = press(healthySession('trixie'), 'select.down', 'menu.open', 'select.down', 'select.down');
		const chosen = selected(session);
		press(session, 'menu.choose', 'dismiss', 'dismiss', 'menu.open');
		expect(chosen).toBeDefined();
		expect(selected(session)).toBe(chosen);
		// The same row of another member is another entry.
		press(session, 'dismiss', 'select.up', 'menu.open');
		expect(selected(session)).not.toBe(chosen);
		press(session, 'dismiss', 'select.down', 'menu.open');
		expect(selected(session)).toBe(chosen);
	});

	it('opens at the first row if the one chosen last is gone', () => {
		const session = healthySession('trixie');
		const first = selected(press(session, 'menu.open'));
		session.state = {...session.state, view: {...session.state.view, menuRow: 'restart.cancel pgdb1 pgdb1'}};
		expect(selected(press(session, 'dismiss', 'menu.open'))).toBe(first);
	});
});

describe('a notice', () => {
	const noticed = () => press(healthySession('trixie'), 'run.open');

	it('goes after ten seconds, and with the next key', () => {
		const text = 'no operation in this session';
		expect(noticed().state.view.notice?.text).toBe(text);
		expect(noticed().at(10).state.view.notice?.text).toBe(text);
		expect(noticed().at(12).state.view).toMatchObject({notice: undefined, noticeAt: undefined});
		expect(press(noticed(), 'select.down').state.view).toMatchObject({notice: undefined});
	});

	it('of a snapshot that has no time of it goes, too', () => {
		const session = noticed();
		session.state = {...session.state, view: {...session.state.view, noticeAt: undefined}};
		expect(session.at(5).at(14).state.view.notice).toBeDefined();
		expect(session.at(16).state.view.notice).toBeUndefined();
	});
});
