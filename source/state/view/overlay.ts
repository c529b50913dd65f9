/** The topmost overlay as a pane: menu, help, timeline and others. */

import {offersFor} from '../../domain/operations/operation.ts';
import type {Subject} from '../../domain/operations/types.ts';
import {type Binding, keyOfCommand, keysByGroup, keysOn} from '../../keymap/keymap.ts';
import {scheduledTime} from '../../lib/format.ts';
import {close, logOverlay} from '../overlays.ts';
import {operationContext} from '../selection.ts';
import {hasOperations, mode, type State, shownSnapshot, topOverlay} from '../state.ts';
import type {PaneRows} from './cells.ts';
import {type Column, cell, type Section} from './cells.ts';
import {detailsPane} from './details.ts';
import {dialogPane} from './dialog.ts';
import {drillPane} from './drill.ts';
import {etcdDetails} from './etcd.ts';
import {findingsPane} from './findings.ts';
import {logPickerPane} from './logs.ts';
import {operationPane} from './operations.ts';
import {entriesPane} from './timeline.ts';
import {vipDetails} from './vip.ts';

/** Undefined without an overlay, and for the logs, which depend on the screen's size. */
export function overlayPane(state: State): PaneRows | undefined {
	const overlay = topOverlay(state.view);
	switch (overlay?.kind) {
		case 'help': {
			return helpPane(state);
		}

		case 'details': {
			return detailsPane(shownSnapshot(state), overlay.member);
		}

		case 'pane': {
			return overlay.pane === 'leader' ? etcdDetails(shownSnapshot(state)) : vipDetails(shownSnapshot(state));
		}

		case 'findings': {
			return findingsPane(shownSnapshot(state), overlay);
		}

		case 'menu': {
			return menuPane(state, overlay.subject, overlay.selected);
		}

		case 'dialog': {
			return dialogPane(state, overlay);
		}

		case 'run': {
			return operationPane(state, overlay.run);
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

		// The ui lays these out, with the size of the screen.
		case 'logs':
		case 'prompt':
		case undefined: {
			return undefined;
		}
	}
}

const columns: readonly Column[] = [
	{title: 'Key', align: 'left', rank: 0},
	{title: 'Operation', align: 'left', rank: 0},
	{title: 'Now', align: 'left', rank: 1},
];

/** `selected`: the offer whose reason is shown in full. */
export function menuPane(state: State, subject: Subject, selected: string | undefined): PaneRows {
	const {member, node} = subject;
	const all = offersFor(subject, operationContext(state));
	const chosen = all.find(({id}) => id === selected) ?? all[0];
	const why = chosen?.disabledReason ?? chosen?.warning;
	return {
		title: `Operations: ${[member, node === member ? undefined : node].filter(Boolean).join(' on ') || 'the cluster'}`,
		status: cell(
			state.target.operations === 'dry-run'
				? 'dry run: nothing is sent'
				: 'each asks before it sends anything',
			'dim',
		),
		lines: [
			[
				cell(why === undefined ? (chosen?.label ?? '') : `${chosen?.label}: `, 'strong'),
				cell(why ?? '', 'warn'),
			],
		],
		wraps: true,
		table: {
			columns,
			rows: all.map(({id, label, command, disabledReason, warning, scheduledAt}) => ({
				id,
				cells: [
					cell((command && keyOfCommand(command)) ?? '', 'dim'),
					cell(
						scheduledAt === undefined ? label : `${label} (${scheduledTime(scheduledAt, state.now)})`,
						disabledReason === undefined ? 'strong' : 'dim',
					),
					disabledReason === undefined
						? cell(warning === undefined ? '' : `WARNING: ${warning}`, 'warn')
						: cell(`no: ${disabledReason}`, 'dim'),
				],
			})),
		},
	};
}

const signsSection: Section = {
	title: 'Signs',
	entries: [
		{name: '▸', text: 'What the keys apply to'},
		{name: 'value?', text: 'Stale: its source does not report now. LOST says since when, and why'},
		{name: '≥ age', text: 'At least that old: its start was not seen'},
		{name: 'VIP', text: 'On another node than the leader: normal. HAProxy there sends clients to the leader'},
	],
};

/** The keys of the view below the help come first, together: on a screen of 120x40 they fit. */
export function helpPane(state: State) {
	const keys = keysOn({operations: hasOperations(state), replay: state.replay !== undefined});
	const below = mode({...state, view: close(state.view)});
	const works = ({modes}: Binding) => modes === undefined || modes.includes(below);
	const sectionsOf = (bindings: readonly Binding[]): Section[] =>
		keysByGroup(bindings, below).map(({group, bindings: some}) => ({
			title: group,
			entries: some.map(binding => ({name: binding.keys.join(', '), text: binding.help})),
		}));
	return {
		title: 'Help',
		status: cell('j and k scroll, Esc closes', 'dim'),
		lines: [],
		table: undefined,
		sections: [...sectionsOf(keys.filter(works)), signsSection],
		further: {title: 'In other views', sections: sectionsOf(keys.filter(binding => !works(binding)))},
	} satisfies PaneRows;
}
