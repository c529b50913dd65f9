/** Keys of panes, help, findings and details. */
import type {Mode} from '../state/state.ts';
import {type Binding, lists, reading} from './binding.ts';

/** Modes that scroll, besides lists. */
const paged: readonly Mode[] = ['panes', 'menu', 'dialog', ...reading];

export const navigationKeys: readonly Binding[] = [
	{
		keys: ['?', 'h'],
		command: 'help.toggle',
		group: 'Console',
		modes: ['panes', 'menu', ...lists, ...reading],
		footer: 'help',
		help: 'Show this help, or hide it',
	},
	{keys: ['Up', 'k'], command: 'select.up', group: 'Move', moves: true, help: 'Row above; scroll up'},
	{keys: ['Down', 'j'], command: 'select.down', group: 'Move', moves: true, help: 'Row below; scroll down'},
	{
		keys: ['PgUp', 'Ctrl-B'],
		command: 'page.up',
		group: 'Move',
		modes: [...paged, ...lists],
		moves: true,
		help: 'Page up; logs stop following',
	},
	{
		keys: ['PgDn', 'Ctrl-F'],
		command: 'page.down',
		group: 'Move',
		modes: [...paged, ...lists],
		moves: true,
		help: 'Page down; logs follow again past the end',
	},
	{
		keys: ['g', 'Home'],
		command: 'go.first',
		group: 'Move',
		modes: ['panes', 'menu', 'logs.pick', 'entries', ...reading],
		moves: true,
		help: 'First row, or the top',
	},
	{
		keys: ['G', 'End'],
		command: 'go.last',
		group: 'Move',
		modes: ['panes', 'menu', 'logs.pick', 'entries', ...reading],
		moves: true,
		help: 'Last row, or the bottom',
	},
	{
		keys: ['Tab', 'Right'],
		command: 'pane.next',
		group: 'Move',
		moves: true,
		modes: ['panes'],
		footer: 'pane',
		help: 'Next pane',
	},
	{
		keys: ['Shift-Tab', 'Left'],
		command: 'pane.previous',
		group: 'Move',
		moves: true,
		modes: ['panes'],
		help: 'Previous pane',
	},
	{
		keys: ['Enter'],
		command: 'details.open',
		group: 'Look',
		modes: ['panes'],
		footer: 'more',
		help: 'All values of the selected member, with source and age',
	},
	{
		keys: ['f'],
		command: 'findings.toggle',
		group: 'Look',
		modes: ['panes', ...reading],
		footer: 'findings',
		help: 'Findings: what is wrong, evidence, effect on clients, remedy',
	},
	{
		keys: ['Esc'],
		command: 'dismiss',
		group: 'Console',
		modes: [...reading, 'menu', 'dialog', ...lists, 'prompt'],
		footer: 'back',
		help: 'Close the overlay',
	},
	{
		keys: ['Space'],
		command: 'freeze.toggle',
		group: 'Look',
		modes: ['panes', ...reading],
		footer: 'freeze',
		help: 'Freeze the screen, or unfreeze it',
	},
	{
		keys: ['r'],
		command: 'refresh',
		group: 'Look',
		modes: ['panes', 'logs', ...reading],
		help: 'Poll all sources now',
	},
];
