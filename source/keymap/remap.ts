/** Keys of the operator's own: the setting `keys` laid over the bindings, and what speaks against it. */
import type {Command} from '../domain/commands.ts';
import type {Mode} from '../state/state.ts';
import {type Binding, modeNames} from './binding.ts';

/** The setting `keys`: by a command's name, its keys. */
export type KeySettings = Readonly<Record<string, readonly string[]>>;

/** What is wrong with the setting of a command; `name` as it was written. */
export type KeyProblem = {name: string; problem: string};

/** In a field that takes text, characters are text. */
const textModes: readonly Mode[] = ['dialog', 'prompt', 'palette'];

/** Always the same, so that an operator does not confirm by mistake: the answers to a question, and the keys that edit text. */
const fixedGroups = new Set(['Answer', 'Type']);
const leaveKey = 'Ctrl-C';
const backKey = 'Esc';

const namedKeys: readonly string[] = [
	...['Up', 'Down', 'Left', 'Right', 'Home', 'End', 'PgUp', 'PgDn', 'Insert', 'Delete'],
	...['Enter', 'Tab', 'Shift-Tab', 'Space', 'Esc', 'Backspace', 'Ctrl-Space'],
	...Array.from({length: 12}, (_, index) => `F${index + 1}`),
	// Ctrl-H, Ctrl-I, Ctrl-M and Ctrl-[ are Backspace, Tab, Enter and Esc to a terminal.
	...[...'ABCDEFGJKLNOPQRSTUVWXYZ'].map(letter => `Ctrl-${letter}`),
];

/** The key by its name in the keymap; undefined if no terminal sends it. */
export function keyNamed(text: string): string | undefined {
	if (text === ' ') {
		return 'Space';
	}

	return /^[!-~\u00A1-\u{10FFFF}]$/u.test(text)
		? text
		: namedKeys.find(name => name.toLowerCase() === text.toLowerCase());
}

export function isCharacter(key: string): boolean {
	return key === 'Space' || [...key].length === 1;
}

export type Remapped = {
	keys: readonly Binding[];
	replay: readonly Binding[];
	problems: readonly KeyProblem[];
};

/** The bindings with the operator's keys; `problems` is empty if all of them can be used. */
export function remapped(
	keys: readonly Binding[],
	replay: readonly Binding[],
	settings: KeySettings,
): Remapped {
	const {given, problems} = readKeys([...keys, ...replay], settings);
	const apply = (some: readonly Binding[]) =>
		some.flatMap(binding => withKeys(binding, given.get(binding.command)?.keys));
	const result = {keys: apply(keys), replay: apply(replay)};
	const conflicts = [...given].flatMap(([command, {name}]) =>
		[result.keys, result.replay].flatMap(bindings => conflictsOf(command, name, bindings)),
	);
	return {...result, problems: [...problems, ...conflicts]};
}

/** What is wrong with the settings whatever other files give: names of commands and keys, not two commands with one key. */
export function mistakesInKeys(all: readonly Binding[], settings: KeySettings): readonly KeyProblem[] {
	return readKeys(all, settings).problems;
}

type Given = Map<Command, {name: string; keys: readonly string[]}>;

function readKeys(all: readonly Binding[], settings: KeySettings): {given: Given; problems: KeyProblem[]} {
	const problems: KeyProblem[] = [];
	const given: Given = new Map();
	for (const [name, texts] of Object.entries(settings)) {
		const command = commandNamed(name, all);
		const known = texts.map(text => keyNamed(text));
		const problem =
			command === undefined
				? 'no such command: docs/keys.md and the palette (:) have the names'
				: ((known.includes(undefined) ? unknownKey(texts) : undefined) ??
					whyFixed(command, all) ??
					whyNotKeys(
						command,
						known.filter(key => key !== undefined),
						all,
					) ??
					(given.has(command) ? `the same command as ${given.get(command)?.name}` : undefined));
		if (problem !== undefined) {
			problems.push({name, problem});
		} else if (command !== undefined) {
			given.set(command, {name, keys: known.filter(key => key !== undefined)});
		}
	}

	return {given, problems};
}

/** By its full name, or by the last part of an operation's. */
function commandNamed(name: string, all: readonly Binding[]): Command | undefined {
	return all.find(({command}) => command === name || command === `operation.${name}`)?.command;
}

function unknownKey(texts: readonly string[]): string {
	const key = texts.find(text => keyNamed(text) === undefined) ?? '';
	return `unknown key ${JSON.stringify(key)}: a character, Ctrl- and a letter (not C, H, I, M), F1 to F12, or ${namedKeys.slice(0, 16).join(', ')}`;
}

function whyFixed(command: Command, all: readonly Binding[]): string | undefined {
	return all.some(one => one.command === command && fixedGroups.has(one.group))
		? 'its key is fixed: a question and a text field have the same keys everywhere'
		: undefined;
}

function whyNotKeys(command: Command, keys: readonly string[], all: readonly Binding[]): string | undefined {
	const bindings = all.filter(one => one.command === command);
	if (keys.includes(leaveKey)) {
		return `${leaveKey} is kept: it quits from anywhere`;
	}

	if (keys.includes(backKey) && command !== 'dismiss') {
		return `${backKey} is kept: it closes what is open`;
	}

	const answering = keys.find(key => answerKeys(all).has(key));
	if (answering !== undefined && bindings.some(({isOperation}) => isOperation)) {
		return `${answering} answers questions: an operation cannot have it`;
	}

	return bindings.some(losesItsKey) &&
		!bindings.some(one => one.keys.includes(backKey) || one.keys.includes(leaveKey)) &&
		keys.length > 0 &&
		keys.every(isCharacter)
		? `${keys.join(' and ')} would be text in ${textModes.map(mode => modeNames[mode]).join(', ')}, where this works, too: add a key that is no character, such as F5 or Ctrl-T`
		: undefined;
}

/** It works in a text field, where a character would be text. */
function losesItsKey({modes, keys}: Binding): boolean {
	return (
		(modes === undefined || modes.some(mode => textModes.includes(mode))) &&
		!keys.every(key => isCharacter(key))
	);
}

/** The keys that answer a question. */
function answerKeys(all: readonly Binding[]): ReadonlySet<string> {
	return new Set(all.filter(({group}) => group === 'Answer').flatMap(({keys}) => keys));
}

/** None for a command without keys: the palette still has it. */
function withKeys(binding: Binding, keys: readonly string[] | undefined): Binding[] {
	if (keys === undefined || binding.keys[0] === leaveKey) {
		return [binding];
	}

	const [first, ...more] = binding.keys.includes(backKey) ? [...new Set([backKey, ...keys])] : keys;
	return [{...binding, keys: first === undefined ? [] : [first, ...more]}];
}

/** Other commands that have one of its keys in a mode where both work. */
function conflictsOf(command: Command, name: string, bindings: readonly Binding[]): KeyProblem[] {
	const own = bindings.filter(one => one.command === command);
	return own.flatMap(one =>
		bindings
			.filter(other => other.command !== command)
			.flatMap((other): KeyProblem[] => {
				const key = one.keys.find(key => other.keys.includes(key));
				const modes = (Object.keys(modeNames) as Mode[]).filter(
					mode => (one.modes?.includes(mode) ?? true) && (other.modes?.includes(mode) ?? true),
				);
				return key === undefined || modes.length === 0
					? []
					: [
							{
								name,
								problem: `${key} is also the key of ${other.command} in ${modes.map(mode => modeNames[mode]).join(', ')}: give one of them another key`,
							},
						];
			}),
	);
}
