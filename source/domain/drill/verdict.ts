import {median} from 'd3-array';
import prettyMs from 'pretty-ms';
import {entriesOf, goalNames, goalsOf, isMet} from './goals.ts';
import type {
	Drill,
	DrillResult,
	EarlierDrills,
	Figures,
	Goals,
	Measure,
	MeasureId,
	Verified,
} from './types.ts';

export type Judged = {result: DrillResult; text: string};

/** What clients feel comes first, then what else is over its goal or not known. */
export function judge(drill: Drill, measures: readonly Measure[], {lost}: Verified): Judged {
	const goals = goalsOf(drill);
	const writes = measures.find(({id}) => id === 'writes')?.value;
	const felt =
		writes === undefined ? 'the time without writes is not known' : `${seconds(writes)} without writes`;
	const aim = goals.writes === undefined ? '' : `the goal was ${seconds(goals.writes)}`;
	const judged = entriesOf(goals).map(([id, goal]) => {
		const measure = measures.find(one => one.id === id);
		return {id, goal, measure, met: measure === undefined ? undefined : isMet(measure, goals)};
	});
	const others = judged
		.filter(({id, met}) => id !== 'writes' && met !== true)
		.map(({id, goal, measure, met}) =>
			met === undefined
				? `the time ${goalNames[id]} is not known${measure?.note === undefined ? '' : ` (${measure.note})`}, the goal was ${duration(goal)}`
				: `${duration(measure?.value ?? Number.NaN)} ${goalNames[id]}, the goal was ${duration(goal)}`,
		);
	const met = judged.filter(one => one.id !== 'writes' && one.met).length;
	const text = [
		judged.length === 0 ? `${felt}; no goal was set` : [felt, aim].filter(Boolean).join(', '),
		...others,
		...(met > 0 ? [`${met === 1 ? 'one more goal' : `${met} more goals`} met`] : []),
	].join('; ');
	if (lost.length > 0) {
		return {result: 'not met', text: `${lost.length} acknowledged writes are LOST; ${text}`};
	}

	return {
		result: judged.some(one => one.met === false)
			? 'not met'
			: judged.some(one => one.met === undefined)
				? 'unknown'
				: 'met',
		text,
	};
}

const words: Readonly<Record<DrillResult, string>> = {
	met: 'MET',
	'not met': 'NOT MET',
	failed: 'FAILED',
	unknown: 'UNKNOWN',
};

/** In a word; where no goal was set, none can be met. */
export function verdictWord(result: DrillResult, drill: Drill | undefined): string {
	const hasGoal = drill !== undefined && entriesOf(goalsOf(drill)).length > 0;
	return result === 'met' && !hasGoal ? 'DONE' : words[result];
}

export function seconds(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(2)} s`;
}

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
