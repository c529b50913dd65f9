/** A drill's goals and verdict, and its figures in words, for console, table and report. Pure. */
import {median} from 'd3-array';
import {bytes, duration} from '../../lib/format.ts';
import {parseDuration} from '../../lib/parse-units.ts';
import type {Entry} from '../facts.ts';
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
import {type DrillEvent, describeDrill, type GoalId, goalIds} from './types.ts';

export type Verdict = {result: DrillResult; text: string};

/**
 * The verdict of a finished drill. The text starts with the write outage; goals that were missed or are unknown follow.
 */
export function drillVerdict(drill: Drill, measures: readonly Measure[], {lost}: Verified): Verdict {
	const goals = goalsOf(drill);
	const writes = measures.find(({id}) => id === 'writes');
	const outage = `${goalNames.writes} ${shownMs(writes)}`;
	const judged = entriesOf(goals).map(([id, goal]) => {
		const measure = measures.find(one => one.id === id);
		return {id, goal, measure, met: measure === undefined ? undefined : isMet(measure, goals)};
	});
	const others = judged
		.filter(({id, met}) => id !== 'writes' && met !== true)
		.map(({id, goal, measure, met}) =>
			met === undefined
				? `${goalNames[id]} not known${measure?.note === undefined ? '' : ` (${measure.note})`}, goal ${duration(goal)}`
				: `${goalNames[id]} ${shownMs(measure)}, goal ${duration(goal)}`,
		);
	const met = judged.filter(one => one.id !== 'writes' && one.met).length;
	const text = [
		goals.writes === undefined ? outage : `${outage}, goal ${duration(goals.writes)}`,
		...others,
		...(judged.length === 0 ? ['no goal was set'] : []),
		...(met > 0 ? [`${met === 1 ? 'one more goal' : `${met} more goals`} met`] : []),
	].join('; ');
	if (lost.length === 0 && measures.some(({isLost}) => isLost)) {
		return {result: 'not met', text: `acknowledged writes are LOST; ${text}`};
	}

	return lost.length > 0
		? {
				result: 'not met',
				text: `${lost.length} acknowledged ${lost.length === 1 ? 'write is' : 'writes are'} LOST; ${text}`,
			}
		: {result: resultOf(judged.map(one => one.met)), text};
}

function shownMs(measure: Measure | undefined): string {
	return measure?.value === undefined ? 'not known' : figureOf({...measure, value: measure.value});
}

/** @param met for each measure with a goal; undefined if unknown */
export function resultOf(met: readonly (boolean | undefined)[]): 'met' | 'not met' | 'unknown' {
	return met.includes(false) ? 'not met' : met.includes(undefined) ? 'unknown' : 'met';
}

/** A drill without goals cannot meet any: it is `done`. */
export function verdictOf(result: DrillResult, goals: Goals): DrillResult | 'done' {
	return result === 'met' && entriesOf(goals).length === 0 ? 'done' : result;
}

/** `MET`, `NOT MET`, `DONE` … */
export function verdictWord(result: DrillResult, drill: Pick<Drill, 'goal' | 'goals'> | undefined): string {
	return verdictOf(result, drill === undefined ? {} : goalsOf(drill)).toUpperCase();
}

type Figure = {value: number | null; unit: Measure['unit']; exact: boolean};

type Aim = {goal: number | null; unit: Measure['unit']};

export function figureOf({value, unit, exact}: Figure): string {
	if (value === null) {
		return '-';
	}

	const text = unit === 'ms' ? duration(value) : unit === 'bytes' ? bytes(value) : String(value);
	return `${exact ? '' : '≤ '}${text}`;
}

export function goalOf({goal, unit}: Aim): string {
	return goal === null ? '' : unit === 'ms' ? `≤ ${duration(goal)}` : goal === 0 ? 'none' : `≤ ${goal}`;
}

export function metOf({met, goal}: {met: boolean | null; goal: number | null}): string {
	return met === null ? (goal === null ? '' : 'unknown') : met ? 'met' : 'NOT MET';
}

/** Number of the latest drills that a drill is compared with. */
const compared = 20;

export function figuresOf(measures: readonly Pick<Measure, 'id' | 'value'>[]): Figures {
	return figures(id => measures.find(one => one.id === id)?.value);
}

/** @param past drills of the same kind, the oldest first */
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
		wal: of('wal') ?? null,
	};
}

const turns: Readonly<Record<DrillResult, Entry['turn']>> = {
	met: 'better',
	'not met': 'worse',
	failed: 'worse',
	unknown: 'news',
};

