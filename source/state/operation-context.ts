/** What preconditions are checked against: the cluster now, and the operations of this console that have not ended. */
import {describe} from '../domain/operations/operation.ts';
import {isOpen} from '../domain/operations/run.ts';
import type {OperationContext} from '../domain/operations/types.ts';
import type {State} from './state.ts';

export function operationContext({cluster, target, now, runs}: State): OperationContext {
	return {
		cluster,
		target,
		now,
		running: runs
			.filter(run => isOpen(run))
			.map(({operation, outcome}) => ({text: describe(operation), unknown: outcome?.kind === 'unknown'})),
	};
}
