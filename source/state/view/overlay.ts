/** What the topmost layer shows, as a pane. */

import {logOverlay, type State, shownSnapshot, topOverlay} from '../state.ts';
import type {PaneRows} from './cells.ts';
import {detailsPane} from './details.ts';
import {dialogPane} from './dialog.ts';
import {drillPane} from './drill.ts';
import {findingsPane} from './findings.ts';
import {helpPane} from './help.ts';
import {entriesPane, logPickerPane} from './log-picker.ts';
import {menuPane} from './menu.ts';
import {operationPane} from './operations.ts';

/** Undefined where no layer lies over the panes. */
export function overlayPane(state: State): PaneRows | undefined {
	const layer = topOverlay(state.view);
	switch (layer?.kind) {
		case 'help': {
			return helpPane(state);
		}

		case 'details': {
			return detailsPane(shownSnapshot(state), layer.member);
		}

		case 'findings': {
			return findingsPane(shownSnapshot(state));
		}

		case 'menu': {
			return menuPane(state, layer.subject);
		}

		case 'dialog': {
			return dialogPane(state, layer);
		}

		case 'run': {
			return operationPane(state, layer.run);
		}

		case 'drill': {
			return drillPane(state);
		}

		case 'logs.pick': {
			const logs = logOverlay(state.view);
			return logs === undefined ? undefined : logPickerPane(state, logs);
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
