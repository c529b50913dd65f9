/** Every key of the console, once: dispatch, footer, help and the readme's table read this list. */
import {type Binding, lists, reading} from './keymap/binding.ts';
import {handsKeys} from './keymap/hands.ts';
import {logKeys} from './keymap/logs.ts';
import {viewKeys} from './keymap/view.ts';
import type {Mode} from './state/state.ts';

export type {Binding} from './keymap/binding.ts';

/** In the order in which the help tells of them. */
export const keymap: readonly Binding[] = [
	...viewKeys,
	...handsKeys,
	...logKeys,
	{
		keys: ['Ctrl-R'],
		command: 'record.toggle',
		help: 'Record this session to a file, to be replayed; again: end the recording',
	},
	{
		keys: ['Ctrl-L'],
		command: 'redraw',
		help: 'Draw the whole screen anew, where something else wrote across it',
	},
	{keys: ['Ctrl-Z'], command: 'suspend', help: 'Back to the shell; fg brings the console back'},
	{
		keys: ['q'],
		command: 'quit',
		modes: ['panes', ...lists, ...reading],
		footer: 'quit',
		help: 'Quit; the cluster is left as it is. While an operation goes on: twice',
	},
	{keys: ['Ctrl-C'], command: 'quit', help: 'Quit, whatever is open; while an operation goes on: twice'},
];

/** The keys that mean something now; those that ask for an operation only where operations are offered. */
export function bindingsOf(mode: Mode, {hands}: {hands: boolean}): readonly Binding[] {
	return keymap.filter(
		binding =>
			(binding.modes === undefined || binding.modes.includes(mode)) && (hands || binding.hands === undefined),
	);
}

/** The key of its own that an entry of the menu has. */
export function keyOfOffer(offer: string): string | undefined {
	return keymap.find(({hands}) => hands?.offer === offer)?.keys[0];
}

/** What the key means now; undefined where it means nothing. While text is typed, keys that are characters are text. */
export function bindingFor(
	key: string,
	mode: Mode,
	{typing, hands}: {typing: boolean; hands: boolean},
): Binding | undefined {
	return typing && isCharacter(key)
		? undefined
		: bindingsOf(mode, {hands}).find(({keys}) => keys.includes(key));
}

function isCharacter(key: string): boolean {
	return key === 'Space' || [...key].length === 1;
}
