/** Opens, replaces and closes overlays. */
import {defaultLogFilter} from '../domain/logs/filtered-lines.ts';
import {
	type FilterableOverlay,
	type LogOverlay,
	type Overlay,
	type Prompt,
	type State,
	topOverlay,
	type View,
} from './state.ts';

/** The logs, even if another overlay covers them. */
export function logOverlay({overlays}: View): LogOverlay | undefined {
	return overlays.find(overlay => overlay.kind === 'logs');
}

export function newLogOverlay(nodes: readonly string[] | undefined): LogOverlay {
	return {
		kind: 'logs',
		choice: {...defaultLogFilter, nodes},
		wrap: false,
		split: false,
		place: undefined,
		newest: 0,
		back: [],
		search: '',
		seeking: undefined,
		scroll: 0,
	};
}

export function open(view: View, overlay: Overlay): View {
	return {...view, overlays: [...view.overlays, overlay]};
}

/** Closes the topmost overlay. */
export function close(view: View): View {
	return {...view, overlays: view.overlays.slice(0, -1)};
}

/** Without the question that was answered, and the menu that led to it. */
export function closeQuestion(view: View): View {
	const below = close(view);
	return topOverlay(below)?.kind === 'menu' ? close(below) : below;
}

/** Opens an overlay, or closes it if it is the topmost. */
export function toggle(view: View, overlay: Overlay): View {
	return topOverlay(view)?.kind === overlay.kind ? close(view) : open(view, overlay);
}

/** Replaces the topmost overlay. */
export function replace(view: View, overlay: Overlay): View {
	return {...view, overlays: [...view.overlays.slice(0, -1), overlay]};
}

/** The topmost overlay, or the list whose prompt that is. */
export function shownOverlay({overlays}: View): Overlay | undefined {
	const top = overlays.at(-1);
	return top?.kind === 'prompt' && top.purpose === 'list' ? overlays.at(-2) : top;
}

/** Replaces the overlay of `shownOverlay`; a prompt over it stays. */
export function replaceShown(view: View, overlay: Overlay): View {
	const shown = shownOverlay(view);
	return {...view, overlays: view.overlays.map(one => (one === shown ? overlay : one))};
}

/** The overlay, if `/` filters or searches it. */
export function filterable(overlay: Overlay | undefined): FilterableOverlay | undefined {
	switch (overlay?.kind) {
		case 'help':
		case 'findings':
		case 'menu':
		case 'logs.pick':
		case 'entries':
		case 'sessions': {
			return overlay;
		}

		case 'details':
		case 'pane':
		case 'dialog':
		case 'run':
		case 'drill':
		case 'logs':
		case 'trends':
		case 'palette':
		case 'prompt':
		case undefined: {
			return undefined;
		}
	}
}

/** The prompt of a list, in the title. */
export function openListPrompt(view: View): View {
	const list = filterable(topOverlay(view));
	if (list === undefined) {
		return view;
	}

	// As in the logs, a search begins empty; a filter can be refined.
	const text = list.kind === 'entries' ? '' : (list.filter ?? '');
	const prompt: Prompt = {kind: 'prompt', purpose: 'list', text, problem: undefined, scroll: 0};
	return open(replace(view, {...list, filter: text}), prompt);
}

/** Replaces the logs, at any position among the overlays. */
export function replaceLogs(state: State, logs: LogOverlay): State {
	const overlays = state.view.overlays.map(overlay => (overlay.kind === 'logs' ? logs : overlay));
	return {...state, view: {...state.view, overlays}};
}
