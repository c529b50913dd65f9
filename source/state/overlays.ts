/** Opens, replaces and closes overlays. */
import {defaultLogFilter} from '../domain/logs/filtered-lines.ts';
import {type LogOverlay, type Overlay, type State, topOverlay, type View} from './state.ts';

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

/** Replaces the logs, at any position among the overlays. */
export function replaceLogs(state: State, logs: LogOverlay): State {
	const overlays = state.view.overlays.map(overlay => (overlay.kind === 'logs' ? logs : overlay));
	return {...state, view: {...state.view, overlays}};
}
