/** What keys do to the view: pane, selection, help, details, freeze; pure. */
import type {Command} from '../domain/events.ts';
import {offers} from '../domain/operations/offers.ts';
import {sceneOf} from './dialog.ts';
import {close, open, replace, toggle} from './layers.ts';
import {selectedRow} from './selection.ts';
import {rowIds} from './selectors/rows-of.ts';
import {paneIds, picture, type State, topLayer, type View} from './state.ts';

/** Commands that mean nothing to the view leave it as it is. */
export function updateView(state: State, command: Command): View {
	const {view} = state;
	switch (command) {
		case 'help.toggle': {
			return toggle(view, {kind: 'help', scroll: 0});
		}

		case 'findings.toggle': {
			return toggle(view, {kind: 'findings', scroll: 0});
		}

		case 'dismiss': {
			return close(view);
		}

		case 'pane.next': {
			return move(view, 1);
		}

		case 'pane.previous': {
			return move(view, -1);
		}

		case 'select.up': {
			return scrollOrSelect(state, -1);
		}

		case 'select.down': {
			return scrollOrSelect(state, 1);
		}

		case 'details.open': {
			const member = selectedRow(state);
			return view.pane === 'members' && member !== undefined
				? open(view, {kind: 'details', member, scroll: 0})
				: view;
		}

		case 'freeze.toggle': {
			return {...view, frozen: view.frozen === undefined ? picture(state) : undefined};
		}

		default: {
			return view;
		}
	}
}

function move(view: View, step: number): View {
	const index = (paneIds.indexOf(view.pane) + step + paneIds.length) % paneIds.length;
	return {...view, pane: paneIds[index] ?? view.pane};
}

function scrollOrSelect(state: State, step: number): View {
	const layer = topLayer(state.view);
	if (layer === undefined) {
		return select(state, step);
	}

	if (layer.kind === 'menu') {
		const ids = offers(layer.subject, sceneOf(state)).map(({id}) => id);
		return replace(state.view, {...layer, selected: stepped(ids, layer.selected, step)});
	}

	return replace(state.view, {...layer, scroll: Math.max(0, layer.scroll + step)});
}

/** The id one step on, and no further than the ends. */
function stepped(ids: readonly string[], here: string | undefined, step: number): string | undefined {
	const from = here === undefined ? -1 : ids.indexOf(here);
	return ids[Math.min(ids.length - 1, Math.max(0, from + step))];
}

function select(state: State, step: number): View {
	const {view} = state;
	const ids = rowIds(picture(state), view.pane);
	const id = stepped(ids, selectedRow(state), step);
	return id === undefined ? view : {...view, selected: {...view.selected, [view.pane]: id}};
}
