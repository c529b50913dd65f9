/** What `y` copies: the selected row as text, or all of an overlay that has no rows. */
import {filterable, shownOverlay} from '../overlays.ts';
import {findingRoots, listIds, selectedInList, selectedRow, wordsOfFinding} from '../selection.ts';
import {type PaneId, type State, shownSnapshot} from '../state.ts';
import type {Line, PaneRows, Table} from './cells.ts';
import {etcdPane} from './etcd.ts';
import {membersPane} from './members.ts';
import {overlayPane} from './overlay.ts';
import {vipPane} from './vip.ts';

/** Columns: no value is left out for want of room. */
const wide = 1000;
/** A chart's bars need no more. */
const copiedChartWidth = 160;

/** Undefined where nothing is selected. */
export function copiedText(state: State): string | undefined {
	const overlay = shownOverlay(state.view);
	if (overlay === undefined) {
		const rows = focusedPane(state, state.view.pane);
		const selected = rowText(rows.table, selectedRow(state));
		return selected ?? paneText(rows);
	}

	const rows = overlayPane(state, overlay.kind === 'trends' ? copiedChartWidth : wide);
	const list = filterable(overlay);
	if (rows === undefined || list === undefined || list.kind === 'help') {
		return rows === undefined ? undefined : paneText(rows);
	}

	const selected = selectedInList(state, list) ?? listIds(state, list)[0];
	if (list.kind === 'findings') {
		const index = Math.max(0, listIds(state, list).indexOf(selected ?? ''));
		const found = findingRoots(shownSnapshot(state))[index];
		return found && [found.root, ...found.consequences].map(wordsOfFinding).join('\n\n');
	}

	return rowText(rows.table, selected);
}

function focusedPane(state: State, pane: PaneId): PaneRows {
	const shown = shownSnapshot(state);
	return pane === 'members' ? membersPane(shown, wide) : pane === 'leader' ? etcdPane(shown) : vipPane(shown);
}

/** `Member pgdb1  Host 10.73.0.160  Role Leader`; undefined without such a row. */
function rowText(table: Table | undefined, id: string | undefined): string | undefined {
	const row = table?.rows.find(one => one.id === id);
	return row?.cells
		.map(({text}, index) => [table?.columns[index]?.title ?? '', text.trim()] as const)
		.filter(([, text]) => text !== '')
		.map(([title, text]) => (title === '' ? text : `${title} ${text}`))
		.join('  ');
}

function paneText({title, lines, table, sections = [], further}: PaneRows): string {
	const words = (all: PaneRows['sections'] = []) =>
		all.flatMap(one => ['', one.title, ...one.entries.map(({name, text}) => `${name}  ${text}`)]);
	return [
		title,
		...lines.map(line => lineText(line)),
		...(table?.rows.map(row => lineText(row.cells, '  ')) ?? []),
		...words(sections),
		...words(further?.sections),
	].join('\n');
}

function lineText(cells: Line, between = ''): string {
	return cells
		.map(({text}) => text)
		.join(between)
		.trimEnd();
}
