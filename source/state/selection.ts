/** The selected row, and the member or node that an operation applies to. Pure. */

import {etcdNodes} from '../domain/cluster/etcd.ts';
import {members} from '../domain/cluster/members.ts';
import {watchedNodes} from '../domain/cluster/vip.ts';
import {type Command, type CommandOf, isCommandOf} from '../domain/events.ts';
import {keyOfFinding, shownFindings} from '../domain/findings/finding.ts';
import {findFindings} from '../domain/findings/findings.ts';
import {byRoot, worstFirst} from '../domain/findings/roots.ts';
import {describe, subjectOf} from '../domain/operations/operation.ts';
import {isOpen} from '../domain/operations/run.ts';
import type {OperationContext, Subject} from '../domain/operations/types.ts';
import {type ClusterSnapshot, type PaneId, type State, shownSnapshot, topOverlay} from './state.ts';

/** The id of the selected row in the focused pane. */
export function selectedRow(state: State): string | undefined {
	const {pane, selected} = state.view;
	const ids = rowIds(shownSnapshot(state), pane);
	const wanted = selected[pane];
	return wanted !== undefined && ids.includes(wanted) ? wanted : ids[0];
}

/** More than any list has. */
export const scrollMax = 1_000_000;

export type ScrollCommand = CommandOf<'select' | 'page' | 'go'>;

export function isScroll(command: Command): command is ScrollCommand {
	return isCommandOf(command, 'select', 'page', 'go');
}

/** The number of rows to move; positive is down. */
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

/** The id this many rows away, limited to the ends of the list. */
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

/** The keys of the findings that are roots, in the order of the list. */
export function findingRoots({cluster, target, now, found}: ClusterSnapshot): string[] {
	const present = findFindings(cluster, target, now, found.stops, found.running);
	return byRoot(worstFirst(shownFindings(found, present, now))).map(({root}) => keyOfFinding(root));
}

export function operationContext({cluster, target, now, runs}: State): OperationContext {
	return {
		cluster,
		target,
		now,
		running: runs
			.filter(run => isOpen(run))
			.map(({operation, outcome}) => ({text: describe(operation), unknown: outcome?.kind === 'unknown'})),
	};
}

/** The focused pane's selected row, or the member whose details are open. */
export function targetRow(state: State): Subject | undefined {
	const overlay = topOverlay(state.view);
	switch (overlay?.kind) {
		case undefined: {
			return subjectNamed(state, selectedRow(state));
		}

		case 'details': {
			return subjectNamed(state, overlay.member);
		}

		case 'help':
		case 'pane':
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

/** The target of the menu: over the logs, their node; else the selected row. */
export function targetOfMenu(state: State): Subject | undefined {
	const overlay = topOverlay(state.view);
	if (overlay?.kind !== 'logs') {
		return targetRow(state);
	}

	const [node, ...more] = overlay.choice.nodes ?? [];
	return subjectNamed(state, node === undefined || more.length > 0 ? selectedRow(state) : node);
}

export const noTarget: Subject = {member: undefined, node: undefined};

function subjectNamed(state: State, name: string | undefined): Subject {
	return name === undefined ? noTarget : subjectOf(operationContext(state), name);
}
