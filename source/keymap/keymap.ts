/** Every key of the console, once: dispatch, footer, help and the documentation read this list. */

import type {Command} from '../domain/events.ts';
import type {Mode} from '../state/state.ts';
import {type Binding, lists, reading} from './binding.ts';
import {logKeys} from './logs.ts';
import {navigationKeys} from './navigation.ts';
import {operationKeys} from './operations.ts';
import {replayKeys} from './replay.ts';

export type {Binding} from './binding.ts';

/** In the order in which the help tells of them. */
export const keymap: readonly Binding[] = [
	...navigationKeys,
	...operationKeys,
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

/** What only a live cluster can be asked for. */
const live: ReadonlySet<Command> = new Set(['freeze.toggle', 'refresh', 'record.toggle']);

/** Known to whoever knows the console: the footer has room for the player's own keys instead. */
const crowded: ReadonlySet<Command> = new Set(['pane.next', 'log.open']);

/** `operations`: operations are offered; `replay`: a recording is played. */
export type Stage = {operations: boolean; replay?: boolean};

/** All keys of the stage; where a recording is played, the player's come first. */
export function keysOn({operations, replay = false}: Stage): readonly Binding[] {
	const offered = keymap.filter(binding => operations || !binding.isOperation);
	return replay
		? [
				...replayKeys,
				...offered.filter(({command}) => !live.has(command)).flatMap(binding => withoutPlayers(binding)),
			]
		: offered;
}

/** The binding with the keys that the player leaves to it. */
function withoutPlayers(binding: Binding): Binding[] {
	const [first, ...more] = binding.keys.filter(
		key =>
			!replayKeys.some(
				({keys, modes}) => keys.includes(key) && modes?.some(mode => binding.modes?.includes(mode) ?? true),
			),
	);
	const {footer, ...rest} = binding;
	const kept = footer === undefined || crowded.has(binding.command) ? {} : {footer};
	return first === undefined ? [] : [{...rest, ...kept, keys: [first, ...more]}];
}

/** The keys that mean something now. */
export function bindingsOf(mode: Mode, stage: Stage): readonly Binding[] {
	return keysOn(stage).filter(({modes}) => modes === undefined || modes.includes(mode));
}

export function keyOfCommand(command: Command): string | undefined {
	return keymap.find(binding => binding.command === command)?.keys[0];
}

/** What the key means now; undefined where it means nothing. While text is typed, keys that are characters are text. */
export function bindingFor(
	key: string,
	mode: Mode,
	{typing, ...stage}: Stage & {typing: boolean},
): Binding | undefined {
	return typing && isCharacter(key)
		? undefined
		: bindingsOf(mode, stage).find(({keys}) => keys.includes(key));
}

function isCharacter(key: string): boolean {
	return key === 'Space' || [...key].length === 1;
}
