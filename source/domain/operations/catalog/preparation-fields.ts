/** The fields of a switchover's question for what is done before it is sent: a CHECKPOINT, a wait. All are off at first. */

import {sideOf, statusOf} from '../preconditions/sql-facts.ts';
import {shortTime, usualWaitLimit, waitedAges, waitLimits} from '../preparation.ts';
import type {OperationContext} from '../types.ts';
import type {ChoiceField, OperationOf} from './definition.ts';

type Switchover = OperationOf<'switchover'>;

export const preparationFields: readonly ChoiceField<Switchover>[] = [
	{
		id: 'checkpoint',
		input: 'choice',
		label: 'CHECKPOINT',
		isPreparation: true,
		isOffered: (operation, context) =>
			operation.at === undefined && (operation.checkpoint === true || mayCheckpoint(operation, context)),
		value: ({checkpoint}) => (checkpoint ? 'first' : 'off'),
		change: operation => ({...operation, checkpoint: operation.checkpoint ? undefined : true}),
	},
	{
		id: 'waitOlder',
		input: 'choice',
		label: 'wait',
		isPreparation: true,
		isOffered: (operation, context) =>
			operation.at === undefined && (operation.wait !== undefined || seesTransactions(operation, context)),
		value: ({wait}) =>
			wait === undefined ? 'off' : `for transactions older than ${shortTime(wait.olderMs)}`,
		change(operation, step) {
			const olderMs = next([undefined, ...waitedAges], operation.wait?.olderMs, step);
			const mostMs = operation.wait?.mostMs ?? usualWaitLimit;
			return {...operation, wait: olderMs === undefined ? undefined : {olderMs, mostMs}};
		},
	},
	{
		id: 'waitMost',
		input: 'choice',
		label: 'at most',
		isPreparation: true,
		isOffered: ({at, wait}) => at === undefined && wait !== undefined,
		value: ({wait}) => (wait === undefined ? 'off' : shortTime(wait.mostMs)),
		change: (operation, step) =>
			operation.wait === undefined
				? operation
				: {...operation, wait: {...operation.wait, mostMs: next(waitLimits, operation.wait.mostMs, step)}},
	},
];

function next<T>(all: readonly T[], value: T, step: number): T {
	return all[(all.indexOf(value) + step + all.length) % all.length] ?? value;
}

/** Only where it is known now. */
function mayCheckpoint({leader}: Switchover, context: OperationContext): boolean {
	const {status} = sideOf(context, leader);
	return 'value' in status && status.value.mayCheckpoint && !status.value.inRecovery;
}

function seesTransactions({leader}: Switchover, context: OperationContext): boolean {
	return (
		'value' in statusOf(sideOf(context, leader), 'oldest transactions', ({transactions}) => transactions)
	);
}
