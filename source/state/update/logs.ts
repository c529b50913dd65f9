/** Commands of the logs: open, choose, move, search, filter, copy, write. */
import type {CommandOf} from '../../domain/commands.ts';
import {FilteredLines} from '../../domain/logs/filtered-lines.ts';
import {levels, statisticsService} from '../../domain/logs/log-buffer.ts';
import {subjectOf} from '../../domain/operations/operation.ts';
import type {Effect} from '../effects.ts';
import {logOverlay, newLogOverlay, open, replaceLogs, replaceShown, shownOverlay} from '../overlays.ts';
import {
	listIds,
	operationContext,
	pickRows,
	type ScrollCommand,
	scrollTo,
	selectedInList,
	selectedRow,
	stepOf,
} from '../selection.ts';
import {type LogOverlay, type State, topOverlay} from '../state.ts';
import {continueSearch, filteredLines, goBack, jumpTo, moveBy, seek} from './log-navigation.ts';
import {pickRow, takePrompt} from './prompt.ts';
import {enterTimelineRow, openTimeline} from './timeline.ts';

export type Next = [State, readonly Effect[]];

/** The levels that `v` cycles through. */
const thresholds: readonly number[] = [levels.debug, levels.info, levels.notice, levels.warning, levels.err];

/** The state and effects after a command; commands without a meaning in the topmost overlay change nothing. */
export function updateLogs(state: State, command: CommandOf<'log'>): Next {
	if (command === 'log.open' || command === 'log.entries') {
		return [command === 'log.open' ? openLogs(state) : openTimeline(state), []];
	}

	const overlay = topOverlay(state.view);
	switch (overlay?.kind) {
		case 'logs': {
			return inLogs(state, overlay, command);
		}

		case 'logs.pick': {
			return [inPicker(state, command), []];
		}

		case 'entries': {
			return [command === 'log.entry' ? enterTimelineRow(state, overlay) : state, []];
		}

		case 'help':
		case 'pane':
		case 'findings':
		case 'details':
		case 'menu':
		case 'dialog':
		case 'run':
		case 'drill':
		case 'sessions':
		case 'trends':
		case 'palette':
		case 'prompt':
		case undefined: {
			return [state, []];
		}
	}
}

/** Scrolls in overlays of the logs; undefined for other overlays. */
export function scrollInLogs(state: State, command: ScrollCommand, page = 10): State | undefined {
	const overlay = shownOverlay(state.view);
	if (overlay?.kind === 'logs') {
		return scrollLines(state, overlay, command, page);
	}

	if (overlay?.kind !== 'logs.pick' && overlay?.kind !== 'entries' && overlay?.kind !== 'sessions') {
		return undefined;
	}

	const here = selectedInList(state, overlay);
	const selected = scrollTo(listIds(state, overlay), here, stepOf(command, page));
	return {...state, view: replaceShown(state.view, {...overlay, selected})};
}

function scrollLines(
	state: State,
	overlay: LogOverlay,
	command: ScrollCommand,
	page: number,
): State | undefined {
	switch (command) {
		case 'select.up':
		case 'select.down': {
			return moveBy(state, overlay, stepOf(command, page));
		}

		// One line of the previous page stays visible.
		case 'page.up':
		case 'page.down': {
			return moveBy(state, overlay, stepOf(command, Math.max(1, page - 1)));
		}

		case 'go.first':
		case 'go.last': {
			return undefined;
		}

		default: {
			command satisfies never;
			return undefined;
		}
	}
}

/** Applies the input of the prompt. */
export function updatePrompt(state: State, command: CommandOf<'prompt'>): Next {
	const overlay = topOverlay(state.view);
	switch (command) {
		case 'prompt.take': {
			return overlay?.kind === 'prompt' ? takePrompt(state, overlay) : [state, []];
		}

		default: {
			command satisfies never;
			return [state, []];
		}
	}
}

/** Runs one step of a search, and requests the next one if needed. */
export function continueSearches(state: State): Next {
	const overlay = logOverlay(state.view);
	if (overlay?.seeking === undefined) {
		return [state, []];
	}

	const {state: next, found} = continueSearch(state, overlay);
	const isSearching = logOverlay(next.view)?.seeking !== undefined;
	return isSearching
		? [next, [{type: 'logs.seek'}]]
		: [found ? next : withNotice(next, `${overlay.search}: no more matches in this direction`), []];
}

function withNotice(state: State, text: string, tone: 'dim' | 'warn' = 'warn'): State {
	return {...state, view: {...state.view, notice: {text, tone}}};
}

