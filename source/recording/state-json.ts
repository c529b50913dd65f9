/** A state as JSON and back, to the letter: also what is undefined, which JSON does not know. The ring of log lines stays out. */
import {emptyCluster} from '../domain/cluster.ts';
import {emptyLogs} from '../domain/logs/logs.ts';
import {initialState, type State} from '../state/state.ts';
import {discreetState} from './discreet.ts';
import {safe} from './safe.ts';

/** No text of a state holds a NUL: what comes from outside is freed of it. */
const marks = {
	undefined: '\u0000',
	[Number.POSITIVE_INFINITY]: '\u0000+',
	[Number.NEGATIVE_INFINITY]: '\u0000-',
	[Number.NaN]: '\u0000n',
} as const;

/** @param logs lines of logs may be in it */
export function stateJson(state: State, {logs}: {logs: boolean}): string {
	const {ring: _, ...told} = state.logs;
	return JSON.stringify({...discreetState(state, {logs}), logs: told}, mark);
}

/** What a newer program's state has beside it is as in the beginning. */
export function stateOf(json: unknown): State {
	const state = unmark(json) as State;
	const first = initialState(state.target, state.now);
	return {
		...first,
		...state,
		cluster: {...emptyCluster, ...state.cluster},
		view: {...first.view, ...state.view},
		logs: {...emptyLogs, ...state.logs},
	};
}

function mark(_: string, value: unknown): unknown {
	return value === undefined || (typeof value === 'number' && !Number.isFinite(value))
		? marks[String(value) as keyof typeof marks]
		: value;
}

function unmark(value: unknown): unknown {
	if (typeof value === 'string') {
		return value.startsWith('\u0000') ? special(value) : safe(value);
	}

	if (Array.isArray(value)) {
		return value.map(unmark);
	}

	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(Object.entries(value).map(([key, inner]) => [safe(key), unmark(inner)]));
	}

	return value;
}

function special(text: string): unknown {
	const found = Object.entries(marks).find(([, written]) => written === text)?.[0];
	return found === undefined ? safe(text) : found === 'undefined' ? undefined : Number(found);
}
