/** Which field takes what is typed, and the state after it; pure. */

import {replace} from '../overlays.ts';
import {type State, topOverlay} from '../state.ts';
import {textField, typeInto} from './dialog.ts';
import {typeIntoPrompt} from './prompt.ts';

/** Some field has the focus: characters are text, and no keys. */
export function isTyping(state: State): boolean {
	if (state.replay?.asOperator || state.replay?.prompt !== undefined) {
		return state.replay.prompt !== undefined;
	}

	const layer = topOverlay(state.view);
	return layer?.kind === 'prompt' || (layer?.kind === 'dialog' && textField(layer, state) !== undefined);
}

export function typeInField(state: State, text: string): State {
	const layer = topOverlay(state.view);
	if (layer?.kind === 'prompt') {
		return typeIntoPrompt(state, layer, text);
	}

	return layer?.kind === 'dialog'
		? {...state, view: replace(state.view, typeInto(layer, state, text))}
		: state;
}