/** The events of a drill that become timeline entries. */
export type TimelineDrillEvent = Extract<
	DrillEvent,
	{type: 'drill.begun' | 'drill.asked' | 'drill.verified' | 'drill.ended'}
>;

export function drillEntry(event: TimelineDrillEvent, at: number): Entry {
	switch (event.type) {
		case 'drill.begun': {
			const {drill} = event;
			const goals = entriesOf(goalsOf(drill)).map(([id, goal]) => `${goalNames[id]} ${goal / 1000} s`);
			const aims = goals.length === 0 ? '' : `; goal: ${goals.join(', ')}`;
			return {at, kind: 'drill', turn: 'news', text: `${describeDrill(drill)}${aims}`};
		}

		case 'drill.asked': {
			return {at, kind: 'drill', turn: 'news', text: `action needed: ${event.text}`};
		}

		case 'drill.verified': {
			const {acknowledged, lost, problem} = event;
			return problem === undefined
				? {
						at,
						kind: 'drill',
						turn: lost.length === 0 ? 'better' : 'worse',
						text: `${lost.length} of ${acknowledged} acknowledged writes are lost`,
					}
				: {at, kind: 'drill', turn: 'news', text: `acknowledged writes not verified: ${problem}`};
		}

		case 'drill.ended': {
			return {at, kind: 'drill', turn: turns[event.result], text: `the drill has ended: ${event.text}`};
		}
	}
}

/** The measures' names within a sentence. */
export const goalNames: Readonly<Record<GoalId, string>> = {
	writes: 'write outage',
	leaderless: 'time without a leader',
	leader: 'time until the new leader',
	vip: 'VIP move',
	redundancy: 'time until full redundancy',
};

/** Parses `5s` (the write outage) and `leaderless=3s`; each measure at most once. */
export function parseGoals(typed: readonly string[]): {goals: Goals} | {problem: string} {
	const goals: Partial<Record<GoalId, number>> = {};
	for (const one of typed) {
		const [, name = 'writes', time = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(one) ?? [];
		const id = goalIds.find(known => known === name);
		if (id === undefined) {
			return {problem: `unknown measure "${name}": must be ${anyOf(goalIds)}`};
		}

		const value = parseDuration(time.trim());
		if (value === undefined) {
			const part = one.includes('=') || typed.length > 1 ? `${one}: ` : '';
			return {problem: `${part}must be a time with its unit, such as 5s or 500ms`};
		}

		if (goals[id] !== undefined) {
			return {problem: `two goals for ${id}`};
		}

		goals[id] = value;
	}

	return {goals};
}

/** The goals in the syntax of `parseGoals`. */
export function goalsText(goals: Goals): string {
	return entriesOf(goals)
		.map(([id, goal]) => `${id === 'writes' ? '' : `${id}=`}${timeText(goal)}`)
		.join(' ');
}

function timeText(milliseconds: number): string {
	return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

export function goalsOf({goal, goals}: Pick<Drill, 'goal' | 'goals'>): Goals {
	return goal === undefined ? (goals ?? {}) : {writes: goal, ...goals};
}

/** The goals as a drill stores them: the write outage apart from the others. */
export function heldGoals({writes, ...goals}: Goals): Pick<Drill, 'goal' | 'goals'> {
	return {goal: writes, ...(Object.keys(goals).length === 0 ? {} : {goals})};
}

export function entriesOf(goals: Goals): [GoalId, number][] {
	return goalIds.flatMap((id): [GoalId, number][] => {
		const goal = goals[id];
		return goal === undefined ? [] : [[id, goal]];
	});
}

/** The goal of a measure, ms or writes; undefined without one. */
export function goalFor(id: MeasureId, goals: Goals): number | undefined {
	return id === 'lost' ? 0 : id === 'wal' ? undefined : goals[id];
}

/** Whether the goal was met; undefined without a goal or value, or if a value above the goal is only an upper bound. */
export function isMet({id, value, exact, idle, isLost}: Measure, goals: Goals): boolean | undefined {
	if (isLost) {
		return false;
	}

	const goal = goalFor(id, goals);
	if (goal === undefined) {
		return undefined;
	}

	if (value === undefined) {
		return idle ? true : undefined;
	}

	return value <= goal ? true : exact ? false : undefined;
}

export function anyOf(words: readonly string[]): string {
	return words.join(', ').replace(/, ([\w-]+)$/, ' or $1');
}
