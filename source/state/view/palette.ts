/** The command palette: the commands that contain the typed words, with their keys, and where each works. */
import type {Command} from '../../domain/commands.ts';
import {plainMatcher} from '../../domain/logs/matcher.ts';
import {type Binding, modeNames} from '../../keymap/binding.ts';
import {type KeyContext, keysOn} from '../../keymap/keymap.ts';
import {paletteModes, timeCommand} from '../../keymap/palette.ts';
import {isTimeLike} from '../../lib/parse-time.ts';
import {close} from '../overlays.ts';
import {hasOperations, type Mode, mode, type PaletteOverlay, type State} from '../state.ts';
import {cell, type PaneRows} from './cells.ts';

export type PaletteRow =
	| {kind: 'command'; command: Command; keys: readonly string[]; text: string; whyNot: string | undefined}
	/** A time to go to. */
	| {kind: 'time'; command: Command; time: string};

/** Commands of the palette itself. */
const own: readonly Command[] = ['palette.open', 'palette.run'];

/** The rows that the text leaves: those that work below the palette first. */
export function paletteRows(state: State, {text}: PaletteOverlay): PaletteRow[] {
	const context: KeyContext = {operations: hasOperations(state), replay: state.replay !== undefined};
	const below = mode({...state, view: close(state.view)});
	const words = text.split(/\s+/).filter(Boolean);
	const goes = timeCommand(below, context.replay === true);
	if (goes !== undefined && isTimeLike(text)) {
		return [{kind: 'time', command: goes, time: text.trim()}];
	}

	const matchers = words.map(plainMatcher);
	const rows = commandRows(keysOn(context), below).filter(row =>
		matchers.every(({test}) => test(searchedText(row))),
	);
	// A key that is typed alone is that key.
	const isKey = (row: CommandRow) => row.keys.includes(text.trim());
	return [...rows.filter(isKey), ...rows.filter(row => !isKey(row))];
}

type CommandRow = PaletteRow & {kind: 'command'};

function searchedText({command, keys, text}: CommandRow): string {
	return `${text}\n${command}\n${keys.join(' ')}`;
}

/** One row a command; a command with several keys has them together. */
function commandRows(bindings: readonly Binding[], below: Mode): CommandRow[] {
	const isHere = ({modes}: Binding) => modes === undefined || modes.includes(below);
	const isOffered = ({command, modes}: Binding) =>
		!own.includes(command) && (modes === undefined || modes.some(one => paletteModes.includes(one)));
	const byCommand = Map.groupBy(bindings.filter(isOffered), ({command}) => command);
	const rows = [...byCommand].map(([command, all]): CommandRow => {
		const here = all.filter(isHere);
		const [first = all[0]] = here;
		return {
			kind: 'command',
			command,
			keys: [...new Set((here.length > 0 ? here : all).flatMap(({keys}) => keys))],
			text: first?.help ?? '',
			whyNot: here.length > 0 ? undefined : `only in: ${placesOf(all)}`,
		};
	});
	return [
		...rows.filter(({whyNot}) => whyNot === undefined),
		...rows.filter(({whyNot}) => whyNot !== undefined),
	];
}

function placesOf(bindings: readonly Binding[]): string {
	const modes = new Set(bindings.flatMap(({modes = []}) => modes));
	return Object.entries(modeNames)
		.flatMap(([one, name]) => (modes.has(one as Mode) ? [name] : []))
		.join(', ');
}

/** What Enter runs. */
export function selectedCommand(state: State, overlay: PaletteOverlay): PaletteRow | undefined {
	const rows = paletteRows(state, overlay);
	return rows[Math.min(overlay.scroll, rows.length - 1)];
}

export function paletteRowId(row: PaletteRow | undefined): string | undefined {
	return row === undefined ? undefined : row.kind === 'time' ? 'time' : row.command;
}

export function palettePane(state: State, overlay: PaletteOverlay): PaneRows {
	const rows = paletteRows(state, overlay);
	const commands = rows.filter(({kind}) => kind === 'command').length;
	return {
		title: `Commands  :${overlay.text}_  ${commands === rows.length ? commands : ''}`.trimEnd(),
		status: cell('Enter runs, Esc goes back', 'dim'),
		lines: rows.length === 0 ? [[cell('no command has these words', 'dim')]] : [],
		table: {
			columns: [
				{title: 'Key', align: 'left', rank: 0},
				{title: 'Command', align: 'left', rank: 0},
				{title: 'Name', align: 'left', rank: 1, whole: true},
			],
			rows: rows.map(row => ({
				id: paletteRowId(row) ?? '',
				cells:
					row.kind === 'time'
						? [cell(''), cell(`Go to the time ${row.time}`, 'strong'), cell(row.command, 'dim')]
						: [
								cell(row.keys.join(' '), row.whyNot === undefined ? 'strong' : 'dim'),
								cell(
									row.whyNot === undefined ? row.text : `${row.text} (${row.whyNot})`,
									row.whyNot === undefined ? 'plain' : 'dim',
								),
								cell(row.command, 'dim'),
							],
			})),
		},
	};
}
