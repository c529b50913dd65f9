/** Running operations: answers, what sources see, and the next request. Pure. */
import type {Reported} from '../../domain/events.ts';
import type {Entry} from '../../domain/facts.ts';
import {type MachineStop, noStops} from '../../domain/findings/finding.ts';
import type {OwnOperation} from '../../domain/findings/running.ts';
import {definitionOf, describe} from '../../domain/operations/operation.ts';
import {clientsWaitFor, newLeaderOf, outcomeText} from '../../domain/operations/outcome.ts';
import {isPreparing, waitText} from '../../domain/operations/preparation.ts';
import {answerRun, auditRecord, beginRun, foldRun, isOpen, supersede} from '../../domain/operations/run.ts';
import type {Outcome, Run} from '../../domain/operations/types.ts';
import {isBlocked} from '../../domain/operations/types.ts';
import {withEntries} from '../../domain/timeline/timeline.ts';
import type {Effect} from '../effects.ts';
import type {Dialog, State} from '../state.ts';
import {builtFor, dialogConfirmationName, dialogPreconditions} from './dialog.ts';
import {cancelRun, sendNext} from './next-request.ts';

/** Records the performer's report on a request. */
export function recordAnswer(state: State, id: number, answer: Reported, at: number): State {
	const runs = state.runs.map(run => (run.id === id ? answerRun(run, {...answer, at}) : run));
	return {...state, runs};
}

/** Cancels the wait of a run; undefined if it does not wait. */
export function cancel(state: State, id: number): [State, readonly Effect[]] | undefined {
	const cancelled = state.runs.find(run => run.id === id);
	const next = cancelled && cancelRun(cancelled, state.now);
	if (next === undefined) {
		return undefined;
	}

	const runs = state.runs.map(run => (run.id === id ? next : run));
	const entry = outcomeEntry(next, 'failed', state.now);
	return [
		{...state, runs, timeline: withEntries(state.timeline, [entry])},
		[{type: 'audit', record: auditRecord(next, state.target.scope, 'outcome', state.now)}],
	];
}

/** All runs after a change of the cluster, with effects to send requests and to write the audit log. */
export function foldRuns(state: State, at: number): [State, readonly Effect[]] {
	if (!state.runs.some(({watched}) => watched)) {
		return [state, []];
	}

	const effects: Effect[] = [];
	const entries: Entry[] = [];
	const runs = state.runs.map(run => {
		const [next, send] = sendNext(foldRun(run, state.cluster, state.target, at), state, at);
		effects.push(...send);
		if (next.outcome !== undefined && next.outcome !== run.outcome) {
			entries.push(outcomeEntry(next, next.outcome.kind, at));
			effects.push({type: 'audit', record: auditRecord(next, state.target.scope, 'outcome', at)});
		}

		if (run.outcome?.kind === 'done' && clientsWaitFor(run).length > 0 && clientsWaitFor(next).length === 0) {
			entries.push(outcomeEntry(next, 'done', at));
		}

		if (run.watched && !next.watched && run.outcome !== undefined) {
			effects.push({type: 'audit', record: auditRecord(next, state.target.scope, 'complete', at)});
		}

		return next;
	});
	return runs.every((run, index) => run === state.runs[index])
		? [state, effects]
		: [{...state, runs, timeline: withEntries(state.timeline, entries)}, effects];
}

/** Of a handover that clients do not follow yet: who leads; it is done when they do. */
function outcomeEntry(run: Run, kind: Outcome['kind'], at: number): Entry {
	const isTaken = kind === 'done' && clientsWaitFor(run).length > 0;
	const word = isTaken ? '' : `${kind === 'elsewhere' ? 'done elsewhere' : kind}, `;
	return {
		at,
		kind: 'operation',
		turn: kind === 'done' ? 'better' : kind === 'unknown' ? 'news' : 'worse',
		text: `${describe(run.operation)}: ${word}${isTaken ? run.outcome?.text : outcomeText(run)}`,
		operation: {...aboutOperation(run, kind === 'refused' ? kind : 'ended'), outcome: kind},
	};
}

function aboutOperation(run: Run, phase: 'begun' | 'ended' | 'refused'): NonNullable<Entry['operation']> {
	const newLeader = newLeaderOf(run);
	return {
		name: describe(run.operation),
		phase,
		...(definitionOf(run.operation).isBeside ? {isBeside: true} : {}),
		...(newLeader === undefined ? {} : {newLeader}),
	};
}

