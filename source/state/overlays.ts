/** The layers over the panes: opened, closed, changed and scrolled; pure. */
import {type LogOverlay, type Overlay, type State, topOverlay, type View} from './state.ts';

export function open(view: View, layer: Overlay): View {
	return {...view, layers: [...view.layers, layer]};
}

/** Closes the topmost one. */
export function close(view: View): View {
	return {...view, layers: view.layers.slice(0, -1)};
}

/** Opens a layer of this kind, or closes it where it is the topmost. */
export function toggle(view: View, layer: Overlay): View {
	return topOverlay(view)?.kind === layer.kind ? close(view) : open(view, layer);
}

/** The topmost layer put in the place of the present one. */
export function replace(view: View, layer: Overlay): View {
	return {...view, layers: [...view.layers.slice(0, -1), layer]};
}

/** The logs changed, wherever in the pile they lie. */
export function replaceLogs(state: State, logs: LogOverlay): State {
	const layers = state.view.layers.map(layer => (layer.kind === 'logs' ? logs : layer));
	return {...state, view: {...state.view, layers}};
}
