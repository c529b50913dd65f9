/** What keys do that concern logs: open them, choose, move, search, filter, copy, write. */
import type {Command} from '../../domain/events.ts';
import {FilteredLines} from '../../domain/logs/filtered-lines.ts';
import {levels} from '../../domain/logs/line.ts';
import {subjectOf} from '../../domain/operations/menu.ts';
import type {Effect} from '../effects.ts';
import {operationContext} from '../operation-context.ts';
import {scrollTo, selectedRow, stepOf} from '../selection.ts';
import {
	close,
	type LogOverlay,
	logOverlay,
	newLogOverlay,
	open,
	type Prompt,
	replace,
	replaceLogs,
	type State,
	shownSnapshot,
	topOverlay,
} from '../state.ts';
import {continueSearch, filteredLines, goBack, goToTime, jumpTo, moveBy, seek} from './log-navigation.ts';
import {eraseFromPrompt, pickRow, pickRows, takePrompt} from './prompt.ts';

export type Next = [State, readonly Effect[]];

/** Levels that `v` goes through. */
const thresholds: readonly number[] = [levels.debug, levels.info, levels.notice, levels.warning, levels.err];

/** The state and the effects after a command that concerns logs; undefined for any other one. */
export function updateLogs(state: State, command: Command, page = 10): Next | undefined {
	const layer = topOverlay(state.view);
	if (command === 'log.open' || command === 'log.entries') {
		return [command === 'log.open' ? opened(state) : entries(state), []];
	}

	switch (layer?.kind) {
		case 'logs': {
			return inLogs(state, layer, command, page);
		}

		case 'logs.pick': {
			return only(picking(state, command, page));
		}

		case 'entries': {
			return only(amongEntries(state, command, page));
		}

		case 'prompt': {
			return atPrompt(state, layer, command);
		}

		default: {
			return undefined;
		}
	}
}

/** One step of a search, and the next one where it goes on. */
export function continueSearches(state: State): Next {
	const layer = logOverlay(state.view);
	if (layer?.seeking === undefined) {
		return [state, []];
	}

	const {state: next, found} = continueSearch(state, layer);
	const goesOn = logOverlay(next.view)?.seeking !== undefined;
	return goesOn
		? [next, [{type: 'logs.seek'}]]
		: [found ? next : told(next, `${layer.search}: no more of it that way`), []];
}

function told(state: State, text: string, tone: 'dim' | 'warn' = 'warn'): State {
	return {...state, view: {...state.view, notice: {text, tone}}};
}

/** The node of the selected row, or of the member whose details are open. */
function opened(state: State): State {
	const layer = topOverlay(state.view);
	const name = layer?.kind === 'details' ? layer.member : selectedRow(state);
	const node = name === undefined ? undefined : subjectOf(operationContext(state), name).node;
	return {...state, view: open(state.view, newLogOverlay(node === undefined ? undefined : [node]))};
}

function entries(state: State): State {
	const last = shownSnapshot(state).timeline.length - 1;
	return {...state, view: open(state.view, {kind: 'entries', selected: `${last}`, scroll: 0})};
}

