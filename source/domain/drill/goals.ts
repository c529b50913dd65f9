/** Goals: the longest value that is accepted of a measure, as it is typed and as it is judged; pure. */
import ms from 'ms';
import type {Drill, Measure, MeasureId} from './types.ts';
import {type GoalId, type Goals, goalIds} from './types.ts';

/** In a sentence. */
export const goalNames: Readonly<Record<GoalId, string>> = {
	writes: 'write outage',
	leaderless: 'time without a leader',
	leader: 'time until the new leader',
	vip: 'VIP move',
	redundancy: 'time until full redundancy',
};

/** ms, of `5s`, `500ms`, `2m`; a number without a unit is ambiguous. */
export function parseDuration(typed: string): number | undefined {
	const value = /^[\d.]+ ?[a-z]+$/i.test(typed) ? ms(typed as ms.StringValue) : undefined;
	return value !== undefined && value > 0 ? value : undefined;
}

/** Of `5s`, which is the write outage, and `leaderless=3s`; each measure once. */
export function parseGoals(typed: readonly string[]): {goals: Goals} | {problem: string} {
	const goals: Partial<Record<GoalId, number>> = {};
	for (const one of typed) {
		const [, name = 'writes', time = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(one) ?? [];
		const id = goalIds.find(known => known === name);
		if (id === undefined) {
			return {problem: `no measure is called "${name}": it must be ${anyOf(goalIds)}`};
		}

		const value = parseDuration(time.trim());
		if (value === undefined) {
			return {problem: 'must be a time with its unit, such as 5s or 500ms'};
		}

		if (goals[id] !== undefined) {
			return {problem: `gives two goals for ${id}`};
		}

		goals[id] = value;
	}

	return {goals};
}

/** As `parseGoals` takes them. */
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

/** As a drill holds them. */
export function heldGoals({writes, ...goals}: Goals): Pick<Drill, 'goal' | 'goals'> {
	return {goal: writes, ...(Object.keys(goals).length === 0 ? {} : {goals})};
}

export function entriesOf(goals: Goals): [GoalId, number][] {
	return goalIds.flatMap((id): [GoalId, number][] => {
		const goal = goals[id];
		return goal === undefined ? [] : [[id, goal]];
	});
}

/** Undefined: there is none. */
export function goalFor(id: MeasureId, goals: Goals): number | undefined {
	return id === 'lost' ? 0 : goals[id];
}

/** Undefined: there is no goal, or it is not known; a value that is an upper bound may have been shorter. */
export function isMet({id, value, exact, idle}: Measure, goals: Goals): boolean | undefined {
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
