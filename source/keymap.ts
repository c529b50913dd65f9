/** Every key of the console, once: dispatch, footer, help and the readme's table read this list. */
import type {Command} from './domain/events.ts';
import type {Mode} from './state/state.ts';

export type Binding = {
	/** Names as `keyName` gives them; the first is the one that is shown. */
	keys: readonly [string, ...string[]];
	command: Command;
	/** What the keys must be about; everything where it is not given. */
	modes?: readonly Mode[];
	/** Asks for an operation: gone with `--read-only`. `offer`: the entry of the menu that it stands for. */
	hands?: {offer?: string};
	/** It only moves what is looked at: several at once are all taken. */
	moves?: boolean;
	/** One or two words for the footer; without them the key is not in the footer. */
	footer?: string;
	/** A sentence for the help and the readme. */
	help: string;
};

/** Where lines go by. */
const logs: readonly Mode[] = ['logs'];
const lists: readonly Mode[] = ['logs', 'logs.pick', 'entries'];
const reading: readonly Mode[] = ['help', 'details', 'findings', 'run'];
const acting: readonly Mode[] = ['panes', 'details', 'findings', 'run'];

export const keymap: readonly Binding[] = [
	{
		keys: ['?', 'h'],
		command: 'help.toggle',
		modes: ['panes', 'menu', ...lists, ...reading],
		footer: 'help',
		help: 'Show or hide this help',
	},
	{keys: ['Up', 'k'], command: 'select.up', moves: true, help: 'Select the row above; scroll up'},
	{keys: ['Down', 'j'], command: 'select.down', moves: true, help: 'Select the row below; scroll down'},
	{
		keys: ['Tab', 'Right'],
		command: 'pane.next',
		moves: true,
		modes: ['panes'],
		footer: 'pane',
		help: 'Go to the next pane',
	},
	{
		keys: ['Shift-Tab', 'Left'],
		command: 'pane.previous',
		moves: true,
		modes: ['panes'],
		help: 'Go to the pane before',
	},
	{
		keys: ['Enter'],
		command: 'details.open',
		modes: ['panes'],
		footer: 'more',
		help: 'Show all that is known of the selected member, each value with its age',
	},
	{
		keys: ['f'],
		command: 'findings.toggle',
		modes: ['panes', ...reading],
		footer: 'findings',
		help: 'Show all that is wrong, who says so, what it means for clients and what to do',
	},
	{
		keys: ['Esc'],
		command: 'dismiss',
		modes: [...reading, 'menu', 'dialog', ...lists, 'prompt'],
		footer: 'back',
		help: 'Close what lies over the panes',
	},
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
		modes: ['panes', 'logs', ...reading],
		help: 'Ask every source again now',
	},
	{
		keys: ['m'],
		command: 'menu.open',
		modes: [...acting, 'logs'],
		hands: {},
		footer: 'menu',
		help: 'Menu: all that can be done to the selected member and its machine',
	},
	{
		keys: ['S'],
		command: 'operation.switchover',
		modes: acting,
		hands: {offer: 'switchover'},
		help: 'Switchover to the selected replica; on the leader: away from it',
	},
	{
		keys: ['F'],
		command: 'operation.failover',
		modes: acting,
		hands: {offer: 'failover'},
		help: 'Failover to the selected member, when a switchover can not serve',
	},
	{
		keys: ['R'],
		command: 'operation.restart',
		modes: acting,
		hands: {offer: 'restart'},
		help: 'Restart PostgreSQL on the selected member',
	},
	{
		keys: ['L'],
		command: 'operation.reload',
		modes: acting,
		hands: {offer: 'reload'},
		help: 'Reload the configuration of the selected member',
	},
	{
		keys: ['I'],
		command: 'operation.reinitialize',
		modes: acting,
		hands: {offer: 'reinitialize'},
		help: 'Reinitialize the selected replica: remove its data, copy it anew',
	},
	{
		keys: ['P'],
		command: 'operation.pause',
		modes: acting,
		hands: {offer: 'pause'},
		help: 'Pause the cluster, or resume it',
	},
	{
		keys: ['E'],
		command: 'operation.configure',
		modes: acting,
		hands: {offer: 'configure'},
		help: 'Edit the dynamic configuration in $EDITOR; the difference is shown before it is sent',
	},
	{
		keys: ['o'],
		command: 'run.open',
		modes: ['panes', 'logs', 'details'],
		hands: {},
		help: 'Show the operation that goes on, or the last one',
	},
	{
		keys: ['Enter'],
		command: 'menu.choose',
		modes: ['menu'],
		hands: {},
		footer: 'ask',
		help: 'In the menu: ask for the operation',
	},
	{
		keys: ['y'],
		command: 'dialog.yes',
		modes: ['dialog'],
		hands: {},
		footer: 'yes',
		help: 'In a question: yes, send it',
	},
	{
		keys: ['Enter'],
		command: 'dialog.enter',
		modes: ['dialog'],
		hands: {},
		footer: 'take the choice',
		help: 'In a question: take the choice that is marked; at first that is to cancel',
	},
	{
		keys: ['Tab'],
		command: 'dialog.next',
		modes: ['dialog'],
		hands: {},
		footer: 'next field',
		help: 'In a question: the next field or choice',
	},
	{
		keys: ['Shift-Tab'],
		command: 'dialog.previous',
		modes: ['dialog'],
		hands: {},
		help: 'In a question: the field or choice before',
	},
	{
		keys: ['Right', 'Space'],
		command: 'dialog.right',
		modes: ['dialog'],
		hands: {},
		help: "In a question: the field's next value",
	},
	{
		keys: ['Left'],
		command: 'dialog.left',
		modes: ['dialog'],
		hands: {},
		help: "In a question: the field's value before",
	},
	{
		keys: ['Backspace', 'Delete'],
		command: 'text.erase',
		modes: ['dialog', 'prompt'],
		help: 'In a field: erase the last character',
	},
	{keys: ['Ctrl-U'], command: 'text.clear', modes: ['dialog', 'prompt'], help: 'In a field: erase all of it'},
	{
		keys: ['l'],
		command: 'log.open',
		modes: ['panes', 'details'],
		footer: 'log',
		help: "Log of the selected row's node; a in it: of all nodes",
	},
	{
		keys: ['T'],
		command: 'log.entries',
		modes: ['panes', ...logs],
		help: 'Timeline, entry by entry; Enter shows what the logs said at that time',
	},
	{
		keys: ['Enter'],
		command: 'log.entry',
		modes: ['entries'],
		footer: 'logs then',
		help: 'In the timeline: the logs at that time',
	},
	{
		keys: ['p'],
		command: 'log.pick',
		modes: logs,
		footer: 'pick',
		help: 'In the logs: pick nodes and services',
	},
	{
		keys: ['Enter', 'Space'],
		command: 'log.toggle',
		modes: ['logs.pick'],
		footer: 'show or hide',
		help: 'In the picker: show the node or service, or hide it',
	},
	{
		keys: ['a'],
		command: 'log.all',
		modes: ['logs', 'logs.pick'],
		footer: 'all',
		help: 'In the logs: all nodes and all services, the rest of the journal included',
	},
	{
		keys: ['G'],
		command: 'log.follow',
		modes: logs,
		footer: 'follow',
		help: 'In the logs: to the newest line, and follow',
	},
	{
		keys: ['g'],
		command: 'log.first',
		modes: logs,
		help: 'In the logs: to the oldest line that is kept',
	},
	{
		keys: ['PgUp', 'Ctrl-B'],
		command: 'page.up',
		modes: lists,
		moves: true,
		help: 'In the logs: a page up; this stops following',
	},
	{
		keys: ['PgDn', 'Ctrl-F'],
		command: 'page.down',
		modes: lists,
		moves: true,
		help: 'In the logs: a page down; beyond the end it follows again',
	},
	{
		keys: ['/'],
		command: 'log.search',
		modes: logs,
		footer: 'search',
		help: 'In the logs: search upwards for text or /regular expression/',
	},
	{
		keys: ['n'],
		command: 'log.next',
		modes: logs,
		help: 'In the logs: the next match below',
	},
	{
		keys: ['N'],
		command: 'log.previous',
		modes: logs,
		help: 'In the logs: the next match above',
	},
	{
		keys: ['f'],
		command: 'log.filter',
		modes: logs,
		footer: 'filter',
		help: 'In the logs: show only lines with these words; !word hides; /…/ is a regular expression',
	},
	{
		keys: ['v'],
		command: 'log.level',
		modes: logs,
		footer: 'severity',
		help: 'In the logs: least severity that is shown: all, info, notice, warning, error',
	},
	{
		keys: ['w'],
		command: 'log.wrap',
		modes: logs,
		help: 'In the logs: wrap long lines, or cut them',
	},
	{
		keys: ['s'],
		command: 'log.split',
		modes: logs,
		footer: 'split',
		help: 'In the logs: a column or a band for each node, or one stream',
	},
	{
		keys: ['t'],
		command: 'log.time',
		modes: logs,
		help: 'In the logs: go to a time (04:14:10, -5m)',
	},
	{
		keys: ['b'],
		command: 'log.back',
		modes: logs,
		help: 'In the logs: back to where the last jump was made',
	},
	{
		keys: ['c'],
		command: 'log.copy',
		modes: logs,
		help: "In the logs: copy the line into the terminal's clipboard (OSC 52)",
	},
	{
		keys: ['W'],
		command: 'log.write',
		modes: logs,
		help: 'In the logs: write all lines that are shown to a file',
	},
	{
		keys: ['Enter'],
		command: 'prompt.take',
		modes: ['prompt'],
		footer: 'take it',
		help: 'In a line that asks for text: take it',
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
