/** Keys of the logs: open, choose, move, search, filter; and of the timeline, which leads to them. */
import type {Mode} from '../state/state.ts';
import type {Binding} from './binding.ts';

/** Where lines go by. */
const logs: readonly Mode[] = ['logs'];

export const logKeys: readonly Binding[] = [
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
		keys: ['G', 'End'],
		command: 'log.follow',
		modes: logs,
		footer: 'follow',
		help: 'In the logs: to the newest line, and follow',
	},
	{
		keys: ['g', 'Home'],
		command: 'log.first',
		modes: logs,
		help: 'In the logs: to the oldest line that is kept',
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
];
