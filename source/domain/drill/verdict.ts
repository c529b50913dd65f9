/** What measures make of goals: the verdict, in words for console, table and report; pure. */
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

export type Verdict = {result: DrillResult; text: string};

/** The write outage comes first, then what else is over its goal or not known. */
export function judge(drill: Drill, measures: readonly Measure[], {lost}: Verified): Verdict {
	const goals = goalsOf(drill);
	const outageMs = measures.find(({id}) => id === 'writes')?.value;
	const outage = `${goalNames.writes} ${outageMs === undefined ? 'not known' : seconds(outageMs)}`;
	const judged = entriesOf(goals).map(([id, goal]) => {
		const measure = measures.find(one => one.id === id);
		return {id, goal, measure, met: measure === undefined ? undefined : isMet(measure, goals)};
	});
	const others = judged
		.filter(({id, met}) => id !== 'writes' && met !== true)
		.map(({id, goal, measure, met}) =>
			met === undefined
				? `${goalNames[id]} not known${measure?.note === undefined ? '' : ` (${measure.note})`}, goal ${duration(goal)}`
				: `${goalNames[id]} ${duration(measure?.value ?? Number.NaN)}, goal ${duration(goal)}`,
		);
	const met = judged.filter(one => one.id !== 'writes' && one.met).length;
	const text = [
		goals.writes === undefined ? outage : `${outage}, goal ${seconds(goals.writes)}`,
		...others,
		...(judged.length === 0 ? ['no goal was set'] : []),
		...(met > 0 ? [`${met === 1 ? 'one more goal' : `${met} more goals`} met`] : []),
	].join('; ');
	return lost.length > 0
		? {
				result: 'not met',
				text: `${lost.length} acknowledged ${lost.length === 1 ? 'write is' : 'writes are'} LOST; ${text}`,
			}
		: {result: resultOf(judged.map(one => one.met)), text};
}

/** @param met of each measure that has a goal; undefined: not known */
export function resultOf(met: readonly (boolean | undefined)[]): 'met' | 'not met' | 'unknown' {
	return met.includes(false) ? 'not met' : met.includes(undefined) ? 'unknown' : 'met';
}

/** Where no goal was set, none is met: the drill is done. */
export function verdictOf(result: DrillResult, goals: Goals): DrillResult | 'done' {
	return result === 'met' && entriesOf(goals).length === 0 ? 'done' : result;
}

/** `MET`, `NOT MET`, `DONE` … */
export function verdictWord(result: DrillResult, drill: Pick<Drill, 'goal' | 'goals'> | undefined): string {
	return verdictOf(result, drill === undefined ? {} : goalsOf(drill)).toUpperCase();
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
