/** Commands of the view: pane, selection, help, details, freeze. Pure. */
import type {CommandOf} from '../../domain/commands.ts';
import {keyOfFinding} from '../../domain/findings/finding.ts';
import {changeOfFinding} from '../../domain/findings/rules/losses.ts';
import {spanAfter} from '../../domain/sql-trends.ts';
import {
	close,
	filterable,
	open,
	openListPrompt,
	replace,
	replaceShown,
	shownOverlay,
	toggle,
} from '../overlays.ts';
import {
	findingRoots,
	isScroll,
	listIds,
	rowIds,
	type ScrollCommand,
	scrollMax,
	scrollTo,
	selectedInList,
	selectedRow,
	stepOf,
} from '../selection.ts';
import {type Overlay, paneIds, type State, shownSnapshot, topOverlay, type View} from '../state.ts';
import {seekInTimeline} from './timeline.ts';

/** Number of lines on the screen, and the highest scroll position. */
export type Room = {page?: number | undefined; end?: number | undefined};

export type NavigationCommand =
	| ScrollCommand
	| CommandOf<
			| 'help'
			| 'findings'
			| 'sessions'
			| 'trends'
			| 'dismiss'
			| 'list'
			| 'pane'
			| 'details'
			| 'freeze'
			| 'palette'
	  >;

export function updateNavigation(
	state: State,
	command: NavigationCommand,
	{page = 10, end = scrollMax}: Room = {},
): View {
	if (isScroll(command)) {
		return scrollOrSelect(state, stepOf(command, page), end);
	}

	const {view} = state;
	switch (command) {
		case 'help.toggle': {
			return toggle(view, {kind: 'help', scroll: 0});
		}

		case 'findings.toggle': {
			return toggle(view, {kind: 'findings', scroll: 0});
		}

		case 'findings.expand': {
			return expandFinding(state);
		}

		case 'sessions.toggle': {
			return toggle(view, {kind: 'sessions', selected: undefined, grouped: false, scroll: 0});
		}

		case 'sessions.group': {
			const top = topOverlay(view);
			return top?.kind === 'sessions'
				? replace(view, {...top, grouped: !top.grouped, selected: undefined, scroll: 0})
				: view;
		}

		case 'findings.acknowledge': {
			return askForReason(state);
		}

		case 'trends.toggle': {
			return toggle(view, {kind: 'trends', span: 'minutes', scroll: 0});
		}

		case 'trends.span': {
			const top = topOverlay(view);
			return top?.kind === 'trends' ? replace(view, {...top, span: spanAfter(top.span)}) : view;
		}

		case 'dismiss': {
			return dismiss(state);
		}

		case 'list.filter':
		case 'list.search': {
			return openListPrompt(view);
		}

		case 'list.next':
		case 'list.previous': {
			return seekInTimeline(state, command === 'list.next' ? 1 : -1).view;
		}

		case 'pane.next': {
			return move(view, 1);
		}

		case 'pane.previous': {
			return move(view, -1);
		}

		case 'details.open': {
			if (view.pane !== 'members') {
				return open(view, {kind: 'pane', pane: view.pane, scroll: 0});
			}

			const member = selectedRow(state);
			return member === undefined ? view : open(view, {kind: 'details', member, scroll: 0});
		}

		case 'palette.open': {
			return open(view, {kind: 'palette', text: '', scroll: 0});
		}

		// The keyboard runs the chosen command instead.
		case 'palette.run': {
			return view;
		}

		case 'freeze.toggle': {
			return {...view, frozen: view.frozen === undefined ? shownSnapshot(state) : undefined};
		}

		default: {
			command satisfies never;
			return view;
		}
	}
}

/** Clears the filter of a list first, also from its prompt; what it has selected stays so. */
function dismiss(state: State): View {
	const {view} = state;
	const top = topOverlay(view);
	const list = filterable(shownOverlay(view));
	if (list === undefined || (top === list && !list.filter)) {
		return close(view);
	}

	// From the prompt the list is as before it.
	const {filter: _, ...cleared} = list;
	return top === list
		? replace(
				view,
				list.kind === 'help' ? cleared : ({...cleared, selected: selectedInList(state, list)} as Overlay),
			)
		: close(replaceShown(view, cleared as Overlay));
}

