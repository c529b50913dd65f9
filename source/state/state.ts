/** All that the screen is a function of, besides its size. */
import {type Cluster, emptyCluster} from '../domain/cluster/cluster.ts';
import type {Drill, DrillKind, DrillResult, Measure, Prepared, StageId} from '../domain/drill/types.ts';
import type {Entry} from '../domain/facts.ts';
import {type FindingHistory, noFindings} from '../domain/findings/finding.ts';
import {defaultLogFilter, type LogFilter} from '../domain/logs/filtered-lines.ts';
import {emptyLogs, type Logs} from '../domain/logs/logs.ts';
import type {FieldId, Guard, Operation, Request, Run, Subject} from '../domain/operations/types.ts';
import type {Target} from '../domain/target.ts';
import {emptyTrends, type Trends} from '../domain/trends.ts';

export type PaneId = 'members' | 'leader' | 'vip';

export const paneIds: readonly PaneId[] = ['members', 'leader', 'vip'];

/** What is known of the cluster at one moment. */
export type ClusterSnapshot = {
	/** The moment of the last tick (or key), Unix ms: the only clock that the screen has. Facts may be up to a second younger. */
	now: number;
	target: Target;
	cluster: Cluster;
	timeline: readonly Entry[];
	/** Since when what is wrong is wrong. */
	found: FindingHistory;
	/** What the last half hour was, for the charts. */
	trends: Trends;
};

/** What lies over the panes. */
export type Overlay =
	| {kind: 'help'; scroll: number}
	/** All that is wrong. */
	| {kind: 'findings'; scroll: number}
	/** All that is known of one member. */
	| {kind: 'details'; member: string; scroll: number}
	/** What can be done to a member and its machine; `selected` is an offer's id. */
	| {kind: 'menu'; subject: Subject; selected: string | undefined; scroll: number}
	| Dialog
	/** The steps of an operation that was confirmed. */
	| {kind: 'run'; run: number; scroll: number}
	/** The drill that is running, or the last one. */
	| {kind: 'drill'; scroll: number}
	| LogOverlay
	/** Which nodes and services the logs show; `selected` is a row's id. */
	| {kind: 'logs.pick'; selected: string | undefined; scroll: number}
	/** The timeline, to go to what the logs said at that time. */
	| {kind: 'entries'; selected: string | undefined; scroll: number}
	| Prompt;

/** The logs of all nodes, in one stream or side by side. */
export type LogOverlay = {
	kind: 'logs';
	choice: LogFilter;
	wrap: boolean;
	/** A column or a band for each node. */
	split: boolean;
	/** The line that the operator is at, by its order; undefined follows the newest. */
	place: number | undefined;
	/** The newest line when following ended, by its order: what comes after it waits. */
	newest: number;
	/** Places that were left by a jump, the last one last; undefined for the end of the stream. */
	back: readonly (number | undefined)[];
	search: string;
	/** A running search: from where, and which way. */
	seeking: {from: number; direction: 1 | -1} | undefined;
	scroll: number;
};

/** A line of text that is asked for, over the logs. */
export type Prompt = {
	kind: 'prompt';
	purpose: 'search' | 'filter' | 'time';
	text: string;
	/** Why it can't be taken. */
	problem: string | undefined;
	scroll: number;
};

/** What the keys apply to: the topmost overlay, or the panes. */
export type Mode = 'panes' | Overlay['kind'];

/** A message to the operator, until the next key. */
export type Notice = {text: string; tone: 'dim' | 'warn'};

export type View = {
	pane: PaneId;
	/** The selected row of each pane, by its id; the first one where it is not there (any more). */
	selected: Readonly<Partial<Record<PaneId, string>>>;
	/** Over the panes, the topmost last: it takes the keys and is what is drawn. */
	layers: readonly Overlay[];
	notice: Notice | undefined;
	/** The screen has said that an operation is running; the same key again quits and lets it continue. */
	leaving: boolean;
	/** How many questions have been asked. */
	questions: number;
	/** The snapshot that the screen is frozen at. */
	frozen: ClusterSnapshot | undefined;
};

export type State = ClusterSnapshot & {
	startedAt: number;
	view: View;
	/** Operations that were confirmed in this console, the newest last. */
	runs: readonly Run[];
	/** The one that is running, or the last one. */
	drill: DrillRun | undefined;
	logs: Logs;
	/** Where this session is being written down. */
	recording: {file: string} | undefined;
	/** A recording is played, and nothing is connected; never in the state of a console. */
	replay: Playback | undefined;
};

export function initialState(target: Target, now: number): State {
	return {
		now,
		startedAt: now,
		target,
		cluster: emptyCluster,
		timeline: [],
		found: noFindings,
		trends: emptyTrends,
		runs: [],
		drill: undefined,
		logs: emptyLogs,
		recording: undefined,
		replay: undefined,
		view: {
			pane: 'members',
			selected: {},
			layers: [],
			notice: undefined,
			leaving: false,
			questions: 0,
			frozen: undefined,
		},
	};
}

