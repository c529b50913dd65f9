/** All key bindings: dispatch, footer, help and docs read this list. */
import type {Command} from '../domain/commands.ts';
import type {Mode} from '../state/state.ts';
import {type Binding, type Group, groups, lists, reading} from './binding.ts';
import {logKeys} from './logs.ts';
import {navigationKeys} from './navigation.ts';
import {operationKeys} from './operations.ts';
import {paletteKeys} from './palette.ts';
import {
	isCharacter,
	type KeyProblem,
	type KeySettings,
	mistakesInKeys,
	type Remapped,
	remapped,
} from './remap.ts';
import {replayKeys} from './replay.ts';

export type {Binding} from './binding.ts';
export type {KeyProblem, KeySettings} from './remap.ts';

/** All bindings but those of the player, with the keys that pgha-top comes with. */
export const keymap: readonly Binding[] = [
	...navigationKeys,
	...operationKeys,
	...logKeys,
	...paletteKeys,
	{
		keys: ['Ctrl-R'],
		command: 'record.toggle',
		group: 'Console',
		footer: 'record',
		footerRank: 3,
		help: 'Record this session to a file; again: end the recording',
	},
	{
		keys: ['Ctrl-L'],
		command: 'redraw',
		group: 'Console',
		help: 'Redraw the whole screen',
	},
	{
		keys: ['y'],
		command: 'copy.row',
		group: 'Console',
		modes: ['panes', 'menu', ...reading, 'logs.pick', 'entries', 'sessions'],
		help: 'Copy the selected row, or all that is open',
	},
	{
		keys: ['Y'],
		command: 'copy.screen',
		group: 'Console',
		modes: ['panes', 'menu', ...reading, ...lists],
		help: 'Copy the screen',
	},
	{keys: ['Ctrl-P'], command: 'screen.write', group: 'Console', help: 'Write the screen to a file'},
	{keys: ['Ctrl-Z'], command: 'suspend', group: 'Console', help: 'Suspend to the shell; fg resumes'},
	{
		keys: ['q'],
		command: 'quit',
		group: 'Console',
		modes: ['panes'],
		footer: 'quit',
		footerRank: 1,
		help: 'Quit; the cluster stays as it is. While an operation runs: press twice',
	},
	{
		keys: ['Ctrl-C'],
		command: 'quit',
		group: 'Console',
		help: 'Quit from anywhere; while an operation runs: press twice',
	},
];

/** The bindings with the operator's keys. */
let current: Pick<Remapped, 'keys' | 'replay'> = {keys: keymap, replay: replayKeys};

/** Lays the setting `keys` over the bindings, for this process; nothing changes if one of them cannot be used. */
export function setKeys(settings: KeySettings): readonly KeyProblem[] {
	const {keys, replay, problems} = remapped(keymap, replayKeys, settings);
	if (problems.length === 0) {
		current = {keys, replay};
		known.clear();
	}

	return problems;
}

/** What is wrong with the settings of one file, whatever others are laid over it. */
export function mistakesInFile(settings: KeySettings): readonly KeyProblem[] {
	return mistakesInKeys([...keymap, ...replayKeys], settings);
}

/** Commands that need a live cluster. */
const live: ReadonlySet<Command> = new Set([
	'freeze.toggle',
	'refresh',
	'record.toggle',
	'findings.acknowledge',
]);

/** Not in the footer of a recording, which needs the room for the player's keys. */
const crowded: ReadonlySet<Command> = new Set(['pane.next', 'log.open']);

/** `operations`: operations are offered; `replay`: a recording is played. */
export type KeyContext = {operations: boolean; replay?: boolean};

/** All bindings of the context; the player's come first. */
export function keysOn({operations, replay = false}: KeyContext): readonly Binding[] {
	const id = `${operations} ${replay}`;
	const keys = known.get(id) ?? findKeys(operations, replay);
	known.set(id, keys);
	return keys;
}

/** Cache by context: the footer of every frame reads them. */
const known = new Map<string, readonly Binding[]>();

function findKeys(operations: boolean, replay: boolean): readonly Binding[] {
	const offered = current.keys.filter(binding => operations || !binding.isOperation);
	return replay
		? [
				...current.replay,
				...offered.filter(({command}) => !live.has(command)).flatMap(binding => withoutPlayers(binding)),
			]
		: offered;
}

/** The binding without keys that the player uses in the same modes. */
function withoutPlayers(binding: Binding): Binding[] {
	const [first, ...more] = binding.keys.filter(
		key =>
			!current.replay.some(
				({keys, modes}) => keys.includes(key) && modes?.some(mode => binding.modes?.includes(mode) ?? true),
			),
	);
	const {footer, ...rest} = binding;
	const kept = footer === undefined || crowded.has(binding.command) ? {} : {footer};
	return first === undefined && binding.keys.length > 0
		? []
		: [{...rest, ...kept, keys: first === undefined ? [] : [first, ...more]}];
}

