/** The state of the running or last drill, and of its question, after events. Pure. */

import {drillPreconditions} from '../../domain/drill/preconditions.ts';
import type {Drill, DrillEvent} from '../../domain/drill/types.ts';
import {type DrillKind, describeDrill, type Goals, type Prepared} from '../../domain/drill/types.ts';
import {goalsText, heldGoals, parseGoals} from '../../domain/drill/verdict.ts';
import type {Precondition} from '../../domain/operations/types.ts';
import {operationContext} from '../selection.ts';
import type {Dialog, DrillQuestion, DrillRun, State} from '../state.ts';

export function isDrillRunning(run: DrillRun | undefined): run is DrillRun {
	return run !== undefined && run.ended === undefined;
}

export function newRun(
	drill: Drill,
	at: number,
	asked: Partial<Pick<DrillRun, 'prepared' | 'question' | 'recording'>> = {},
): DrillRun {
	return {
		drill,
		prepared: undefined,
		question: undefined,
		at,
		stages: [],
		hand: undefined,
		measures: [],
		recording: undefined,
		ended: undefined,
		seen: false,
		stopping: false,
		...asked,
	};
}

export function foldDrillRun(run: DrillRun, event: DrillEvent, at: number): DrillRun {
	if (!isDrillRunning(run)) {
		return run;
	}

	switch (event.type) {
		case 'drill.stage': {
			return {...run, stages: [...run.stages, {id: event.stage, at}], hand: undefined};
		}

		case 'drill.asked': {
			return {...run, hand: event.text};
		}

		case 'drill.measured': {
			return {...run, measures: event.measures};
		}

		case 'drill.ended': {
			const {result, text} = event;
			return {...run, hand: undefined, question: undefined, stopping: false, ended: {at, result, text}};
		}

		case 'drill.ask':
		case 'drill.answer':
		case 'drill.prepared':
		case 'drill.begun':
		case 'drill.verified': {
			return run;
		}
	}
}

export function newDrill(kind: DrillKind): DrillQuestion {
	return {kind, goals: '', own: false, prepared: undefined};
}

/** Adds the preparation to the question. The goals are the last drill's, unless the operator has typed others. */
export function withPrepared(state: State, question: number, prepared: Prepared): State {
	const overlays = state.view.overlays.map(overlay => {
		if (overlay.kind !== 'dialog' || overlay.question !== question || overlay.drill === undefined) {
			return overlay;
		}

		const {drill} = overlay;
		const goals = drill.own ? drill.goals : goalsText(measurable(prepared.earlier.goals, state));
		return {...overlay, drill: {...drill, goals, prepared}};
	});
	return {...state, view: {...state.view, overlays}};
}

/** Without a probe the write outage is not measured, and cannot have a goal. */
function measurable({writes, ...goals}: Goals, {target}: State): Goals {
	return target.probe === undefined || writes === undefined ? goals : {writes, ...goals};
}

export function goalsIn({goals}: DrillQuestion): ReturnType<typeof parseGoals> {
	return parseGoals(goals.split(/[\s,]+/).filter(Boolean));
}

export function preconditionsOfDrill(drill: DrillQuestion, question: number, state: State): Precondition[] {
	const other = state.drill;
	const running =
		isDrillRunning(other) && other.question?.question !== question ? describeDrill(other.drill) : undefined;
	const {kind, prepared} = drill;
	return drillPreconditions({kind, goals: goalsIn(drill), prepared, running}, operationContext(state));
}

/** The drill that the answer yes begins; undefined if the question is not about a drill. */
export function drillOf({operation, drill}: Dialog): Drill | undefined {
	const target =
		operation.kind === 'switchover'
			? operation.candidate
			: operation.kind === 'poweroff'
				? operation.node
				: undefined;
	if (drill === undefined || target === undefined) {
		return undefined;
	}

	const parsed = goalsIn(drill);
	return {kind: drill.kind, target, ...heldGoals('goals' in parsed ? parsed.goals : {})};
}
