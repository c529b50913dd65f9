/** The only function that changes the state: takes an event, returns the next state and the effects. Pure. */

import {foldLeaderChanges} from '../domain/cluster/leader-changes.ts';
import {foldCluster} from '../domain/cluster/reducer.ts';
import {type Command, type CommandOf, isCommandOf} from '../domain/commands.ts';
import type {ClusterEvent, Event, Stamped} from '../domain/events.ts';
import {foldFindings} from '../domain/findings/finding.ts';
import {findFindings} from '../domain/findings/findings.ts';
import {findRunning} from '../domain/findings/running.ts';
import {entryOf, outageEntry} from '../domain/history/entries.ts';
import {isOpen} from '../domain/operations/run.ts';
import {foldTimeline, withEntries, withLogMark} from '../domain/timeline/timeline.ts';
import {foldTrends} from '../domain/trends.ts';
import type {Effect} from './effects.ts';
import {isScroll} from './selection.ts';
import type {State} from './state.ts';
import {topOverlay} from './state.ts';
import {ask, eraseInField, typeInField} from './update/dialog.ts';
import {foldDrill, isRecordingKept, updateDrill} from './update/drill.ts';
import {isDrillRunning} from './update/drill-run.ts';
import {foldEarlier} from './update/earlier.ts';
import {withLogs} from './update/log-navigation.ts';
import {continueSearches, scrollInLogs, updateLogs, updatePrompt} from './update/logs.ts';
import {
	answerDrill,
	askDrill,
	openQuestion,
	updateDialog,
	updateMenu,
	updateOperation,
} from './update/menu.ts';
import {type Room, updateNavigation} from './update/navigation.ts';
import {foldRuns, leave, machineStops, ownOperations, recordAnswer} from './update/operations.ts';
import {updateTimeline} from './update/timeline.ts';

export function update(state: State, {at, event}: Stamped): [State, readonly Effect[]] {
	const now = Math.max(state.now, at);
	const [next, effects] = nextState(state, {at, event});
	return [withNoticeTime(state, withLogs(state, withRuns(state, next), event, now), now), effects];
}

/** An operation explains findings from its confirmation to its end, not to the next tick. */
function withRuns(before: State, state: State): State {
	if (before.runs === state.runs) {
		return state;
	}

	const {stops: _, running: __, ...found} = state.found;
	const stops = machineStops(state);
	const running = findRunning(ownOperations(state), state.cluster, state.now, state.found);
	return {
		...state,
		found: {
			...found,
			...(stops.length === 0 ? {} : {stops}),
			...(running.length === 0 ? {} : {running}),
		},
	};
}

/** Long enough to be read; a key takes it away at once. */
const noticeForMs = 10_000;

/** A notice goes by itself after a while: what it says is about a moment that is over. */
function withNoticeTime(before: State, state: State, now: number): State {
	const {notice, noticeAt} = state.view;
	if (notice === undefined) {
		return noticeAt === undefined ? state : {...state, view: {...state.view, noticeAt: undefined}};
	}

	// A snapshot of an older version has a notice without its time.
	if (notice !== before.view.notice || noticeAt === undefined) {
		return {...state, view: {...state.view, noticeAt: now}};
	}

	return state.now - noticeAt > noticeForMs
		? {...state, view: {...state.view, notice: undefined, noticeAt: undefined}}
		: state;
}

function nextState(state: State, {at, event}: Stamped): [State, readonly Effect[]] {
	// Ages must not become negative if the clock steps back.
	const now = Math.max(state.now, at);
	switch (event.type) {
		case 'command': {
			return runCommand({...state, now, view: {...state.view, notice: undefined}}, event);
		}

		case 'typed': {
			return [
				typeInField({...state, now, view: {...state.view, notice: undefined, leaving: false}}, event.text),
				[],
			];
		}

		case 'tick': {
			const stops = machineStops(state);
			const running = findRunning(ownOperations(state), state.cluster, now, state.found);
			const all = findFindings(state.cluster, state.target, now, stops, running);
			const found = foldFindings(state.found, all, now, {stops, running});
			const trends = foldTrends(state.trends, state.cluster, state.target, now);
			return foldRuns({...state, now, found, trends}, now);
		}

		case 'operation.report': {
			return foldRuns(recordAnswer(state, event.run, event.answer, now), now);
		}

		case 'config.edited': {
			return [askAboutConfig({...state, now}, event), []];
		}

		case 'logs.seek': {
			return continueSearches(state);
		}

		case 'target.found': {
			return [{...state, target: event.target}, []];
		}

		case 'recording.begun': {
			return [{...state, recording: {file: event.file}}, []];
		}

		case 'recording.ended': {
			return [{...state, recording: undefined}, []];
		}

		case 'history.said': {
			const entry = entryOf(event.event);
			return entry === undefined
				? [state, []]
				: [{...state, timeline: withEntries(state.timeline, [entry])}, []];
		}

		case 'history.outage': {
			return [{...state, timeline: withEntries(state.timeline, [outageEntry(event.outage, now)])}, []];
		}

		case 'history.read': {
			return [foldEarlier(state, event, now), []];
		}

		case 'drill.ask': {
			return askDrill({...state, now}, event);
		}

		case 'drill.answer': {
			return answerDrill({...state, now}, event);
		}

		case 'drill.prepared':
		case 'drill.begun':
		case 'drill.stage':
		case 'drill.asked':
		case 'drill.measured':
		case 'drill.verified':
		case 'drill.ended': {
			return foldDrill(state, event, now);
		}

		case 'notice': {
			const {text, tone} = event;
			return [{...state, view: {...state.view, notice: {text, tone}}}, []];
		}

		default: {
			const cluster = foldLeaderChanges(
				state.cluster,
				foldCluster(state.cluster, event satisfies ClusterEvent, now),
				event,
				state.target,
				now,
			);
			const seen = foldTimeline(state.timeline, state.cluster, cluster, state.target, now);
			const timeline = 'log' in event ? withLogMark(state.timeline, seen, event.log) : seen;
			if (event.type === 'console.stalled' && event.port === undefined) {
				// After a stall, values from before it are stale at once; the next tick may be late.
				const {stops, running} = state.found;
				const all = findFindings(cluster, state.target, now, stops, running);
				const found = foldFindings(state.found, all, now, state.found);
				return foldRuns({...state, now, cluster, timeline, found}, now);
			}

			// Otherwise only ticks move the screen's clock: all ages change together, and a fact without
			// news changes nothing on the screen.
			return foldRuns({...state, cluster, timeline}, now);
		}
	}
}

