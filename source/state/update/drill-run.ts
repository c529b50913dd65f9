import type {Drill, DrillEvent} from '../../domain/drill/types.ts';
import type {DrillRun} from '../state.ts';

export function isGoing({ended}: DrillRun): boolean {
	return ended === undefined;
}

/** There is one, and it has not ended. */
export function isDrillRunning(run: DrillRun | undefined): run is DrillRun {
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

		case 'drill.ask':
		case 'drill.answer':
		case 'drill.prepared':
		case 'drill.begun':
		case 'drill.verified': {
			return run;
		}
	}
}
