/** The screen between verdict and footer: the cluster, and the topmost overlay below or beside it. */

import {Box} from 'ink';
import {filterable, logOverlay, shownOverlay} from '../state/overlays.ts';
import {selectedInList, selectedRow} from '../state/selection.ts';
import {type Mode, type Overlay, type State, shownSnapshot, topOverlay} from '../state/state.ts';
import {cell, type PaneRows} from '../state/view/cells.ts';
import {detailsPane} from '../state/view/details.ts';
import {etcdDetails} from '../state/view/etcd.ts';
import {findingsPane} from '../state/view/findings.ts';
import {membersPane} from '../state/view/members.ts';
import {lastOperationPane, openStep} from '../state/view/operations.ts';
import {overlayPane} from '../state/view/overlay.ts';
import {paletteRowId, selectedCommand} from '../state/view/palette.ts';
import {clusterSummary} from '../state/view/verdict.ts';
import {vipDetails} from '../state/view/vip.ts';
import {Line, Pane, paneHeight, paneScroll, wrappedHeight} from './components/pane.tsx';
import {Logs, logPage} from './logs.tsx';
import {asShown, Panes, panesHeight} from './panes.tsx';
import {fitLine} from './table-layout.ts';

/** Lines of a page, and the last scroll position. */
export type ScrollBounds = {page: number; end?: number};

/** From this width on an overlay has a column of its own. */
const sideMinWidth = 180;
const sideShare = 0.4;

/** Rows for an overlay; the rest shows the cluster: all panes, the members, or a line. */
const overlayMinRows: Readonly<Record<Exclude<Mode, 'panes'>, number>> = {
	// The keys of a view fit at 120x40.
	help: 34,
	findings: 12,
	details: 12,
	pane: 12,
	menu: 12,
	dialog: 15,
	// The open step stays visible in fewer rows than all.
	run: 12,
	// A drill is shown to its last line.
	drill: 19,
	logs: 18,
	prompt: 18,
	'logs.pick': 12,
	entries: 12,
	sessions: 16,
	trends: 14,
	palette: 18,
};
/** Borders and heading of the palette, and lines that say how many rows are hidden. */
const paletteFixedRows = 5;
/** Rows of a page in the panes, whose heights differ. */
const panesPageRows = 10;

/** The part of the cluster that an overlay leaves visible. `summary`: one line. */
type ClusterPart = 'panes' | 'members' | 'summary';

export type Placement = {
	/** Undefined without an overlay. `rows` is undefined for the logs, which depend on the size. */
	overlay: {content: Overlay; rows: PaneRows | undefined; width: number; height: number} | undefined;
	cluster: {part: ClusterPart; width: number; height: number};
	/** The overlay is beside the cluster. */
	beside: boolean;
};

export function placementOf(state: State, width: number, height: number): Placement {
	const top = topOverlay(state.view);
	// A prompt over the logs is a part of them.
	const content =
		top?.kind === 'prompt' && top.purpose !== 'list'
			? (logOverlay(state.view) ?? top)
			: shownOverlay(state.view);
	const isBeside = width >= sideMinWidth;
	const side = Math.floor(width * sideShare);
	const rows = overlayPane(state, isBeside ? side : width);
	if (isBeside) {
		return {
			overlay: content && {content, rows, width: side, height},
			cluster: {part: 'panes', width: width - side, height},
			beside: true,
		};
	}

	if (content === undefined) {
		return {overlay: undefined, cluster: {part: 'panes', width, height}, beside: false};
	}

	const least = overlayMinRows[content.kind];
	const members = paneHeight(membersPane(shownSnapshot(state), width));
	const parts: readonly [ClusterPart, number][] = [
		['panes', panesHeight(state, width)],
		['members', members + 1],
	];
	const [part, taken] = parts.find(([, rowsTaken]) => height - rowsTaken >= least) ?? ['summary', 1];
	return {
		overlay: {content, rows, width, height: height - taken},
		cluster: {part, width, height: taken},
		beside: false,
	};
}

