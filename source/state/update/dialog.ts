/** The question before an operation: its fields, what they say, and how keys change them; pure. */
import {clockTime, keyOf} from '../../domain/cluster/cluster.ts';
import {dynamicConfig} from '../../domain/cluster/keys.ts';
import {services} from '../../domain/cluster/services.ts';
import type {DrillKind} from '../../domain/drill/types.ts';
import {changesSince, takeGuard} from '../../domain/operations/guard.ts';
import {candidates} from '../../domain/operations/menu.ts';
import {confirmationWord, preconditionsOf, worstFirst} from '../../domain/operations/preconditions.ts';
import {requestsOf} from '../../domain/operations/request.ts';
import type {Operation, Precondition, Requests} from '../../domain/operations/types.ts';
import {parseWhen} from '../../lib/parse-time.ts';
import {operationContext} from '../operation-context.ts';
import type {Dialog, Field, State} from '../state.ts';
import {newDrill, preconditionsOfDrill} from './drill-question.ts';
import {eraseText, insertText} from './text-input.ts';

export function ask(
	state: State,
	operation: Operation,
	{difference = [], drill}: {difference?: readonly string[]; drill?: DrillKind | undefined} = {},
): Dialog {
	return withRequests(
		{
			kind: 'dialog',
			question: state.view.questions + 1,
			operation,
			drill: drill === undefined ? undefined : newDrill(drill),
			frozen: takeGuard(state.cluster),
			requests: [],
			difference,
			when: '',
			reason: '',
			name: '',
			// The safe choice.
			focus: 'cancel',
			problem: undefined,
			scroll: 0,
		},
		state,
	);
}

function withRequests(dialog: Dialog, state: State): Dialog {
	const built = builtFor(dialog, state);
	return {...dialog, requests: 'requests' in built ? built.requests : []};
}

/** What an answer would send. A plug is pulled by a hand. */
export function builtFor({operation, drill}: Dialog, state: State): Requests {
	return drill?.kind === 'power-cut' ? {requests: []} : requestsOf(operation, operationContext(state));
}

/** All that stands against it or speaks for it now, what has moved since the question was asked included. */
export function dialogPreconditions(dialog: Dialog, state: State): Precondition[] {
	const {operation, frozen, when} = dialog;
	const changes = changesSince(frozen, state.cluster, {config: operation.kind === 'configure'});
	const time = fields(dialog, state).includes('when')
		? parseWhen(when, clockTime(state.cluster, state.now))
		: {at: undefined};
	const built = builtFor(dialog, state);
	const checks = [
		...changes.map(
			(text): Precondition => ({level: 'blocking', text: `since the question was asked: ${text}`}),
		),
		...('problem' in time
			? [{level: 'blocking', text: time.problem} as const]
			: passed(operation, clockTime(state.cluster, state.now))),
		...('problem' in built ? [{level: 'blocking', text: built.problem} as const] : []),
		...preconditionsOf(operation, operationContext(state)),
	];
	return dialog.drill === undefined
		? checks
		: worstFirst([...checks, ...preconditionsOfDrill(dialog.drill, dialog.question, state)]);
}

/** The time was to come when it was typed, and has passed over the question. */
function passed(operation: Operation, now: number): Precondition[] {
	return 'at' in operation && operation.at !== undefined && operation.at <= now
		? [{level: 'blocking', text: `${new Date(operation.at).toISOString()} has passed meanwhile`}]
		: [];
}

export function typedName({operation}: Dialog, state: State): string | undefined {
	return confirmationWord(operation, operationContext(state));
}

/** In the order in which Tab goes through them. */
export function fields(dialog: Dialog, state: State): Field[] {
	return [
		'cancel',
		...(typedName(dialog, state) === undefined ? (['send'] as const) : []),
		...ownFields(dialog, state),
		'reason',
		...(typedName(dialog, state) === undefined ? [] : (['name'] as const)),
	];
}

