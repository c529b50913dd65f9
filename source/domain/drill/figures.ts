/** Measured times and counts in words, with what was accepted of them. */
import prettyMs from 'pretty-ms';
import type {Measure} from './types.ts';

type Figure = {value: number | null; unit: Measure['unit']; exact: boolean};
type Aim = {goal: number | null; unit: Measure['unit']};

/** `340 ms`, `2.16 s`, `3m 20s`. */
export function duration(milliseconds: number): string {
	if (milliseconds < 1000) {
		return `${Math.round(milliseconds)} ms`;
	}

	return milliseconds < 60_000
		? `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`
		: prettyMs(milliseconds, {unitCount: 2, secondsDecimalDigits: 0});
}

export function figureOf({value, unit, exact}: Figure): string {
	if (value === null) {
		return '-';
	}

	return unit === 'ms' ? `${exact ? '' : '≤ '}${duration(value)}` : String(value);
}

export function goalOf({goal, unit}: Aim): string {
	return goal === null ? '' : unit === 'ms' ? `≤ ${duration(goal)}` : goal === 0 ? 'none' : `≤ ${goal}`;
}

export function metOf({met, goal}: {met: boolean | null; goal: number | null}): string {
	return met === null ? (goal === null ? '' : 'unknown') : met ? 'met' : 'NOT MET';
}
