/** What was measured, beside the goal and beside earlier drills of the same kind. */
import {median} from 'd3-array';
import stringWidth from 'string-width';
import type {Drill} from '../domain/drill/drill.ts';
import {figureOf, goalOf, metOf} from '../domain/drill/figures.ts';
import {goalFor, goalsOf, isMet} from '../domain/drill/goals.ts';
import type {Measure, MeasureId} from '../domain/drill/measures.ts';
import {tableText} from '../once/text.ts';
import {cell, row, type Table} from '../state/rows.ts';
import type {PastDrill} from './past.ts';

/** As many of the latest are compared with. */
const compared = 20;

export function figuresOf(measures: readonly Measure[]): PastDrill['measures'] {
	const of = (id: MeasureId) => measures.find(one => one.id === id)?.value ?? null;
	return {
		writes: of('writes'),
		leaderless: of('leaderless'),
		leader: of('leader'),
		vip: of('vip'),
		redundancy: of('redundancy'),
		lost: of('lost'),
	};
}

export function tableOf(measures: readonly Measure[], drill: Drill, past: readonly PastDrill[]): string {
	const goals = goalsOf(drill);
	const latest = past.slice(-compared);
	const columns = [
		'Measure',
		'Measured',
		'Goal',
		'',
		...(latest.length === 0 ? [] : ['Last time', `Median of ${latest.length}`]),
		'Note',
	];
	const table: Table = {
		columns: columns.map((title, index) => ({
			title,
			align: index > 0 && title !== 'Note' && title !== '' ? 'right' : 'left',
			rank: 0,
		})),
		rows: measures.map(one => {
			const aim = goalFor(one.id, goals) ?? null;
			const {id, unit, exact, note} = one;
			const value = one.value ?? null;
			const met = isMet(one, goals) ?? null;
			const before = latest.map(({measures: figures}) => figures[id]).filter(figure => figure !== null);
			const told = (figure: number | undefined | null) =>
				figureOf({value: figure ?? null, unit, exact: true});
			return row(id, () =>
				[
					one.text,
					figureOf({value, unit, exact}),
					goalOf({goal: aim, unit}),
					metOf({met, goal: aim}),
					...(latest.length === 0 ? [] : [told(latest.at(-1)?.measures[id]), told(median(before))]),
					note ?? '',
				].map(text => cell(text)),
			);
		}),
	};
	return tableText(table, stringWidth)
		.map(line => line.trimEnd())
		.join('\n');
}