function runCommand(
	before: State,
	{command, question, page, end}: Event & {type: 'command'},
): [State, readonly Effect[]] {
	if (
		command === 'quit' &&
		(before.runs.some(isOpen) || isDrillRunning(before.drill)) &&
		!before.view.leaving
	) {
		return [{...before, view: {...before.view, leaving: true}}, []];
	}

	const state = {
		...before,
		drill:
			before.drill?.stopping && command !== 'drill.stop' ? {...before.drill, stopping: false} : before.drill,
		view: {...before.view, leaving: false},
	};
	// A key that was pressed at another question does not apply to this one.
	const top = topOverlay(state.view);
	return top?.kind === 'dialog' && question !== undefined && question !== top.question
		? [state, []]
		: byArea(state, command, {page, end});
}

/** Dispatches by the area of the command; an area without a case does not compile. */
function byArea(state: State, command: Command, room: Room): [State, readonly Effect[]] {
	if (isCommandOf(command, 'operation')) {
		return updateOperation(state, command);
	}

	if (isCommandOf(command, 'menu', 'run')) {
		return updateMenu(state, command);
	}

	if (isCommandOf(command, 'dialog')) {
		return updateDialog(state, command);
	}

	if (isCommandOf(command, 'text')) {
		return [eraseInField(state, {all: command === 'text.clear'}), []];
	}

	if (isCommandOf(command, 'prompt')) {
		return updatePrompt(state, command);
	}

	if (isCommandOf(command, 'log')) {
		return updateLogs(state, command);
	}

	if (isCommandOf(command, 'timeline')) {
		return [updateTimeline(state, command), []];
	}

	if (isCommandOf(command, 'drill')) {
		return updateDrill(state, command);
	}

	if (isCommandOf(command, 'quit', 'refresh', 'record', 'redraw', 'suspend')) {
		return updateSession(state, command);
	}

	if (isCommandOf(command, 'copy')) {
		return [state, [{type: 'screen.copy', what: command === 'copy.row' ? 'row' : 'screen'}]];
	}

	if (isCommandOf(command, 'screen')) {
		return [state, [{type: command}]];
	}

	// The player handles these commands before they reach the state.
	if (isCommandOf(command, 'play')) {
		return [state, []];
	}

	const scrolled = isScroll(command) ? scrollInLogs(state, command, room.page) : undefined;
	return [scrolled ?? {...state, view: updateNavigation(state, command, room)}, []];
}

/** Asks about the edited configuration; the guard is of the moment when the editor opened. */
function askAboutConfig(
	state: State,
	{patch, difference, revision, store}: Event & {type: 'config.edited'},
): State {
	const dialog = ask(state, {kind: 'configure', patch}, {difference});
	const guard = {...dialog.guard, configRevision: revision, ...(store !== undefined && {store})};
	// The question is about the present, so a frozen screen is unfrozen.
	return openQuestion({...state, view: {...state.view, frozen: undefined}}, {...dialog, guard});
}

function updateSession(
	state: State,
	command: CommandOf<'quit' | 'refresh' | 'record' | 'redraw' | 'suspend'>,
): [State, readonly Effect[]] {
	switch (command) {
		case 'quit': {
			return [state, [...leave(state), {type: 'quit'}]];
		}

		case 'record.toggle': {
			const text = 'a drill is running: its recording ends with it';
			return isRecordingKept(state)
				? [{...state, view: {...state.view, notice: {text, tone: 'warn'}}}, []]
				: [state, [{type: 'record', on: state.recording === undefined}]];
		}

		case 'refresh':
		case 'redraw':
		case 'suspend': {
			return [state, [{type: command}]];
		}

		default: {
			command satisfies never;
			return [state, []];
		}
	}
}
