/** The prompt: over the logs (search, filter, time) or in a list's title; and editing of typed text. */
import {acknowledgeLoss} from '../../domain/cluster/leader-changes.ts';
import {nameOfChange} from '../../domain/cluster/loss-text.ts';
import {termsOf} from '../../domain/logs/filtered-lines.ts';
import {compileMatcher} from '../../domain/logs/matcher.ts';
import {acknowledgement} from '../../domain/operations/acknowledgement.ts';
import {withEntries} from '../../domain/timeline/timeline.ts';
import {graphemes} from '../../lib/graphemes.ts';
import {parseMoment} from '../../lib/parse-time.ts';
import {sanitize} from '../../lib/sanitize.ts';
import type {Effect} from '../effects.ts';
import {
	close,
	filterable,
	logOverlay,
	replace,
	replaceLogs,
	replaceShown,
	shownOverlay,
} from '../overlays.ts';
import {pickRows, selectedInList} from '../selection.ts';
import type {LogOverlay, Prompt, State} from '../state.ts';
import {goToTime, seek} from './log-navigation.ts';
import {seekInTimeline} from './timeline.ts';

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
	if (purpose === 'list') {
		return [takeFilter(below), []];
	}

	if (purpose === 'acknowledge') {
		return acknowledge(state, prompt);
	}

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

/** Takes note of what a change of leader has cost; the finding ends, its entry stays. */
function acknowledge(state: State, prompt: Prompt): [State, readonly Effect[]] {
	const reason = prompt.text.trim();
	if (reason === '') {
		return [put(state, {...prompt, problem: 'a reason is needed'}), []];
	}

	const below = {...state, view: close(state.view)};
	const change = state.cluster.leaders?.changes.find(({id}) => id === prompt.change);
	if (change === undefined || change.acknowledged !== undefined) {
		const text = 'nothing was acknowledged: this finding is gone';
		return [{...below, view: {...below.view, notice: {text, tone: 'warn'}}}, []];
	}

	const {now, target} = state;
	const cluster = acknowledgeLoss(state.cluster, change.id, {at: now, reason});
	const name = nameOfChange(change);
	return [
		{
			...below,
			cluster,
			timeline: withEntries(state.timeline, [
				{at: now, kind: 'timeline', turn: 'news', text: `${name}: loss acknowledged: ${reason}`},
			]),
		},
		[{type: 'acknowledgement', record: acknowledgement(change, reason, target.scope, now)}],
	];
}

/** What is typed over a list filters it at once. */
function put(state: State, prompt: Prompt): State {
	const view = replace(state.view, prompt);
	const list = prompt.purpose === 'list' ? filterable(shownOverlay(view)) : undefined;
	return {
		...state,
		view: list === undefined ? view : replaceShown(view, {...list, filter: prompt.text, scroll: 0}),
	};
}

/** Keeps the filter, and the row that it has selected; a search goes to the first match upwards. */
function takeFilter(state: State): State {
	const list = filterable(shownOverlay(state.view));
	if (list === undefined || list.kind === 'help' || !list.filter) {
		return state;
	}

	return list.kind === 'entries'
		? seekInTimeline(state, -1, {orHere: true})
		: {...state, view: replaceShown(state.view, {...list, selected: selectedInList(state, list)})};
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
	const segments = [...graphemes.segment(text)];
	return segments
		.slice(0, -1)
		.map(({segment}) => segment)
		.join('');
}
