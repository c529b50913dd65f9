/** Changes to a drill by keys and events. */
import type {CommandOf} from '../../domain/commands.ts';
import type {DrillEvent} from '../../domain/drill/types.ts';
import {describeDrill} from '../../domain/drill/types.ts';
import {drillEntry, type TimelineDrillEvent} from '../../domain/drill/verdict.ts';
import {withEntries} from '../../domain/timeline/timeline.ts';
import type {Effect} from '../effects.ts';
import {close, closeQuestion, open} from '../overlays.ts';
import type {Dialog, DrillRun} from '../state.ts';
import {type State, topOverlay, type View} from '../state.ts';
import {drillOf, foldDrillRun, isDrillRunning, newRun, withPrepared} from './drill-run.ts';
import {problemToSend, send} from './operations.ts';

type Next = [State, readonly Effect[]];

/** The answer yes without blocking preconditions: the drill is recorded first, and sent after that. */
export function beginDrill(state: State, dialog: Dialog): Next {
	const drill = drillOf(dialog);
	const prepared = dialog.drill?.prepared;
	if (drill === undefined || prepared === undefined) {
		return [state, []];
	}

	const file = state.recording?.file ?? prepared.file;
	const run = newRun(drill, state.now, {
		prepared,
		question: dialog,
		recording: {file, own: state.recording === undefined},
	});
	return [
		{...state, drill: run, view: open(closeQuestion(state.view), {kind: 'drill', scroll: 0})},
		[{type: 'drill.begin', drill, prepared, reason: dialog.reason.trim()}],
	];
}

/** The state and effects after a drill's event. */
export function foldDrill(state: State, event: DrillEvent, at: number): Next {
	if (event.type === 'drill.prepared') {
		return [withPrepared(state, event.question, event.prepared), []];
	}

	if (event.type === 'drill.begun') {
		return sendDrill(withEntry(state, event, at), event, at);
	}

	const next = isInTimeline(event) ? withEntry(state, event, at) : state;
	const drill = next.drill && foldDrillRun(next.drill, event, at);
	return [showEnd({...next, drill}), []];
}

function isInTimeline(event: DrillEvent): event is TimelineDrillEvent {
	return event.type === 'drill.asked' || event.type === 'drill.verified' || event.type === 'drill.ended';
}

function withEntry(state: State, event: TimelineDrillEvent, at: number): State {
	return {...state, timeline: withEntries(state.timeline, [drillEntry(event, at)])};
}

/** The recording runs and redundancy is full: checks the confirmed operation once more, and sends it. */
function sendDrill(state: State, {drill}: DrillEvent & {type: 'drill.begun'}, at: number): Next {
	const run = state.drill;
	if (!isDrillRunning(run)) {
		// In recordings of older versions of `pgha-top drill`, the confirmation follows this event.
		return [{...state, drill: newRun(drill, at)}, []];
	}

	const {question} = run;
	if (question === undefined) {
		return [state, []];
	}

	const running = {...state, drill: {...run, question: undefined}};
	if (drill.kind === 'power-cut') {
		const problem = problemToSend(state, question);
		return problem === undefined ? [running, []] : foldDrill(running, failure(problem), at);
	}

	const sent = send({...state, now: at}, question);
	return 'problem' in sent
		? foldDrill(running, failure(sent.problem), at)
		: [{...sent.state, drill: running.drill}, sent.effects];
}

function failure(text: string): DrillEvent {
	return {type: 'drill.ended', result: 'failed', text};
}

/** Shows the end of the drill, unless another overlay is open; then only the status line does. */
function showEnd(state: State): State {
	const {drill, view} = state;
	if (drill?.ended === undefined || drill.seen) {
		return state;
	}

	const top = topOverlay(view)?.kind;
	return top === undefined || top === 'drill' || top === 'run'
		? {
				...state,
				drill: {...drill, seen: true},
				view: top === 'drill' ? view : open(view, {kind: 'drill', scroll: 0}),
			}
		: state;
}

export function updateDrill(state: State, command: CommandOf<'drill'>): Next {
	const {drill} = state;
	switch (command) {
		case 'drill.open': {
			return [openDrill(state), []];
		}

		case 'drill.stop': {
			return isDrillRunning(drill) ? stopDrill(state, drill) : [state, []];
		}

		default: {
			command satisfies never;
			return [state, []];
		}
	}
}

/** Whether a running drill uses the recording, so that it cannot be ended before the drill. */
export function isRecordingKept({drill}: State): boolean {
	return isDrillRunning(drill) && drill.prepared !== undefined;
}

function openDrill(state: State): State {
	const {drill, view} = state;
	if (drill === undefined) {
		return withNotice(state, 'no drill in this session', 'dim');
	}

	const bare: View = topOverlay(view)?.kind === 'drill' ? close(view) : view;
	return {
		...state,
		drill: drill.ended === undefined ? drill : {...drill, seen: true},
		view: open(bare, {kind: 'drill', scroll: 0}),
	};
}

function stopDrill(state: State, drill: DrillRun): Next {
	if (drill.prepared === undefined || drill.stopping) {
		return [{...state, drill: {...drill, stopping: false}}, [{type: 'drill.stop'}]];
	}

	const text = `${describeDrill(drill.drill)}: press again to abort it; what was done to the cluster stays done`;
	return [withNotice({...state, drill: {...drill, stopping: true}}, text), []];
}

function withNotice(state: State, text: string, tone: 'warn' | 'dim' = 'warn'): State {
	return {...state, view: {...state.view, notice: {text, tone}}};
}
