/** The selected row, and the member or node that an operation applies to. Pure. */
import {beliefs} from '../domain/cluster/beliefs.ts';
import {etcdNodes} from '../domain/cluster/etcd.ts';
import {members} from '../domain/cluster/members.ts';
import {sessionGroups, sessionRows, wordsOfGroup, wordsOfSession} from '../domain/cluster/session-list.ts';
import {watchedNodes} from '../domain/cluster/vip.ts';
import {type Command, type CommandOf, isCommandOf} from '../domain/commands.ts';
import {advice} from '../domain/findings/advice.ts';
import {keyOfFinding, type ShownFinding, shownFindings} from '../domain/findings/finding.ts';
import {findFindings} from '../domain/findings/findings.ts';
import {byRoot, worstFirst} from '../domain/findings/roots.ts';
import {logSourcesOf, serviceNames} from '../domain/logs/logs.ts';
import {plainMatcher} from '../domain/logs/matcher.ts';
import {definitionOf, describe, offerIdsFor, offersFor, subjectOf} from '../domain/operations/operation.ts';
import {isOpen} from '../domain/operations/run.ts';
import type {OperationContext, Subject} from '../domain/operations/types.ts';
import {logOverlay} from './overlays.ts';
import {
	type ClusterSnapshot,
	type ListOverlay,
	type LogOverlay,
	type PaneId,
	type State,
	shownSnapshot,
	topOverlay,
} from './state.ts';
import {searchedRows, selectedTimelineRow, timelineRows} from './timeline-rows.ts';

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
			return target.rest === undefined
				? etcdNodes(cluster, target, now).map(({name}) => name)
				: beliefs(cluster, now).flatMap(({member, origin}) => member ?? URL.parse(origin)?.host ?? origin);
		}

		case 'vip': {
			return watchedNodes(cluster, target).map(({name}) => name);
		}
	}
}

/** The findings that are roots, in the order of the list. */
export function findingRoots({cluster, target, now, found}: ClusterSnapshot) {
	const present = findFindings(cluster, target, now, found.stops, found.running);
	return byRoot(worstFirst(shownFindings(found, present, now)));
}

/** All that a finding says, but for ages, which change. */
export function wordsOfFinding({id, severity, text, evidence}: ShownFinding): string {
	const {clients, remedy} = advice[id];
	return [severity, text, ...evidence.map(one => one.text), clients, remedy].join('\n');
}

/** A row of a list, with the text that `/` looks in. */
type ListRow = {id: string; text: string};

function listRows(state: State, overlay: ListOverlay): ListRow[] {
	switch (overlay.kind) {
		case 'findings': {
			return findingRoots(shownSnapshot(state)).map(({root, consequences}) => ({
				id: keyOfFinding(root),
				text: [root, ...consequences].map(wordsOfFinding).join('\n'),
			}));
		}

		case 'menu': {
			return offersFor(overlay.subject, operationContext(state)).map(
				({id, label, disabledReason, warning}) => ({
					id,
					text: [label, disabledReason ?? warning ?? ''].join('\n'),
				}),
			);
		}

		case 'logs.pick': {
			const logs = logOverlay(state.view);
			return logs === undefined
				? []
				: pickRows(state, logs).map(({id, kind, name}) => ({id, text: `${kind}\n${name}`}));
		}

		case 'entries': {
			return searchedRows(shownSnapshot(state), overlay);
		}

		case 'sessions': {
			const {cluster, target, now} = shownSnapshot(state);
			return overlay.grouped
				? sessionGroups(cluster, target, now).map(group => ({id: group.id, text: wordsOfGroup(group)}))
				: sessionRows(cluster, target, now).map(row => ({id: row.id, text: wordsOfSession(row)}));
		}
	}
}

/** The ids of the rows that contain the list's filter, and the number of all. Without one: all rows. */
export function matchesOf(state: State, overlay: ListOverlay): {ids: string[]; all: number} {
	const {filter = ''} = overlay;
	// Menus without a filter need no preconditions.
	const rows =
		filter === '' && overlay.kind === 'menu'
			? offerIdsFor(overlay.subject, operationContext(state)).map(id => ({id, text: ''}))
			: listRows(state, overlay);
	const {test} = plainMatcher(filter);
	return {ids: rows.filter(({text}) => test(text)).map(({id}) => id), all: rows.length};
}

/** The ids of the rows on the screen: the timeline shows the same ones, whatever is searched. */
export function listIds(state: State, overlay: ListOverlay): string[] {
	return overlay.kind === 'entries'
		? timelineRows(shownSnapshot(state), overlay).map(({id}) => id)
		: matchesOf(state, overlay).ids;
}

/** The selected row of a list; the first one that is shown if a filter hides it. */
export function selectedInList(state: State, overlay: ListOverlay): string | undefined {
	const {filter = '', selected} = overlay;
	if (overlay.kind === 'sessions') {
		// Of a session that has ended no other one takes the place: a key would apply to it.
		const {ids} = matchesOf(state, overlay);
		return selected === undefined ? ids[0] : ids.find(id => id === selected);
	}

	if (overlay.kind === 'entries') {
		return selectedTimelineRow(shownSnapshot(state), overlay)?.id;
	}

	if (filter === '') {
		return selected;
	}

	const {ids} = matchesOf(state, overlay);
	return selected !== undefined && ids.includes(selected) ? selected : ids[0];
}

export type PickRow = {id: string; kind: 'node' | 'service'; name: string; shown: boolean};

/** Nodes and services to pick in the logs. */
export function pickRows(state: State, {choice}: LogOverlay): PickRow[] {
	const plan = logSourcesOf(state.cluster, state.target, state.now);
	const nodes = plan.map(({node}) => node);
	return [
		...nodes.map(name => ({
			id: `node ${name}`,
			kind: 'node' as const,
			name,
			shown: choice.nodes?.includes(name) ?? true,
		})),
		...serviceNames(plan, state.logs.services).map(name => ({
			id: `service ${name}`,
			kind: 'service' as const,
			name,
			shown: !choice.hidden.includes(name),
		})),
	];
}

export function operationContext({cluster, target, now, runs}: State): OperationContext {
	return {
		cluster,
		target,
		now,
		running: runs
			.filter(run => isOpen(run) && !definitionOf(run.operation).isBeside)
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

		case 'sessions': {
			const session = overlay.grouped ? undefined : selectedInList(state, overlay);
			return session === undefined ? undefined : {member: undefined, node: undefined, session};
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
		case 'trends':
		case 'palette':
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
