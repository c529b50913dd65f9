/** The panes and the topmost overlay: their places, and how much of each is visible. */

import {Box} from 'ink';
import {selectedRow} from '../state/selection.ts';
import {type Mode, type Overlay, type State, shownSnapshot, topOverlay} from '../state/state.ts';
import type {PaneRows} from '../state/view/cells.ts';
import {cell} from '../state/view/cells.ts';
import {etcdPane} from '../state/view/etcd.ts';
import {membersPane} from '../state/view/members.ts';
import {overlayPane, timelineLines} from '../state/view/overlay.ts';
import {vipPane} from '../state/view/vip.ts';
import {Pane, paneHeight, paneScroll} from './components/pane.tsx';
import {logPage} from './logs.tsx';

/** Lines of a page, and the last scroll position. */
export type ScrollBounds = {page: number; end?: number};

/** Overlays below the members pane, which stays visible. */
const belowMembers: ReadonlySet<Mode> = new Set(['menu', 'dialog', 'run', 'drill']);
/** Rows for a question or the steps of an operation; the rest shows the members. */
const overlayMinRows = 15;
/** Rows of a drill, shown to its last line. */
const drillMinRows = 19;
/** Rows of a page in the panes, whose heights differ. */
const panesPageRows = 10;

export type OverlayPlace = {
	layer: Overlay;
	rows: PaneRows;
	members: PaneRows;
	/** Rows of the members pane above the overlay; of all panes if they fit. */
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

/** Rows that the panes need, without the timeline. */
function panesHeight(state: State): number {
	const shown = shownSnapshot(state);
	const middle = Math.max(paneHeight(etcdPane(shown)), paneHeight(vipPane(shown)));
	return paneHeight(membersPane(shown)) + middle;
}

export function scrollBoundsOf(state: State, width: number, height: number): ScrollBounds {
	const kind = topOverlay(state.view)?.kind;
	if (kind === 'logs' || kind === 'prompt') {
		return {page: logPage(height)};
	}

	const place = overlayPlace(state, height);
	return place === undefined ? {page: panesPageRows} : paneScroll(place.rows, width, height - place.above);
}

/** Its borders and the last entry. */
const timelineMinRows = 3;

export type PanesProps = {
	state: State;
	width: number;
	height: number;
	/** An overlay below the panes has the focus. */
	covered?: boolean;
};

export function Panes({state, width, height, covered = false}: PanesProps) {
	const shown = shownSnapshot(state);
	const members = asShown(state, membersPane(shown, width));
	const leader = asShown(state, etcdPane(shown));
	const vip = asShown(state, vipPane(shown));
	const middle = Math.max(paneHeight(leader), paneHeight(vip));
	const first = Math.max(3, Math.min(paneHeight(members), height - Math.min(middle, Math.ceil(height / 2))));
	const second = Math.min(middle, height - first);
	const rest = height - first - second;
	const left = Math.ceil(width / 2);
	const {pane} = state.view;
	const selected = selectedRow(state);
	const focus = (id: typeof pane) =>
		pane === id && !covered ? {focused: true, selected} : {focused: false, selected: undefined};
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Pane rows={members} width={width} height={first} {...focus('members')} />
			<Box width={width} height={second}>
				<Pane rows={leader} width={left} height={second} {...focus('leader')} />
				<Pane rows={vip} width={width - left} height={second} {...focus('vip')} />
			</Box>
			{rest >= timelineMinRows && <Pane rows={timelinePane(state, rest)} width={width} height={rest} />}
		</Box>
	);
}

/** A frozen pane must not show "live". */
export function asShown(state: State, rows: PaneRows): PaneRows {
	return state.view.frozen === undefined ? rows : {...rows, status: cell('frozen', 'warn')};
}

function timelinePane(state: State, height: number): PaneRows {
	const shown = shownSnapshot(state);
	const lines = timelineLines(shown, height - 2);
	const hidden = shown.timeline.length - lines.length;
	return {
		title: 'Timeline',
		status: cell(hidden > 0 ? `${hidden} earlier: T shows all` : 'since this console started', 'dim'),
		lines: lines.length === 0 ? [[cell('no events since this console started', 'dim')]] : lines,
		table: undefined,
	};
}
