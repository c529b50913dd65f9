/** Translates a chunk of input for the screen as drawn: commands, or text for the focused field. */
import type {Key} from 'ink';
import type {Command, Intent} from '../domain/events.ts';
import {bindingFor} from '../keymap/keymap.ts';
import {isScroll} from '../state/selection.ts';
import {hasOperations, mode, type State, topOverlay} from '../state/state.ts';
import {isTyping} from '../state/update/dialog.ts';
import type {ScrollBounds} from './main.tsx';

/** Control characters, which lack a name if several keys arrive at once. */
const unnamed: Readonly<Record<string, string>> = {
	' ': 'Space',
	'\r': 'Enter',
	'\t': 'Tab',
	'\u007F': 'Backspace',
};

/** Commands that can send an operation. */
const answers: ReadonlySet<Command> = new Set(['dialog.yes', 'dialog.enter']);

/** @param room called only for keys that scroll */
export function intentsOf(
	state: State,
	input: string,
	key: Key,
	room: () => ScrollBounds = () => ({page: 10}),
): Intent[] {
	const typing = isTyping(state);
	const name = keyName(input, key);
	const isText = input !== '' && !key.ctrl && !key.meta && !key.escape;
	if (typing && isText && (name === undefined || bindingOf(state, name) === undefined)) {
		return [{type: 'typed', text: input}];
	}

	return commands(state, name === undefined ? (isText ? [...input] : []) : [name], room);
}

/**
 * Keys that arrive at once, as over a slow line: all that only move count. The first other key is the last one that
 * counts: the operator typed later ones before the new screen was visible.
 */
function commands(state: State, names: readonly string[], room: () => ScrollBounds): Intent[] {
	const overlay = topOverlay(state.view);
	const intents: Intent[] = [];
	for (const name of names) {
		const binding = bindingOf(state, unnamed[name] ?? name);
		// A paste confirms nothing: an answer is a single key press.
		if (binding === undefined || (names.length > 1 && answers.has(binding.command))) {
			return intents.length === 0 && names.length === 1 ? unknownKey(state, name) : intents;
		}

		intents.push({
			type: 'command',
			command: binding.command,
			...(overlay?.kind === 'dialog' ? {question: overlay.question} : {}),
			...(!isScroll(binding.command) ? {} : scrollBounds(binding.command, room())),
		});
		if (!binding.moves) {
			break;
		}
	}

	return intents;
}

/** Said once: the second time the notice is still there. */
function unknownKey({view, replay}: State, name: string): Intent[] {
	const text = `${name} has no meaning here; ? shows the keys`;
	return view.notice?.text === text || replay !== undefined ? [] : [{type: 'notice', text, tone: 'dim'}];
}

function bindingOf(state: State, name: string) {
	return bindingFor(name, mode(state), {
		typing: isTyping(state),
		operations: hasOperations(state),
		replay: state.replay !== undefined,
	});
}

function scrollBounds(command: Command, {page, end}: ScrollBounds): {page?: number; end?: number} {
	return {...(command.startsWith('page.') ? {page} : {}), ...(end === undefined ? {} : {end})};
}

const named: readonly [keyof Key, string][] = [
	['escape', 'Esc'],
	['return', 'Enter'],
	['upArrow', 'Up'],
	['downArrow', 'Down'],
	['leftArrow', 'Left'],
	['rightArrow', 'Right'],
	['pageUp', 'PgUp'],
	['pageDown', 'PgDn'],
	['home', 'Home'],
	['end', 'End'],
	['backspace', 'Backspace'],
	['delete', 'Delete'],
];

/** Undefined if not a key press, e.g. pasted text. */
export function keyName(input: string, key: Key): string | undefined {
	if (key.tab) {
		return key.shift ? 'Shift-Tab' : 'Tab';
	}

	const found = named.find(([field]) => key[field]);
	if (found) {
		return found[1];
	}

	if (input === ' ') {
		return 'Space';
	}

	if (key.ctrl && input.length === 1) {
		return `Ctrl-${input.toUpperCase()}`;
	}

	return !key.meta && [...input].length === 1 ? input : undefined;
}
