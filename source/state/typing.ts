/** Which field takes what is typed, and the state after it; pure. */
import type {State} from './state.ts';

/** Some field has the focus: characters are text, and no keys. */
export function isTyping(_state: State): boolean {
	return false;
}

export function typed(state: State, _text: string): State {
	return state;
}