export function scrollBoundsOf(state: State, width: number, height: number): ScrollBounds {
	const {overlay} = placementOf(state, width, height);
	return overlay === undefined
		? {page: panesPageRows}
		: overlay.rows === undefined
			? {page: logPage(overlay.height)}
			: overlay.content.kind === 'palette'
				? paletteBounds(overlay.rows, overlay.height)
				: paneScroll(overlay.rows, overlay.width, overlay.height);
}

/** There a step selects a row. */
function paletteBounds({table}: PaneRows, height: number): ScrollBounds {
	return {page: Math.max(1, height - paletteFixedRows), end: Math.max(0, (table?.rows.length ?? 0) - 1)};
}

export type MainProps = {state: State; width: number; height: number};

/** The screen between verdict and footer. */
export function Main({state, width, height}: MainProps) {
	const {overlay, cluster, beside} = placementOf(state, width, height);
	const side = width - cluster.width;
	return (
		<Box flexDirection={beside ? 'row' : 'column'} width={width} height={height}>
			<ClusterView state={state} {...cluster} isCovered={overlay !== undefined} />
			{overlay === undefined
				? beside && <SidePanes state={state} width={side} height={height} />
				: overlayOf(state, overlay, {isAlone: cluster.part === 'summary'})}
		</Box>
	);
}

function overlayOf(
	state: State,
	{content, rows, width, height}: NonNullable<Placement['overlay']>,
	{isAlone}: {isAlone: boolean},
) {
	if (rows === undefined) {
		const logs = logOverlay(state.view);
		return logs && <Logs state={state} overlay={logs} width={width} height={height} />;
	}

	const list = filterable(content);
	return (
		<Pane
			area="overlay"
			rows={rows}
			width={width}
			height={height}
			scroll={content.kind === 'palette' ? 0 : content.scroll}
			selected={
				content.kind === 'palette'
					? paletteRowId(selectedCommand(state, content))
					: list === undefined || list.kind === 'help'
						? undefined
						: selectedInList(state, list)
			}
			follow={content.kind === 'run' ? openStep(state, content.run) : undefined}
			focused
			// A pane alone on the screen needs no mark; in a question the choice or the field has it, in the findings one of
			// them; the help explains it.
			marked={!isAlone && content.kind !== 'dialog' && content.kind !== 'help' && rows.anchor === undefined}
		/>
	);
}

/** The right column without an overlay: findings, the last operation, details of the selected row. */
function SidePanes({state, width, height}: MainProps) {
	const shown = shownSnapshot(state);
	const findings = asShown(state, findingsPane(shown));
	const run = lastOperationPane(state);
	const first = Math.min(wrappedHeight(findings, width), Math.ceil(height / 2));
	const second = run === undefined ? 0 : Math.min(wrappedHeight(run, width), Math.ceil((height - first) / 2));
	const third = height - first - second;
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Pane rows={findings} width={width} height={first} />
			{run !== undefined && <Pane rows={run} width={width} height={second} follow={openStep(state)} />}
			<Pane rows={selectionPane(state)} width={width} height={third} />
		</Box>
	);
}

/** The same details as Enter shows. */
function selectionPane(state: State): PaneRows {
	const shown = shownSnapshot(state);
	const {pane} = state.view;
	const member = selectedRow(state);
	const rows =
		pane === 'leader'
			? etcdDetails(shown)
			: pane === 'vip'
				? vipDetails(shown)
				: detailsPane(shown, member ?? '');
	return asShown(state, {...rows, status: cell('')});
}

type ClusterViewProps = MainProps & {
	part: ClusterPart;
	/** The keys go to an overlay. */
	isCovered: boolean;
};

function ClusterView({state, part, width, height, isCovered}: ClusterViewProps) {
	if (part === 'panes') {
		return <Panes state={state} width={width} height={height} isCovered={isCovered} />;
	}

	const summary = <Line cells={fitLine([cell(' '), ...clusterSummary(state)], width)} />;
	if (part === 'summary') {
		return summary;
	}

	return (
		<Box flexDirection="column" width={width} height={height}>
			{summary}
			<Pane
				rows={asShown(state, membersPane(shownSnapshot(state), width))}
				width={width}
				height={height - 1}
			/>
		</Box>
	);
}
