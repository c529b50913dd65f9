/** Commands that lead to an operation: menu, question, confirmation. Only a confirmed question has effects. */
import type {CommandOf, OperationCommand} from '../../domain/commands.ts';
import type {DrillEvent} from '../../domain/drill/types.ts';
import {goalsOf, goalsText} from '../../domain/drill/verdict.ts';
import {
	definitionOf,
	offerFor,
	offersFor,
	operationKinds,
	requestsOf,
	subjectOf,
} from '../../domain/operations/operation.ts';
import {waitText} from '../../domain/operations/preparation.ts';
import {requestLines} from '../../domain/operations/request.ts';
import type {Offer, Subject} from '../../domain/operations/types.ts';
import type {Effect} from '../effects.ts';
import {close, closeQuestion, open, replace} from '../overlays.ts';
import {noTarget, operationContext, selectedInList, targetOfMenu, targetRow} from '../selection.ts';
import type {Dialog} from '../state.ts';
import {type Notice, type State, topOverlay} from '../state.ts';
import {ask, changeField, fieldProblem, moveFocus, textField} from './dialog.ts';
import {beginDrill} from './drill.ts';
import {cancel, problemToSend, send} from './operations.ts';

type Next = [State, readonly Effect[]];

/** Opens the question of this command's operation, for the target row. */
export function updateOperation(state: State, command: OperationCommand): Next {
	const kinds = operationKinds.filter(kind => definitionOf({kind}).command === command);
	const needsRow = kinds.some(kind => definitionOf({kind}).appliesTo !== 'cluster');
	const row = targetRow(state) ?? (needsRow ? undefined : noTarget);
	return (
		whyUnavailable(state) ?? aboutOne(state, row, of => offer(state, of, one => one.command === command))
	);
}

export function updateMenu(state: State, command: CommandOf<'menu' | 'run'>): Next {
	const overlay = topOverlay(state.view);
	switch (command) {
		case 'menu.open': {
			return whyUnavailable(state) ?? aboutOne(state, targetOfMenu(state), of => [openMenu(state, of), []]);
		}

		case 'menu.choose': {
			return overlay?.kind === 'menu'
				? (whyUnavailable(state) ??
						openSelected(state, {subject: overlay.subject, selected: selectedInList(state, overlay)}))
				: [state, []];
		}

		case 'run.open': {
			const run = state.runs.at(-1);
			return run === undefined
				? [withNotice(state, 'no operation in this session', 'dim'), []]
				: [{...state, view: open(state.view, {kind: 'run', run: run.id, scroll: 0})}, []];
		}

		case 'run.cancel': {
			const id = overlay?.kind === 'run' ? overlay.run : undefined;
			return (
				(id === undefined ? undefined : cancel(state, id)) ?? [
					withNotice(state, 'nothing waits here: what was sent cannot be cancelled', 'warn'),
					[],
				]
			);
		}

		default: {
			command satisfies never;
			return [state, []];
		}
	}
}

/** Why no operation can be requested now. With `--read-only` no key requests one, but recordings and drills may. */
function whyUnavailable(state: State): Next | undefined {
	if (state.target.operations === 'disabled') {
		return [withNotice(state, 'read-only: no operation is offered', 'warn'), []];
	}

	return state.view.frozen === undefined
		? undefined
		: [withNotice(state, 'the screen is frozen; unfreeze it before an operation', 'warn'), []];
}

function withNotice(state: State, text: string, tone: Notice['tone']): State {
	return {...state, view: {...state.view, notice: {text, tone}}};
}

/** Applies a command to the target row; without one, shows how to select a row. */
function aboutOne(state: State, of: Subject | undefined, then: (of: Subject) => Next): Next {
	return of === undefined ? [withNotice(state, whyNoRow(state), 'warn'), []] : then(of);
}

function whyNoRow({view}: State): string {
	const top = topOverlay(view);
	return top?.kind !== 'sessions'
		? 'no row selected: press Esc and select one in a pane'
		: top.grouped
			? 'no session selected: show each session, and select one'
			: 'no session selected: the selected one has ended, or there is none';
}

function openMenu(state: State, of: Subject): State {
	const list = offersFor(of, operationContext(state));
	const offered = list.filter(({disabledReason: whyNot}) => whyNot === undefined);
	const last = state.view.menuRow;
	const selected = list.find(({id}) => menuRowOf(of, id) === last) ?? offered[0] ?? list[0];
	return {
		...state,
		view: open(state.view, {kind: 'menu', subject: of, selected: selected?.id, scroll: 0}),
	};
}

/** A row of the menu of one subject: the same row of another member is another one. */
function menuRowOf({member, node}: Subject, id: string | undefined): string {
	return `${id} ${member ?? ''} ${node ?? ''}`;
}

function openSelected(
	state: State,
	{subject: of, selected}: {subject: Subject; selected: string | undefined},
): Next {
	// The menu stays below the question: Esc goes back to it.
	const menuRow = menuRowOf(of, selected);
	return offer({...state, view: {...state.view, menuRow}}, of, ({id}) => id === selected);
}

