import {figureOf, goalOf, metOf} from '../../domain/drill/figures.ts';
import {goalFor, goalsOf, isMet} from '../../domain/drill/goals.ts';
import type {Drill, EarlierDrills, Measure} from '../../domain/drill/types.ts';
import {type Column, cell, row, type Table} from './cells.ts';

export function measuresTable(
	measures: readonly Measure[],
	drill: Pick<Drill, 'goal' | 'goals'>,
	earlier: EarlierDrills | undefined,
	{going = false} = {},
): Table {
	const goals = goalsOf(drill);
	const last = earlier?.last;
	const compared = earlier === undefined || last === undefined ? undefined : {...earlier, last};
	const left = (title: string, rank: number): Column => ({title, align: 'left', rank});
	const right = (title: string, rank: number): Column => ({title, align: 'right', rank});
	return {
		columns: [
			left('Measure', 0),
			right(going ? 'So far' : 'Measured', 0),
			right('Goal', 0),
			left('', 0),
			...(compared === undefined ? [] : [right('Last time', 0), right(`Median of ${compared.count}`, 1)]),
			left('Note', 2),
		],
		rows: measures.map(one => {
			const {id, unit, exact, note} = one;
			const goal = goalFor(id, goals) ?? null;
			const met = isMet(one, goals) ?? null;
			const told = (figure: number | null) => cell(figureOf({value: figure, unit, exact: true}), 'dim');
			return row(id, () => [
				cell(one.text),
				cell(figureOf({value: one.value ?? null, unit, exact}), 'strong'),
				cell(goalOf({goal, unit})),
				cell(going && met !== false ? '' : metOf({met, goal}), met === null ? 'dim' : met ? 'good' : 'bad'),
				...(compared === undefined ? [] : [told(compared.last[id]), told(compared.median[id])]),
				// What has not happened yet may still happen.
				cell(going && !one.value ? '' : (note ?? ''), 'dim'),
			]);
		}),
	};
}
