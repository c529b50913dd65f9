/** What is typed into the line below the logs: taken, erased, and what it means; pure. */
import {termsOf} from '../../domain/logs/filter.ts';
import {compileMatcher} from '../../domain/logs/matcher.ts';
import {parseMoment} from '../../lib/parse-moment.ts';
import type {Effect} from '../effects.ts';
import {close, replace, replaceLogs} from '../overlays.ts';
import {logOverlay, type Prompt, type State} from '../state.ts';
import {goToTime, seek} from './log-navigation.ts';
import {eraseText, insertText} from './text-input.ts';

export function typeIntoPrompt(state: State, prompt: Prompt, text: string): State {
	return put(state, {...prompt, text: insertText(prompt.text, text), problem: undefined});
}

export function eraseFromPrompt(state: State, prompt: Prompt, {all}: {all: boolean}): State {
	return put(state, {...prompt, text: all ? '' : eraseText(prompt.text), problem: undefined});
}

/** Takes what was typed, or says why it can't be taken. */
export function takePrompt(state: State, prompt: Prompt): [State, readonly Effect[]] {
	const {purpose, text} = prompt;
	const below = {...state, view: close(state.view)};
	const logs = logOverlay(below.view);
	if (logs === undefined) {
		return [below, []];
	}

	switch (purpose) {
		case 'filter': {
			const terms = termsOf(text);
			return 'problem' in terms
				? [put(state, {...prompt, problem: terms.problem}), []]
				: [replaceLogs(below, {...logs, choice: {...logs.choice, filter: text.trim()}}), []];
		}

		case 'search': {
			const pattern = compileMatcher(text);
			if ('problem' in pattern) {
				return [put(state, {...prompt, problem: pattern.problem}), []];
			}

			const next = {...logs, search: text};
			// Upwards, where what has happened stands; from the middle of the stream as well.
			return text === ''
				? [replaceLogs(below, next), []]
				: [seek(replaceLogs(below, next), next, -1), [{type: 'logs.seek'}]];
		}

		case 'time': {
			const moment = parseMoment(text, state.now);
			return 'problem' in moment
				? [put(state, {...prompt, problem: moment.problem}), []]
				: [goToTime(below, logs, moment.at), []];
		}
	}
}

function put(state: State, prompt: Prompt): State {
	return {...state, view: replace(state.view, prompt)};
}