/** Opens the question, or shows why the operation is not available. */
export function offer(
	state: State,
	of: Subject,
	isChosen: (one: Pick<Offer, 'id' | 'command'>) => boolean,
): Next {
	const found = offerFor(of, operationContext(state), isChosen);
	if (found?.operation === undefined) {
		const why =
			found?.disabledReason ??
			(of.member === undefined && of.session === undefined
				? 'select a member first'
				: 'not available for the selected row');
		return [withNotice(state, why, 'warn'), []];
	}

	if (definitionOf(found.operation).editsConfiguration) {
		return found.disabledReason === undefined
			? [state, editor(state)]
			: [withNotice(state, found.disabledReason, 'warn'), []];
	}

	const {operation, drill} = found;
	const dialog = ask(state, operation, {drill});
	return [
		openQuestion(state, dialog),
		drill === undefined ? [] : [{type: 'drill.prepare', question: dialog.question, kind: drill}],
	];
}

export function openQuestion(state: State, dialog: Dialog): State {
	return {...state, view: {...open(state.view, dialog), questions: dialog.question}};
}

/** The effect that reads the configuration from a member and opens the editor; its result is an event. */
function editor(state: State): readonly Effect[] {
	const built = requestsOf({kind: 'configure', patch: {}}, operationContext(state));
	const request = 'requests' in built ? built.requests[0] : undefined;
	const {keys, store} = state.cluster;
	return request?.via === 'rest'
		? [
				{
					type: 'config.edit',
					url: request.url,
					revision: keys.get('config')?.modRevision,
					store: store.generation,
				},
			]
		: [];
}

export function updateDialog(state: State, command: CommandOf<'dialog'>): Next {
	const dialog = topOverlay(state.view);
	if (dialog?.kind !== 'dialog') {
		return [state, []];
	}

	const shown = (next: Dialog): Next => [{...state, view: replace(state.view, next)}, []];
	switch (command) {
		case 'dialog.next': {
			return shown(moveFocus(dialog, state, 1));
		}

		case 'dialog.previous': {
			return shown(moveFocus(dialog, state, -1));
		}

		case 'dialog.right':
		case 'dialog.left': {
			const changed = changeField(dialog, state, command === 'dialog.right' ? 1 : -1);
			return changed === dialog
				? [withNotice(state, 'no values to choose from here; Tab goes to the next field', 'dim'), []]
				: shown(changed);
		}

		case 'dialog.yes': {
			// The screen may lag behind: a key that was typed into a field is not an answer.
			return textField(dialog, state) === undefined ? confirm(state, dialog) : [state, []];
		}

		case 'dialog.enter': {
			return enter(state, dialog);
		}

		default: {
			command satisfies never;
			return [state, []];
		}
	}
}

function enter(state: State, dialog: Dialog): Next {
	const {focus} = dialog;
	if (focus === 'cancel') {
		return [{...state, view: close(state.view)}, []];
	}

	if (focus === 'send' || focus === 'name') {
		return confirm(state, dialog);
	}

	const problem = fieldProblem(dialog, state);
	const next = problem === undefined ? moveFocus(dialog, state, 1) : {...dialog, problem};
	return [{...state, view: replace(state.view, next)}, []];
}

/** Sends what was confirmed, or shows it in a dry run; a drill is recorded first. */
export function confirm(state: State, dialog: Dialog): Next {
	const problem = problemToSend(state, dialog);
	if (problem !== undefined) {
		return [{...state, view: replace(state.view, {...dialog, problem})}, []];
	}

	if (state.target.operations !== 'enabled') {
		const waits = waitText(dialog.operation);
		const lines = [
			...(waits === undefined ? [] : [`wait ${waits};`]),
			...dialog.requests.flatMap(requestLines),
		];
		return [
			{
				...state,
				view: {
					...closeQuestion(state.view),
					notice: {
						text: `dry run, nothing was sent: ${lines.join(' ') || 'there is no request'}`,
						tone: 'warn',
					},
				},
			},
			[],
		];
	}

	if (dialog.drill !== undefined) {
		return beginDrill(state, dialog);
	}

	const sent = send(state, dialog);
	return 'problem' in sent
		? [{...state, view: replace(state.view, {...dialog, problem: sent.problem})}, []]
		: [
				{...sent.state, view: open(closeQuestion(state.view), {kind: 'run', run: sent.run, scroll: 0})},
				sent.effects,
			];
}

/** Opens the drill's question, or shows why there is none. */
export function askDrill(state: State, {drill, reason}: DrillEvent & {type: 'drill.ask'}): Next {
	const subject = subjectOf(operationContext(state), drill.target);
	const [asked, effects] = offer(state, subject, ({id}) => id === `drill ${drill.kind}`);
	const dialog = topOverlay(asked.view);
	if (dialog?.kind !== 'dialog' || dialog.drill === undefined || effects.length === 0) {
		return [asked, effects];
	}

	const question = {...dialog.drill, goals: goalsText(goalsOf(drill)), own: true};
	return [{...asked, view: replace(asked.view, {...dialog, reason, drill: question})}, effects];
}

export function answerDrill(state: State, {question, name}: DrillEvent & {type: 'drill.answer'}): Next {
	const dialog = topOverlay(state.view);
	if (dialog?.kind !== 'dialog' || dialog.question !== question) {
		return [state, []];
	}

	const answered = {...dialog, name};
	// A power cut sends nothing, so it is measured with --read-only and --dry-run, too.
	return dialog.drill?.kind === 'power-cut' && problemToSend(state, answered) === undefined
		? beginDrill(state, answered)
		: confirm(state, answered);
}
