/** Where the topmost overlay lies, and how much of it is visible. */

import {type Mode, type Overlay, type State, shownSnapshot, topOverlay} from '../state/state.ts';
import type {PaneRows} from '../state/view/cells.ts';
import {etcdPane} from '../state/view/etcd.ts';
import {membersPane} from '../state/view/members.ts';
import {overlayPane} from '../state/view/overlay.ts';
import {vipPane} from '../state/view/vip.ts';
import {paneHeight, paneRoom} from './components/pane.tsx';
import {logPage} from './logs.tsx';
import {asShown} from './panes.tsx';

/** Lines of a page, and how far down the overlay scrolls. */
export type Room = {page: number; end?: number};

/** Overlays below the members, which stay visible. */
const belowMembers: ReadonlySet<Mode> = new Set(['menu', 'dialog', 'run', 'drill']);
/** Rows that a question or the steps of an operation need; what is left shows the members. */
const overlayMinRows = 15;
/** A drill is shown to its last line. */
const drillMinRows = 19;
/** Of the panes, each of which has its own height. */
const panesPageRows = 10;

export type OverlayPlace = {
	layer: Overlay;
	rows: PaneRows;
	members: PaneRows;
	/** Rows that the members have; or all panes, where they have room. */
	above: number;
	all: boolean;
};

/** Undefined without an overlay, and for the logs. */
export function overlayPlace(state: State, height: number): OverlayPlace | undefined {
	const layer = topOverlay(state.view);
	const rows = overlayPane(state);
	if (layer === undefined || rows === undefined) {
		return undefined;
	}

	const members = asShown(state, membersPane(shownSnapshot(state)));
	const panes = layer.kind === 'drill' ? panesHeight(state) : 0;
	if (layer.kind === 'drill' && height - panes >= drillMinRows) {
		return {layer, rows, members, above: panes, all: true};
	}

	const least = layer.kind === 'drill' ? drillMinRows : overlayMinRows;
	const fits = belowMembers.has(layer.kind) && height - paneHeight(members) >= least;
	return {layer, rows, members, above: fits ? paneHeight(members) : 0, all: false};
}

/** Rows of the panes in full, without the timeline. */
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
	return place === undefined ? {page: panesPageRows} : paneRoom(place.rows, width, height - place.above);
}
