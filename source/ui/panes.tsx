/** The panes in the space they have: members above, leader key and VIP side by side, the timeline below them. */
import {Box} from 'ink';
import {selectedRow} from '../state/selection.ts';
import {type State, shownSnapshot} from '../state/state.ts';
import {cell, type PaneRows} from '../state/view/cells.ts';
import {etcdPane} from '../state/view/etcd.ts';
import {membersPane} from '../state/view/members.ts';
import {timelineLines} from '../state/view/overlay.ts';
import {vipPane} from '../state/view/vip.ts';
import {Pane, paneHeight} from './components/pane.tsx';

/** Its borders and the last entry. */
const timelineMinRows = 3;

export type PanesProps = {
	state: State;
	width: number;
	height: number;
	/** The keys go to an overlay below them. */
	covered?: boolean;
};

export function Panes({state, width, height, covered = false}: PanesProps) {
	const shown = shownSnapshot(state);
	const members = asShown(state, membersPane(shown));
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

/** A frozen pane must not say that it is live. */
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