export function send(
	state: State,
	dialog: Dialog,
): {state: State; effects: readonly Effect[]; run: number} | {problem: string} {
	const {operation, guard, reason} = dialog;
	const [request] = dialog.requests;
	const problem =
		problemToSend(state, dialog) ??
		(state.target.operations === 'enabled' ? undefined : 'dry run: nothing was sent');
	if (problem !== undefined || request === undefined) {
		return {problem: problem ?? 'nothing was sent: there is no request'};
	}

	const begun = beginRun(
		{
			id: (state.runs.at(-1)?.id ?? 0) + 1,
			operation,
			requests: dialog.requests,
			guard,
			checks: dialogPreconditions(dialog, state),
			reason: reason.trim(),
			confirmedAt: state.now,
			before: state.cluster,
		},
		state.target,
	);
	// What waits is sent with a later event, even if it need not wait.
	const waits = waitText(operation) !== undefined;
	const run = waits ? {...begun, sent: 0} : begun;
	const runs = state.runs.map(supersede);
	return {
		run: run.id,
		state: {
			...state,
			runs: [...runs, run],
			timeline: withEntries(state.timeline, [
				{
					at: state.now,
					kind: 'operation',
					turn: 'news',
					text: `operation confirmed: ${describe(operation)}`,
					operation: aboutOperation(run, 'begun'),
				},
			]),
		},
		effects: [
			...runs
				.filter((one, index) => one !== state.runs[index])
				.map(
					(one): Effect => ({
						type: 'audit',
						record: auditRecord(one, state.target.scope, 'complete', state.now),
					}),
				),
			{type: 'audit', record: auditRecord(run, state.target.scope, 'confirmed', state.now)},
			...(waits ? [] : [{type: 'operation.send', run: run.id, request} as const]),
		],
	};
}

export function problemToSend(state: State, dialog: Dialog): string | undefined {
	// A power cut sends nothing.
	if (state.target.operations === 'disabled' && dialog.drill?.kind !== 'power-cut') {
		return 'read-only: nothing was sent';
	}

	if (state.view.frozen !== undefined) {
		return 'nothing was sent: the screen is frozen; unfreeze it, then ask again';
	}

	// The name may be required only since the question was opened, e.g. because another etcd member was lost.
	const name = dialogConfirmationName(dialog, state);
	if (name !== undefined && dialog.name !== name) {
		return `type ${name} to confirm; nothing was sent`;
	}

	const checks = dialogPreconditions(dialog, state);
	if (isBlocked(checks)) {
		return `nothing was sent: ${checks.find(({level}) => level === 'blocking')?.text}`;
	}

	const built = builtFor(dialog, state);
	return 'requests' in built && JSON.stringify(built.requests) === JSON.stringify(dialog.requests)
		? undefined
		: 'nothing was sent: the request has changed since; ask again';
}

/** Audit records, phase `left`, for runs that are still watched when the console quits. */
export function leave(state: State): readonly Effect[] {
	return state.runs
		.filter(({watched}) => watched)
		.map(run => ({type: 'audit', record: auditRecord(run, state.target.scope, 'left', state.now)}));
}

/** Cached by the runs, so that results memoized by the stops stay valid. */
const knownStops = new WeakMap<readonly Run[], readonly MachineStop[]>();

/** Machines that this console stopped: power-offs and reboots that were neither refused nor failed. */
export function machineStops({runs, target}: Pick<State, 'runs' | 'target'>): readonly MachineStop[] {
	const known = knownStops.get(runs) ?? runs.flatMap(run => stopOf(run, target.operator));
	const stops = known.length === 0 ? noStops : known;
	knownStops.set(runs, stops);
	return stops;
}

function stopOf({operation, outcome, steps, confirmedAt}: Run, by: string | undefined): MachineStop[] {
	if (
		(operation.kind !== 'poweroff' && operation.kind !== 'reboot') ||
		outcome?.kind === 'refused' ||
		outcome?.kind === 'failed'
	) {
		return [];
	}

	const seenAt = (id: string) => steps.find(step => step.id === id)?.at;
	const {kind, node} = operation;
	return [{kind, node, by, at: confirmedAt, downAt: seenAt('down'), backAt: seenAt('back')}];
}

/** Cached by the runs. */
const knownOwn = new WeakMap<readonly Run[], readonly OwnOperation[]>();

/** Operations of this console whose effects findings report, but for stops of machines. */
export function ownOperations({runs, target}: Pick<State, 'runs' | 'target'>): readonly OwnOperation[] {
	const all = knownOwn.get(runs) ?? runs.flatMap(run => ownOperationOf(run, target.operator));
	knownOwn.set(runs, all);
	return all;
}

function ownOperationOf(run: Run, by: string | undefined): OwnOperation[] {
	const {operation, guard, confirmedAt, begunAt, outcome, steps} = run;
	const effect = definitionOf(operation).effect?.(operation, guard);
	const isTaken = run.watched && outcome?.kind === 'done' && clientsWaitFor(run).length > 0;
	return effect === undefined || isPreparing(run)
		? []
		: [
				{
					...effect,
					text: describe(operation),
					by,
					at: begunAt ?? confirmedAt,
					state: isTaken ? 'taken' : !isOpen(run) ? 'ended' : outcome === undefined ? 'open' : 'unknown',
					stateAt: outcome?.at ?? confirmedAt,
					step: steps.findLast(({at}) => at !== undefined)?.text,
				},
			];
}
