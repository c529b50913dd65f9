/** The question before an operation: its fields, their values, and the effect of keys. Pure. */
import {clockTime} from '../../domain/cluster/cluster.ts';
import type {Command} from '../../domain/commands.ts';
import type {DrillKind} from '../../domain/drill/types.ts';
import {
	confirmationName,
	definitionOf,
	fieldOf,
	fieldsOf,
	preconditionsOf,
	requestsOf,
	scheduledTime,
	worstLevelFirst,
} from '../../domain/operations/operation.ts';
import {changesSince, takeGuard} from '../../domain/operations/run.ts';
import {isBlocked, type Operation, type Precondition, type Requests} from '../../domain/operations/types.ts';
import {isTimeLike, parseWhen} from '../../lib/parse-time.ts';
import {replace} from '../overlays.ts';
import {operationContext} from '../selection.ts';
import {type Dialog, type Field, type PaletteOverlay, type State, topOverlay} from '../state.ts';
import {goalsIn, newDrill, preconditionsOfDrill} from './drill-run.ts';
import {eraseFromPrompt, eraseText, insertText, typeIntoPrompt} from './prompt.ts';

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
			guard: takeGuard(state.cluster),
			requests: [],
			difference,
			when: '',
			reason: '',
			name: '',
			// The safe choice has the focus first.
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

/** The requests of the answer yes. A power cut sends nothing: the operator pulls the plug. */
export function builtFor({operation, drill}: Dialog, state: State): Requests {
	return drill?.kind === 'power-cut' ? {requests: []} : requestsOf(operation, operationContext(state));
}

/** All preconditions now, including changes since the question was opened. */
export function dialogPreconditions(dialog: Dialog, state: State): Precondition[] {
	const {operation, guard, when} = dialog;
	const changes = changesSince(guard, state.cluster, {
		config: definitionOf(operation).editsConfiguration ?? false,
	});
	const time = ownFields(dialog, state).includes('when')
		? parseWhen(when, clockTime(state.cluster, state.now))
		: {at: undefined};
	const built = builtFor(dialog, state);
	const checks = [
		...changes.map(
			(text): Precondition => ({level: 'blocking', text: `since the question was asked: ${text}`}),
		),
		...('problem' in time
			? [{level: 'blocking', text: time.problem} as const]
			: checkTime(operation, clockTime(state.cluster, state.now))),
		...('problem' in built ? [{level: 'blocking', text: built.problem} as const] : []),
		...preconditionsOf(operation, operationContext(state)),
	];
	return dialog.drill === undefined
		? checks
		: worstLevelFirst([...checks, ...preconditionsOfDrill(dialog.drill, dialog.question, state)]);
}

/** The time was in the future when it was typed, but may have passed since. */
function checkTime(operation: Operation, now: number): Precondition[] {
	const at = scheduledTime(operation);
	return at !== undefined && at <= now
		? [{level: 'blocking', text: `${new Date(at).toISOString()} has passed meanwhile`}]
		: [];
}

export function dialogConfirmationName({operation}: Dialog, state: State): string | undefined {
	return confirmationName(operation, operationContext(state));
}

/** The fields in the order of Tab. A blocked question has no field that sends. */
export function fields(dialog: Dialog, state: State): Field[] {
	const sends =
		dialogConfirmationName(dialog, state) === undefined && !isBlocked(dialogPreconditions(dialog, state));
	return [
		'cancel',
		...(sends ? (['send'] as const) : []),
		...ownFields(dialog, state),
		'reason',
		...(dialogConfirmationName(dialog, state) === undefined ? [] : (['name'] as const)),
	];
}

/** Whether the question on the screen can be answered with yes: it is not blocked, and needs no name to be typed. */
export function canSend(state: State): boolean {
	const overlay = topOverlay(state.view);
	return overlay?.kind === 'dialog' && fields(overlay, state).includes('send');
}

/** What Enter does in the question on the screen; undefined without one. */
export function enterHint(state: State): string | undefined {
	const layer = topOverlay(state.view);
	if (layer?.kind !== 'dialog') {
		return undefined;
	}

	const {focus} = layer;
	return focus === 'cancel' ? 'go back' : focus === 'send' || focus === 'name' ? 'confirm' : 'next field';
}

/** Why the text of the focused field cannot be used. */
export function fieldProblem(dialog: Dialog, state: State): string | undefined {
	const {focus, drill, when} = dialog;
	if (focus === 'goal' && drill !== undefined) {
		const goals = goalsIn(drill);
		return 'problem' in goals ? `the goal: ${goals.problem}` : undefined;
	}

	const time = focus === 'when' ? parseWhen(when, clockTime(state.cluster, state.now)) : undefined;
	return time !== undefined && 'problem' in time ? time.problem : undefined;
}

/** The operation's own fields. A drill begins at once, so it has no time, but goals. */
function ownFields({operation, drill}: Dialog, state: State): Field[] {
	const own = fieldsOf(operation, operationContext(state));
	return drill === undefined
		? own.map(({id}) => id)
		: [...own.filter(one => one.input === 'choice' && !one.isPreparation).map(({id}) => id), 'goal'];
}