function move(view: View, step: number): View {
	const index = (paneIds.indexOf(view.pane) + step + paneIds.length) % paneIds.length;
	return {...view, pane: paneIds[index] ?? view.pane};
}

function scrollOrSelect(state: State, step: number, end: number): View {
	const overlay = shownOverlay(state.view);
	if (overlay === undefined) {
		return select(state, step);
	}

	if (overlay.kind === 'menu') {
		const selected = stepInMenu(listIds(state, overlay), selectedInList(state, overlay), step);
		return replaceShown(state.view, {...overlay, selected});
	}

	if (overlay.kind === 'findings') {
		const moved = moveInFindings(state, {...overlay, scroll: Math.min(end, overlay.scroll)}, step);
		if (moved !== undefined) {
			return replaceShown(state.view, moved);
		}
	}

	// After the screen has grown, the position may be beyond the end.
	const from = Math.min(end, overlay.scroll);
	return replaceShown(state.view, {...overlay, scroll: Math.max(0, Math.min(end, from + step))});
}

type FindingsOverlay = Overlay & {kind: 'findings'};

/** To another root, with its first line in view; undefined where only scrolling is left. */
function moveInFindings(state: State, overlay: FindingsOverlay, step: number): FindingsOverlay | undefined {
	const roots = listIds(state, overlay);
	if (Math.abs(step) >= scrollMax) {
		return {...overlay, selected: step < 0 ? roots[0] : roots.at(-1), scroll: step < 0 ? 0 : scrollMax};
	}

	const next = roots[Math.max(0, roots.indexOf(overlay.selected ?? '')) + step];
	// Pages scroll. What was scrolled down within a root is scrolled up first.
	return next === undefined || Math.abs(step) > 1 || (step < 0 && overlay.scroll > 0)
		? undefined
		: {...overlay, selected: next, scroll: 0};
}

function expandFinding(state: State): View {
	const overlay = topOverlay(state.view);
	if (overlay?.kind !== 'findings') {
		return state.view;
	}

	const roots = listIds(state, overlay);
	const key =
		overlay.selected !== undefined && roots.includes(overlay.selected) ? overlay.selected : roots[0];
	const {expanded = []} = overlay;
	return key === undefined
		? state.view
		: replace(state.view, {
				...overlay,
				expanded: expanded.includes(key) ? expanded.filter(one => one !== key) : [...expanded, key],
			});
}

/** Opens the question for the reason; the change in it is the one that was selected, whatever follows. */
function askForReason(state: State): View {
	const {view} = state;
	const overlay = topOverlay(view);
	const roots = findingRoots(shownSnapshot(state));
	const ids = overlay?.kind === 'findings' ? listIds(state, overlay) : [];
	const wanted = overlay?.kind === 'findings' ? overlay.selected : undefined;
	const key = wanted !== undefined && ids.includes(wanted) ? wanted : ids[0];
	const found = roots.find(({root}) => keyOfFinding(root) === key)?.root;
	const change = found && changeOfFinding(found);
	const notice = (text: string): View => ({...view, notice: {text, tone: 'warn'}});
	if (view.frozen !== undefined) {
		return notice('the screen is frozen; unfreeze it first');
	}

	return change === undefined
		? notice('only what a change of leader has cost is acknowledged; other findings end with their cause')
		: open(view, {kind: 'prompt', purpose: 'acknowledge', change, text: '', problem: undefined, scroll: 0});
}

/** One step beyond an end leads to the other end. */
function stepInMenu(ids: readonly string[], selected: string | undefined, step: number): string | undefined {
	const next = scrollTo(ids, selected, step);
	return next === selected && Math.abs(step) === 1 ? (step > 0 ? ids[0] : ids.at(-1)) : next;
}

function select(state: State, step: number): View {
	const {view} = state;
	const ids = rowIds(shownSnapshot(state), view.pane);
	const id = scrollTo(ids, selectedRow(state), step);
	return id === undefined ? view : {...view, selected: {...view.selected, [view.pane]: id}};
}
