/** What keys do to the view: pane, selection, help, details, freeze; pure. */
import type {Command} from '../domain/events.ts';
import {rowIds} from './selectors/rows-of.ts';
import {paneIds, picture, type State, type View} from './state.ts';

export function updateView(state: State, command: Command): View {
	const {view} = state;
	switch (command) {
		case 'help.toggle': {
			return {...view, help: !view.help};
		}

		case 'dismiss': {
			// One thing at a time: the help lies over the details.
			return view.help ? {...view, help: false} : {...view, details: undefined};
		}

		case 'pane.next': {
			return move(view, 1);
		}

		case 'pane.previous': {
			return move(view, -1);
		}

		case 'select.up': {
			return select(state, -1);
		}

		case 'select.down': {
			return select(state, 1);
		}

		case 'details.open': {
			const member = selectedRow(state);
			return view.pane === 'members' && member !== undefined && !view.help
				? {...view, details: {member, scroll: 0}}
				: view;
		}

		case 'freeze.toggle': {
			return {...view, frozen: view.frozen === undefined ? picture(state) : undefined};
		}

		case 'quit':
		case 'suspend':
		case 'refresh': {
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

function select(state: State, step: number): View {
	const {view} = state;
	if (view.details !== undefined) {
		return {...view, details: {...view.details, scroll: Math.max(0, view.details.scroll + step)}};
	}

	const ids = rowIds(picture(state), view.pane);
	const here = selectedRow(state);
	const index = Math.min(ids.length - 1, Math.max(0, (here === undefined ? -1 : ids.indexOf(here)) + step));
	const id = ids[index];
	return id === undefined ? view : {...view, selected: {...view.selected, [view.pane]: id}};
}