/** The group of each mode's keys, with which the help begins. */
const groupOfMode: Readonly<Record<Mode, Group>> = {
	panes: 'Move',
	help: 'Move',
	details: 'Look',
	pane: 'Look',
	findings: 'Look',
	run: 'Operate',
	drill: 'Operate',
	menu: 'Answer',
	dialog: 'Answer',
	prompt: 'Type',
	logs: 'Logs',
	'logs.pick': 'Logs',
	entries: 'Logs',
	sessions: 'Look',
	trends: 'Look',
	palette: 'Type',
};

/** Bindings by purpose: those of the mode first, then the player's. */
export function keysByGroup(
	bindings: readonly Binding[],
	mode: Mode = 'panes',
): {group: Group; bindings: readonly Binding[]}[] {
	const first = mode === 'panes' || mode === 'help' ? [] : [groupOfMode[mode]];
	return [...new Set<Group>([...first, 'Replay', ...groups])]
		.map(group => ({group, bindings: bindings.filter(binding => binding.group === group)}))
		.filter(({bindings: some}) => some.length > 0);
}

/** Bindings that work in the mode. */
export function bindingsOf(mode: Mode, context: KeyContext): readonly Binding[] {
	return keysOn(context).filter(({modes}) => modes === undefined || modes.includes(mode));
}

/** The first binding of the command. */
export function bindingOf(command: Command): Binding | undefined {
	return (
		current.keys.find(binding => binding.command === command) ??
		current.replay.find(binding => binding.command === command)
	);
}

export function keyOfCommand(command: Command): string | undefined {
	return bindingOf(command)?.keys[0];
}

/**
 * The binding of a key in the mode; undefined if there is none. In a text field, keys that are characters have none.
 */
export function bindingFor(
	key: string,
	mode: Mode,
	{typing, ...context}: KeyContext & {typing: boolean},
): Binding | undefined {
	return typing && isCharacter(key)
		? undefined
		: bindingsOf(mode, context).find(({keys}) => keys.includes(key));
}

/** Why the key has no binding in the mode, as the rest of a sentence. */
export function whyUnbound(key: string, mode: Mode, {operations, replay = false}: KeyContext): string {
	const hidden = current.keys.find(
		({keys, modes}) => keys.includes(key) && (modes === undefined || modes.includes(mode)),
	);
	const why = replay
		? 'a recording is played, and no cluster is connected'
		: '--read-only offers no operations';
	return hidden !== undefined && (replay || (hidden.isOperation && !operations))
		? `(${hidden.footer ?? hidden.help.split(/[;:,]/)[0]?.toLowerCase()}) does nothing here: ${why}`
		: `has no meaning here; ${keyOfCommand('help.toggle') ?? 'the palette'} shows the keys`;
}

/** A key in the footer. */
export type Hint = {key: string; text: string; rank: number};

/** On the panes what is done comes before how to move. */
const panesOrder: readonly Command[] = [
	'operation.switchover',
	'operation.pause',
	'operation.configure',
	'menu.open',
	'log.open',
	'log.entries',
	'findings.toggle',
	'details.open',
	'pane.next',
	'record.toggle',
	'freeze.toggle',
	'palette.open',
	'help.toggle',
	'quit',
];

/** On an overlay the way back comes first, then what is its own, and what works everywhere last. */
const overlayPlaces: Partial<Record<Command, number>> = {
	dismiss: 0,
	'list.filter': 2,
	'palette.open': 3,
	'help.toggle': 3,
	'record.toggle': 3,
};

/** What the footer depends on besides mode and context. */
export type HintContext = KeyContext & {
	/** A text field has the focus. */
	typing: boolean;
	/** The question on the screen can be answered with yes. */
	canSend: boolean;
	/** The screen is frozen: no operation is offered. */
	frozen?: boolean;
	/** The cluster is paused. */
	paused?: boolean;
	/** What Enter does in the question on the screen. */
	enter?: string | undefined;
};

/** The keys of the mode that the footer names, with what each does now. */
export function hintsOf(mode: Mode, state: HintContext): Hint[] {
	const {typing, canSend, frozen = false, paused = false, enter, ...context} = state;
	const now: Partial<Record<Command, string | undefined>> = {
		'operation.pause': paused ? 'resume' : undefined,
		'freeze.toggle': frozen ? 'unfreeze' : undefined,
		'dialog.enter': enter,
	};
	const isRefused = ({command, isOperation}: Binding) =>
		(command === 'dialog.yes' && !canSend) || (frozen && isOperation === true && mode !== 'dialog');
	const all = bindingsOf(mode, context).flatMap(binding => {
		const {keys, command, footer, footerRank = 0} = binding;
		const [key] = keys;
		return footer === undefined ||
			key === undefined ||
			isRefused(binding) ||
			bindingFor(key, mode, {typing, ...context}) === undefined
			? []
			: [{key, text: now[command] ?? footer, rank: footerRank, command}];
	});
	const place = ({command}: {command: Command}) =>
		mode !== 'panes' ? (overlayPlaces[command] ?? 1) : context.replay ? 0 : panesOrder.indexOf(command);
	return all.toSorted((a, b) => place(a) - place(b));
}
