/** All that the screen is a function of, besides its size. */
import {type Cluster, emptyCluster} from '../domain/cluster.ts';
import {type FindingHistory, noFindings} from '../domain/findings/history.ts';
import {type Choice, usualChoice} from '../domain/logs/filter.ts';
import {emptyLogs, type Logs} from '../domain/logs/logs.ts';
import type {Subject} from '../domain/operations/offers.ts';
import type {Run} from '../domain/operations/run.ts';
import type {Target} from '../domain/target.ts';
import type {Entry} from '../domain/timeline/entry.ts';
import type {Dialog} from './dialog.ts';
import type {DrillRun} from './drill-run.ts';
import type {Playback} from './playback.ts';

export type PaneId = 'members' | 'leader' | 'vip';

export const paneIds: readonly PaneId[] = ['members', 'leader', 'vip'];

/** What is true of the cluster, as far as is known, at one moment. */
export type Picture = {
	/** The moment of the last tick (or key), Unix ms: the only clock that the screen has. Facts may be up to a second younger. */
	now: number;
	target: Target;
	cluster: Cluster;
	timeline: readonly Entry[];
	/** Since when what is wrong is wrong. */
	found: FindingHistory;
};

/** What lies over the panes. */
export type Layer =
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
	/** The drill that goes on, or the last one. */
	| {kind: 'drill'; scroll: number}
	| LogLayer
	/** Which nodes and services the logs show; `selected` is a row's id. */
	| {kind: 'logs.pick'; selected: string | undefined; scroll: number}
	/** The timeline, to go to what the logs said at that time. */
	| {kind: 'entries'; selected: string | undefined; scroll: number}
	| Prompt;

/** The logs of all nodes, in one stream or side by side. */
export type LogLayer = {
	kind: 'logs';
	choice: Choice;
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
	/** A search that goes on: from where, and which way. */
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

/** What the keys are about: the topmost layer, or the panes. */
export type Mode = 'panes' | Layer['kind'];

/** A word to the operator, until the next key. */
export type Notice = {text: string; tone: 'dim' | 'warn'};

export type View = {
	pane: PaneId;
	/** The selected row of each pane, by its id; the first one where it is not there (any more). */
	selected: Readonly<Partial<Record<PaneId, string>>>;
	/** Over the panes, the topmost last: it takes the keys and is what is drawn. */
	layers: readonly Layer[];
	notice: Notice | undefined;
	/** The operator was told that an operation goes on; the same key again leaves it to itself. */
	leaving: boolean;
	/** How many questions have been asked. */
	questions: number;
	/** The picture that the screen stands still at. */
	frozen: Picture | undefined;
};

export type State = Picture & {
	startedAt: number;
	view: View;
	/** Operations that were confirmed in this console, the newest last. */
	runs: readonly Run[];
	/** The one that goes on, or the last one. */
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

export function topLayer({layers}: View): Layer | undefined {
	return layers.at(-1);
}

/** The logs, also where something lies over them. */
export function logLayer({layers}: View): LogLayer | undefined {
	return layers.find(layer => layer.kind === 'logs');
}

export function newLogLayer(nodes: readonly string[] | undefined): LogLayer {
	return {
		kind: 'logs',
		choice: {...usualChoice, nodes},
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
	return replay?.asOperator ? 'panes' : (topLayer(view)?.kind ?? 'panes');
}

/** Operations are offered: not with `--read-only`, and not in a recording. */
export function offersHands({target, replay}: State): boolean {
	return target.hands !== 'off' && replay === undefined;
}

/** What the panes show: the frozen picture, else the present one. */
export function picture({view, now, target, cluster, timeline, found}: State): Picture {
	return view.frozen ?? {now, target, cluster, timeline, found};
}
