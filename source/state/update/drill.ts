import {drillEntry, type TimelineDrillEvent} from '../../domain/drill/timeline-entry.ts';
import type {DrillEvent} from '../../domain/drill/types.ts';
import {describeDrill} from '../../domain/drill/types.ts';
import type {CommandOf} from '../../domain/events.ts';
import {withEntries} from '../../domain/timeline/timeline.ts';
import type {Effect} from '../effects.ts';
import type {Dialog, DrillRun} from '../state.ts';
import {close, open, replace, type State, topOverlay, type View} from '../state.ts';
import {drillOf, withPrepared} from './drill-question.ts';
import {foldDrillRun, isDrillRunning, newRun} from './drill-run.ts';
import {send, whyNotSent} from './send.ts';

type Next = [State, readonly Effect[]];

/** The question was answered with yes, and nothing stands against it: it is recorded first, and then sent. */
export function agreeToDrill(state: State, dialog: Dialog): Next {
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
		{...state, drill: run, view: replace(state.view, {kind: 'drill', scroll: 0})},
		[{type: 'drill.begin', drill, prepared, reason: dialog.reason.trim()}],
	];
}

/** The state and the effects after what is told of a drill. */
export function foldDrill(state: State, event: DrillEvent, at: number): Next {
	if (event.type === 'drill.prepared') {
		return [withPrepared(state, event.question, event.prepared), []];
	}

	if (event.type === 'drill.begun') {
		return begun(told(state, event, at), event, at);
	}

	const next = isTold(event) ? told(state, event, at) : state;
	const drill = next.drill && foldDrillRun(next.drill, event, at);
	return [shown({...next, drill}), []];
}

function isTold(event: DrillEvent): event is TimelineDrillEvent {
	return event.type === 'drill.asked' || event.type === 'drill.verified' || event.type === 'drill.ended';
}

function told(state: State, event: TimelineDrillEvent, at: number): State {
	return {...state, timeline: withEntries(state.timeline, [drillEntry(event, at)])};
}

/** All is recorded and well: what was agreed to is looked at once more, and sent. */
function begun(state: State, {drill}: DrillEvent & {type: 'drill.begun'}, at: number): Next {
	const run = state.drill;
	if (!isDrillRunning(run)) {
		// In a recording of an older `pgha-top drill`, which confirmed the operation after this.
		return [{...state, drill: newRun(drill, at)}, []];
	}

	const {question} = run;
	if (question === undefined) {
		return [state, []];
	}

	const going = {...state, drill: {...run, question: undefined}};
	if (drill.kind === 'power-cut') {
		const problem = whyNotSent(state, question);
		return problem === undefined ? [going, []] : foldDrill(going, failure(problem), at);
	}

	const sent = send({...state, now: at}, question);
	return 'problem' in sent
		? foldDrill(going, failure(sent.problem), at)
		: [{...sent.state, drill: going.drill}, sent.effects];
}

function failure(text: string): DrillEvent {
	return {type: 'drill.ended', result: 'failed', text};
}

/** The end is put on the screen, unless the operator is at something else; then the line below tells of it. */
function shown(state: State): State {
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
			return [opened(state), []];
		}

		case 'drill.stop': {
			return isDrillRunning(drill) ? stopped(state, drill) : [state, []];
		}

		default: {
			command satisfies never;
			return [state, []];
		}
	}
}

/** The recording of a drill that is running ends with it. */
export function isRecordingKept({drill}: State): boolean {
	return isDrillRunning(drill) && drill.prepared !== undefined;
}

function opened(state: State): State {
	const {drill, view} = state;
	if (drill === undefined) {
		return noticed(state, 'no drill was begun in this console', 'dim');
	}

	const bare: View = topOverlay(view)?.kind === 'drill' ? close(view) : view;
	return {
		...state,
		drill: drill.ended === undefined ? drill : {...drill, seen: true},
		view: open(bare, {kind: 'drill', scroll: 0}),
	};
}

function stopped(state: State, drill: DrillRun): Next {
	if (drill.prepared === undefined || drill.stopping) {
		return [{...state, drill: {...drill, stopping: false}}, [{type: 'drill.stop'}]];
	}

	const text = `${describeDrill(drill.drill)}: once more breaks it off; what was done to the cluster stays done`;
	return [noticed({...state, drill: {...drill, stopping: true}}, text), []];
}

function noticed(state: State, text: string, tone: 'warn' | 'dim' = 'warn'): State {
	return {...state, view: {...state.view, notice: {text, tone}}};
}
