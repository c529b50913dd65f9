import {missingRedundancy} from '../../domain/drill/preconditions.ts';
import {missingTakeover} from '../../domain/drill/takeover.ts';
import type {DrillResult, Stage} from '../../domain/drill/types.ts';
import {
	type Drill,
	describeDrill,
	type EarlierDrills,
	type Measure,
	stagesOf,
} from '../../domain/drill/types.ts';
import {
	entriesOf,
	figureOf,
	goalFor,
	goalNames,
	goalOf,
	goalsOf,
	isMet,
	metOf,
	verdictWord,
} from '../../domain/drill/verdict.ts';
import {keyOfCommand} from '../../keymap/keymap.ts';
import {clock, duration, forAge} from '../../lib/format.ts';
import type {DrillRun, State} from '../state.ts';
import {type Cell, type Column, cell, type Line, type PaneRows, row, type Table, type Tone} from './cells.ts';

const tones: Readonly<Record<DrillResult, Tone>> = {
	met: 'good',
	'not met': 'bad',
	failed: 'bad',
	unknown: 'warn',
};

export function drillPane(state: State): PaneRows {
	const run = state.drill;
	if (run === undefined) {
		return {
			title: 'Drill',
			status: cell(''),
			lines: [[cell('no drill in this session', 'warn')]],
			table: undefined,
		};
	}

	const {drill, measures, prepared} = run;
	const stopKey = keyOfCommand('drill.stop');
	return {
		title: headline(run),
		status: cell(
			run.ended === undefined
				? ['Esc hides', ...(stopKey === undefined ? [] : [`${stopKey} aborts`])].join(', ')
				: 'Esc closes',
			'dim',
		),
		lines: [
			outcomeLine(run, state.now),
			...(run.hand === undefined ? [] : [[cell('ACTION NEEDED ', 'warn'), cell(run.hand, 'strong')]]),
			...stageLines(run, state),
			...recordingLines(run),
		],
		wraps: true,
		table:
			measures.length === 0
				? undefined
				: measuresTable(measures, drill, prepared?.earlier, {isRunning: run.ended === undefined}),
	};
}

function headline({drill}: DrillRun): string {
	const text = describeDrill(drill);
	return text.charAt(0).toUpperCase() + text.slice(1);
}

function outcomeLine({ended, at, drill}: DrillRun, now: number): Line {
	if (ended !== undefined) {
		return [verdictCell(ended.result, drill), cell(` ${ended.text}`)];
	}

	const goals = entriesOf(goalsOf(drill)).map(([id, goal]) => `${goalNames[id]} ${duration(goal)}`);
	return [
		cell('RUNNING', 'strong'),
		cell(` ${forAge(at, now)}, ${goals.length === 0 ? 'no goal' : `goal: ${goals.join(', ')}`}`),
	];
}

function verdictCell(result: DrillResult, drill: DrillRun['drill']): Cell {
	return cell(verdictWord(result, drill), tones[result]);
}

function stageLines(run: DrillRun, state: State): Line[] {
	const {now} = state;
	return stagesOf(run.drill).map(stage => {
		const index = run.stages.findIndex(({id}) => id === stage.id);
		const begun = run.stages[index];
		if (begun === undefined) {
			return [cell(`· not yet: ${stageText(stage)}`, 'dim')];
		}

		const until = run.stages[index + 1]?.at ?? run.ended?.at;
		const isLast = index === run.stages.length - 1;
		const isMissed = isLast && run.ended !== undefined && !isComplete(run);
		const unverified = stage.id === 'verified' && until !== undefined ? whyUnverified(run) : undefined;
		if (unverified !== undefined) {
			return [cell(`· acknowledged writes ${unverified}`, 'warn')];
		}

		return [
			isMissed ? cell('✗ ', 'bad') : until === undefined ? cell('» ', 'strong') : cell('✓ ', 'good'),
			isMissed || until === undefined
				? cell(run.ended === undefined ? waitingText(stage, run, state) : stage.waiting, 'strong')
				: cell(stageText(stage)),
			until === undefined
				? cell(`  ${forAge(begun.at, now)}`)
				: cell(`  ${clock(until, now)}, took ${duration(until - begun.at)}`, 'dim'),
		];
	});
}

/** Why it is not known whether acknowledged writes were lost; undefined if it is, and before the end. */
function whyUnverified({measures}: DrillRun): string | undefined {
	const lost = measures.find(({id}) => id === 'lost');
	return lost !== undefined && lost.value === undefined ? lost.note : undefined;
}

/** Whether the drill reached its end, with any result. */
function isComplete({ended}: DrillRun): boolean {
	return ended?.result === 'met' || ended?.result === 'not met';
}

