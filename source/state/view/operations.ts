/** A confirmed operation: its steps with their times, the answers, and the outcome. */
import {definitionOf, describe} from '../../domain/operations/operation.ts';
import {requestLines} from '../../domain/operations/request.ts';
import {describeLastAnswer, isOpen} from '../../domain/operations/run.ts';
import type {Run} from '../../domain/operations/types.ts';
import {age, clock} from '../../lib/format.ts';
import {type State, topOverlay} from '../state.ts';
import {isDrillRunning} from '../update/drill-run.ts';
import {type Cell, type Column, cell, type Line, type PaneRows, type Tone} from './cells.ts';
import {drillLine} from './drill.ts';

const columns: readonly Column[] = [
	{title: '', align: 'left', rank: 0},
	{title: 'Step', align: 'left', rank: 0},
	{title: 'Seen after', align: 'right', rank: 0},
	{title: 'At', align: 'left', rank: 1},
];

const outcomes: Readonly<Record<NonNullable<Run['outcome']>['kind'], readonly [string, Tone]>> = {
	done: ['DONE', 'good'],
	elsewhere: ['DONE ELSEWHERE', 'warn'],
	refused: ['REFUSED', 'bad'],
	failed: ['FAILED', 'bad'],
	unknown: ['UNKNOWN', 'warn'],
};

export function operationPane(state: State, id: number): PaneRows {
	const run = state.runs.find(one => one.id === id);
	if (run === undefined) {
		return {
			title: 'Operation',
			status: cell(''),
			lines: [[cell('no such operation', 'warn')]],
			table: undefined,
		};
	}

	const {confirmedAt, requests, steps, reason} = run;
	const word = describeLastAnswer(run);
	return {
		title: `Operation: ${describe(run.operation)}`,
		status: cell(isOpen(run) ? 'Esc hides it; it keeps running' : 'Esc closes', 'dim'),
		lines: [
			outcomeLine(run, state.now),
			...requests
				.slice(0, run.sent)
				.flatMap(requestLines)
				.map(line => [cell('sent      ', 'dim'), cell(line, 'dim')]),
			...(word === undefined
				? [[cell('answer    ', 'dim'), cell('none yet', 'dim')]]
				: [[cell('answer    ', 'dim'), cell(word)]]),
			...(reason === '' ? [] : [[cell('reason    ', 'dim'), cell(reason)]]),
			...needRestart(state, run),
		],
		wraps: true,
		table: {
			columns,
			rows: steps.map(({id: step, text, at}) => ({
				id: step,
				cells: [
					cell(at === undefined ? '·' : '✓', at === undefined ? 'dim' : 'good'),
					cell(text, at === undefined ? 'dim' : 'plain'),
					cell(at === undefined ? '' : `${((at - confirmedAt) / 1000).toFixed(1)} s`),
					cell(at === undefined ? '' : clock(at, state.now), 'dim'),
				],
			})),
		},
	};
}

/** The step that an operation waits for; undefined where none is open. */
export function openStep({runs}: State, id = runs.at(-1)?.id): string | undefined {
	return runs.find(run => run.id === id)?.steps.find(({at}) => at === undefined)?.id;
}

/** What was confirmed last in this console; undefined where nothing was. */
export function lastOperationPane(state: State): PaneRows | undefined {
	const run = state.runs.at(-1);
	return (
		run && {
			...operationPane(state, run.id),
			status: cell(isOpen(run) ? 'running' : `confirmed at ${clock(run.confirmedAt, state.now)}`, 'dim'),
		}
	);
}

function outcomeLine({outcome, confirmedAt}: Run, now: number): Line {
	if (outcome === undefined) {
		return [
			cell('RUNNING', 'strong'),
			cell(` for ${age(now - confirmedAt)}, confirmed at ${clock(confirmedAt, now)}`),
		];
	}

	const [word, tone] = outcomes[outcome.kind];
	return [cell(word, tone), cell(` ${outcome.text}`)];
}

/** After a change of the configuration: the members that need a restart to apply it. */
function needRestart({cluster}: State, {operation, steps}: Run): Line[] {
	if (!definitionOf(operation).editsConfiguration || steps.some(({at}) => at === undefined)) {
		return [];
	}

	const pending = [...cluster.keys.values()].flatMap(({value}) =>
		value.kind === 'member' && value.data.pendingRestart
			? [`${value.name}${because(value.data.pendingRestartReason)}`]
			: [],
	);
	return [
		[
			cell('restart   ', 'dim'),
			pending.length === 0
				? cell('no member reports a pending restart', 'dim')
				: cell(`pending on ${pending.join(', ')}`, 'warn'),
		],
	];
}

function because(reasons: Readonly<Record<string, readonly [string, string]>>): string {
	const all = Object.entries(reasons).map(([parameter, [from, to]]) => `${parameter} ${from} → ${to}`);
	return all.length === 0 ? '' : ` (${all.join(', ')})`;
}

/** The status line of the running operation, over any screen; undefined without one. */
export function operationLine(state: State): Line | undefined {
	const drilled = topOverlay(state.view)?.kind === 'drill' ? undefined : drillLine(state);
	if (drilled !== undefined) {
		return drilled;
	}

	if (isDrillRunning(state.drill)) {
		return undefined;
	}

	const open = state.runs.filter(run => isOpen(run));
	const run = open.at(-1) ?? (state.runs.at(-1)?.watched ? state.runs.at(-1) : undefined);
	if (run === undefined) {
		return undefined;
	}

	const last = run.steps.filter(({at}) => at !== undefined).at(-1);
	const next = run.steps.find(({at}) => at === undefined);
	const word: Cell =
		run.outcome === undefined ? cell('RUNNING', 'strong') : cell(...outcomes[run.outcome.kind]);
	return [
		word,
		cell(` ${describe(run.operation)}`, 'strong'),
		cell(last === undefined ? '' : `  ✓ ${last.text}`, 'good'),
		cell(next === undefined ? '' : `  waiting: ${next.text}`, 'dim'),
		cell(open.length > 1 ? `  (1 of ${open.length})` : '', 'dim'),
		cell('  o shows', 'dim'),
	];
}
