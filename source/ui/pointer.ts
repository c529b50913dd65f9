/** The mouse: what is where on the screen, and the commands of a click and of the wheel. They only move. */
import type {DOMElement} from 'ink';
import {createContext} from 'react';
import type {Command} from '../domain/commands.ts';
import {filterable, shownOverlay} from '../state/overlays.ts';
import {listIds, rowIds, selectedInList, selectedRow} from '../state/selection.ts';
import {type PaneId, paneIds, type State, shownSnapshot, topOverlay} from '../state/state.ts';
import {paletteRowId, paletteRows} from '../state/view/palette.ts';

/** A press of the left button, or a turn of the wheel; column and row begin with 0. */
export type MouseReport = {kind: 'click' | 'wheel.up' | 'wheel.down'; column: number; row: number};

/** What a pane on the screen shows: the pane of the cluster, or the open overlay. */
export type Area = PaneId | 'overlay';

type Shown = {area: Area; node: () => DOMElement | null; ids: readonly (string | undefined)[]};

/** Where the panes are drawn. */
export class Pointer {
	readonly #shown = new Map<object, Shown>();

	/** `ids`: of the row in each line below the pane's upper border. */
	put(key: object, shown: Shown): void {
		this.#shown.set(key, shown);
	}

	delete(key: object): void {
		this.#shown.delete(key);
	}

	/** The pane there, and the id of its row; undefined beside all panes. */
	at({column, row}: Pick<MouseReport, 'column' | 'row'>): {area: Area; id: string | undefined} | undefined {
		for (const {area, node, ids} of this.#shown.values()) {
			const box = boxOf(node());
			if (
				box !== undefined &&
				column >= box.left &&
				column < box.left + box.width &&
				row >= box.top &&
				row < box.top + box.height
			) {
				return {area, id: ids[row - box.top - 1]};
			}
		}

		return undefined;
	}
}

export const PointerContext = createContext<Pointer | undefined>(undefined);

function boxOf(node: DOMElement | null) {
	const yoga = node?.yogaNode;
	if (yoga === undefined) {
		return undefined;
	}

	let [left, top] = [0, 0];
	for (let one: DOMElement | null | undefined = node; one; one = one.parentNode) {
		left += one.yogaNode?.getComputedLeft() ?? 0;
		top += one.yogaNode?.getComputedTop() ?? 0;
	}

	return {left, top, width: yoga.getComputedWidth(), height: yoga.getComputedHeight()};
}

/** Lines for a turn of the wheel, in what is only read. */
const wheelLines = 3;

/** The commands of keys that do the same: none of them starts or confirms anything. */
export function commandsOf(state: State, report: MouseReport, pointer: Pointer): Command[] {
	const top = topOverlay(state.view);
	if (top?.kind === 'prompt' || state.replay?.asOperator || state.replay?.prompt !== undefined) {
		return [];
	}

	if (report.kind !== 'click') {
		const isList = top === undefined || top.kind === 'palette' || listOf(state) !== undefined;
		const command = report.kind === 'wheel.up' ? 'select.up' : 'select.down';
		return Array.from({length: isList ? 1 : wheelLines}, () => command);
	}

	const place = pointer.at(report);
	if (place === undefined || (place.area === 'overlay') !== (top !== undefined)) {
		return [];
	}

	return place.area === 'overlay' ? inOverlay(state, place.id) : inPanes(state, place.area, place.id);
}

function listOf(state: State) {
	const list = filterable(shownOverlay(state.view));
	return list === undefined || list.kind === 'help' || list.kind === 'findings' ? undefined : list;
}

function inPanes(state: State, pane: PaneId, id: string | undefined): Command[] {
	const turns = (paneIds.indexOf(pane) - paneIds.indexOf(state.view.pane) + paneIds.length) % paneIds.length;
	const focused: State = {...state, view: {...state.view, pane}};
	const ids = rowIds(shownSnapshot(state), pane);
	return [
		...Array.from({length: turns}, (): Command => 'pane.next'),
		...steps(ids, selectedRow(focused), id),
	];
}

function inOverlay(state: State, id: string | undefined): Command[] {
	const top = topOverlay(state.view);
	if (top?.kind === 'palette') {
		const ids = paletteRows(state, top).map(row => paletteRowId(row) ?? '');
		return steps(ids, ids[Math.min(top.scroll, ids.length - 1)], id);
	}

	const list = listOf(state);
	return list === undefined ? [] : steps(listIds(state, list), selectedInList(state, list), id);
}

function steps(ids: readonly string[], from: string | undefined, to: string | undefined): Command[] {
	const target = to === undefined ? -1 : ids.indexOf(to);
	if (target === -1) {
		return [];
	}

	const away = target - (from === undefined ? -1 : ids.indexOf(from));
	return Array.from({length: Math.abs(away)}, () => (away > 0 ? 'select.down' : 'select.up'));
}
