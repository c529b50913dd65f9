/** The panes of the cluster: members, etcd and VIP, or one table of nodes; below them the chart and the timeline. */

import {Box} from 'ink';
import {selectedRow} from '../state/selection.ts';
import {type PaneId, type State, shownSnapshot} from '../state/state.ts';
import {cell, type PaneRows} from '../state/view/cells.ts';
import {etcdPane} from '../state/view/etcd.ts';
import {membersPane} from '../state/view/members.ts';
import {nodeRows, nodesPane} from '../state/view/nodes.ts';
import {timelineLength, timelinePane} from '../state/view/timeline.ts';
import {chartPane} from '../state/view/trends.ts';
import {vipPane} from '../state/view/vip.ts';
import {Pane, paneHeight} from './components/pane.tsx';

/** Below this width one table has all nodes: two tables side by side would cut the reasons. */
const tablesMinWidth = 110;

/** Its borders and the last entry. */
const timelineMinRows = 3;
const borders = 2;
/** Where there is room for them. */
const timelineEntries = 3;
/** Beside a chart, too. */
const timelineWantedRows = timelineEntries + borders;
/** Its borders, writes, and the lanes of leader and VIP. */
const chartMinRows = 5;
const chartMaxRows = 16;
/** Of the room below the panes. */
const chartShare = 0.45;

type PanesProps = {
	state: State;
	width: number;
	height: number;
	/** An overlay has the focus. */
	isCovered: boolean;
};

/** Members; etcd and VIP side by side; on a narrow screen one table of all nodes; chart and timeline in the rest. */
export function Panes({state, width, height, isCovered}: PanesProps) {
	const {members, leader, vip, nodes, isOpen} = fitPanes(state, {width, height, isCovered});
	const rows = heightsOf({members, leader, vip, nodes, isOpen}, height);
	const chart = chartOf(state, width, rows.rest);
	const timeline = rows.rest - (chart?.height ?? 0);
	const left = Math.ceil(width / 2);
	const focused = isCovered ? undefined : state.view.pane;
	const selected = focused === undefined ? undefined : selectedRow(state);
	const focus = (id: PaneId) =>
		focused === id ? {focused: true, selected} : {focused: false, selected: undefined};
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Pane
				area="members"
				rows={members}
				width={width}
				height={rows.members}
				isOpen={isOpen}
				{...focus('members')}
			/>
			<Box width={width} height={rows.middle}>
				<Pane
					area="leader"
					rows={leader}
					width={left}
					height={rows.middle}
					isOpen={isOpen}
					{...focus('leader')}
				/>
				<Pane
					area="vip"
					rows={vip}
					width={width - left}
					height={rows.middle}
					isOpen={isOpen}
					{...focus('vip')}
				/>
			</Box>
			{nodes !== undefined && rows.nodes >= timelineMinRows && (
				<Pane
					area="vip"
					rows={nodes}
					width={width}
					height={rows.nodes}
					selected={selectedNode(state, focused, selected)}
					focused={focused === 'leader' || focused === 'vip'}
					marked={false}
					isOpen={isOpen}
				/>
			)}
			{chart !== undefined && <Pane {...chart} width={width} />}
			{timeline >= timelineMinRows && (
				<Pane rows={timelinePane(state, timeline)} width={width} height={timeline} />
			)}
		</Box>
	);
}

/** Undefined where the timeline needs the room. */
function chartOf(state: State, width: number, room: number): {rows: PaneRows; height: number} | undefined {
	const wanted = Math.min(chartMaxRows, Math.max(chartMinRows, Math.floor(room * chartShare)));
	if (room < wanted + timelineWantedRows) {
		return undefined;
	}

	const rows = asShown(state, chartPane(shownSnapshot(state), {width, height: wanted}));
	// Without a probe it has lanes alone.
	return {rows, height: Math.min(wanted, paneHeight(rows))};
}

type Rows = {
	members: PaneRows;
	leader: PaneRows;
	vip: PaneRows;
	nodes: PaneRows | undefined;
	/** Without bottom borders. */
	isOpen: boolean;
};

/** On a small screen the panes give up bottom borders, then lines that matter less, for entries of the timeline. */
function fitPanes(
	state: State,
	{width, height, isCovered}: {width: number; height: number; isCovered: boolean},
): Rows {
	const rows = paneRows(state, width);
	const entries = Math.min(timelineEntries, timelineLength(state));
	const room = ({rest}: {rest: number}) => (rest < timelineMinRows ? 0 : rest - borders);
	const hasRoom = (some: Rows) => room(heightsOf(some, height)) >= entries;
	if (rows.nodes === undefined || isCovered || hasRoom(rows)) {
		return rows;
	}

	const open = {...rows, isOpen: true};
	return hasRoom(open) ? open : {...paneRows(state, width, {brief: true}), isOpen: true};
}

function paneRows(state: State, width: number, {brief} = {brief: false}): Rows {
	const shown = shownSnapshot(state);
	const withRows = width >= tablesMinWidth;
	return {
		members: asShown(state, membersPane(shown, width)),
		leader: asShown(state, etcdPane(shown, {withRows, brief})),
		vip: asShown(state, vipPane(shown, {withRows, brief})),
		nodes: withRows ? undefined : asShown(state, nodesPane(shown)),
		isOpen: false,
	};
}

/** Rows of the panes in full, without chart and timeline. */
export function panesHeight(state: State, width: number): number {
	const {members, leader, vip, nodes} = paneRows(state, width);
	return (
		paneHeight(members) +
		Math.max(paneHeight(leader), paneHeight(vip)) +
		(nodes === undefined ? 0 : paneHeight(nodes))
	);
}

/** Where they do not fit, members and nodes scroll. */
function heightsOf(
	{members, leader, vip, nodes, isOpen}: Rows,
	height: number,
): {members: number; middle: number; nodes: number; rest: number} {
	const heightOf = (rows: PaneRows) => paneHeight(rows) - (isOpen ? 1 : 0);
	const full = Math.max(heightOf(leader), heightOf(vip));
	const wanted = nodes === undefined ? 0 : heightOf(nodes);
	const fits = heightOf(members) + full + wanted <= height;
	const middle = fits ? full : Math.min(full, Math.ceil(height / 2));
	const left = height - middle;
	const first = Math.max(3, Math.min(heightOf(members), left - Math.min(wanted, Math.floor(left / 2))));
	const third = Math.max(0, Math.min(wanted, left - first));
	return {members: first, middle, nodes: third, rest: left - first - third};
}

/** The row in the table of nodes that is the selected one of the pane of etcd or of the VIP. */
function selectedNode(
	state: State,
	pane: PaneId | undefined,
	selected: string | undefined,
): string | undefined {
	return pane === 'leader'
		? nodeRows(shownSnapshot(state)).find(({etcd}) => etcd === selected)?.id
		: pane === 'vip'
			? selected
			: undefined;
}

/** A frozen pane must not say that it is live. */
export function asShown(state: State, rows: PaneRows): PaneRows {
	return state.view.frozen === undefined ? rows : {...rows, status: cell('frozen', 'warn')};
}
