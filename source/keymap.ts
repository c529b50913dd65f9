/** Every key of the console, once: dispatch, footer, help and the readme's table read this list. */
import type {Command} from './domain/events.ts';

export type Binding = {
	/** Names as `keyName` gives them; the first is the one that is shown. */
	keys: readonly [string, ...string[]];
	command: Command;
	/** One or two words for the footer; without them the key is not in the footer. */
	footer?: string;
	/** A sentence for the help and the readme. */
	help: string;
};

export const keymap: readonly Binding[] = [
	{keys: ['?', 'h'], command: 'help.toggle', footer: 'help', help: 'Show or hide this help'},
	{keys: ['Up', 'k'], command: 'select.up', help: 'Select the row above'},
	{keys: ['Down', 'j'], command: 'select.down', help: 'Select the row below'},
	{keys: ['Tab', 'Right'], command: 'pane.next', footer: 'pane', help: 'Go to the next pane'},
	{keys: ['Shift-Tab', 'Left'], command: 'pane.previous', help: 'Go to the pane before'},
	{
		keys: ['Enter'],
		command: 'details.open',
		footer: 'details',
		help: 'Show all that is known of the selected member, each value with its age',
	},
	{keys: ['Esc'], command: 'dismiss', help: 'Close the help or the details'},
	{
		keys: ['Space'],
		command: 'freeze.toggle',
		footer: 'freeze',
		help: 'Freeze the picture, to read it in peace; again: go on',
	},
	{keys: ['r'], command: 'refresh', footer: 'refresh', help: 'Ask every source again now'},
	{keys: ['Ctrl-Z'], command: 'suspend', help: 'Back to the shell; fg brings the console back'},
	{keys: ['q', 'Ctrl-C'], command: 'quit', footer: 'quit', help: 'Quit; the cluster is left as it is'},
];

const bound = new Map(keymap.flatMap(({keys, command}) => keys.map(key => [key, command] as const)));

export function commandFor(key: string): Command | undefined {
	return bound.get(key);
}
