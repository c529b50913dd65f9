/** The next request of an operation that has several, or that waits: sent once its gate is open, or given up. Pure. */
import {definitionOf, preconditionsOf, requestsOf} from '../../domain/operations/operation.ts';
import {isPreparing} from '../../domain/operations/preparation.ts';
import {auditRecord, changesSince, isOpen, isVerifiable} from '../../domain/operations/run.ts';
import type {Run} from '../../domain/operations/types.ts';
import type {Effect} from '../effects.ts';
import {operationContext} from '../selection.ts';
import type {State} from '../state.ts';

type Next = [Run, readonly Effect[]];

/** Sends the next request if the guard still holds at this moment, and what the operator was shown. */
export function sendNext(run: Run, state: State, at: number): Next {
	const request = run.requests[run.sent];
	if (request === undefined || !isOpen(run)) {
		return [run, []];
	}

	if (run.outcome !== undefined) {
		return giveUp(run, run.outcome.text, at);
	}

	const {gate} = definitionOf(run.operation);
	const scene = {cluster: state.cluster, target: state.target, now: at};
	const opens = gate?.(run, scene) ?? {is: 'open', begins: false};
	const changes = changesSince(run.guard, state.cluster, {config: false});
	if (changes.length > 0 && (opens.is !== 'waiting' || isPreparing(run))) {
		return giveUp(run, changes.join(', '), at);
	}

	switch (opens.is) {
		case 'waiting': {
			return [run, []];
		}

		case 'closed': {
			return giveUp(run, opens.why, at);
		}

		case 'open': {
			const problem = isPreparing(run) ? problemNow(run, state, at) : undefined;
			if (problem !== undefined) {
				return giveUp(run, problem, at);
			}

			if (!isVerifiable(state.cluster, at)) {
				return [run, []];
			}

			const sent = {...run, sent: run.sent + 1, ...(opens.begins ? {begunAt: at} : {})};
			return [
				sent,
				[
					{type: 'audit', record: auditRecord(sent, state.target.scope, 'sending', at)},
					{type: 'operation.send', run: run.id, request},
				],
			];
		}
	}
}

/** What was true in the question may not be any more: minutes can have passed. */
function problemNow(run: Run, state: State, now: number): string | undefined {
	const context = operationContext({...state, now, runs: state.runs.filter(({id}) => id !== run.id)});
	const blocked = preconditionsOf(run.operation, context).find(({level}) => level === 'blocking');
	const built = requestsOf(run.operation, context);
	return (
		blocked?.text ??
		('problem' in built
			? built.problem
			: JSON.stringify(built.requests) === JSON.stringify(run.requests)
				? undefined
				: 'the request has changed since')
	);
}

function giveUp(run: Run, why: string, at: number): Next {
	return [{...run, outcome: {kind: 'failed', at, text: `${sentSoFar(run)}: ${why}`}}, []];
}

function sentSoFar({requests, sent}: Run): string {
	const last = requests[sent - 1];
	return last === undefined
		? 'nothing was sent'
		: `only the ${last.via === 'sql' ? last.statement : 'pause'} was sent`;
}

/** The run without what it has not sent yet; undefined if nothing of it waits. */
export function cancelRun(run: Run, at: number): Run | undefined {
	return isPreparing(run) && isOpen(run) ? giveUp(run, 'cancelled by the operator', at)[0] : undefined;
}
