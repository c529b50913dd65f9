/** Which row is selected; pure. */

import {etcdNodes} from '../domain/cluster/etcd.ts';
import {members} from '../domain/cluster/members.ts';
import {watchedNodes} from '../domain/cluster/vip.ts';
import {type Command, type CommandOf, isCommandOf} from '../domain/events.ts';
import {type ClusterSnapshot, type PaneId, type State, shownSnapshot} from './state.ts';

/** The selected row's id in the pane that has the focus. */
export function selectedRow(state: State): string | undefined {
	const {pane, selected} = state.view;
	const ids = rowIds(shownSnapshot(state), pane);
	const wanted = selected[pane];
	return wanted !== undefined && ids.includes(wanted) ? wanted : ids[0];
}

/** Beyond any list. */
export const scrollMax = 1_000_000;

export type ScrollCommand = CommandOf<'select' | 'page' | 'go'>;

export function isScroll(command: Command): command is ScrollCommand {
	return isCommandOf(command, 'select', 'page', 'go');
}

/** Down is more. */
export function stepOf(command: ScrollCommand, page: number): number {
	const steps: Record<ScrollCommand, number> = {
		'select.up': -1,
		'select.down': 1,
		'page.up': -page,
		'page.down': page,
		'go.first': -scrollMax,
		'go.last': scrollMax,
	};
	return steps[command];
}

/** The id so many steps on, and no further than the ends. */
export function scrollTo(ids: readonly string[], here: string | undefined, step: number): string | undefined {
	const from = here === undefined ? -1 : ids.indexOf(here);
	return ids[Math.min(ids.length - 1, Math.max(0, from + step))];
}

export function rowIds({cluster, target, now}: ClusterSnapshot, pane: PaneId): string[] {
	switch (pane) {
		case 'members': {
			return members(cluster, now).map(({name}) => name);
		}

		case 'leader': {
			return etcdNodes(cluster, target, now).map(({name}) => name);
		}

		case 'vip': {
			return watchedNodes(cluster, target).map(({name}) => name);
		}
	}
}
