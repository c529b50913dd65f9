/** What an operator's keys do, done by a drill: the same commands, the same question, the same answer; nothing is sent another way. */

import type {Command, Event} from '../domain/events.ts';
import {subjectOf} from '../domain/operations/menu.ts';
import {describe} from '../domain/operations/operation.ts';
import type {Operation, Run} from '../domain/operations/types.ts';
import {isBlocked} from '../domain/operations/types.ts';
import type {Runtime} from '../runtime.ts';
import {operationContext} from '../state/operation-context.ts';
import {rowIds, selectedRow} from '../state/selection.ts';
import type {Dialog} from '../state/state.ts';
import {paneIds, type State, shownSnapshot, topOverlay} from '../state/state.ts';
import {dialogPreconditions, typedName} from '../state/update/dialog.ts';

/** It can't be asked for: the console says why. */
export class HandError extends Error {}

export type Hand = {
	/** Opens the question. @throws HandError */
	ask: (what: 'switchover' | 'poweroff', target: string) => Dialog;
	/**
	 * Answers it with yes, and with the name that the operator gave where one was asked for. @throws HandError where nothing was
	 * sent, as where another name is asked for by now than the operator was told of
	 */
	confirm: (reason: string | undefined, agreed: string | undefined) => Run;
	/** Looks at the logs of all nodes, so that they are recorded. */
	openLogs: () => void;
};

/** More keys than any way there takes. */
const mostKeys = 100;

export function handAt(runtime: Pick<Runtime, 'state' | 'dispatch'>): Hand {
	const press = (...commands: readonly Command[]) => {
		for (const command of commands) {
			runtime.dispatch({type: 'command', command} satisfies Event);
		}
	};

	return {
		ask(what, target) {
			while (runtime.state.view.layers.length > 0) {
				press('dismiss');
			}

			select(runtime, press, target);
			if (what === 'switchover') {
				press('operation.switchover');
			} else {
				press('menu.open');
				choose(runtime, press, what);
			}

			const dialog = questionIn(runtime.state);
			if (!isAbout(dialog.operation, what, target, runtime.state)) {
				throw new HandError(`the question is about something else: ${describe(dialog.operation)}`);
			}

			return dialog;
		},
		confirm(reason, agreed) {
			const dialog = questionIn(runtime.state);
			const name = typedName(dialog, runtime.state);
			if (name !== agreed) {
				throw new HandError('nothing was sent: it takes more by now than what was agreed to');
			}

			if (reason !== undefined) {
				fill(runtime, press, 'reason', reason);
			}

			if (name === undefined) {
				to(runtime, press, 'send');
			} else {
				fill(runtime, press, 'name', name);
			}

			const before = runtime.state.runs.length;
			press('dialog.enter');
			const run = runtime.state.runs.at(-1);
			if (run === undefined || runtime.state.runs.length === before) {
				throw new HandError(problemIn(runtime.state));
			}

			return run;
		},
		openLogs() {
			press('log.open', 'log.all');
		},
	};
}

function isAbout(operation: Operation, what: Operation['kind'], target: string, state: State): boolean {
	const {member, node} = subjectOf(operationContext(state), target);
	return (
		operation.kind === what &&
		((operation.kind === 'switchover' && operation.candidate === member) ||
			(operation.kind === 'poweroff' && operation.node === node))
	);
}

/** What stands against it or speaks for it, as the question shows it. */
export function checksIn(state: State) {
	const checks = dialogPreconditions(questionIn(state), state);
	return {checks, blocked: isBlocked(checks)};
}

type Press = (...commands: readonly Command[]) => void;
type Looked = Pick<Runtime, 'state' | 'dispatch'>;

/** The row in whichever pane has one for it. */
function select(runtime: Looked, press: Press, target: string): void {
	for (const _ of paneIds) {
		const {state} = runtime;
		const scene = operationContext(state);
		const isMeant = (row: string | undefined) => {
			const of = row === undefined ? undefined : subjectOf(scene, row);
			return of !== undefined && (of.member === target || of.node === target);
		};
		if (rowIds(shownSnapshot(state), state.view.pane).some(isMeant)) {
			for (let keys = 0; !isMeant(selectedRow(runtime.state)) && keys < mostKeys; keys++) {
				// The end of the rows is an end: from there the way is up.
				const before = selectedRow(runtime.state);
				press('select.down');
				if (selectedRow(runtime.state) === before) {
					press(...Array.from({length: mostKeys}, () => 'select.up' as const));
				}
			}

			return;
		}

		press('pane.next');
	}

	throw new HandError(`${target} is no member and no machine of this cluster`);
}

function choose(runtime: Looked, press: Press, offer: string): void {
	const selected = () => {
		const layer = topOverlay(runtime.state.view);
		return layer?.kind === 'menu' ? layer.selected : undefined;
	};
	for (const direction of ['select.down', 'select.up'] as const) {
		for (let keys = 0; selected() !== offer && keys < mostKeys; keys++) {
			press(direction);
		}
	}

	press('menu.choose');
}

function questionIn(state: State): Dialog {
	const layer = topOverlay(state.view);
	if (layer?.kind !== 'dialog') {
		throw new HandError(problemIn(state));
	}

	return layer;
}

function to(runtime: Looked, press: Press, field: Dialog['focus']): void {
	for (let keys = 0; questionIn(runtime.state).focus !== field && keys < mostKeys; keys++) {
		press('dialog.next');
	}
}

function fill(runtime: Looked, press: Press, field: 'reason' | 'name', text: string): void {
	to(runtime, press, field);
	runtime.dispatch({type: 'typed', text});
}

function problemIn({view}: State): string {
	const layer = topOverlay(view);
	return (
		(layer?.kind === 'dialog' ? layer.problem : undefined) ??
		view.notice?.text ??
		'the console asked no question'
	);
}