function stageText({text, byOperator}: Stage): string {
	return byOperator ? `${text} (by you)` : text;
}

/** With what is missing now: a part of what the stage waits for may be so already. */
function waitingText({id, waiting}: Stage, {drill}: DrillRun, state: State): string {
	switch (id) {
		case 'baseline':
		case 'whole': {
			const missing = missingRedundancy(state);
			return missing.length === 0 ? waiting : `${waiting} (${missing.join(', ')})`;
		}

		case 'done': {
			const open = state.runs.at(-1)?.steps.find(({at, essential}) => essential && at === undefined);
			return open === undefined ? waiting : `sent, waiting for: ${open.text}`;
		}

		case 'taken': {
			const missing = missingTakeover(state, drill.target);
			return missing.length === 0 ? waiting : `waiting for ${missing.join(', ')}`;
		}

		case 'plug':
		case 'on':
		case 'verified': {
			return waiting;
		}
	}
}

/** A file, its name before its folder, because a long path is cut at the end. */
export function placeCells(file: string): Cell[] {
	const slash = file.lastIndexOf('/');
	return slash <= 0
		? [cell(file)]
		: [cell(file.slice(slash + 1)), cell(' in ', 'dim'), cell(file.slice(0, slash))];
}

function recordingLines({recording, ended, measures}: DrillRun): Line[] {
	if (recording === undefined) {
		return [];
	}

	const {file, own} = recording;
	const more = own ? '' : ended === undefined ? ', which continues' : ', which continues: Ctrl-R ends it';
	return [
		[
			cell(ended === undefined ? 'recording  ' : 'recorded   ', 'dim'),
			...placeCells(file),
			cell(more, 'dim'),
		],
		...(ended === undefined || measures.length === 0
			? []
			: [[cell('report     ', 'dim'), cell('pgha-top report FILE --format html --output PAGE.html')]]),
	];
}

/** The status line: a running drill, or the end of one until it was displayed. */
export function drillLine(state: State): Line | undefined {
	const {drill, now} = state;
	if (drill === undefined || drill.seen) {
		return undefined;
	}

	const {ended, hand, stages} = drill;
	const stage = stagesOf(drill.drill).find(({id}) => id === stages.at(-1)?.id);
	const name = cell(` ${describeDrill(drill.drill)}`, 'strong');
	const more = cell('  D shows', 'dim');
	if (ended !== undefined) {
		return [verdictCell(ended.result, drill.drill), name, cell(`  ${ended.text}`), more];
	}

	if (hand !== undefined) {
		return [cell('ACTION NEEDED', 'warn'), cell(` ${hand} `, 'strong'), name, more];
	}

	const since = stages.at(-1)?.at ?? drill.at;
	const waiting = stage === undefined ? '' : `  ${waitingText(stage, drill, state)}, ${forAge(since, now)}`;
	return [cell('RUNNING', 'strong'), name, cell(waiting, 'dim'), more];
}

export function measuresTable(
	measures: readonly Measure[],
	drill: Pick<Drill, 'goal' | 'goals'>,
	earlier: EarlierDrills | undefined,
	{isRunning = false} = {},
): Table {
	const goals = goalsOf(drill);
	const last = earlier?.last;
	const compared = earlier === undefined || last === undefined ? undefined : {...earlier, last};
	const left = (title: string, rank: number): Column => ({title, align: 'left', rank});
	const right = (title: string, rank: number): Column => ({title, align: 'right', rank});
	return {
		ruled: true,
		columns: [
			left('Measure', 0),
			right(isRunning ? 'So far' : 'Measured', 0),
			right('Goal', 0),
			left('', 1),
			...(compared === undefined ? [] : [right('Last time', 0), right(`Median of ${compared.count}`, 2)]),
			left('Note', 3),
		],
		rows: measures.map(one => {
			const {id, unit, exact, note} = one;
			const goal = goalFor(id, goals) ?? null;
			const met = isMet(one, goals) ?? null;
			// Recordings of older consoles do not have each figure.
			const earlierCell = (figure: number | null | undefined) =>
				cell(figureOf({value: figure ?? null, unit, exact: true}), 'dim');
			return row(id, () => [
				cell(one.text),
				cell(figureOf({value: one.value ?? null, unit, exact}), 'strong'),
				cell(goalOf({goal, unit})),
				cell(
					isRunning && met !== false ? '' : metOf({met, goal}),
					met === null ? 'dim' : met ? 'good' : 'bad',
				),
				...(compared === undefined ? [] : [earlierCell(compared.last[id]), earlierCell(compared.median[id])]),
				// While the drill runs, a missing value may still come, so its note is not shown.
				cell(isRunning && !one.value && !one.isLost ? '' : (note ?? ''), 'dim'),
			]);
		}),
	};
}
