/** A confirmed operation: its steps with their times, the answers, and the outcome. */
import {isProbeFresh, type Outage} from '../../domain/cluster/probe.ts';
import {holdUps} from '../../domain/operations/hold-ups.ts';
import {definitionOf, describe} from '../../domain/operations/operation.ts';
import {clientsWaitFor, doneParts, newLeaderOf, sinceOf} from '../../domain/operations/outcome.ts';
import {isPreparing, waitLines} from '../../domain/operations/preparation.ts';
import {requestLines} from '../../domain/operations/request.ts';
import {describeLastAnswer, isOpen} from '../../domain/operations/run.ts';
import type {Run} from '../../domain/operations/types.ts';
import {keyOfCommand} from '../../keymap/keymap.ts';
import {clock, duration, forAge, tenths} from '../../lib/format.ts';
import {hasOperations, type State, topOverlay} from '../state.ts';
import {isDrillRunning} from '../update/drill-run.ts';
import {type Cell, type Column, cell, type Line, type PaneRows, type Tone} from './cells.ts';
import {drillLine} from './drill.ts';

/** The last acknowledged write may be that much older than a confirmation, ms. */
const attemptMs = 500;

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

	const {requests, steps, reason} = run;
	const word = describeLastAnswer(run);
	return {
		title: `Operation: ${describe(run.operation)}`,
		status: cell(
			isOpen(run) && (state.replay === undefined || state.replay.asOperator)
				? 'Esc hides it; it keeps running'
				: 'Esc closes',
			'dim',
		),
		lines: [
			outcomeLine(run, state),
			...requests
				.slice(0, run.sent)
				.flatMap(requestLines)
				.map(line => [cell('sent      ', 'dim'), cell(line, 'dim')]),
			...(word === undefined && run.sent === 0
				? []
				: word === undefined
					? [
							[
								cell('answer    ', 'dim'),
								cell(run.outcome === undefined ? 'none yet' : 'none; the sources show the outcome', 'dim'),
							],
						]
					: [[cell('answer    ', 'dim'), cell(word)]]),
			...preparation(run, state),
			...holdUps(run, state).map((line, index) => [
				cell(index === 0 ? 'held up   ' : '          ', 'warn'),
				cell(line),
			]),
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
					cell(at === undefined ? '' : tenths(at - sinceOf(run, {id: step}))),
					cell(at === undefined ? '' : clock(at, state.now), 'dim'),
				],
			})),
		},
	};
}

/** What it waits for before it is sent, and what a CHECKPOINT took. */
function preparation(run: Run, state: State): Line[] {
	const {answers} = run;
	const done = answers.length > 1 && answers[0]?.kind === 'sql' ? [duration(answers[0].tookMs)] : [];
	const waits = isOpen(run) ? waitLines(run, state) : [];
	const key = keyOfCommand('run.cancel');
	return [
		...done.map(took => [cell('before    ', 'dim'), cell(`CHECKPOINT took ${took}`)]),
		...waits.map((line, index) => [cell(index === 0 ? 'waits for ' : '          ', 'dim'), cell(line)]),
		...(waits.length === 0 || key === undefined || !hasOperations(state)
			? []
			: [[cell('          '), cell(`${key} cancels it: nothing more is sent`, 'strong')]]),
	];
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

/** How it stands, in a word; of a handover that clients do not follow yet, who leads. */
function headOf(run: Run): Cell {
	const {outcome} = run;
	if (outcome === undefined) {
		return cell(isPreparing(run) ? 'NOT SENT YET' : 'RUNNING', 'strong');
	}

	return outcome.kind === 'done' && clientsWaitFor(run).length > 0
		? cell(`${newLeaderOf(run)} LEADS`, 'warn')
		: cell(...outcomes[outcome.kind]);
}

function outcomeLine(run: Run, state: State): Line {
	const {outcome, confirmedAt} = run;
	if (outcome === undefined) {
		return [
			headOf(run),
			cell(
				`${state.now - confirmedAt < 1000 ? '' : ` ${forAge(confirmedAt, state.now)}`}, confirmed at ${clock(confirmedAt, state.now)}`,
			),
		];
	}

	const done = doneParts(run);
	if (done?.clients !== undefined) {
		return [headOf(run), cell(` ${done.after}`), cell(`; ${done.clients}`, 'warn')];
	}

	const [outage] = ownOutages(run, state);
	const stoppedMs = outage?.to === undefined ? undefined : outage.to - outage.from;
	return [
		headOf(run),
		...(stoppedMs === undefined ? [] : [cell(` writes stopped for ${duration(stoppedMs)};`, 'strong')]),
		cell(` ${done === undefined ? outcome.text : `${done.what} ${done.after}`}`),
		...(outage === undefined || stoppedMs !== undefined ? [] : [cell('; clients cannot write yet', 'bad')]),
	];
}

/** Write outages that began or ended because of it, the one that lasts first, then the longest; none where not measured. */
function ownOutages(run: Run, {cluster, target, now}: State): Outage[] {
	const probe = cluster.probes.get(target.probe?.ports.write ?? 0);
	const isHandover = newLeaderOf(run) !== undefined;
	if (!(isHandover || canStopWrites(run)) || probe?.answer?.write !== true) {
		return [];
	}

	const begunAt = run.begunAt ?? run.confirmedAt;
	const until = Math.max(run.confirmedAt, run.outcome?.at ?? 0, ...run.steps.map(({at}) => at ?? 0));
	return probe.outages
		.filter(
			({write, from, to}) =>
				write &&
				(to === undefined ? isProbeFresh(probe, now) : to > begunAt) &&
				from < until &&
				// A handover may end an outage that began before; another operation does not.
				(isHandover || from > run.confirmedAt - attemptMs),
		)
		.sort((a, b) => (b.to ?? Infinity) - b.from - ((a.to ?? Infinity) - a.from));
}

/** A service or machine stops now: the leader's PostgreSQL may, or the path to it. */
function canStopWrites({operation, guard, outcome}: Run): boolean {
	const {kind} = operation;
	return (
		outcome?.kind === 'done' &&
		kind !== 'reinitialize' &&
		(kind === 'reboot' ||
			kind === 'poweroff' ||
			definitionOf(operation).effect?.(operation, guard) !== undefined)
	);
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
				? cell(`no member reports a pending restart${unknownSuffix(steps, cluster)}`, 'dim')
				: cell(`pending on ${pending.join(', ')}`, 'warn'),
		],
	];
}

/** Members whose loop was not watched: what they report may be of before. */
function unknownSuffix(steps: Run['steps'], {patroni, keys}: State['cluster']): string {
	const names = [...keys.values()].flatMap(({value}) => (value.kind === 'member' ? [value.name] : []));
	const unread = names.filter(name => !steps.some(({id}) => id === `read ${name}`) || !patroni.has(name));
	return unread.length === 0 ? '' : `; not known for ${unread.join(', ')}`;
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
	return [
		headOf(run),
		cell(` ${describe(run.operation)}`, 'strong'),
		cell(last === undefined ? '' : `  ✓ ${last.text}`, 'good'),
		cell(next === undefined ? '' : `  waiting: ${next.text}`, 'dim'),
		cell(open.length > 1 ? `  (1 of ${open.length})` : '', 'dim'),
		cell('  o shows', 'dim'),
	];
}
