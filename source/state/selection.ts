/** Which row is selected; pure. */

import {type State, shownSnapshot} from './state.ts';
import {rowIds} from './view/row-ids.ts';

/** The selected row's id in the pane that has the focus. */
export function selectedRow(state: State): string | undefined {
	const {pane, selected} = state.view;
	const ids = rowIds(shownSnapshot(state), pane);
	const wanted = selected[pane];
	return wanted !== undefined && ids.includes(wanted) ? wanted : ids[0];
}
