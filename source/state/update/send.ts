/** The one way to an effect on the cluster: everything that was shown is checked once more, and must still hold. */
import {auditRecord} from '../../domain/operations/audit-record.ts';
import {describe} from '../../domain/operations/operation.ts';
import {beginRun, supersede} from '../../domain/operations/run.ts';
import {isBlocked} from '../../domain/operations/types.ts';
import {withEntries} from '../../domain/timeline/timeline.ts';
import type {Effect} from '../effects.ts';
import type {Dialog, State} from '../state.ts';
import {builtFor, dialogPreconditions, typedName} from './dialog.ts';

export function send(
	state: State,
	dialog: Dialog,
): {state: State; effects: readonly Effect[]; run: number} | {problem: string} {
	const {operation, frozen, reason} = dialog;
	const [request] = dialog.requests;
	const problem =
		whyNotSent(state, dialog) ??
		(state.target.operations === 'enabled' ? undefined : 'dry run: nothing was sent');
	if (problem !== undefined || request === undefined) {
		return {problem: problem ?? 'nothing was sent: there is nothing to send'};
	}

	const run = beginRun(
		{
			id: (state.runs.at(-1)?.id ?? 0) + 1,
			operation,
			requests: dialog.requests,
			frozen,
			checks: dialogPreconditions(dialog, state),
			reason: reason.trim(),
			confirmedAt: state.now,
			before: state.cluster,
		},
		state.target,
	);
	const runs = state.runs.map(supersede);
	return {
		run: run.id,
		state: {
			...state,
			runs: [...runs, run],
			timeline: withEntries(state.timeline, [
				{at: state.now, kind: 'operation', turn: 'news', text: `operation confirmed: ${describe(operation)}`},
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
			{type: 'operation.send', run: run.id, request},
		],
	};
}

export function whyNotSent(state: State, dialog: Dialog): string | undefined {
	// Nothing is sent for a plug that is pulled.
	if (state.target.operations === 'disabled' && dialog.drill?.kind !== 'power-cut') {
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

	const checks = dialogPreconditions(dialog, state);
	if (isBlocked(checks)) {
		return `nothing was sent: ${checks.find(({level}) => level === 'blocking')?.text}`;
	}

	const built = builtFor(dialog, state);
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
