/** What is written down of an operation: when it was sent and each time its outcome changes; no secrets. */
import {describe, redactOperation} from './operation.ts';
import {requestLines} from './request.ts';
import {describeLastAnswer} from './run.ts';
import type {Operation, Run} from './types.ts';

export type AuditRecord = {
	/** Of the format. */
	version: 1;
	/** ISO 8601. */
	at: string;
	/** The same for all that is written of one operation. */
	operation_id: string;
	phase: 'confirmed' | 'outcome' | 'complete' | 'left';
	scope: string;
	what: string;
	operation: Operation;
	reason: string | undefined;
	requests: readonly string[];
	leader: string | undefined;
	leader_revision: number | undefined;
	checks: readonly {level: string; text: string; rule?: string}[];
	answers: readonly string[];
	steps: readonly {text: string; at: string | undefined; after_ms: number | undefined}[];
	outcome: {kind: string; text: string} | undefined;
};

/** @param phase `complete`: nothing more is expected; `left`: the console was closed before that. */
export function auditRecord(run: Run, scope: string, phase: AuditRecord['phase'], at: number): AuditRecord {
	const {operation, frozen, requests, checks, steps, outcome, confirmedAt, id} = run;
	return {
		version: 1,
		at: new Date(at).toISOString(),
		operation_id: `${new Date(confirmedAt).toISOString()}/${id}`,
		phase,
		scope,
		what: describe(operation),
		operation: redactOperation(operation),
		reason: run.reason === '' ? undefined : run.reason,
		requests: requests.slice(0, run.sent).flatMap(requestLines),
		leader: frozen.leader,
		leader_revision: frozen.leaderRevision,
		checks,
		answers: run.answers.map(
			(_, index) => describeLastAnswer({answers: run.answers.slice(0, index + 1)}) ?? '',
		),
		steps: steps.map(({text, at: seen}) => ({
			text,
			at: seen === undefined ? undefined : new Date(seen).toISOString(),
			after_ms: seen === undefined ? undefined : seen - confirmedAt,
		})),
		outcome: outcome === undefined ? undefined : {kind: outcome.kind, text: outcome.text},
	};
}
