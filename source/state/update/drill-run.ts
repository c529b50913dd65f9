/** The drill that is running, or the last one: what its events change; pure. */
import type {Drill, DrillEvent} from '../../domain/drill/types.ts';
import type {DrillRun} from '../state.ts';

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
