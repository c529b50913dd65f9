/** Names for the keys that Ink tells of, as the keymap writes them. */
import type {Key} from 'ink';

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

/** Undefined for what is no key press, such as pasted text. */
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
