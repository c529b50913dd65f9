/** The answer yes: sends the operation, or begins the drill. */
import {requestLines} from '../../domain/operations/request.ts';
import type {Effect} from '../effects.ts';
import type {Dialog, State} from '../state.ts';
import {closeQuestion, open, replace} from '../state.ts';
import {beginDrill} from './drill.ts';
import {problemToSend, send} from './operations.ts';

type Next = [State, readonly Effect[]];

/** Sends what was confirmed, or shows it in a dry run; a drill is recorded first. */
export function confirm(state: State, dialog: Dialog): Next {
	const problem = problemToSend(state, dialog);
	if (problem !== undefined) {
		return [{...state, view: replace(state.view, {...dialog, problem})}, []];
	}

	if (state.target.operations !== 'enabled') {
		const lines = dialog.requests.flatMap(requestLines).join(' ') || 'there is no request';
		return [
			{
				...state,
				view: {
					...closeQuestion(state.view),
					notice: {text: `dry run, nothing was sent: ${lines}`, tone: 'warn'},
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
