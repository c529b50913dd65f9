/** What the parts of a chart have in common: its measures, its colours, and how text is cut to fit. */
import type {ScaleTime} from 'd3-scale';
import type {Chart} from './schema.ts';

export type Axis = ScaleTime<number, number>;

export const width = 960;
/** Between which x coordinates time runs. */
export const edges = {left: 104, right: width - 16};
export const plots = {latency: 150, lag: 84};
/** A character of the small print is about this wide. */
export const letter = 6.2;

/** The same member has the same colour in all lanes and lines. */
export function colour({lanes, lag}: Chart, name: string): string {
	const names = [
		...new Set([
			...lanes.flatMap(({spans}) => spans.flatMap(({value}) => (value === null ? [] : [value]))),
			...lag.map(({member}) => member),
		]),
	].sort();
	return `var(--c${Math.max(0, names.indexOf(name)) % 4})`;
}

export function shortened(text: string, letters: number): string {
	return text.length <= letters ? text : letters < 4 ? '' : `${text.slice(0, letters - 1)}…`;
}
