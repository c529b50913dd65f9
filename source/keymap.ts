/** Every key of the console, once: dispatch, footer, help and the readme's table read this list. */
import type {Command} from './domain/events.ts';
import type {Mode} from './state/state.ts';

export type Binding = {
	/** Names as `keyName` gives them; the first is the one that is shown. */
	keys: readonly [string, ...string[]];
	command: Command;
	/** What the keys must be about; everything where it is not given. */
	modes?: readonly Mode[];
	/** One or two words for the footer; without them the key is not in the footer. */
	footer?: string;
	/** A sentence for the help and the readme. */
	help: string;
};

const reading: readonly Mode[] = ['help', 'details'];

export const keymap: readonly Binding[] = [
	{
		keys: ['?', 'h'],
		command: 'help.toggle',
		modes: ['panes', ...reading],
		footer: 'help',
		help: 'Show or hide this help',
	},
	{keys: ['Up', 'k'], command: 'select.up', help: 'Select the row above; scroll up'},
	{keys: ['Down', 'j'], command: 'select.down', help: 'Select the row below; scroll down'},
	{
		keys: ['Tab', 'Right'],
		command: 'pane.next',
		modes: ['panes'],
		footer: 'pane',
		help: 'Go to the next pane',
	},
	{keys: ['Shift-Tab', 'Left'], command: 'pane.previous', modes: ['panes'], help: 'Go to the pane before'},
	{
		keys: ['Enter'],
		command: 'details.open',
		modes: ['panes'],
		footer: 'details',
		help: 'Show all that is known of the selected member, each value with its age',
	},
	{keys: ['Esc'], command: 'dismiss', modes: reading, footer: 'back', help: 'Close what lies over the panes'},
	{
		keys: ['Space'],
		command: 'freeze.toggle',
		modes: ['panes', ...reading],
		footer: 'freeze',
		help: 'Freeze the picture, to read it in peace; again: go on',
	},
	{
		keys: ['r'],
		command: 'refresh',
		modes: ['panes', ...reading],
		footer: 'refresh',
		help: 'Ask every source again now',
	},
	{keys: ['Ctrl-Z'], command: 'suspend', help: 'Back to the shell; fg brings the console back'},
	{
		keys: ['q'],
		command: 'quit',
		modes: ['panes', ...reading],
		footer: 'quit',
		help: 'Quit; the cluster is left as it is',
	},
	{keys: ['Ctrl-C'], command: 'quit', help: 'Quit, whatever is open'},
];

export function bindingsOf(mode: Mode): readonly Binding[] {
	return keymap.filter(({modes}) => modes === undefined || modes.includes(mode));
}

/** What the key means now. While text is typed, keys that are characters are text. */
export function commandFor(key: string, mode: Mode, typing: boolean): Command | undefined {
	return typing && isCharacter(key)
		? undefined
		: bindingsOf(mode).find(({keys}) => keys.includes(key))?.command;
}

function isCharacter(key: string): boolean {
	return key === 'Space' || [...key].length === 1;
}