/** The field that takes typed text. If a name is required, text typed at the safe choice goes to the name. */
type TextField = 'when' | 'goal' | 'reason' | 'name';

export function textField(dialog: Dialog, state: State): TextField | undefined {
	const {focus} = dialog;
	if (focus === 'when' || focus === 'goal' || focus === 'reason' || focus === 'name') {
		return focus;
	}

	return focus === 'cancel' && dialogConfirmationName(dialog, state) !== undefined ? 'name' : undefined;
}

export function typeInto(dialog: Dialog, state: State, text: string): Dialog {
	const field = textField(dialog, state);
	return field === undefined
		? dialog
		: setField(dialog, state, field, insertText(textOf(dialog, field), text));
}

export function eraseFrom(dialog: Dialog, state: State, {all}: {all: boolean}): Dialog {
	const field = textField(dialog, state);
	return field === undefined
		? dialog
		: setField(dialog, state, field, all ? '' : eraseText(textOf(dialog, field)));
}

function textOf(dialog: Dialog, field: TextField): string {
	return field === 'goal' ? (dialog.drill?.goals ?? '') : dialog[field];
}

function setField(dialog: Dialog, state: State, field: TextField, text: string): Dialog {
	const taken = {...dialog, focus: field, problem: undefined};
	if (field === 'goal') {
		return dialog.drill === undefined ? dialog : {...taken, drill: {...dialog.drill, goals: text, own: true}};
	}

	const next = {...taken, [field]: text};
	const timeField = field === 'when' ? fieldOf(next.operation, field) : undefined;
	if (timeField?.input !== 'time') {
		return next;
	}

	const time = parseWhen(text, clockTime(state.cluster, state.now));
	return 'problem' in time
		? next
		: withRequests({...next, operation: timeField.withValue(next.operation, time.at)}, state);
}

export function moveFocus(dialog: Dialog, state: State, step: number): Dialog {
	const all = fields(dialog, state);
	const index = (all.indexOf(dialog.focus) + step + all.length) % all.length;
	return {...dialog, focus: all[index] ?? 'cancel', problem: undefined};
}

/** Selects the next or previous value of the focused field. */
export function changeField(dialog: Dialog, state: State, step: number): Dialog {
	const {operation, focus} = dialog;
	const field = definitionOf(operation).fields?.find(({id}) => id === focus);
	return field?.input === 'choice'
		? withRequests(
				{...dialog, operation: field.change(operation, step, operationContext(state)), problem: undefined},
				state,
			)
		: dialog;
}

/** Whether a field has the focus, so that characters are text rather than keys. */
export function isTyping(state: State): boolean {
	if (state.replay?.asOperator || state.replay?.prompt !== undefined) {
		return state.replay.prompt !== undefined;
	}

	const overlay = topOverlay(state.view);
	return (
		overlay?.kind === 'prompt' ||
		overlay?.kind === 'palette' ||
		(overlay?.kind === 'dialog' && textField(overlay, state) !== undefined)
	);
}

export function typeInField(state: State, text: string): State {
	const overlay = topOverlay(state.view);
	if (overlay?.kind === 'prompt') {
		return typeIntoPrompt(state, overlay, text);
	}

	if (overlay?.kind === 'palette') {
		return withPaletteText(state, overlay, insertText(overlay.text, text));
	}

	return overlay?.kind === 'dialog'
		? {...state, view: replace(state.view, typeInto(overlay, state, text))}
		: state;
}

/** Erases the last character of the focused field, or all of it. */
export function eraseInField(state: State, all: {all: boolean}): State {
	const overlay = topOverlay(state.view);
	if (overlay?.kind === 'prompt') {
		return eraseFromPrompt(state, overlay, all);
	}

	if (overlay?.kind === 'palette') {
		return withPaletteText(state, overlay, all.all ? '' : eraseText(overlay.text));
	}

	return overlay?.kind === 'dialog'
		? {...state, view: replace(state.view, eraseFrom(overlay, state, all))}
		: state;
}

/** Other words select the first row again. */
function withPaletteText(state: State, palette: PaletteOverlay, text: string): State {
	return {...state, view: replace(state.view, {...palette, text, scroll: 0})};
}

/** Whether the command does now what the screen only asks or warns about. */
export function confirms({view, drill}: State, command: Command): boolean {
	const top = topOverlay(view);
	return (
		command === 'dialog.yes' ||
		(command === 'prompt.take' && top?.kind === 'prompt' && top.purpose === 'acknowledge') ||
		(command === 'palette.run' && top?.kind === 'palette' && !isTimeLike(top.text)) ||
		(command === 'dialog.enter' &&
			top?.kind === 'dialog' &&
			(top.focus === 'send' || top.focus === 'name')) ||
		(command === 'quit' && view.leaving) ||
		(command === 'drill.stop' && (drill?.stopping ?? false))
	);
}

/** Whether the screen shows the question or warning that the command confirms. */
export function isShown({view, drill}: State, command: Command, shown: State | undefined): boolean {
	if (shown === undefined) {
		return false;
	}

	return command === 'quit'
		? shown.view.leaving === view.leaving
		: command === 'drill.stop'
			? shown.drill?.stopping === drill?.stopping
			: topOverlay(shown.view) === topOverlay(view);
}
