/** Keys of the player; in a recording they override all others. */
import type {Mode} from '../state/state.ts';
import {type Binding, lists, reading} from './binding.ts';

/** Modes without a text field. */
const anywhere: readonly Mode[] = ['panes', 'menu', 'dialog', ...reading, ...lists];
/** There `n` and `N` go to matches of a search. */
const searched: readonly Mode[] = ['logs', 'entries'];
const notSearched = anywhere.filter(mode => !searched.includes(mode));
const notInPicker = anywhere.filter(mode => mode !== 'logs.pick');
/** There the arrows open and close incidents. */
const notInTimeline = anywhere.filter(mode => mode !== 'entries');

export const replayKeys: readonly Binding[] = [
	{
		keys: ['Space'],
		command: 'play.toggle',
		group: 'Replay',
		modes: notInPicker,
		footer: 'play',
		help: 'Play or pause',
	},
	{
		keys: ['+', '='],
		command: 'play.faster',
		group: 'Replay',
		modes: anywhere,
		help: 'Faster: 1, 2, 5, 10, 30, 60 times',
	},
	{keys: ['-'], command: 'play.slower', group: 'Replay', modes: anywhere, help: 'Slower'},
	{
		keys: ['n', ']'],
		command: 'play.next',
		group: 'Replay',
		modes: notSearched,
		footer: 'next',
		help: 'Next timeline entry',
	},
	{
		keys: ['N', '['],
		command: 'play.previous',
		group: 'Replay',
		modes: notSearched,
		help: 'Previous timeline entry',
	},
	{
		keys: [']'],
		command: 'play.next',
		group: 'Replay',
		modes: searched,
		help: 'Logs and timeline: next timeline entry',
	},
	{
		keys: ['['],
		command: 'play.previous',
		group: 'Replay',
		modes: searched,
		help: 'Logs and timeline: previous timeline entry',
	},
	{
		keys: ['Right', '.'],
		command: 'play.forward',
		group: 'Replay',
		modes: notInTimeline,
		help: 'Next event',
	},
	{
		keys: ['Left', ','],
		command: 'play.back',
		group: 'Replay',
		modes: notInTimeline,
		help: 'Previous event',
	},
	{
		keys: ['.'],
		command: 'play.forward',
		group: 'Replay',
		modes: ['entries'],
		help: 'Timeline: next event',
	},
	{
		keys: [','],
		command: 'play.back',
		group: 'Replay',
		modes: ['entries'],
		help: 'Timeline: previous event',
	},
	{
		keys: ['t'],
		command: 'play.time',
		group: 'Replay',
		modes: anywhere.filter(mode => mode !== 'logs'),
		footer: 'time',
		help: 'Go to a time (04:14:10, -5m, +30s); also in the commands',
	},
	{keys: ['Home'], command: 'play.first', group: 'Replay', modes: anywhere, help: 'Beginning'},
	{keys: ['End'], command: 'play.last', group: 'Replay', modes: anywhere, help: 'End'},
	{
		keys: ['V'],
		command: 'play.view',
		group: 'Replay',
		modes: anywhere,
		footer: 'view',
		help: "The operator's view, or your own",
	},
	{
		keys: ['Enter'],
		command: 'play.entry',
		group: 'Replay',
		modes: ['entries'],
		footer: 'open',
		help: 'Timeline: open or close the incident; of an entry, go to that time',
	},
	{
		keys: ['o'],
		command: 'run.open',
		group: 'Look',
		modes: ['panes', 'logs', 'details', 'drill'],
		help: 'Last operation',
	},
	{
		keys: ['D'],
		command: 'drill.open',
		group: 'Look',
		modes: ['panes', 'logs', 'details', 'findings', 'run', 'help'],
		help: 'Last drill',
	},
];
