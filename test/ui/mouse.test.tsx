/** The mouse: a click selects what is drawn there, as keys do, and starts nothing; its mode ends with the screen. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Intent} from '../../source/domain/events.ts';
import {selectedInList, selectedRow} from '../../source/state/selection.ts';
import {type ListOverlay, mode, topOverlay} from '../../source/state/state.ts';
import {KeyParser} from '../../source/ui/key-parser.ts';
import {Pointer} from '../../source/ui/pointer.ts';
import {condenseOutput, withMouse} from '../../source/ui/terminal.ts';
import {Operator} from '../support/operator.ts';
import {type Size, screen, sizes} from '../support/screen.tsx';
import {pressAt, type Session} from '../support/session.ts';

const begin = (...commands: readonly Command[]) => pressAt(new Operator('trixie').after(10), 11, ...commands);

function shownWithMouse(session: Session, size: Size) {
	const intents: Intent[] = [];
	const shown = screen(
		session.state,
		size,
		intent => {
			intents.push(intent);
			session.at(12, intent);
		},
		undefined,
		new Pointer(),
	);
	/** Column and row of the text on the screen, from 1. */
	const placeOf = (text: string | RegExp) => {
		const lines = shown
			.frame()
			.replaceAll(/\u001B\[[\d;]*m/g, '')
			.split('\n');
		const row = lines.findIndex(line => line.search(text) !== -1);
		expect(row, `${text} in\n${lines.join('\n')}`).not.toBe(-1);
		const line = lines[row] ?? '';
		return {column: stringWidth(line.slice(0, line.search(text))) + 1, row: row + 1};
	};
	const press = (code: number, {column, row}: {column: number; row: number}) => {
		shown.press(`\u001B[<${code};${column};${row}M\u001B[<${code};${column};${row}m`);
		shown.show(session.state);
	};
	return {...shown, intents, placeOf, press, click: (text: string | RegExp) => press(0, placeOf(text))};
}

describe.each(sizes)('a click at $width x $height', size => {
	it('selects the row, and focuses its pane', () => {
		const session = begin();
		const shown = shownWithMouse(session, size);
		shown.click(/pgdb2 +(?:10\.73\.0\.170|Sync Standby)/);
		expect([session.state.view.pane, selectedRow(session.state)]).toEqual(['members', 'pgdb2']);
		shown.click(/ VIP /);
		expect(session.state.view.pane).toBe('vip');
		shown.click(/ etcd /);
		expect(session.state.view.pane).toBe('leader');
		shown.close();
	});

	it('selects in a menu, and asks for nothing', () => {
		const session = begin('menu.open');
		const shown = shownWithMouse(session, size);
		shown.click(/ restart PostgreSQL|reload /);
		const selected = selectedInList(session.state, topOverlay(session.state.view) as ListOverlay);
		expect(selected).toMatch(/^(?:restart|reload)/);
		expect(mode(session.state)).toBe('menu');
		shown.close();
	});

	it('selects a command of the palette, and a turn of the wheel the next one', () => {
		const session = begin('palette.open');
		const shown = shownWithMouse(session, size);
		shown.click(/Page down/);
		expect(shown.intents.length).toBeGreaterThan(0);
		const {scroll} = topOverlay(session.state.view) ?? {scroll: -1};
		shown.press(65, {column: 5, row: 12});
		expect(topOverlay(session.state.view)?.scroll).toBe(scroll + 1);
		shown.press(64, {column: 5, row: 12});
		expect(topOverlay(session.state.view)?.scroll).toBe(scroll);
		shown.close();
	});

	it('scrolls the help by the wheel', () => {
		const session = begin('help.toggle');
		const shown = shownWithMouse(session, {width: 80, height: 24});
		shown.press(65, {column: 5, row: 12});
		expect(topOverlay(session.state.view)?.scroll).toBe(3);
		shown.close();
	});
});

const everywhere: readonly (readonly Command[])[] = [
	...[[], ['menu.open'], ['log.open'], ['log.open', 'log.pick'], ['log.open', 'log.search'], ['log.entries']],
	...[['help.toggle'], ['findings.toggle'], ['details.open'], ['operation.pause'], ['palette.open']],
] as (readonly Command[])[];

it.each(everywhere)('only moves, in every mode: %s', (...commands) => {
	const session = begin(...commands);
	const size = {width: 200, height: 60};
	const shown = shownWithMouse(session, size);
	const before = {mode: mode(session.state), effects: session.effects.length};
	fc.assert(
		fc.property(
			fc.array(
				fc.tuple(fc.constantFrom(0, 1, 2, 3, 4, 16, 32, 35, 64, 65, 66, 128), fc.nat(210), fc.nat(65)),
			),
			presses => {
				for (const [code, column, row] of presses) {
					shown.press(code, {column, row});
				}
			},
		),
		{numRuns: 10},
	);
	const allowed: ReadonlySet<Command> = new Set(['pane.next', 'select.up', 'select.down']);
	expect(shown.intents.filter(one => one.type !== 'command' || !allowed.has(one.command))).toEqual([]);
	expect({mode: mode(session.state), effects: session.effects.length}).toEqual(before);
	expect(session.state.runs).toEqual([]);
	shown.close();
});

describe('reports of the mouse', () => {
	const report = '\u001B[<0;3;4M';

	it('are dropped without the setting, and keep the text around them', () => {
		expect(new KeyParser().push(`a${report}\u001B[<64;1;1Mb`)).toEqual([
			{name: 'a', text: 'a'},
			{name: 'b', text: 'b'},
		]);
	});

	it('are read however they are split', () => {
		for (let at = 1; at < report.length; at++) {
			const parser = new KeyParser({mouse: true});
			const keys = [...parser.push(report.slice(0, at)), ...parser.push(report.slice(at))];
			expect(keys).toEqual([{mouse: {kind: 'click', column: 2, row: 3}}]);
		}
	});

	it('of releases, other buttons and moves are dropped', () => {
		const parser = new KeyParser({mouse: true});
		expect(parser.push('\u001B[<0;3;4m\u001B[<2;3;4M\u001B[<35;3;4M\u001B[<66;3;4M')).toEqual([]);
	});
});

describe('the mode of the mouse', () => {
	it('is on only while the screen is there', () => {
		expect(withMouse('a\u001B[?1049hb\u001B[?1049lc')).toBe(
			'a\u001B[?1049h\u001B[?1000h\u001B[?1006hb\u001B[?1006l\u001B[?1000l\u001B[?1049lc',
		);
		expect(condenseOutput('a\u001B[?1049hb')).not.toContain('1000');
	});
});
