/** The question and answer of `pgha-top drill`. */
import type {DrillEvent} from '../../domain/drill/types.ts';
import {goalsOf, goalsText} from '../../domain/drill/verdict.ts';
import {subjectOf} from '../../domain/operations/operation.ts';
import type {Effect} from '../effects.ts';
import {operationContext} from '../selection.ts';
import {replace, type State, topOverlay} from '../state.ts';
import {confirm} from './confirm.ts';
import {beginDrill} from './drill.ts';
import {offer} from './menu.ts';
import {problemToSend} from './operations.ts';

type Next = [State, readonly Effect[]];

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
