/** What keys do to the view: pane, selection, help, details, freeze; pure. */
import type {Command} from '../domain/events.ts';
import {close, open, replace, toggle} from './layers.ts';
import {rowIds} from './selectors/rows-of.ts';
import {paneIds, picture, type State, topLayer, type View} from './state.ts';

/** Commands that mean nothing to the view leave it as it is. */
export function updateView(state: State, command: Command): View {
	const {view} = state;
	switch (command) {
		case 'help.toggle': {
			return toggle(view, {kind: 'help', scroll: 0});
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

/** The selected row's id in the pane that has the focus. */
export function selectedRow(state: State): string | undefined {
	const {pane, selected} = state.view;
	const ids = rowIds(picture(state), pane);
	const wanted = selected[pane];
	return wanted !== undefined && ids.includes(wanted) ? wanted : ids[0];
}

function move(view: View, step: number): View {
	const index = (paneIds.indexOf(view.pane) + step + paneIds.length) % paneIds.length;
	return {...view, pane: paneIds[index] ?? view.pane};
}

function scrollOrSelect(state: State, step: number): View {
	const layer = topLayer(state.view);
	return layer === undefined
		? select(state, step)
		: replace(state.view, {...layer, scroll: Math.max(0, layer.scroll + step)});
}

function select(state: State, step: number): View {
	const {view} = state;
	const ids = rowIds(picture(state), view.pane);
	const here = selectedRow(state);
	const index = Math.min(ids.length - 1, Math.max(0, (here === undefined ? -1 : ids.indexOf(here)) + step));
	const id = ids[index];
	return id === undefined ? view : {...view, selected: {...view.selected, [view.pane]: id}};
}
