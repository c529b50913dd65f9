/** Bytes of the terminal become keys: how they are split into chunks makes no difference. */

import type {MouseReport} from './pointer.ts';

/** A key by its name in the keymap, with its text if it is a character; a part of a paste; or what is wrong with one. */
export type Key = {name: string; text?: string} | {pasted: string} | {mouse: MouseReport} | {problem: string};

const escapeByte = '\u001B';
const pasteBegin = '\u001B[200~';
const pasteEnd = '\u001B[201~';
/** From here on `~` ends marks and replies. */
const pasteNumber = 200;

/** xterm, the Linux console (`[[A`), rxvt (`5$`, `5^`), and replies of the terminal. */
const csi = /\u001B\[(?:\[[A-E]|[2-8]\$|[0-?]*[ -/]*[@-Z\\-~])/y;
const ss3 = /\u001BO(?:\d+(?:;\d+)?)?[A-DFHMPQRSa-d]/y;
/** The beginning of one of them, at the end of a chunk. */
const partial = /\u001B(?:\[(?:\[|[0-?]*[ -/]*)|O[\d;]*)?$/y;

/** By the last letter. */
const finals = new Map(
	'A Up,B Down,C Right,D Left,F End,H Home,M Enter,P F1,Q F2,R F3,S F4,Z Shift-Tab,a Up,b Down,c Right,d Left'
		.split(',')
		.map(one => [one.slice(0, 1), one.slice(2)]),
);

/** By the number before `~`. */
const numbered =
	'- Home Insert Delete End PgUp PgDn Home End - - F1 F2 F3 F4 F5 - F6 F7 F8 F9 F10 - F11 F12'.split(' ');

/** A longer one is none, and is dropped. */
const sequenceMax = 64;
/** Waits for the rest of a sequence, ms; then Escape was a key of its own. */
const escapeMs = 50;
/** A longer silence within a paste is reported, ms. Only its end mark, Esc or Ctrl-C ends it: a network may be slow. */
const pasteMs = 2000;
/** So long after Esc or Ctrl-C alone within a paste, these were keys, and no part of it, ms. */
const pasteKeyMs = 1000;
/** Characters; the rest of a longer paste is dropped. */
export const pasteMaxLength = 65_536;
const endKeys = /^[\u001B\u0003]+$/;

/** Splits the terminal's bytes into keys. Escape directly before a character is a key of its own: there are no Alt keys. */
export class KeyParser {
	/** Reports of the mouse count; else they are dropped. */
	readonly #hasMouse: boolean;
	#pending = '';
	#isPasting = false;
	/** Characters of the present paste. */
	#pasted = 0;
	/** Within a paste, the last bytes were Esc or Ctrl-C, in chunks of their own. */
	#endsByKey = false;
	#isSilenceReported = false;

	constructor({mouse = false} = {}) {
		this.#hasMouse = mouse;
	}

	/** How long to wait for more before `flush`, ms; undefined if nothing is pending. */
	get waitMs(): number | undefined {
		if (this.#isPasting) {
			return this.#endsByKey ? pasteKeyMs : this.#isSilenceReported ? undefined : pasteMs;
		}

		return this.#pending === '' ? undefined : escapeMs;
	}

	push(chunk: string): Key[] {
		const input = this.#pending + chunk;
		this.#isSilenceReported = false;
		this.#endsByKey = this.#isPasting && endKeys.test(chunk) && (this.#pending === '' || this.#endsByKey);
		if (this.#endsByKey) {
			// Kept until more of the paste arrives, or `flush`.
			this.#pending = input;
			return [];
		}

		this.#pending = '';
		const keys: Key[] = [];
		for (let at = 0; at < input.length; ) {
			at = this.#isPasting ? this.#paste(input, at, keys) : this.#key(input, at, keys);
		}

		return keys;
	}

	/** Takes what was pending as keys of their own. */
	flush(): Key[] {
		if (this.#isPasting && !this.#endsByKey) {
			this.#isSilenceReported = true;
			return [{problem: 'the paste has no end yet: Esc ends it'}];
		}

		const text = this.#pending;
		const wasPasting = this.#isPasting;
		this.#pending = '';
		this.#isPasting = false;
		this.#endsByKey = false;
		return wasPasting
			? [
					{problem: 'the paste had no end, and is ended; keys count again'},
					...(text.includes('\u0003') ? [characterKey('\u0003')] : []),
				]
			: [...text].map(characterKey);
	}

	/** @returns where the next key begins */
	#paste(input: string, at: number, keys: Key[]): number {
		const end = input.indexOf(pasteEnd, at);
		const cut = end === -1 ? endMarkFrom(input, at) : end;
		if (cut > at) {
			keys.push(...this.#taken(input.slice(at, cut)));
		}

		this.#isPasting = end === -1;
		this.#pending = end === -1 ? input.slice(cut) : '';
		return end === -1 ? input.length : end + pasteEnd.length;
	}

	/** The part of the paste that is within its bound. */
	#taken(text: string): Key[] {
		const room = pasteMaxLength - this.#pasted;
		this.#pasted += text.length;
		return [
			...(room > 0 ? [{pasted: text.slice(0, room)}] : []),
			...(room >= 0 && text.length > room
				? [{problem: `the paste is longer than ${pasteMaxLength / 1024} KiB: the rest is dropped`}]
				: []),
		];
	}

	#key(input: string, at: number, keys: Key[]): number {
		if (input[at] === escapeByte) {
			const sequence = matchAt(csi, input, at) ?? matchAt(ss3, input, at);
			const named =
				sequence === undefined ? undefined : (mouseKeys(sequence, this.#hasMouse) ?? sequenceKeys(sequence));
			if (sequence !== undefined && named !== undefined) {
				keys.push(...named);
				this.#isPasting = sequence === pasteBegin;
				this.#pasted = 0;
				return at + sequence.length;
			}

			if (sequence === undefined && matchAt(partial, input, at) !== undefined) {
				const rest = input.slice(at);
				this.#pending = rest.length > sequenceMax ? '' : rest;
				return input.length;
			}
		}

		const character = String.fromCodePoint(input.codePointAt(at) ?? 0);
		keys.push(characterKey(character));
		return at + character.length;
	}
}

function matchAt(pattern: RegExp, input: string, at: number): string | undefined {
	pattern.lastIndex = at;
	return pattern.exec(input)?.[0];
}

/** Where the end mark of a paste may begin at the end of the chunk. */
function endMarkFrom(input: string, at: number): number {
	const from = input.lastIndexOf(escapeByte);
	return from >= at && pasteEnd.startsWith(input.slice(from)) ? from : input.length;
}

/** By the button's code without modifiers (SGR, mode 1006). */
const mouseKinds: Readonly<Record<number, MouseReport['kind']>> = {
	0: 'click',
	64: 'wheel.up',
	65: 'wheel.down',
};
const modifierBits = 4 | 8 | 16;

/** None for a release, and for other buttons; undefined if it is not a report of the mouse. */
function mouseKeys(sequence: string, counts: boolean): Key[] | undefined {
	const [, button, column, row, end] = /^\u001B\[<(\d{1,5});(\d{1,5});(\d{1,5})([Mm])$/.exec(sequence) ?? [];
	if (button === undefined || !counts) {
		return button === undefined ? undefined : [];
	}

	const kind = mouseKinds[Number(button) & ~modifierBits];
	return kind === undefined || end === 'm'
		? []
		: [{mouse: {kind, column: Number(column) - 1, row: Number(row) - 1}}];
}

/** None for a reply of the terminal; undefined if it is Escape and characters. */
function sequenceKeys(sequence: string): Key[] | undefined {
	const [, kind = '', parameters = '', final = ''] = /^\u001B([[O])(\[?[ -?]*)(.)$/u.exec(sequence) ?? [];
	const [first = ''] = parameters.split(';');
	if (parameters === '[') {
		return [{name: `F${'ABCDE'.indexOf(final) + 1}`}];
	}

	if ('~^'.includes(final) || sequence.endsWith('$')) {
		const number = Number.parseInt(first, 10);
		return number >= pasteNumber ? [] : [{name: (numbered[number] ?? '-').replace(/^-$/, 'this key')}];
	}

	// Modifiers do not change a key. A cursor position ends like F3, and a mouse report like Enter.
	const isReply = kind === '[' && ('RM'.includes(final) || (final === 'c' && parameters !== ''));
	const name = isReply || /^[<-?]/.test(parameters) ? undefined : finals.get(final);
	if (name !== undefined) {
		return [{name}];
	}

	// Focus in and out, and reports. Without parameters the rest are keys after Escape.
	return parameters !== '' || 'IO'.includes(final) || isReply ? [] : undefined;
}

const controls: Readonly<Record<string, string>> = {
	'\r': 'Enter',
	'\t': 'Tab',
	'\b': 'Backspace',
	'\u007F': 'Backspace',
	[escapeByte]: 'Esc',
	'\0': 'Ctrl-Space',
};

function characterKey(character: string): Key {
	const name = controls[character];
	if (name !== undefined) {
		return {name};
	}

	const code = character.codePointAt(0) ?? 0;
	return code < 32
		? {name: `Ctrl-${String.fromCodePoint(code + 64)}`}
		: code >= 0x80 && code < 0xa0
			? {name: 'this key'}
			: {name: character === ' ' ? 'Space' : character, text: character};
}
