import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../../source/domain/events.ts';
import {keymap} from '../../../source/keymap/keymap.ts';
import {selectedRow} from '../../../source/state/selection.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
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
