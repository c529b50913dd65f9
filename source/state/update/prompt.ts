/** The prompt over the logs (search, filter, time), and editing of typed text. */
import {termsOf} from '../../domain/logs/filtered-lines.ts';
import {logSourcesOf, serviceNames} from '../../domain/logs/logs.ts';
import {compileMatcher} from '../../domain/logs/matcher.ts';
import {parseMoment} from '../../lib/parse-time.ts';
import {sanitize} from '../../lib/sanitize.ts';
import type {Effect} from '../effects.ts';
import {close, logOverlay, replace, replaceLogs} from '../overlays.ts';
import type {LogOverlay, Prompt, State} from '../state.ts';
import {goToTime, seek} from './log-navigation.ts';

export function typeIntoPrompt(state: State, prompt: Prompt, text: string): State {
	return put(state, {...prompt, text: insertText(prompt.text, text), problem: undefined});
}

export function eraseFromPrompt(state: State, prompt: Prompt, {all}: {all: boolean}): State {
	return put(state, {...prompt, text: all ? '' : eraseText(prompt.text), problem: undefined});
}

/** Applies the input, or shows why it is invalid. */
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
			// Searches upwards, toward earlier lines, from any place.
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

export type PickRow = {id: string; kind: 'node' | 'service'; name: string; shown: boolean};

export function pickRows(state: State, {choice}: LogOverlay): PickRow[] {
	const plan = logSourcesOf(state.cluster, state.target, state.now);
	const nodes = plan.map(({node}) => node);
	return [
		...nodes.map(name => ({
			id: `node ${name}`,
			kind: 'node' as const,
			name,
			shown: choice.nodes?.includes(name) ?? true,
		})),
		...serviceNames(plan, state.logs.services).map(name => ({
			id: `service ${name}`,
			kind: 'service' as const,
			name,
			shown: !choice.hidden.includes(name),
		})),
	];
}

/** Toggles a row. Hiding the last node or service is ignored, since nothing would be shown. */
export function pickRow(state: State, overlay: LogOverlay, id: string | undefined): LogOverlay {
	const rows = pickRows(state, overlay);
	const row = rows.find(one => one.id === id);
	if (row === undefined) {
		return overlay;
	}

	const {choice} = overlay;
	const after = rows
		.filter(({kind}) => kind === row.kind)
		.map(one => (one === row ? {...one, shown: !one.shown} : one));
	if (!after.some(({shown}) => shown)) {
		return overlay;
	}

	return row.kind === 'node'
		? {
				...overlay,
				choice: {
					...choice,
					nodes: after.every(({shown}) => shown)
						? undefined
						: after.filter(({shown}) => shown).map(({name}) => name),
				},
			}
		: {...overlay, choice: {...choice, hidden: after.filter(({shown}) => !shown).map(({name}) => name)}};
}

/** Limit of typed text, in characters. */
const textMaxLength = 200;

/** Appends typed or pasted text, without control and invisible characters, up to `textMaxLength`. */
export function insertText(text: string, more: string): string {
	const printable = sanitize(more.replaceAll(/\p{Cc}/gu, ''));
	return [...(text + printable)].slice(0, textMaxLength).join('');
}

/** The text without its last visible character (grapheme). */
export function eraseText(text: string): string {
	const segments = [...new Intl.Segmenter().segment(text)];
	return segments
		.slice(0, -1)
		.map(({segment}) => segment)
		.join('');
}