function ownFields({operation, drill}: Dialog, state: State): Field[] {
	const candidate: readonly Field[] = candidates(operationContext(state)).length > 1 ? ['candidate'] : [];
	if (drill !== undefined) {
		return [...(operation.kind === 'switchover' ? candidate : []), 'goal'];
	}

	switch (operation.kind) {
		case 'switchover': {
			return [...candidate, 'when'];
		}

		case 'restart': {
			return ['when', 'pendingOnly'];
		}

		case 'reinitialize': {
			return takesFromLeader(operation.member, state) ? ['fromLeader'] : [];
		}

		case 'service': {
			const paused = dynamicConfig(state.cluster)?.pause ?? false;
			return services[operation.service].carries === 'member' && !paused ? ['pauseFirst'] : [];
		}

		default: {
			return [];
		}
	}
}

/** From Patroni 4.1 on. */
function takesFromLeader(member: string, {cluster}: State): boolean {
	const version = keyOf(cluster, `members/${member}`, 'member')?.value.data.version ?? '';
	const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10) || 0);
	return major > 4 || (major === 4 && minor >= 1);
}

/** The field that takes what is typed; where a name is asked for, it also takes what is typed at the safe choice. */
type TextField = 'when' | 'goal' | 'reason' | 'name';

export function textField(dialog: Dialog, state: State): TextField | undefined {
	const {focus} = dialog;
	if (focus === 'when' || focus === 'goal' || focus === 'reason' || focus === 'name') {
		return focus;
	}

	return focus === 'cancel' && typedName(dialog, state) !== undefined ? 'name' : undefined;
}

export function typeInto(dialog: Dialog, state: State, text: string): Dialog {
	const field = textField(dialog, state);
	return field === undefined
		? dialog
		: changed(dialog, state, field, insertText(textOf(dialog, field), text));
}

export function eraseFrom(dialog: Dialog, state: State, {all}: {all: boolean}): Dialog {
	const field = textField(dialog, state);
	return field === undefined
		? dialog
		: changed(dialog, state, field, all ? '' : eraseText(textOf(dialog, field)));
}

function textOf(dialog: Dialog, field: TextField): string {
	return field === 'goal' ? (dialog.drill?.goals ?? '') : dialog[field];
}

function changed(dialog: Dialog, state: State, field: TextField, text: string): Dialog {
	const taken = {...dialog, focus: field, problem: undefined};
	if (field === 'goal') {
		return dialog.drill === undefined ? dialog : {...taken, drill: {...dialog.drill, goals: text, own: true}};
	}

	const next = {...taken, [field]: text};
	const {operation} = next;
	if (field !== 'when' || (operation.kind !== 'switchover' && operation.kind !== 'restart')) {
		return next;
	}

	const time = parseWhen(text, clockTime(state.cluster, state.now));
	return 'problem' in time ? next : withRequests({...next, operation: {...operation, at: time.at}}, state);
}

export function moveFocus(dialog: Dialog, state: State, step: number): Dialog {
	const all = fields(dialog, state);
	const index = (all.indexOf(dialog.focus) + step + all.length) % all.length;
	return {...dialog, focus: all[index] ?? 'cancel', problem: undefined};
}

/** The value before or after the present one, in the field that has the focus. */
export function changeField(dialog: Dialog, state: State, step: number): Dialog {
	const operation = otherValue(dialog, state, step);
	return operation === dialog.operation
		? dialog
		: withRequests({...dialog, operation, problem: undefined}, state);
}

function otherValue({operation, focus}: Dialog, state: State, step: number): Operation {
	switch (operation.kind) {
		case 'switchover': {
			const all = candidates(operationContext(state)).sort();
			const index = (all.indexOf(operation.candidate) + step + all.length) % all.length;
			return focus === 'candidate' ? {...operation, candidate: all[index] ?? operation.candidate} : operation;
		}

		case 'restart': {
			return focus === 'pendingOnly' ? {...operation, pendingOnly: !operation.pendingOnly} : operation;
		}

		case 'reinitialize': {
			return focus === 'fromLeader' ? {...operation, fromLeader: !operation.fromLeader} : operation;
		}

		case 'service': {
			return focus === 'pauseFirst' ? {...operation, pauseFirst: !operation.pauseFirst} : operation;
		}

		default: {
			return operation;
		}
	}
}
