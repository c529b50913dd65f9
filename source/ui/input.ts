/**
 * Bytes of the terminal become keys, and keys intents. Each key is handled against the state that the key before it
 * left: how the bytes are split into chunks makes no difference.
 */
import type {Command, Intent} from '../domain/events.ts';
import {bindingFor, whyUnbound} from '../keymap/keymap.ts';
import {isScroll} from '../state/selection.ts';
import {hasOperations, mode, type State, topOverlay} from '../state/state.ts';
import {confirms, isShown, isTyping} from '../state/update/dialog.ts';
import type {ScrollBounds} from './main.tsx';

/** A key by its name in the keymap, with its text if it is a character; or a part of a paste. */
export type Key = {name: string; text?: string} | {pasted: string};

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
/** Waits for the rest of a paste, ms; then its end was lost. */
const pasteMs = 2000;

/** Splits the terminal's bytes into keys. Escape directly before a character is a key of its own: there are no Alt keys. */
export class KeyParser {
	#pending = '';
	#isPasting = false;

	/** How long to wait for more before `flush`, ms; undefined if nothing is pending. */
	get waitMs(): number | undefined {
		return this.#isPasting ? pasteMs : this.#pending === '' ? undefined : escapeMs;
	}

	push(chunk: string): Key[] {
		const input = this.#pending + chunk;
		this.#pending = '';
		const keys: Key[] = [];
		for (let at = 0; at < input.length; ) {
			at = this.#isPasting ? this.#paste(input, at, keys) : this.#key(input, at, keys);
		}

		return keys;
	}

	/** What was pending is no sequence. */
	flush(): Key[] {
		const text = this.#pending;
		const wasPasting = this.#isPasting;
		this.#pending = '';
		this.#isPasting = false;
		return text === '' ? [] : wasPasting ? [{pasted: text}] : [...text].map(characterKey);
	}

	/** @returns where the next key begins */
	#paste(input: string, at: number, keys: Key[]): number {
		const end = input.indexOf(pasteEnd, at);
		const cut = end === -1 ? endMarkFrom(input, at) : end;
		if (cut > at) {
			keys.push({pasted: input.slice(at, cut)});
		}

		this.#isPasting = end === -1;
		this.#pending = end === -1 ? input.slice(cut) : '';
		return end === -1 ? input.length : end + pasteEnd.length;
	}

	#key(input: string, at: number, keys: Key[]): number {
		if (input[at] === escapeByte) {
			const sequence = matchAt(csi, input, at) ?? matchAt(ss3, input, at);
			const named = sequence === undefined ? undefined : sequenceKeys(sequence);
			if (sequence !== undefined && named !== undefined) {
				keys.push(...named);
				this.#isPasting = sequence === pasteBegin;
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

export type KeyboardOptions = {
	/** The state now. */
	current: () => State;
	/** The state that the screen shows; undefined if the screen is too small to show one. */
	drawn: () => State | undefined;
	/** Called only for keys that scroll. */
	bounds: (state: State) => ScrollBounds;
	onIntent: (intent: Intent) => void;
};

export class Keyboard {
	readonly #options: KeyboardOptions;
	readonly #parser = new KeyParser();
	#timer: NodeJS.Timeout | undefined;

	constructor(options: KeyboardOptions) {
		this.#options = options;
	}

	readonly read = (chunk: string): void => {
		clearTimeout(this.#timer);
		this.#handle(this.#parser.push(chunk));
		const {waitMs} = this.#parser;
		if (waitMs !== undefined) {
			// After a stall, bytes that wait are read before the time is over.
			this.#timer = setTimeout(() => setImmediate(this.#flush, this.#timer), waitMs).unref();
		}
	};

	readonly #flush = (timer: NodeJS.Timeout | undefined): void => {
		if (timer === this.#timer) {
			this.#handle(this.#parser.flush());
		}
	};

	#handle(keys: readonly Key[]): void {
		const {current, drawn, bounds, onIntent} = this.#options;
		// What is drawn now cannot show what these keys do.
		const shown = keys.length === 1 ? drawn() : undefined;
		let text = '';
		for (const key of keys) {
			let intent = intentOf(current(), key, shown, bounds);
			if (intent?.type === 'typed') {
				text += intent.text;
				continue;
			}

			if (text !== '') {
				this.#type(text);
				text = '';
				// What the key does depends on the text before it.
				intent = intentOf(current(), key, shown, bounds);
			}

			if (intent !== undefined) {
				onIntent(intent);
			}
		}

		this.#type(text);
	}

	/** Text of one burst is one intent. */
	#type(text: string): void {
		if (text !== '') {
			this.#options.onIntent({type: 'typed', text});
		}
	}
}

/** @param shown the state on the screen, if the key arrived alone: only then a key confirms */
export function intentOf(
	state: State,
	key: Key,
	shown: State | undefined,
	bounds: (state: State) => ScrollBounds = () => ({page: 10}),
): Intent | undefined {
	const text = 'pasted' in key ? key.pasted : key.text;
	if (text !== undefined && isTyping(state)) {
		return {type: 'typed', text};
	}

	if ('pasted' in key) {
		return notice(state, 'pasted text has no meaning here');
	}

	const {name} = key;
	const context = {operations: hasOperations(state), replay: state.replay !== undefined};
	const binding = bindingFor(name, mode(state), {typing: isTyping(state), ...context});
	if (binding === undefined) {
		return notice(state, `${name} ${whyUnbound(name, mode(state), context)}`);
	}

	const {command} = binding;
	if (confirms(state, command) && !isShown(state, command, shown)) {
		return notice(
			state,
			`${name} is ignored: it came before the screen showed what it confirms; press it again`,
		);
	}

	const overlay = topOverlay(state.view);
	return {
		type: 'command',
		command,
		...(overlay?.kind === 'dialog' ? {question: overlay.question} : {}),
		...(isScroll(command) ? scrollBounds(command, bounds(state)) : {}),
	};
}

/** Not while the same notice is there, and not over the view of a recording's operator. */
function notice({view, replay}: State, text: string): Intent | undefined {
	return view.notice?.text === text || replay?.asOperator ? undefined : {type: 'notice', text, tone: 'dim'};
}

function scrollBounds(command: Command, {page, end}: ScrollBounds): {page?: number; end?: number} {
	return {...(command.startsWith('page.') ? {page} : {}), ...(end === undefined ? {} : {end})};
}
