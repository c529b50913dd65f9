/** Keys become intents. Each key is handled against the state that the key before it left. */
import type {Command} from '../domain/commands.ts';
import type {Intent} from '../domain/events.ts';
import {bindingFor, whyUnbound} from '../keymap/keymap.ts';
import {isScroll} from '../state/selection.ts';
import {hasOperations, mode, type State, topOverlay} from '../state/state.ts';
import {confirms, isShown, isTyping} from '../state/update/dialog.ts';
import {selectedCommand} from '../state/view/palette.ts';
import {type Key, KeyParser} from './key-parser.ts';
import type {ScrollBounds} from './main.tsx';
import {commandsOf, type MouseReport, type Pointer} from './pointer.ts';

export type KeyboardOptions = {
	/** The state now. */
	current: () => State;
	/** The state that the screen shows; undefined if the screen is too small to show one. */
	drawn: () => State | undefined;
	/** Called only for keys that scroll. */
	bounds: (state: State) => ScrollBounds;
	onIntent: (intent: Intent) => void;
	/** Where the panes are; undefined without the mouse. */
	pointer?: Pointer | undefined;
};

export class Keyboard {
	readonly #options: KeyboardOptions;
	readonly #parser: KeyParser;
	#timer: NodeJS.Timeout | undefined;

	constructor(options: KeyboardOptions) {
		this.#options = options;
		this.#parser = new KeyParser({mouse: options.pointer !== undefined});
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
			if ('mouse' in key) {
				this.#type(text);
				text = '';
				this.#point(key.mouse);
				continue;
			}

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

			if (intent?.type === 'command' && intent.command === 'palette.run') {
				this.#runChosen(current());
			} else if (intent !== undefined) {
				onIntent(intent);
			}
		}

		this.#type(text);
	}

	#point(report: MouseReport): void {
		const {current, bounds, pointer, onIntent} = this.#options;
		for (const command of pointer === undefined ? [] : commandsOf(current(), report, pointer)) {
			onIntent(commandIntent(current(), command, bounds));
		}
	}

	/** The palette closes, and the command follows as if its key had been pressed then. */
	#runChosen(state: State): void {
		const {current, bounds, onIntent} = this.#options;
		const overlay = topOverlay(state.view);
		const chosen = overlay?.kind === 'palette' ? selectedCommand(state, overlay) : undefined;
		if (chosen === undefined || (chosen.kind === 'command' && chosen.whyNot !== undefined)) {
			const text =
				chosen === undefined ? 'no command has these words' : `${chosen.command} works ${chosen.whyNot}`;
			onIntent({type: 'notice', text, tone: 'dim'});
			return;
		}

		onIntent({type: 'command', command: 'dismiss'});
		onIntent(commandIntent(current(), chosen.command, bounds));
		if (chosen.kind === 'time') {
			onIntent({type: 'typed', text: chosen.time});
			onIntent({type: 'command', command: 'prompt.take'});
		}
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
	if ('mouse' in key) {
		return undefined;
	}

	if ('problem' in key) {
		return notice(state, key.problem);
	}

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

	return commandIntent(state, command, bounds);
}

function commandIntent(state: State, command: Command, bounds: (state: State) => ScrollBounds): Intent {
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
