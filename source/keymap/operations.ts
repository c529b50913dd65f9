/** Keys that lead to an operation: the menu, an operation's own key, and the question. */
import type {Mode} from '../state/state.ts';
import type {Binding} from './binding.ts';

/** Where it is plain which row is meant. */
const acting: readonly Mode[] = ['panes', 'details'];
/** What concerns the whole cluster can be asked for from anywhere. */
const anywhere: readonly Mode[] = [...acting, 'findings', 'run', 'drill'];

export const operationKeys: readonly Binding[] = [
	{
		keys: ['m'],
		command: 'menu.open',
		modes: [...acting, 'logs'],
		isOperation: true,
		footer: 'menu',
		help: 'Menu: all that can be done to the selected member and its machine',
	},
	{
		keys: ['S'],
		command: 'operation.switchover',
		modes: acting,
		isOperation: true,
		help: 'Switchover to the selected replica; on the leader: away from it',
	},
	{
		keys: ['F'],
		command: 'operation.failover',
		modes: acting,
		isOperation: true,
		help: 'Failover to the selected member, when a switchover can not serve',
	},
	{
		keys: ['R'],
		command: 'operation.restart',
		modes: acting,
		isOperation: true,
		help: 'Restart PostgreSQL on the selected member',
	},
	{
		keys: ['L'],
		command: 'operation.reload',
		modes: acting,
		isOperation: true,
		help: 'Reload the configuration of the selected member',
	},
	{
		keys: ['I'],
		command: 'operation.reinitialize',
		modes: acting,
		isOperation: true,
		help: 'Reinitialize the selected replica: remove its data, copy it anew',
	},
	{
		keys: ['P'],
		command: 'operation.pause',
		modes: anywhere,
		isOperation: true,
		help: 'Pause the cluster, or resume it',
	},
	{
		keys: ['E'],
		command: 'operation.configure',
		modes: anywhere,
		isOperation: true,
		help: 'Edit the dynamic configuration in $EDITOR; the difference is shown before it is sent',
	},
	{
		keys: ['o'],
		command: 'run.open',
		modes: ['panes', 'logs', 'details', 'drill'],
		isOperation: true,
		help: 'Show the operation that goes on, or the last one',
	},
	{
		keys: ['D'],
		command: 'drill.open',
		modes: ['panes', 'logs', 'details', 'findings', 'run', 'help'],
		isOperation: true,
		help: 'Show the drill that goes on, or the last one',
	},
	{
		keys: ['X'],
		command: 'drill.stop',
		modes: ['drill'],
		isOperation: true,
		help: 'Break the drill off (twice): nothing more is waited for; what was done to the cluster stays done',
	},
	{
		keys: ['Enter'],
		command: 'menu.choose',
		modes: ['menu'],
		isOperation: true,
		footer: 'ask',
		help: 'In the menu: ask for the operation',
	},
	{
		keys: ['y'],
		command: 'dialog.yes',
		modes: ['dialog'],
		isOperation: true,
		footer: 'yes',
		help: 'In a question: yes, send it',
	},
	{
		keys: ['Enter'],
		command: 'dialog.enter',
		modes: ['dialog'],
		isOperation: true,
		footer: 'take the choice',
		help: 'In a question: take the choice that is marked; at first that is to go back',
	},
	{
		keys: ['Tab'],
		command: 'dialog.next',
		modes: ['dialog'],
		isOperation: true,
		footer: 'next field',
		help: 'In a question: the next field or choice',
	},
	{
		keys: ['Shift-Tab'],
		command: 'dialog.previous',
		modes: ['dialog'],
		isOperation: true,
		help: 'In a question: the field or choice before',
	},
	{
		keys: ['Right', 'Space'],
		command: 'dialog.right',
		modes: ['dialog'],
		isOperation: true,
		help: "In a question: the field's next value",
	},
	{
		keys: ['Left'],
		command: 'dialog.left',
		modes: ['dialog'],
		isOperation: true,
		help: "In a question: the field's value before",
	},
	{
		keys: ['Backspace', 'Delete'],
		command: 'text.erase',
		modes: ['dialog', 'prompt'],
		help: 'In a field: erase the last character',
	},
	{keys: ['Ctrl-U'], command: 'text.clear', modes: ['dialog', 'prompt'], help: 'In a field: erase all of it'},
];
