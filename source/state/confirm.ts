/** The answer to a question: all is looked at once more, and only then there is an effect. */
import {auditRecord} from '../domain/operations/audit.ts';
import {isBlocked} from '../domain/operations/check.ts';
import {describe} from '../domain/operations/operation.ts';
import {requestLines, requestsOf} from '../domain/operations/request.ts';
import {beginRun, supersede} from '../domain/operations/run.ts';
import {withEntries} from '../domain/timeline.ts';
import {type Dialog, dialogChecks, sceneOf, typedName} from './dialog.ts';
import type {Effect} from './effect.ts';
import {close, replace} from './layers.ts';
import type {State} from './state.ts';

/** The one way to an effect on the cluster: all that was shown is looked at once more, and must still hold. */
export function confirm(state: State, dialog: Dialog): [State, readonly Effect[]] {
	const {operation, frozen, reason} = dialog;
	const problem = whyNotSent(state, dialog);
	if (problem !== undefined) {
		return [{...state, view: replace(state.view, {...dialog, problem})}, []];
	}

	const [request] = dialog.requests;
	if (request === undefined || state.target.hands !== 'on') {
		const lines = dialog.requests.flatMap(requestLines).join(' ');
		return [
			{
				...state,
				view: {...close(state.view), notice: {text: `dry run, nothing was sent: ${lines}`, tone: 'warn'}},
			},
			[],
		];
	}

	const run = beginRun(
		{
			id: (state.runs.at(-1)?.id ?? 0) + 1,
			operation,
			requests: dialog.requests,
			frozen,
			checks: dialogChecks(dialog, state),
			reason: reason.trim(),
			confirmedAt: state.now,
			before: state.cluster,
		},
		state.target,
	);
	const runs = state.runs.map(supersede);
	return [
		{
			...state,
			runs: [...runs, run],
			timeline: withEntries(state.timeline, [
				{at: state.now, kind: 'operation', turn: 'news', text: `operation confirmed: ${describe(operation)}`},
			]),
			view: replace(state.view, {kind: 'run', run: run.id, scroll: 0}),
		},
		[
			...runs
				.filter((one, index) => one !== state.runs[index])
				.map(
					(one): Effect => ({
						type: 'audit',
						record: auditRecord(one, state.target.scope, 'complete', state.now),
					}),
				),
			{type: 'audit', record: auditRecord(run, state.target.scope, 'confirmed', state.now)},
			{type: 'operation.send', run: run.id, request},
		],
	];
}

function whyNotSent(state: State, dialog: Dialog): string | undefined {
	if (state.target.hands === 'off') {
		return 'read-only: nothing was sent';
	}

	if (state.view.frozen !== undefined) {
		return 'nothing was sent: the picture is frozen; Space goes on, then ask again';
	}

	// The name may be asked for only since the question was put: another member of etcd has gone.
	const name = typedName(dialog, state);
	if (name !== undefined && dialog.name !== name) {
		return `type ${name} to confirm; nothing was sent`;
	}

	const checks = dialogChecks(dialog, state);
	if (isBlocked(checks)) {
		return `nothing was sent: ${checks.find(({level}) => level === 'blocking')?.text}`;
	}

	const built = requestsOf(dialog.operation, sceneOf(state));
	return 'requests' in built && JSON.stringify(built.requests) === JSON.stringify(dialog.requests)
		? undefined
		: 'nothing was sent: what would be sent has changed since; ask again';
}

/** What is still watched when the console is left is written down as left. */
export function leave(state: State): readonly Effect[] {
	return state.runs
		.filter(({watched}) => watched)
		.map(run => ({type: 'audit', record: auditRecord(run, state.target.scope, 'left', state.now)}));
}
