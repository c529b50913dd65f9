/** A drill that was agreed to: what its events tell of it; pure. */
import type {Drill, DrillEvent, DrillResult, Prepared} from '../domain/drill/drill.ts';
import type {Measure} from '../domain/drill/measures.ts';
import type {StageId} from '../domain/drill/plan.ts';
import type {Dialog} from './dialog.ts';

export type DrillRun = {
	drill: Drill;
	/** Undefined where `pgha-top drill` prepared it. */
	prepared: Prepared | undefined;
	/** What was answered with yes, until it is sent. */
	question: Dialog | undefined;
	/** When it was agreed to. */
	at: number;
	/** Those that have begun; the last one goes on. */
	stages: readonly {id: StageId; at: number}[];
	/** What the operator's own hand has to do now. */
	hand: string | undefined;
	measures: readonly Measure[];
	/** Where it is recorded; `own`: the recording ends with it. */
	recording: {file: string; own: boolean} | undefined;
	ended: {at: number; result: DrillResult; text: string} | undefined;
	/** Its end was on the screen. */
	seen: boolean;
	/** The operator was told what breaking it off means; the same key again does it. */
	stopping: boolean;
};

export function isGoing({ended}: DrillRun): boolean {
	return ended === undefined;
}

/** There is one, and it has not ended. */
export function goesOn(run: DrillRun | undefined): run is DrillRun {
	return run !== undefined && isGoing(run);
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

/** The run after one more thing is told of it. */
export function foldDrillRun(run: DrillRun, event: DrillEvent, at: number): DrillRun {
	if (!isGoing(run)) {
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

		default: {
			return run;
		}
	}
}
