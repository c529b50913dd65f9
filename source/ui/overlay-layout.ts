/** Where the topmost layer lies, and how much of it the screen shows. */

import {type Mode, type Overlay, type State, shownSnapshot, topOverlay} from '../state/state.ts';
import type {PaneRows} from '../state/view/cells.ts';
import {etcdPane} from '../state/view/etcd.ts';
import {membersPane} from '../state/view/members.ts';
import {overlayPane} from '../state/view/overlay.ts';
import {vipPane} from '../state/view/vip.ts';
import {paneHeight, paneRoom} from './components/pane.tsx';
import {logPage} from './logs.tsx';
import {asShown} from './panes.tsx';

/** How many lines a page is, and how far down what is shown can be moved. */
export type Room = {page: number; end?: number};

/** Over these the members stay in sight. */
const beside: ReadonlySet<Mode> = new Set(['menu', 'dialog', 'run', 'drill']);
/** A question or the steps of an operation want this many rows; what is left above them shows the members. */
const leastLayer = 15;
/** A drill is to be seen to its last line. */
const leastDrill = 19;
/** Of the panes, which have each its own height. */
const pageOfPanes = 10;

export type OverlayPlace = {
	layer: Overlay;
	rows: PaneRows;
	members: PaneRows;
	/** Rows that the members have; or all panes, where they have room. */
	above: number;
	all: boolean;
};

/** Undefined where no layer lies over the panes that is made of lines. */
export function overlayPlace(state: State, height: number): OverlayPlace | undefined {
	const layer = topOverlay(state.view);
	const rows = overlayPane(state);
	if (layer === undefined || rows === undefined) {
		return undefined;
	}

	const members = asShown(state, membersPane(shownSnapshot(state)));
	const panes = layer.kind === 'drill' ? panesHeight(state) : 0;
	if (layer.kind === 'drill' && height - panes >= leastDrill) {
		return {layer, rows, members, above: panes, all: true};
	}

	const least = layer.kind === 'drill' ? leastDrill : leastLayer;
	const fits = beside.has(layer.kind) && height - paneHeight(members) >= least;
	return {layer, rows, members, above: fits ? paneHeight(members) : 0, all: false};
}

/** How many rows the panes would like to have, but for the timeline. */
function panesHeight(state: State): number {
	const shown = shownSnapshot(state);
	const middle = Math.max(paneHeight(etcdPane(shown)), paneHeight(vipPane(shown)));
	return paneHeight(membersPane(shown)) + middle;
}

export function roomOf(state: State, width: number, height: number): Room {
	const kind = topOverlay(state.view)?.kind;
	if (kind === 'logs' || kind === 'prompt') {
		return {page: logPage(height)};
	}

	const place = overlayPlace(state, height);
	return place === undefined ? {page: pageOfPanes} : paneRoom(place.rows, width, height - place.above);
}
