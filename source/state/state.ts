/** The state: all that the screen depends on, besides its size. */
import {type Cluster, emptyCluster} from '../domain/cluster/cluster.ts';
import type {Drill, DrillKind, DrillResult, Measure, Prepared, StageId} from '../domain/drill/types.ts';
import type {Entry} from '../domain/facts.ts';
import {type FindingHistory, noFindings} from '../domain/findings/finding.ts';
import type {LogFilter} from '../domain/logs/filtered-lines.ts';
import {emptyLogs, type Logs} from '../domain/logs/logs.ts';
import type {FieldId, Guard, Operation, Request, Run, Subject} from '../domain/operations/types.ts';
import type {SpanId} from '../domain/sql-trends.ts';
import type {Target} from '../domain/target.ts';
import {emptyTrends, type Trends} from '../domain/trends.ts';

export type PaneId = 'members' | 'leader' | 'vip';

export const paneIds: readonly PaneId[] = ['members', 'leader', 'vip'];

/** The cluster and its history at one moment. */
export type ClusterSnapshot = {
	/** Time of the last tick or key, Unix ms: the screen's only clock. Facts may be up to a second newer. */
	now: number;
	target: Target;
	cluster: Cluster;
	timeline: readonly Entry[];
	/** Since when each finding holds. */
	found: FindingHistory;
	/** For the charts. */
	trends: Trends;
};

/** What `/` has narrowed a list to; in the timeline it marks instead. */
type Filterable = {filter?: string | undefined};

/** A view over the panes. */
export type Overlay =
	| ({kind: 'help'; scroll: number} & Filterable)
	/** `selected`: the key of a root, the first one if undefined. `expanded`: keys of roots whose consequences are shown. */
	| ({
			kind: 'findings';
			scroll: number;
			selected?: string | undefined;
			expanded?: readonly string[];
	  } & Filterable)
	/** Details of one member. */
	| {kind: 'details'; member: string; scroll: number}
	/** Details of what a pane shows. */
	| {kind: 'pane'; pane: Exclude<PaneId, 'members'>; scroll: number}
	/** Operations for a member and its machine. `selected`: an offer's id. */
	| ({kind: 'menu'; subject: Subject; selected: string | undefined; scroll: number} & Filterable)
	| Dialog
	/** The steps of a confirmed operation. */
	| {kind: 'run'; run: number; scroll: number}
	/** The running drill, or the last one. */
	| {kind: 'drill'; scroll: number}
	| LogOverlay
	/** The nodes and services that the logs show. `selected`: a row's id. */
	| ({kind: 'logs.pick'; selected: string | undefined; scroll: number} & Filterable)
	/**
	 * The timeline, to jump to the logs of an entry's time. `all`: not folded into incidents; `expanded`: begins of the
	 * incidents that are open, Unix ms.
	 */
	| ({
			kind: 'entries';
			selected: string | undefined;
			scroll: number;
			all?: boolean;
			expanded?: readonly number[];
	  } & Filterable)
	/** Client sessions of all members. `selected`: a row's id. `grouped`: by application. */
	| ({kind: 'sessions'; selected: string | undefined; grouped: boolean; scroll: number} & Filterable)
	/** What members report by SQL over time. */
	| {kind: 'trends'; span: SpanId; scroll: number}
	| PaletteOverlay
	| Prompt;

/** All commands, narrowed by the typed text. `scroll`: the index of the selected row. */
export type PaletteOverlay = {kind: 'palette'; text: string; scroll: number};

/** An overlay that `/` filters, or searches. */
export type FilterableOverlay = Extract<
	Overlay,
	Filterable & {kind: 'help' | 'findings' | 'menu' | 'logs.pick' | 'entries' | 'sessions'}
>;

/** An overlay with rows, one of which is selected. */
export type ListOverlay = Exclude<FilterableOverlay, {kind: 'help'}>;

/** The logs of all nodes, in one stream or split. */
export type LogOverlay = {
	kind: 'logs';
	choice: LogFilter;
	wrap: boolean;
	/** One column or band for each node. */
	split: boolean;
	/** Order of the line that the operator is at; undefined follows the newest line. */
	place: number | undefined;
	/** Order of the newest line when following ended; later lines wait. */
	newest: number;
	/** Places before each jump, the latest last; undefined means the end of the stream. */
	back: readonly (number | undefined)[];
	search: string;
	/** The search in progress: its position and direction. */
	seeking: {from: number; direction: 1 | -1} | undefined;
	scroll: number;
};

/** The input line over the logs; `list`: the one in the title of a list, which has its text as the filter at once. */
export type Prompt = {
	kind: 'prompt';
	purpose: 'search' | 'filter' | 'time' | 'list' | 'acknowledge';
	/** The change of leader that is acknowledged. */
	change?: number;
	text: string;
	/** Why the input is invalid. */
	problem: string | undefined;
	scroll: number;
};

/** The mode, which decides the meaning of keys: the topmost overlay, or the panes. */
export type Mode = 'panes' | Overlay['kind'];

/** A message to the operator, displayed until the next key. */
export type Notice = {text: string; tone: 'dim' | 'warn'};

