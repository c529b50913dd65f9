/** What the topmost layer shows, as a pane. */
import type {PaneRows} from '../rows.ts';
import {picture, type State, topLayer} from '../state.ts';
import {detailsPane} from './details.ts';

/** Undefined where no layer lies over the panes, and for the help, which is no function of the state. */
export function layerPane(state: State): PaneRows | undefined {
	const layer = topLayer(state.view);
	switch (layer?.kind) {
		case 'details': {
			return detailsPane(picture(state), layer.member);
		}

		default: {
			return undefined;
		}
	}
}
