/** Keys of the player; where a recording is replayed they come before all others. */
import type {Mode} from '../state/state.ts';
import {type Binding, lists, reading} from './binding.ts';

/** Wherever nothing is typed. */
const anywhere: readonly Mode[] = ['panes', 'menu', 'dialog', ...reading, ...lists];
const notInLogs = anywhere.filter(mode => mode !== 'logs');
const notInPicker = anywhere.filter(mode => mode !== 'logs.pick');

export const replayKeys: readonly Binding[] = [
	{
		keys: ['Space'],
		command: 'play.toggle',
		modes: notInPicker,
		footer: 'play',
		help: 'Play, or stand still',
	},
	{
		keys: ['+', '='],
		command: 'play.faster',
		modes: anywhere,
		help: 'Faster: 1, 2, 5, 10, 30, 60 times',
	},
	{keys: ['-'], command: 'play.slower', modes: anywhere, help: 'Slower'},
	{
		keys: ['n', ']'],
		command: 'play.next',
		modes: notInLogs,
		moves: true,
		footer: 'next',
		help: 'To what happened next',
	},
	{
		keys: ['N', '['],
		command: 'play.previous',
		modes: notInLogs,
		moves: true,
		help: 'To what happened before',
	},
	{
		keys: [']'],
		command: 'play.next',
		modes: ['logs'],
		moves: true,
		help: 'In the logs: to what happened next',
	},
	{
		keys: ['['],
		command: 'play.previous',
		modes: ['logs'],
		moves: true,
		help: 'In the logs: to what happened before',
	},
	{
		keys: ['Right', '.'],
		command: 'play.forward',
		modes: anywhere,
		moves: true,
		help: 'One event on',
	},
	{keys: ['Left', ','], command: 'play.back', modes: anywhere, moves: true, help: 'One event back'},
	{
		keys: [':'],
		command: 'play.time',
		modes: anywhere,
		footer: 'time',
		help: 'Go to a time (04:14:10, -5m, +30s)',
	},
	{keys: ['Home'], command: 'play.first', modes: anywhere, help: 'To the beginning'},
	{keys: ['End'], command: 'play.last', modes: anywhere, help: 'To the end'},
	{
		keys: ['V'],
		command: 'play.view',
		modes: anywhere,
		footer: 'view',
		help: 'What the operator looked at, or your own view',
	},
	{
		keys: ['Enter'],
		command: 'play.entry',
		modes: ['entries'],
		footer: 'go there',
		help: 'In the timeline: go there',
	},
	{
		keys: ['o'],
		command: 'run.open',
		modes: ['panes', 'logs', 'details', 'drill'],
		help: 'Show the last operation',
	},
	{
		keys: ['D'],
		command: 'drill.open',
		modes: ['panes', 'logs', 'details', 'findings', 'run', 'help'],
		help: 'Show the last drill',
	},
];