function inLogs(state: State, layer: LogOverlay, command: Command, page: number): Next | undefined {
	const put = (change: Partial<LogOverlay>): Next => [replaceLogs(state, {...layer, ...change}), []];
	switch (command) {
		case 'select.up': {
			return [moveBy(state, layer, -1), []];
		}

		case 'select.down': {
			return [moveBy(state, layer, 1), []];
		}

		case 'page.up': {
			return [moveBy(state, layer, -Math.max(1, page - 1)), []];
		}

		case 'page.down': {
			return [moveBy(state, layer, Math.max(1, page - 1)), []];
		}

		case 'log.first': {
			const first = filteredLines(state, layer).after(Number.NEGATIVE_INFINITY, 1, {chunks: 64})[0];
			return [first === undefined ? state : jumpTo(state, layer, first.order), []];
		}

		case 'log.follow': {
			return put({place: undefined, seeking: undefined});
		}

		case 'log.wrap': {
			return put({wrap: !layer.wrap});
		}

		case 'log.split': {
			return put({split: !layer.split});
		}

		case 'log.level': {
			const index = thresholds.indexOf(layer.choice.level);
			return put({
				choice: {...layer.choice, level: thresholds[(index + 1) % thresholds.length] ?? levels.debug},
			});
		}

		case 'log.all': {
			return put({choice: {...layer.choice, nodes: undefined, hidden: []}});
		}

		case 'log.pick': {
			const [first] = pickRows(state, layer);
			return [{...state, view: open(state.view, {kind: 'logs.pick', selected: first?.id, scroll: 0})}, []];
		}

		case 'log.search':
		case 'log.filter':
		case 'log.time': {
			return [prompted(state, layer, command), []];
		}

		case 'log.next':
		case 'log.previous': {
			return layer.search === ''
				? [told(state, '/ asks what to search for'), []]
				: [seek(state, layer, command === 'log.next' ? 1 : -1), [{type: 'logs.seek'}]];
		}

		case 'log.back': {
			return [goBack(state, layer) ?? told(state, 'no jump was made from anywhere', 'dim'), []];
		}

		case 'log.copy': {
			const [line] = filteredLines(state, layer).before(layer.place ?? Number.POSITIVE_INFINITY, 1);
			return line === undefined
				? [told(state, 'there is no line to copy'), []]
				: [
						told(state, `copied into the terminal's clipboard (OSC 52): ${line.text.slice(0, 60)}`, 'dim'),
						[{type: 'copy', text: line.text}],
					];
		}

		case 'log.write': {
			return [state, [{type: 'logs.write', lines: new FilteredLines(state.logs.ring, layer.choice).all()}]];
		}

		default: {
			return undefined;
		}
	}
}

function prompted(state: State, layer: LogOverlay, command: 'log.search' | 'log.filter' | 'log.time'): State {
	const purpose = command === 'log.search' ? 'search' : command === 'log.filter' ? 'filter' : 'time';
	const text = purpose === 'filter' ? layer.choice.filter : '';
	return {...state, view: open(state.view, {kind: 'prompt', purpose, text, problem: undefined, scroll: 0})};
}

function only(state: State | undefined): Next | undefined {
	return state === undefined ? undefined : [state, []];
}

function picking(state: State, command: Command, page: number): State | undefined {
	const layer = topOverlay(state.view);
	const logs = logOverlay(state.view);
	if (layer?.kind !== 'logs.pick' || logs === undefined) {
		return state;
	}

	const ids = pickRows(state, logs).map(({id}) => id);
	const step = stepOf(command, page);
	if (step !== undefined) {
		return {...state, view: replace(state.view, {...layer, selected: scrollTo(ids, layer.selected, step)})};
	}

	switch (command) {
		case 'log.toggle': {
			return replaceLogs(state, pickRow(state, logs, layer.selected));
		}

		case 'log.all': {
			return replaceLogs(state, {...logs, choice: {...logs.choice, nodes: undefined, hidden: []}});
		}

		default: {
			return undefined;
		}
	}
}

function amongEntries(state: State, command: Command, page: number): State | undefined {
	const layer = topOverlay(state.view);
	if (layer?.kind !== 'entries') {
		return state;
	}

	const step = stepOf(command, page);
	if (step !== undefined) {
		const ids = shownSnapshot(state).timeline.map((_, index) => `${index}`);
		return {...state, view: replace(state.view, {...layer, selected: scrollTo(ids, layer.selected, step)})};
	}

	if (command !== 'log.entry') {
		return undefined;
	}

	const entry = shownSnapshot(state).timeline[Number(layer.selected)];
	if (entry === undefined) {
		return state;
	}

	const below = close(state.view);
	const view = logOverlay(below) === undefined ? open(below, newLogOverlay(undefined)) : below;
	const logs = logOverlay(view);
	return logs === undefined ? state : goToTime({...state, view}, logs, entry.at);
}

function atPrompt(state: State, layer: Prompt, command: Command): Next | undefined {
	switch (command) {
		case 'prompt.take': {
			return takePrompt(state, layer);
		}

		case 'text.erase':
		case 'text.clear': {
			return [eraseFromPrompt(state, layer, {all: command === 'text.clear'}), []];
		}

		default: {
			return undefined;
		}
	}
}