export type View = {
	pane: PaneId;
	/** The selected row's id in each pane; the first row if that row does not exist. */
	selected: Readonly<Partial<Record<PaneId, string>>>;
	/** Overlays over the panes. The last one is the topmost, which is drawn and gets the keys. */
	overlays: readonly Overlay[];
	notice: Notice | undefined;
	/** Time of the notice, Unix ms. */
	noticeAt?: number | undefined;
	/** The screen has warned that an operation is running; the same key again quits and lets it continue. */
	leaving: boolean;
	/** The entry of the menu that was chosen last, with its subject: the menu opens there again. */
	menuRow?: string | undefined;
	/** Number of questions asked so far. */
	questions: number;
	/** The snapshot that a frozen screen shows. */
	frozen: ClusterSnapshot | undefined;
};

export type State = ClusterSnapshot & {
	startedAt: number;
	view: View;
	/** Operations confirmed in this console, the newest last. */
	runs: readonly Run[];
	/** The running drill, or the last one. */
	drill: DrillRun | undefined;
	logs: Logs;
	/** The file that this session is recorded to. */
	recording: {file: string} | undefined;
	/** Set while a recording is played without connections; undefined in a live console. */
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
			overlays: [],
			notice: undefined,
			leaving: false,
			questions: 0,
			frozen: undefined,
		},
	};
}

export function topOverlay({overlays}: View): Overlay | undefined {
	return overlays.at(-1);
}

export function mode({view, replay}: State): Mode {
	if (replay?.prompt !== undefined) {
		return 'prompt';
	}

	// In a replay, the operator's input fields do not take keys.
	return replay?.asOperator ? 'panes' : (topOverlay(view)?.kind ?? 'panes');
}

/** Whether operations are offered: not with `--read-only`, and not in a replay. */
export function hasOperations({target, replay}: State): boolean {
	return target.operations !== 'disabled' && replay === undefined;
}

/** The snapshot that the panes show: the frozen one, else the present. */
export function shownSnapshot({view, now, target, cluster, timeline, found, trends}: State): ClusterSnapshot {
	return view.frozen ?? {now, target, cluster, timeline, found, trends};
}

/** `cancel` and `send` are buttons; `name`, `when` and `reason` take text; the arrow keys change the others. */
export type Field = 'cancel' | 'send' | FieldId | 'goal' | 'reason' | 'name';

export type Dialog = {
	kind: 'dialog';
	/** The question's number: a key that was pressed at another question does not count here. */
	question: number;
	operation: Operation;
	/** The drill that the operation belongs to; undefined without one. */
	drill: DrillQuestion | undefined;
	/** The guard: an answer is invalid once this has changed. */
	guard: Guard;
	/** The exact requests, as shown. */
	requests: readonly Request[];
	/** Lines that show the change of the dynamic configuration. */
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
	/** The goals as typed. */
	goals: string;
	/** The operator has changed the goals. */
	own: boolean;
	/** Undefined until the preparation is done. */
	prepared: Prepared | undefined;
};

export type DrillRun = {
	drill: Drill;
	/** Undefined in recordings of older versions of `pgha-top drill`. */
	prepared: Prepared | undefined;
	/** The question that was answered with yes, until its request is sent. */
	question: Dialog | undefined;
	/** Time of the confirmation, Unix ms. */
	at: number;
	/** The stages that have begun; the last one is running. */
	stages: readonly {id: StageId; at: number}[];
	/** What the operator must do now. */
	hand: string | undefined;
	measures: readonly Measure[];
	/** The recording. `own`: it ends with the drill. */
	recording: {file: string; own: boolean} | undefined;
	ended: {at: number; result: DrillResult; text: string} | undefined;
	/** The screen has shown the end. */
	seen: boolean;
	/** The screen has explained aborting; the same key again aborts. */
	stopping: boolean;
};

export type Playback = {
	playing: boolean;
	/** Seconds of the recording per second. */
	speed: number;
	/** The position, and the start and end of the recording, Unix ms. */
	time: number;
	from: number;
	to: number;
	/** The time zone of the recorded console, such as CET. */
	zone: string;
	/** Timeline entries as jump targets. */
	marks: readonly Entry[];
	/** Number of events in the recording. */
	events: number;
	/** While paused: the number of played events, and the last one in words. */
	step: {position: number; event: string} | undefined;
	/** Why the replay ends here. */
	end: string | undefined;
	/** Shows the operator's view rather than the viewer's. */
	asOperator: boolean;
	/** The recording was put together from logs, not recorded as it happened. */
	isByLogs?: true;
	/** Input of a time to jump to. */
	prompt: {text: string; problem: string | undefined} | undefined;
	/** Where and how the recording is damaged. */
	problem: string | undefined;
	/** Of a recording that a watch is writing; undefined for one in a file. */
	live?: LivePlayback | undefined;
};

/** How what is shown relates to this moment, by this machine's clock. */
export type LivePlayback = {
	/** The newest that is recorded is shown. */
	isFollowing: boolean;
	/** Age of what is shown, whole seconds, ms; 0 for up to three seconds at the end. */
	ageMs: number;
	/** Age of the newest that is recorded, in the same way. */
	silentMs: number;
	/** Why nothing newer is recorded, and for how long; undefined while the watch records. */
	stopped: string | undefined;
	/** The same without the time. */
	reason: string | undefined;
};
