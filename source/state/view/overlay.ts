/** The topmost overlay as a pane: menu, help, timeline and others. */
import cliTruncate from 'cli-truncate';
import {plainMatcher} from '../../domain/logs/matcher.ts';
import {offersFor} from '../../domain/operations/operation.ts';
import type {Subject} from '../../domain/operations/types.ts';
import {type Binding, bindingOf, keyOfCommand, keysByGroup, keysOn} from '../../keymap/keymap.ts';
import {scheduledTime} from '../../lib/format.ts';
import {close, filterable, logOverlay, shownOverlay} from '../overlays.ts';
import {matchesOf, operationContext, selectedInList} from '../selection.ts';
import {
	type FilterableOverlay,
	hasOperations,
	mode,
	type Overlay,
	type State,
	shownSnapshot,
	topOverlay,
} from '../state.ts';
import {type Column, cell, type PaneRows, type Row, type Section} from './cells.ts';
import {detailsPane} from './details.ts';
import {dialogPane} from './dialog.ts';
import {drillPane} from './drill.ts';
import {etcdDetails} from './etcd.ts';
import {acknowledgePane, findingsPane} from './findings.ts';
import {logPickerPane} from './log-picker.ts';
import {operationPane} from './operations.ts';
import {palettePane} from './palette.ts';
import {sessionsPane} from './sessions.ts';
import {sqlTrendsPane} from './sql-trends.ts';
import {entriesPane} from './timeline.ts';
import {vipDetails} from './vip.ts';

/**
 * Undefined without an overlay, and for the logs, which depend on the screen's size.
 * @param width of the pane with its borders
 */
export function overlayPane(state: State, width: number): PaneRows | undefined {
	const overlay = shownOverlay(state.view);
	const isTyping = topOverlay(state.view) !== overlay;
	const pane = paneOf(isTyping ? {...state, view: close(state.view)} : state, overlay, width);
	const list = filterable(overlay);
	return pane === undefined || list === undefined || (!list.filter && !isTyping)
		? pane
		: filtered(state, pane, list, isTyping);
}

/** Columns of the filter in the title; of a longer one its end is shown. */
const filterMaxWidth = 24;

/** The pane with the rows that the filter keeps, or with the matches of the search marked. */
function filtered(state: State, pane: PaneRows, list: FilterableOverlay, isTyping: boolean): PaneRows {
	const {filter = ''} = list;
	const titled = (count: string) =>
		`${pane.title}  /${cliTruncate(filter, filterMaxWidth, {position: 'start'})}${isTyping ? '_' : ''}  ${count}`.trimEnd();
	if (list.kind === 'help') {
		return {...filteredHelp(pane, filter, titled), ...(isTyping ? {status: promptKeys} : {})};
	}

	const {ids, all} = matchesOf(state, list);
	const kept = new Set(ids);
	const mark = (row: Row): Row => (filter !== '' && kept.has(row.id) ? {...row, match: filter} : row);
	if (list.kind === 'entries') {
		const place = ids.indexOf(selectedInList(state, list) ?? '') + 1;
		const matches = ids.length === 0 ? 'no matches' : `${ids.length} match${ids.length === 1 ? '' : 'es'}`;
		return {
			...pane,
			title: titled(filter === '' ? '' : place > 0 ? `match ${place} of ${ids.length}` : matches),
			...(isTyping ? {status: promptKeys} : {}),
			table: pane.table && {...pane.table, rows: pane.table.rows.map(mark)},
		};
	}

	const rows = pane.table?.rows.filter(({id}) => kept.has(id)).map(mark) ?? [];
	return {
		...pane,
		title: titled(`${ids.length} of ${all}`),
		// The verdict stays.
		...(isTyping && list.kind !== 'findings' ? {status: promptKeys} : {}),
		...(ids.length === 0 && all > 0 ? {lines: [noMatches]} : {}),
		table: pane.table && {...pane.table, rows},
	};
}

const promptKeys = cell('Enter applies, Esc clears', 'dim');

const noMatches = [cell('no matches: Esc clears the filter', 'dim')];

function filteredHelp(pane: PaneRows, filter: string, titled: (count: string) => string): PaneRows {
	const {test} = plainMatcher(filter);
	const count = (sections: readonly Section[] = []) =>
		sections.reduce((sum, {entries}) => sum + entries.length, 0);
	const keep = (sections: readonly Section[] = []) =>
		sections
			.map(one => ({...one, entries: one.entries.filter(({name, text}) => test(`${name}\n${text}`))}))
			.filter(({entries}) => entries.length > 0);
	const sections = keep(pane.sections);
	const further = keep(pane.further?.sections);
	const shown = count(sections) + count(further);
	const {further: _, ...rest} = pane;
	return {
		...rest,
		title: titled(`${shown} of ${count(pane.sections) + count(pane.further?.sections)}`),
		lines: shown === 0 ? [noMatches] : [],
		sections,
		...(pane.further === undefined || further.length === 0
			? {}
			: {further: {...pane.further, sections: further}}),
	};
}

function paneOf(state: State, overlay: Overlay | undefined, width: number): PaneRows | undefined {
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
			return menuPane(state, overlay.subject, selectedInList(state, overlay));
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
			return entriesPane(state, overlay);
		}

		case 'sessions': {
			return sessionsPane(state, overlay);
		}

		case 'trends': {
			return sqlTrendsPane(state, overlay.span, width);
		}

		case 'palette': {
			return palettePane(state, overlay);
		}

		case 'prompt': {
			return overlay.purpose === 'acknowledge' ? acknowledgePane(shownSnapshot(state), overlay) : undefined;
		}

		// The ui lays these out, with the size of the screen.
		case 'logs':
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
	const scrollKeys = (['select.down', 'select.up'] as const).flatMap(
		command => bindingOf(command)?.keys.at(-1) ?? [],
	);
	const works = ({modes}: Binding) => modes === undefined || modes.includes(below);
	const sectionsOf = (bindings: readonly Binding[]): Section[] =>
		keysByGroup(bindings, below).map(({group, bindings: some}) => ({
			title: group,
			entries: some
				.filter(({keys}) => keys.length > 0)
				.map(binding => ({name: binding.keys.join(', '), text: binding.help})),
		}));
	return {
		title: 'Help',
		status: cell(
			scrollKeys.length === 0 ? 'Esc closes' : `${scrollKeys.join(' and ')} scroll, Esc closes`,
			'dim',
		),
		lines: [],
		table: undefined,
		sections: [...sectionsOf(keys.filter(works)), signsSection],
		further: {title: 'In other views', sections: sectionsOf(keys.filter(binding => !works(binding)))},
	} satisfies PaneRows;
}
