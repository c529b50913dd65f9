/** The topmost overlay as a pane: menu, help, timeline and others. */

import type {Cluster} from '../../domain/cluster/cluster.ts';
import {etcdEndpoints} from '../../domain/cluster/etcd.ts';
import {watchedNodes} from '../../domain/cluster/vip.ts';
import type {Entry, SourceId} from '../../domain/facts.ts';
import {offersFor} from '../../domain/operations/operation.ts';
import type {Subject} from '../../domain/operations/types.ts';
import type {Target} from '../../domain/target.ts';
import {keyOfCommand, keysByGroup, keysOn} from '../../keymap/keymap.ts';
import {clock, scheduledTime} from '../../lib/format.ts';
import {operationContext} from '../selection.ts';
import {
	type ClusterSnapshot,
	close,
	hasOperations,
	logOverlay,
	mode,
	type State,
	shownSnapshot,
	topOverlay,
} from '../state.ts';
import type {PaneRows} from './cells.ts';
import {type Column, cell, type Line, type Section, type Tone} from './cells.ts';
import {detailsPane} from './details.ts';
import {dialogPane} from './dialog.ts';
import {drillPane} from './drill.ts';
import {findingsPane} from './findings.ts';
import {entriesPane, logPickerPane} from './logs.ts';
import {operationPane} from './operations.ts';

/** Undefined without an overlay, and for the logs, which depend on the screen's size. */
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

		// The ui lays these out, with the size of the screen.
		case 'logs':
		case 'prompt':
		case undefined: {
			return undefined;
		}
	}
}

const tones: Record<Entry['turn'], Tone> = {better: 'good', worse: 'bad', news: 'plain'};

/** Signs besides colours: a change for the worse has its own. */
const signs: Record<Entry['turn'], string> = {better: '+', worse: '!', news: '·'};

/** The last `count` entries as lines. */
export function timelineLines({timeline, now}: ClusterSnapshot, count: number): Line[] {
	return timeline
		.slice(-count)
		.map(({at, turn, text}) => [
			cell(`${clock(at, now)}.${String(at % 1000).padStart(3, '0')} `, 'dim'),
			cell(`${signs[turn]} `, tones[turn]),
			cell(text, turn === 'worse' ? 'bad' : 'plain'),
		]);
}

/** One source for each endpoint's linearizable reads; one fresh source is enough. */
export function dcsSources(cluster: Cluster, target: Target): SourceId[] {
	return etcdEndpoints(cluster, target).map(endpoint => `dcs:${endpoint}` as const);
}

export function vipSources(cluster: Cluster, target: Target): SourceId[] {
	return watchedNodes(cluster, target).map(({name}) => `vip:${name}` as const);
}

const columns: readonly Column[] = [
	{title: 'Operation', align: 'left', rank: 0},
	{title: 'Key', align: 'left', rank: 1},
	{title: 'Now', align: 'left', rank: 0},
];

export function menuPane(state: State, subject: Subject): PaneRows {
	const {member, node} = subject;
	const all = offersFor(subject, operationContext(state));
	return {
		title: `Operations: ${[member, node === member ? undefined : node].filter(Boolean).join(' on ') || 'the cluster'}`,
		status: cell(
			state.target.operations === 'dry-run'
				? 'dry run: nothing is sent'
				: 'each asks before it sends anything',
			'dim',
		),
		lines: [],
		table: {
			columns,
			rows: all.map(({id, label, command, disabledReason, warning, scheduledAt}) => ({
				id,
				cells: [
					cell(
						scheduledAt === undefined ? label : `${label} (${scheduledTime(scheduledAt, state.now)})`,
						disabledReason === undefined ? 'strong' : 'dim',
					),
					cell((command && keyOfCommand(command)) ?? '', 'dim'),
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

export function helpPane(state: State): PaneRows & {sections: readonly Section[]} {
	const keys = keysOn({operations: hasOperations(state), replay: state.replay !== undefined});
	const below = mode({...state, view: close(state.view)});
	return {
		title: 'Help',
		status: cell('j and k scroll, Esc closes', 'dim'),
		lines: [],
		table: undefined,
		sections: [
			...keysByGroup(keys, below).map(({group, bindings}) => ({
				title: group,
				entries: bindings.map(binding => ({name: binding.keys.join(', '), text: binding.help})),
			})),
			signsSection,
		],
	};
}
