/** Keys that look: at panes, help, findings and details. */
import type {Mode} from '../state/state.ts';
import {type Binding, lists, reading} from './binding.ts';

/** What may be longer than the screen, beside lists. */
const paged: readonly Mode[] = ['panes', 'menu', 'dialog', ...reading];

export const navigationKeys: readonly Binding[] = [
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
		keys: ['PgUp', 'Ctrl-B'],
		command: 'page.up',
		modes: [...paged, ...lists],
		moves: true,
		help: 'A page up; in the logs this stops following',
	},
	{
		keys: ['PgDn', 'Ctrl-F'],
		command: 'page.down',
		modes: [...paged, ...lists],
		moves: true,
		help: 'A page down; in the logs it follows again beyond the end',
	},
	{
		keys: ['g', 'Home'],
		command: 'go.first',
		modes: ['panes', 'menu', 'logs.pick', 'entries', ...reading],
		moves: true,
		help: 'To the first row, or to the top',
	},
	{
		keys: ['G', 'End'],
		command: 'go.last',
		modes: ['panes', 'menu', 'logs.pick', 'entries', ...reading],
		moves: true,
		help: 'To the last row, or to the bottom',
	},
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
];
