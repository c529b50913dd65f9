import {duration} from './figures.ts';
import {entriesOf, goalNames, goalsOf, isMet} from './goals.ts';
import type {Drill, DrillResult, Measure, Verified} from './types.ts';

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
