/** The member or node that an operation key applies to: the one that the screen shows as selected; pure. */
import {subjectOf} from '../domain/operations/menu.ts';
import type {Subject} from '../domain/operations/types.ts';
import {operationContext} from './operation-context.ts';
import {selectedRow} from './selection.ts';
import {type State, topOverlay} from './state.ts';

/** The selected row of the pane that has the focus, or the member whose details are open. */
export function targetRow(state: State): Subject | undefined {
	const layer = topOverlay(state.view);
	switch (layer?.kind) {
		case undefined: {
			return named(state, selectedRow(state));
		}

		case 'details': {
			return named(state, layer.member);
		}

		case 'help':
		case 'findings':
		case 'menu':
		case 'dialog':
		case 'run':
		case 'drill':
		case 'logs':
		case 'logs.pick':
		case 'entries':
		case 'prompt': {
			return undefined;
		}
	}
}

/** Over the logs, the node whose logs they are, else the selected row; the menu's title names it. */
export function targetOfMenu(state: State): Subject | undefined {
	const layer = topOverlay(state.view);
	if (layer?.kind !== 'logs') {
		return targetRow(state);
	}

	const [node, ...more] = layer.choice.nodes ?? [];
	return named(state, node === undefined || more.length > 0 ? selectedRow(state) : node);
}

export const noTarget: Subject = {member: undefined, node: undefined};

function named(state: State, name: string | undefined): Subject {
	return name === undefined ? noTarget : subjectOf(operationContext(state), name);
}
