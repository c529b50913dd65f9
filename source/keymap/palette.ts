/** Keys of the command palette: `:` and a part of a command's text. */
import type {Command} from '../domain/commands.ts';
import type {Mode} from '../state/state.ts';
import {type Binding, lists, reading} from './binding.ts';

/** Modes in which it opens: those without a text field or a question. */
export const paletteModes: readonly Mode[] = ['panes', 'menu', ...reading, ...lists];

export const paletteKeys: readonly Binding[] = [
	{
		keys: [':'],
		command: 'palette.open',
		group: 'Console',
		modes: paletteModes,
		footer: 'commands',
		footerRank: 3,
		help: 'Commands: all, with their keys; or a time',
	},
	{
		keys: ['Enter'],
		command: 'palette.run',
		group: 'Type',
		modes: ['palette'],
		footer: 'run',
		help: 'Commands: do what the key of the selected command does',
	},
];

/** The command that goes to a typed time, in the mode below the palette. */
export function timeCommand(below: Mode, isReplay: boolean): Command | undefined {
	return isReplay ? 'play.time' : below === 'logs' ? 'log.time' : undefined;
}