/** Opens the logs of the selected row's node, or of the member whose details are open. */
function openLogs(state: State): State {
	const overlay = topOverlay(state.view);
	const name = overlay?.kind === 'details' ? overlay.member : selectedRow(state);
	const node = name === undefined ? undefined : subjectOf(operationContext(state), name).node;
	return {...state, view: open(state.view, newLogOverlay(node === undefined ? undefined : [node]))};
}

function inLogs(
	state: State,
	overlay: LogOverlay,
	command: Exclude<CommandOf<'log'>, 'log.open' | 'log.entries'>,
): Next {
	const put = (change: Partial<LogOverlay>): Next => [replaceLogs(state, {...overlay, ...change}), []];
	switch (command) {
		case 'log.first': {
			const first = filteredLines(state, overlay).after(Number.NEGATIVE_INFINITY, 1, {chunks: 64})[0];
			return [first === undefined ? state : jumpTo(state, overlay, first.order), []];
		}

		case 'log.follow': {
			return put({place: undefined, seeking: undefined});
		}

		case 'log.wrap': {
			return put({wrap: !overlay.wrap});
		}

		case 'log.split': {
			const shown = pickRows(state, overlay).filter(row => row.kind === 'node' && row.shown).length;
			return overlay.split || shown > 1
				? put({split: !overlay.split})
				: [withNotice(state, 'a split needs the logs of two nodes: a shows all, p picks', 'dim'), []];
		}

		case 'log.level': {
			const index = thresholds.indexOf(overlay.choice.level);
			return put({
				choice: {...overlay.choice, level: thresholds[(index + 1) % thresholds.length] ?? levels.debug},
			});
		}

		case 'log.all': {
			return put({choice: allOf(overlay)});
		}

		case 'log.pick': {
			const [first] = pickRows(state, overlay);
			return [{...state, view: open(state.view, {kind: 'logs.pick', selected: first?.id, scroll: 0})}, []];
		}

		case 'log.search':
		case 'log.filter':
		case 'log.time': {
			return [openPrompt(state, overlay, command), []];
		}

		case 'log.next':
		case 'log.previous': {
			return overlay.search === ''
				? [withNotice(state, 'no search text yet'), []]
				: [seek(state, overlay, command === 'log.next' ? 1 : -1), [{type: 'logs.seek'}]];
		}

		case 'log.back': {
			return [goBack(state, overlay) ?? withNotice(state, 'no earlier position', 'dim'), []];
		}

		case 'log.copy': {
			const [line] = filteredLines(state, overlay).before(overlay.place ?? Number.POSITIVE_INFINITY, 1);
			return line === undefined
				? [withNotice(state, 'no line to copy'), []]
				: [
						withNotice(
							state,
							`copied into the terminal's clipboard (OSC 52): ${line.text.slice(0, 60)}`,
							'dim',
						),
						[{type: 'copy', text: line.text}],
					];
		}

		case 'log.write': {
			return [state, [{type: 'logs.write', lines: new FilteredLines(state.logs.ring, overlay.choice).all()}]];
		}

		// Keys of the picker and of the timeline.
		case 'log.toggle':
		case 'log.entry': {
			return [state, []];
		}

		default: {
			command satisfies never;
			return [state, []];
		}
	}
}

/** All nodes and services; requests for HAProxy's statistics, most of them this console's own, only by the second key. */
function allOf({choice}: LogOverlay): LogOverlay['choice'] {
	const isAll = choice.nodes === undefined && choice.hidden.join() === statisticsService;
	return {...choice, nodes: undefined, hidden: isAll ? [] : [statisticsService]};
}

function openPrompt(
	state: State,
	overlay: LogOverlay,
	command: 'log.search' | 'log.filter' | 'log.time',
): State {
	const purpose = command === 'log.search' ? 'search' : command === 'log.filter' ? 'filter' : 'time';
	const text = purpose === 'filter' ? overlay.choice.filter : '';
	return {...state, view: open(state.view, {kind: 'prompt', purpose, text, problem: undefined, scroll: 0})};
}

function inPicker(state: State, command: CommandOf<'log'>): State {
	const overlay = topOverlay(state.view);
	const logs = logOverlay(state.view);
	if (overlay?.kind !== 'logs.pick' || logs === undefined) {
		return state;
	}

	if (command === 'log.toggle') {
		const picked = pickRow(state, logs, selectedInList(state, overlay));
		return picked === logs
			? withNotice(state, 'the last one stays: without it there would be no lines', 'dim')
			: replaceLogs(state, picked);
	}

	return command === 'log.all' ? replaceLogs(state, {...logs, choice: allOf(logs)}) : state;
}