export function topOverlay({layers}: View): Overlay | undefined {
	return layers.at(-1);
}

/** The logs, also where something lies over them. */
export function logOverlay({layers}: View): LogOverlay | undefined {
	return layers.find(layer => layer.kind === 'logs');
}

export function newLogOverlay(nodes: readonly string[] | undefined): LogOverlay {
	return {
		kind: 'logs',
		choice: {...defaultLogFilter, nodes},
		wrap: false,
		split: false,
		place: undefined,
		newest: 0,
		back: [],
		search: '',
		seeking: undefined,
		scroll: 0,
	};
}

export function mode({view, replay}: State): Mode {
	if (replay?.prompt !== undefined) {
		return 'prompt';
	}

	// What the operator looked at is no place to type into.
	return replay?.asOperator ? 'panes' : (topOverlay(view)?.kind ?? 'panes');
}

/** Operations are offered: not with `--read-only`, and not in a recording. */
export function hasOperations({target, replay}: State): boolean {
	return target.operations !== 'disabled' && replay === undefined;
}

/** What the panes show: the frozen snapshot, else the present state. */
export function shownSnapshot({view, now, target, cluster, timeline, found, trends}: State): ClusterSnapshot {
	return view.frozen ?? {now, target, cluster, timeline, found, trends};
}

/** `cancel` and `send` are choices, `name`, `when` and `reason` take text, the others are changed with the arrows. */
export type Field = 'cancel' | 'send' | FieldId | 'goal' | 'reason' | 'name';

export type Dialog = {
	kind: 'dialog';
	/** Its number: a key that was pressed at another question is no answer to this one. */
	question: number;
	operation: Operation;
	/** It is done to be measured; undefined: it is done for its own sake. */
	drill: DrillQuestion | undefined;
	/** What the operator was shown; an answer to it is worth nothing once this has changed. */
	frozen: Guard;
	/** What is sent, to the letter, as shown. */
	requests: readonly Request[];
	/** Lines of a difference that the operator should see: of the dynamic configuration. */
	difference: readonly string[];
	when: string;
	reason: string;
	name: string;
	focus: Field;
	/** Why nothing was sent. */
	problem: string | undefined;
	scroll: number;
};

export type DrillQuestion = {
	kind: DrillKind;
	/** As it is typed. */
	goals: string;
	/** The operator changed them. */
	own: boolean;
	/** Undefined until it is known. */
	prepared: Prepared | undefined;
};

export type DrillRun = {
	drill: Drill;
	/** Undefined in a recording of an older `pgha-top drill`. */
	prepared: Prepared | undefined;
	/** What was answered with yes, until it is sent. */
	question: Dialog | undefined;
	/** When it was agreed to. */
	at: number;
	/** Those that have begun; the last one is running. */
	stages: readonly {id: StageId; at: number}[];
	/** What the operator has to do now. */
	hand: string | undefined;
	measures: readonly Measure[];
	/** Where it is recorded; `own`: the recording ends with it. */
	recording: {file: string; own: boolean} | undefined;
	ended: {at: number; result: DrillResult; text: string} | undefined;
	/** Its end was on the screen. */
	seen: boolean;
	/** The screen has said what aborting means; the same key again does it. */
	stopping: boolean;
};

export type Playback = {
	playing: boolean;
	/** Seconds of the recording a second. */
	speed: number;
	/** Where it is, and where the recording begins and ends; Unix ms. */
	time: number;
	from: number;
	to: number;
	/** What the operator's clock was set to, such as CET. */
	zone: string;
	/** Timeline entries to jump to. */
	marks: readonly Entry[];
	/** How many events the recording has. */
	events: number;
	/** While it stands: how many of them have been, and the last one in words. */
	step: {position: number; event: string} | undefined;
	/** Why there is no more. */
	end: string | undefined;
	/** What the operator looked at is shown, and not what who looks at the recording chose. */
	asOperator: boolean;
	/** The time that is being typed, to go there. */
	prompt: {text: string; problem: string | undefined} | undefined;
	/** The recording is damaged here. */
	problem: string | undefined;
};

export function open(view: View, layer: Overlay): View {
	return {...view, layers: [...view.layers, layer]};
}

/** Closes the topmost one. */
export function close(view: View): View {
	return {...view, layers: view.layers.slice(0, -1)};
}

/** Opens a layer of this kind, or closes it where it is the topmost. */
export function toggle(view: View, layer: Overlay): View {
	return topOverlay(view)?.kind === layer.kind ? close(view) : open(view, layer);
}

/** The topmost layer put in the place of the present one. */
export function replace(view: View, layer: Overlay): View {
	return {...view, layers: [...view.layers.slice(0, -1), layer]};
}

/** The logs changed, wherever in the pile they lie. */
export function replaceLogs(state: State, logs: LogOverlay): State {
	const layers = state.view.layers.map(layer => (layer.kind === 'logs' ? logs : layer));
	return {...state, view: {...state.view, layers}};
}
