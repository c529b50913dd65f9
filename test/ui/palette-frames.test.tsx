/** The command palette by keys: whole frames, and that Enter does exactly what the key of the command does. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Intent} from '../../source/domain/events.ts';
import {paletteModes} from '../../source/keymap/palette.ts';
import {mode, type PaletteOverlay, type State, topOverlay} from '../../source/state/state.ts';
import {paletteRows} from '../../source/state/view/palette.ts';
import {Keyboard} from '../../source/ui/input.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, type Size, screen, sizes} from '../support/screen.tsx';
import {pressAt, type Session, target} from '../support/session.ts';

const console = (operations: 'enabled' | 'disabled' = 'enabled') =>
	new Operator('trixie', {...target, operations}).after(10);

/** Presses keys on the screen, one by one. @returns the intents */
function keys(session: Session, ...pressed: readonly string[]): Intent[] {
	const intents: Intent[] = [];
	const keyboard = new Keyboard({
		current: () => session.state,
		drawn: () => session.state,
		bounds: state => (topOverlay(state.view)?.kind === 'palette' ? {page: 5, end: 1000} : {page: 7, end: 9}),
		onIntent(intent) {
			intents.push(intent);
			session.at(12, intent);
		},
	});
	for (const key of pressed) {
		keyboard.read(key);
	}

	return intents;
}

const scenes: readonly [string, () => Session, string][] = [
	['over the panes', console, ''],
	['with words', console, 'member switch'],
	['with a key', console, 'S'],
	['with words that no command has', console, 'coffee'],
	['over the logs, with a time', () => pressAt(console(), 11, 'log.open'), '-5m'],
	['with what works elsewhere', console, 'search'],
	['read-only', () => console('disabled'), 'restart'],
];

describe.each(sizes)('the palette at $width x $height', size => {
	it.each(scenes)('%s', (_, begin, text) => {
		const session = begin();
		keys(session, ':', ...text);
		expect(frameOf(session.state, size)).toMatchSnapshot();
	});
});

/** The session in each mode in which the palette opens. */
const beginnings: Readonly<Partial<Record<string, readonly Command[]>>> = {
	panes: [],
	menu: ['menu.open'],
	help: ['help.toggle'],
	details: ['details.open'],
	pane: ['pane.next', 'details.open'],
	findings: ['findings.toggle'],
	logs: ['log.open'],
	'logs.pick': ['log.open', 'log.pick'],
	entries: ['log.entries'],
	sessions: ['sessions.toggle'],
	trends: ['trends.toggle'],
	drill: ['drill.open'],
	run: [],
};

describe('Enter', () => {
	it.each(paletteModes.filter(one => one !== 'run'))('does in %s what the key does', name => {
		const begin = () => pressAt(console(), 11, ...(beginnings[name] ?? [])).at(12);
		const opened = begin();
		if (mode(opened.state) !== name) {
			// Nothing is shown without a drill.
			expect(name).toBe('drill');
			return;
		}

		keys(opened, ':');
		const all = rowsOf(opened.state);
		expect(all.length).toBeGreaterThan(30);
		for (const row of all) {
			if (row.kind !== 'command' || row.whyNot !== undefined) {
				continue;
			}

			const index = all.indexOf(row);
			const byPalette = begin();
			const [, ...intents] = keys(
				byPalette,
				':',
				...Array.from({length: index}, () => '\u001B[B'),
				'\r',
			).slice(index);
			const byKey = begin();
			expect(intents.at(-1), row.command).toEqual(keys(byKey, bytesOf(row.keys[0] ?? '')).at(-1));
			expect(byPalette.effects, row.command).toEqual(byKey.effects);
			expect(withoutNotice(byPalette.state), row.command).toEqual(withoutNotice(byKey.state));
		}
	});

	it('runs nothing where the command works elsewhere, or no command is left', () => {
		const session = console();
		const intents = keys(session, ':', ...'severity', '\r');
		expect(intents.at(-1)).toEqual({type: 'notice', text: 'log.level works only in: logs', tone: 'dim'});
		expect(keys(session, ...'xyz', '\r').at(-1)).toMatchObject({text: 'no command has these words'});
		expect(mode(session.state)).toBe('palette');
		keys(session, '\u001B', '');
	});

	it('asks the question of an operation, and y in the same burst does not answer it', () => {
		const session = console();
		keys(session, ':', ...'pause', '\r');
		expect(mode(session.state)).toBe('dialog');
		const burst = console();
		keys(burst, ':pause\ry');
		expect(mode(burst.state)).toBe('palette');
		expect(burst.state.runs).toEqual([]);
	});

	it('goes to a time in the logs, also in one burst', () => {
		const session = pressAt(console(), 11, 'log.open');
		const intents = keys(session, ':-5m\r');
		expect(intents.slice(-4)).toEqual([
			{type: 'command', command: 'dismiss'},
			{type: 'command', command: 'log.time'},
			{type: 'typed', text: '-5m'},
			{type: 'command', command: 'prompt.take'},
		]);
		expect(mode(session.state)).toBe('logs');
	});
});

it('takes letters as text, moves by arrows, and Esc returns to the view before', () => {
	const session = pressAt(console(), 11, 'log.open');
	keys(session, ':', ...'jqy?:');
	expect(topOverlay(session.state.view)).toMatchObject({kind: 'palette', text: 'jqy?:'});
	keys(session, '\u0015', '\u001B[B', '\u001B[B');
	expect(topOverlay(session.state.view)).toMatchObject({text: '', scroll: 2});
	keys(session, 'x');
	expect(topOverlay(session.state.view)).toMatchObject({text: 'x', scroll: 0});
	const size: Size = {width: 120, height: 40};
	const shown = screen(session.state, size);
	expect(shown.frame()).toContain('Commands  :x_');
	shown.close();
	pressAt(session, 12, 'dismiss');
	expect(mode(session.state)).toBe('logs');
});

it('does not open in a question or a text field', () => {
	const question = console();
	keys(question, 'P', ':');
	expect(mode(question.state)).toBe('dialog');
	const prompt = pressAt(console(), 11, 'log.open', 'log.search');
	keys(prompt, ':');
	expect(mode(prompt.state)).toBe('prompt');
});

function rowsOf(state: State) {
	return paletteRows(state, topOverlay(state.view) as PaletteOverlay);
}

function withoutNotice(state: State): unknown {
	return {...state, view: {...state.view, notice: undefined, noticeAt: undefined}};
}

/** What a terminal sends for a key. */
function bytesOf(key: string): string {
	const named: Readonly<Record<string, string>> = {
		Up: '\u001B[A',
		Down: '\u001B[B',
		Right: '\u001B[C',
		Left: '\u001B[D',
		PgUp: '\u001B[5~',
		PgDn: '\u001B[6~',
		Enter: '\r',
		Tab: '\t',
		'Shift-Tab': '\u001B[Z',
		Space: ' ',
		Esc: '\u001B\u001B',
	};
	const control = /^Ctrl-(.)$/.exec(key)?.[1];
	return control === undefined ? (named[key] ?? key) : String.fromCodePoint(control.charCodeAt(0) - 64);
}
