/** With `--read-only` no key in any mode leads to an operation, and footer and help name none. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Event} from '../../source/domain/events.ts';
import {keymap} from '../../source/keymap/keymap.ts';
import type {Effect} from '../../source/state/effects.ts';
import {mode, type State} from '../../source/state/state.ts';
import {newRun} from '../../source/state/update/drill-run.ts';
import {update} from '../../source/state/update.ts';
import {helpPane} from '../../source/state/view/overlay.ts';
import {intentOf} from '../../source/ui/input.ts';
import {KeyParser} from '../../source/ui/key-parser.ts';
import {healthyFacts} from '../support/captures.ts';
import {frameOf} from '../support/screen.tsx';
import {Session, start, target} from '../support/session.ts';

/** All that a keyboard can send: printable characters, those with Ctrl and after Escape, and the named ones. */
const keys: readonly string[] = [
	...Array.from({length: 95}, (_, index) => String.fromCodePoint(32 + index)),
	...Array.from({length: 32}, (_, index) => String.fromCodePoint(index)),
	...[...'abcSFRy'].map(letter => `\u001B${letter}`),
	...['A', 'B', 'C', 'D', 'Z', '3~', '15~'].map(end => `\u001B[${end}`),
	'\u007F',
];

function session(operations: 'enabled' | 'disabled'): Session {
	return new Session({...target, operations}).at(0, ...healthyFacts('trixie'));
}

/** The console in each mode; modes of operations are set directly, since no key opens them. */
function modes(operations: 'enabled' | 'disabled'): State[] {
	const {state} = session(operations);
	const drill = newRun({kind: 'switchover', target: 'pgdb2', goal: undefined}, start);
	const over = (overlay: State['view']['overlays'][number]): State => ({
		...state,
		view: {...state.view, overlays: [overlay]},
	});
	const question = session(operations).at(1, {
		type: 'config.edited',
		revision: state.cluster.keys.get('config')?.modRevision,
		patch: {ttl: 25},
		difference: [],
	}).state;
	const reading = (...commands: readonly Command[]): State =>
		session(operations).at(1, ...commands.map((command): Event => ({type: 'command', command}))).state;
	return [
		state,
		reading('log.open'),
		reading('log.open', 'log.pick'),
		reading('log.open', 'log.search'),
		reading('log.entries'),
		reading('sessions.toggle'),
		reading('trends.toggle'),
		over({kind: 'help', scroll: 0}),
		over({kind: 'findings', scroll: 0}),
		over({kind: 'details', member: 'pgdb2', scroll: 0}),
		over({kind: 'pane', pane: 'vip', scroll: 0}),
		over({kind: 'menu', subject: {member: 'pgdb2', node: 'pgdb2'}, selected: 'switchover', scroll: 0}),
		over({kind: 'palette', text: '', scroll: 0}),
		over({kind: 'run', run: 1, scroll: 0}),
		{...over({kind: 'drill', scroll: 0}), drill},
		question,
		{
			...question,
			view: {
				...question.view,
				overlays: question.view.overlays.map(one => ({...one, focus: 'send'}) as typeof one),
			},
		},
	];
}

/** The effects of reading the screen and the logs. */
const harmless: ReadonlySet<Effect['type']> = new Set([
	'quit',
	'refresh',
	'redraw',
	'suspend',
	'screen.copy',
	'screen.write',
	'record',
	'logs.seek',
	'logs.write',
]);

/** The effects of all keys, each pressed in each mode, and each followed by each of the answers. */
function pressAll(operations: 'enabled' | 'disabled'): Effect[] {
	const effects: Effect[] = [];
	const press = (state: State, bytes: string): State => {
		const parser = new KeyParser();
		let next = state;
		for (const key of [...parser.push(bytes), ...parser.flush()]) {
			const event = intentOf(next, key, next);
			if (event !== undefined) {
				const [after, all] = update(next, {at: start + 2000, event});
				next = after;
				effects.push(...all);
			}
		}

		return next;
	};
	for (const state of modes(operations)) {
		for (const key of keys) {
			const next = press(state, key);
			for (const answer of ['y', '\r']) {
				press(next, answer);
			}
		}
	}

	return effects.filter(({type}) => !harmless.has(type));
}

describe('read-only', () => {
	it('covers every mode', () => {
		expect(new Set(modes('disabled').map(mode))).toEqual(
			new Set(['panes', ...keymap.flatMap(binding => binding.modes ?? [])]),
		);
	});

	it('has no effect of these keys in any mode, though they have effects with operations enabled', () => {
		expect(pressAll('disabled')).toEqual([]);
		expect(new Set(pressAll('enabled').map(({type}) => type))).toEqual(
			new Set(['operation.send', 'audit', 'config.edit', 'drill.prepare', 'drill.stop']),
		);
	});

	it('has no such key in the help', () => {
		const words = (state: State) =>
			[...helpPane(state).sections, ...helpPane(state).further.sections]
				.flatMap(({title, entries}) => [title, ...entries.map(({text}) => text)])
				.join('\n');
		expect(words(session('enabled').state)).toMatch(/Operate.*Switchover.*Question: yes/s);
		expect(words(session('disabled').state)).not.toMatch(
			/switchover|failover|restart|reload|reinit|pause|configuration in|menu|question|drill|operation(?! runs: press twice)|operate|answer/i,
		);
	});

	it('has no such key in the footer, and is named in the title', () => {
		for (const state of modes('disabled')) {
			const lines = frameOf(state, {width: 200, height: 60}).split('\n');
			expect(lines[0]).toContain('READ-ONLY');
			expect(lines.at(-1)).not.toMatch(/menu|send|choice|ask|field/);
		}
	});
});
