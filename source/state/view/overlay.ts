/** What the topmost layer shows, as a pane. */

import {logLayer, picture, type State, topLayer} from '../state.ts';
import type {PaneRows} from './cells.ts';
import {detailsPane} from './details.ts';
import {dialogPane} from './dialog.ts';
import {drillPane} from './drill.ts';
import {findingsPane} from './findings.ts';
import {helpPane} from './help.ts';
import {entriesPane, pickPane} from './log-picker.ts';
import {menuPane} from './menu.ts';
import {runPane} from './operations.ts';

/** Undefined where no layer lies over the panes. */
export function layerPane(state: State): PaneRows | undefined {
	const layer = topLayer(state.view);
	switch (layer?.kind) {
		case 'help': {
			return helpPane(state);
		}

		case 'details': {
			return detailsPane(picture(state), layer.member);
		}

		case 'findings': {
			return findingsPane(picture(state));
		}

		case 'menu': {
			return menuPane(state, layer.subject);
		}

		case 'dialog': {
			return dialogPane(state, layer);
		}

		case 'run': {
			return runPane(state, layer.run);
		}

		case 'drill': {
			return drillPane(state);
		}

		case 'logs.pick': {
			const logs = logLayer(state.view);
			return logs === undefined ? undefined : pickPane(state, logs);
		}

		case 'entries': {
			return entriesPane(state);
		}

		// Logs are not laid before their size is known.
		default: {
			return undefined;
		}
	}
}
