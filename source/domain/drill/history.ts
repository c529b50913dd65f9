/** What earlier drills of the same kind measured, to compare with; pure. */
import {median} from 'd3-array';
import type {EarlierDrills, Figures, Goals, Measure, MeasureId} from './types.ts';

/** As many of the latest are compared with. */
const compared = 20;

export function figuresOf(measures: readonly Pick<Measure, 'id' | 'value'>[]): Figures {
	return figures(id => measures.find(one => one.id === id)?.value);
}

/** @param past of the same kind, the oldest first */
export function summarizeEarlier(past: readonly {measures: Figures; goals: Goals}[]): EarlierDrills {
	const latest = past.slice(-compared);
	return {
		count: latest.length,
		last: latest.at(-1)?.measures,
		median: figures(id => median(latest.flatMap(({measures}) => measures[id] ?? []))),
		goals: latest.at(-1)?.goals ?? {},
	};
}

function figures(of: (id: MeasureId) => number | undefined): Figures {
	return {
		writes: of('writes') ?? null,
		leaderless: of('leaderless') ?? null,
		leader: of('leader') ?? null,
		vip: of('vip') ?? null,
		redundancy: of('redundancy') ?? null,
		lost: of('lost') ?? null,
	};
}
