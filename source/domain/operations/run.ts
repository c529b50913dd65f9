/**
 * A confirmed operation, folded from events: requests, answers, and what sources have seen; its guard and audit record.
 * Pure.
 */
import {duration} from '../../lib/format.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {dcsIsRead, leaderKey} from '../cluster/keys.ts';
import type {Target} from '../target.ts';
import {definitionOf, describe, isStepSeen, redactOperation, stepsOf} from './operation.ts';
import {determineOutcome, outcomeText} from './outcome.ts';
import {type Answer, interpretAnswer} from './patroni-answers.ts';
import {isPreparationStep, isPreparing} from './preparation.ts';
import {requestLines} from './request.ts';
import type {Guard, NewRun, Operation, Outcome, Run} from './types.ts';

/** How long steps after an outcome, and the result after `unknown`, are watched, ms. */
const aftermathMs = 600_000;
/** How long a run that failed because nothing moved is still watched, ms: it may be late. */
const lateSuccessMs = 120_000;

export function beginRun(begun: NewRun, target: Target): Run {
	return {
		...begun,
		sent: 1,
		answers: [],
		steps: stepsOf(begun.operation, {cluster: begun.before, target, now: begun.confirmedAt}),
		outcome: undefined,
		watched: true,
	};
}

export function answerRun(run: Run, answer: Answer): Run {
	return run.answers.length >= run.sent ? run : {...run, answers: [...run.answers, answer]};
}

/** The run after an event; the same object if nothing changed. */
export function foldRun(run: Run, cluster: Cluster, target: Target, now: number): Run {
	if (!run.watched) {
		return run;
	}

	// Before it is sent, nothing that happens is its result.
	const prepares = isPreparing(run);
	if (
		!prepares &&
		definitionOf(run.operation).comparesRevisions &&
		isOfOtherStore({store: run.before.store.generation}, cluster)
	) {
		return unverifiable(run, now);
	}

	const context = {cluster, target, now};
	let {steps} = run;
	for (const [index, step] of steps.entries()) {
		if (
			step.at === undefined &&
			(!prepares || isPreparationStep(step.id)) &&
			isStepSeen(step, {...run, steps}, context)
		) {
			steps = steps.with(index, {...step, at: now});
		}
	}

	const stepped = steps === run.steps ? run : {...run, steps};
	const outcome = determineOutcome(stepped, context);
	const settled = outcome === stepped.outcome ? stepped : {...stepped, outcome};
	const {outcome: end} = settled;
	const complete = end?.kind !== 'unknown' && settled.steps.every(({at}) => at !== undefined);
	const ended =
		end !== undefined &&
		(complete || isNothingToCome(end) || now - end.at > (end.mayMove ? lateSuccessMs : aftermathMs));
	return ended ? {...settled, watched: false} : settled;
}

/** Keys of another store do not show the result; what was seen before stays. */
function unverifiable(run: Run, now: number): Run {
	const {outcome} = run;
	const isKnown = outcome !== undefined && outcome.kind !== 'unknown' && !outcome.mayMove;
	return {
		...run,
		watched: false,
		outcome: isKnown
			? outcome
			: {
					kind: 'unknown',
					at: now,
					text: 'etcd was rebuilt or restored meanwhile, and its new keys cannot show the result: check the cluster',
				},
	};
}

function isNothingToCome({kind, mayMove}: Outcome): boolean {
	return kind === 'refused' || (kind === 'failed' && !mayMove);
}

/** Ends the watch for a late success: another operation was confirmed, and later changes may be its own. */
export function supersede(run: Run): Run {
	return run.watched && run.outcome?.mayMove ? {...run, watched: false} : run;
}

/** The run is watched, and its outcome is not final. */
export function isOpen({outcome, watched}: Run): boolean {
	return watched && (outcome === undefined || outcome.kind === 'unknown');
}

/** The last answer and its meaning; undefined without an answer. */
export function describeLastAnswer({answers}: Pick<Run, 'answers'>): string | undefined {
	const answer = answers.at(-1);
	switch (answer?.kind) {
		case 'answered': {
			const {meaning} = interpretAnswer(answer.status, answer.text);
			return answer.text === ''
				? `${answer.status}: ${meaning}`
				: `${answer.status} "${answer.text}": ${meaning}`;
		}

		case 'ended': {
			const code =
				answer.code === undefined ? 'the connection ended with it' : `the command exited with ${answer.code}`;
			return answer.text === '' ? code : `${code}: ${answer.text}`;
		}

		case 'sql': {
			return answer.error === undefined
				? `done in ${duration(answer.tookMs)}`
				: `the server refused it: ${answer.error}`;
		}

		case 'lost':
		case 'unsent': {
			return answer.reason;
		}

		case undefined: {
			return undefined;
		}
	}
}

export function takeGuard(cluster: Cluster): Guard {
	const key = leaderKey(cluster);
	return {
		store: cluster.store.generation,
		leader: key?.member,
		leaderRevision: key?.modRevision,
		configRevision: cluster.keys.get('config')?.modRevision,
	};
}

/** Changes since the guard was taken, in words; empty if the question still holds. */
export function changesSince(guard: Guard, cluster: Cluster, {config}: {config: boolean}): string[] {
	const now = takeGuard(cluster);
	if (isOfOtherStore(guard, cluster)) {
		return ['etcd was rebuilt or restored: ask again'];
	}

	const changes: string[] = [];
	if (now.leader !== guard.leader) {
		changes.push(`the leader is ${now.leader ?? 'none'} now, it was ${guard.leader ?? 'none'}`);
	} else if (now.leaderRevision !== guard.leaderRevision) {
		changes.push(
			`${now.leader ?? 'no member'} took the leader key again: revision ${guard.leaderRevision} → ${now.leaderRevision}`,
		);
	}

	if (config && now.configRevision !== guard.configRevision) {
		changes.push('the dynamic configuration was changed by another client');
	}

	return changes;
}

/** Whether the guard's revisions are of another store, and so not comparable. */
export function isOfOtherStore({store = 0}: Pick<Guard, 'store'>, cluster: Cluster): boolean {
	return store !== cluster.store.generation;
}

/** Whether the guard can be compared with the cluster now. */
export function isVerifiable(cluster: Cluster, now: number): boolean {
	return dcsIsRead(cluster, now);
}

export type AuditRecord = {
	/** Version of the format. */
	version: 1;
	/** Time in ISO 8601. */
	at: string;
	/** The same in all records of one operation. */
	operation_id: string;
	phase: 'confirmed' | 'sending' | 'outcome' | 'complete' | 'left';
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

/** @param phase `sending`: a request after the confirmation; `complete`: nothing more is expected; `left`: the console was closed before */
export function auditRecord(run: Run, scope: string, phase: AuditRecord['phase'], at: number): AuditRecord {
	const {operation, guard, requests, checks, steps, outcome, confirmedAt, id} = run;
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
		leader: guard.leader,
		leader_revision: guard.leaderRevision,
		checks,
		answers: run.answers.map(
			(_, index) => describeLastAnswer({answers: run.answers.slice(0, index + 1)}) ?? '',
		),
		steps: steps.map(({text, at: seen}) => ({
			text,
			at: seen === undefined ? undefined : new Date(seen).toISOString(),
			after_ms: seen === undefined ? undefined : seen - confirmedAt,
		})),
		outcome: outcome === undefined ? undefined : {kind: outcome.kind, text: outcomeText(run) ?? outcome.text},
	};
}
