/** The outcome of an operation, from its answers and what sources see. `unknown` may still become another outcome. */
import {tenths} from '../../lib/format.ts';
import {isSeenByRest} from '../cluster/beliefs.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {keyOf} from '../cluster/cluster.ts';
import {dcsIsRead, dynamicConfig, leaderKey} from '../cluster/keys.ts';
import type {Target} from '../target.ts';
import {definitionOf} from './operation.ts';
import {type Answer, interpretAnswer} from './patroni-answers.ts';
import {isPreparationStep, isPreparing} from './preparation.ts';
import {clientPathStep, routeStep} from './progress/handover.ts';
import type {Outcome, Run, Step} from './types.ts';

/** Time after an accepted request until an unseen result is `unknown`, ms. */
const answerWaitMs = 60_000;
/** Time without an answer until the result is `unknown`, ms; longer than any sender waits. */
const progressWaitMs = 300_000;

export function determineOutcome(
	run: Run,
	{cluster, now}: {cluster: Cluster; target: Target; now: number},
): Outcome | undefined {
	const {outcome, steps} = run;
	if (outcome !== undefined && outcome.kind !== 'unknown' && !outcome.mayMove) {
		return outcome;
	}

	if (isPreparing(run)) {
		return outcome ?? byPreparation(run, now);
	}

	if (steps.every(({essential, at}) => !essential || at !== undefined)) {
		const done: Outcome = {kind: 'done', at: now, text: '', ...(outcome?.mayMove ? {isLate: true} : {})};
		const {what = '', after = ''} = doneParts({...run, outcome: done}) ?? {};
		return {...done, text: `${what} ${after}`};
	}

	return (
		byOtherLeader(run, cluster, now) ??
		byAnswer(run, now) ??
		byUnmovedKey(run, cluster, now) ??
		outcome ??
		(isOverdue(run, now)
			? {
					kind: 'unknown',
					at: now,
					text: `${lastAnswer(run) === undefined ? 'no answer' : 'accepted'}, but no source has seen it; still watching`,
				}
			: undefined)
	);
}

/** Without the CHECKPOINT the switchover is not sent. */
function byPreparation({answers}: Run, now: number): Outcome | undefined {
	const answer = answers.at(-1);
	const why =
		answer?.kind === 'sql'
			? answer.error && `the CHECKPOINT failed: ${answer.error}`
			: answer?.kind === 'unsent'
				? `the CHECKPOINT was not sent: ${answer.reason}`
				: answer?.kind === 'lost'
					? `it is not known whether the CHECKPOINT was done: ${answer.reason}`
					: undefined;
	return why === undefined || why === ''
		? undefined
		: {kind: 'failed', at: now, text: `the switchover was not sent: ${why}`};
}

/** When a step's time counts from: the sending of the operation, of what prepares it the confirmation. */
export function sinceOf({begunAt, confirmedAt}: Run, step: Pick<Step, 'id'>): number {
	return isPreparationStep(step.id) ? confirmedAt : (begunAt ?? confirmedAt);
}

/** The answer to the last request that was sent; undefined until it arrives. */
function lastAnswer({answers, sent}: Run): Answer | undefined {
	return answers.length < sent ? undefined : answers.at(-1);
}

/** What clients need to reach the new leader, and no source has seen yet: the path where the probe takes it, else HAProxy. */
export function clientsWaitFor(run: Run): string[] {
	if (newLeaderOf(run) === undefined) {
		return [];
	}

	const path = run.steps.find(({id}) => id === clientPathStep);
	const routes = run.steps.filter(({id, at}) => id.startsWith(routeStep) && at === undefined);
	const names = routes.map(({id}) => `HAProxy on ${id.slice(routeStep.length)}`);
	return path === undefined ? names : path.at === undefined ? [...names, path.text.split(' ')[0] ?? ''] : [];
}

/** The member that takes over at once; undefined if the operation hands nothing over. */
export function newLeaderOf({operation}: Run): string | undefined {
	return definitionOf(operation).newLeader?.(operation);
}

/** A done operation in parts: what made it done, when, and which clients do not follow yet. */
export type Done = {what: string; after: string; clients: string | undefined};

/**
 * The time is that of the last step that made it done, and that step names it; while clients do not follow, of the new
 * leader. Undefined if the operation is not done.
 */
export function doneParts(run: Run): Done | undefined {
	const {outcome, steps, watched} = run;
	const waiting = clientsWaitFor(run);
	const last = steps
		.filter(step => step.essential || (waiting.length === 0 && isForClients(step, run)))
		.reduce<Step | undefined>((late, step) => ((step.at ?? 0) >= (late?.at ?? 0) ? step : late), undefined);
	if (outcome?.kind !== 'done' || last?.at === undefined) {
		return undefined;
	}

	return {
		what: waiting.length === 0 ? last.text : `${newLeaderOf(run)} leads`,
		after: `after ${tenths(last.at - sinceOf(run, last))}${outcome.isLate ? ', later than expected' : ''}`,
		clients:
			waiting.length === 0
				? undefined
				: `clients ${watched ? 'not yet' : 'were not seen to follow'}: ${waiting.join(', ')}`,
	};
}

/** The outcome in words; undefined without one. */
export function outcomeText(run: Run): string | undefined {
	const done = doneParts(run);
	return done === undefined
		? run.outcome?.text
		: `${done.what} ${done.after}${done.clients === undefined ? '' : `; ${done.clients}`}`;
}

/** A step that `clientsWaitFor` waits for; where the probe takes the path, HAProxy's own reports may be later. */
function isForClients({id}: Step, run: Run): boolean {
	return (
		newLeaderOf(run) !== undefined &&
		(run.steps.some(step => step.id === clientPathStep) ? id === clientPathStep : id.startsWith(routeStep))
	);
}

/** The outcome if a member other than the requested one takes the leader key. */
function byOtherLeader({operation, before}: Run, cluster: Cluster, now: number): Outcome | undefined {
	const wanted = definitionOf(operation).newLeader?.(operation);
	const was = leaderKey(before);
	const is = leaderKey(cluster);
	return wanted === undefined ||
		is === undefined ||
		is.member === wanted ||
		is.member === was?.member ||
		is.createRevision <= (was?.createRevision ?? 0)
		? undefined
		: {kind: 'elsewhere', at: now, text: `${is.member} leads, not ${wanted}`};
}

/** The outcome by the answer to the last request. */
function byAnswer(run: Run, now: number): Outcome | undefined {
	const {outcome, operation} = run;
	const answer = lastAnswer(run);
	if (answer === undefined || outcome !== undefined) {
		return undefined;
	}

	switch (answer.kind) {
		case 'unsent': {
			return {kind: 'failed', at: now, text: `nothing was sent: ${answer.reason}`};
		}

		case 'lost': {
			return {kind: 'unknown', at: now, text: `no answer (${answer.reason}); still watching for the result`};
		}

		case 'answered': {
			const {verdict, meaning} = interpretAnswer(answer.status, answer.text);
			const words = `${answer.status} "${answer.text}"`;
			return verdict === 'accepted'
				? undefined
				: {kind: verdict === 'refused' ? 'refused' : 'unknown', at: now, text: `${words}: ${meaning}`};
		}

		case 'sql': {
			return byStatement(answer, operation, now);
		}

		case 'ended': {
			return byExitCode(answer, operation, now);
		}
	}
}

/** Of a statement that is the operation itself; one that only prepares it is judged before. */
function byStatement(
	{error, value}: Answer & {kind: 'sql'},
	operation: Run['operation'],
	now: number,
): Outcome | undefined {
	if (error !== undefined) {
		return {kind: 'refused', at: now, text: `PostgreSQL refused it: ${error}`};
	}

	const why = definitionOf(operation).whyNotDone?.(value);
	return why === undefined ? undefined : {kind: 'failed', at: now, text: why};
}

function byExitCode(
	{code, text}: Answer & {kind: 'ended'},
	operation: Run['operation'],
	now: number,
): Outcome | undefined {
	// A machine that goes down closes the connection.
	if (code === 0 || (code === undefined && definitionOf(operation).endsConnection)) {
		return undefined;
	}

	if (code === undefined) {
		return {
			kind: 'unknown',
			at: now,
			text: 'the connection ended with the command; still watching for the result',
		};
	}

	return /^sudo: /m.test(text)
		? {kind: 'refused', at: now, text: `sudo refused: ${text}`}
		: {kind: 'failed', at: now, text: `the command exited with ${code}${text === '' ? '' : `: ${text}`}`};
}

/** Without a clear answer: not done if the leader key has not moved and the request is gone. */
function byUnmovedKey(run: Run, cluster: Cluster, now: number): Outcome | undefined {
	const {operation, before, outcome} = run;
	const answer = lastAnswer(run);
	// Members show no request that is not scheduled: whether it is gone is not known then.
	if (
		isSeenByRest(cluster) ||
		definitionOf(operation).newLeader?.(operation) === undefined ||
		answer === undefined ||
		outcome?.kind !== 'unknown' ||
		!dcsIsRead(cluster, now)
	) {
		return undefined;
	}

	const asked = keyOf(cluster, 'failover', 'failover')?.value;
	const isAsked = asked?.leader !== undefined || asked?.candidate !== undefined;
	const was = leaderKey(before);
	const is = leaderKey(cluster);
	// The leader acts within one loop; after two loops it will not act any more.
	const loops = Math.max(10, 2 * (dynamicConfig(cluster)?.loopWait ?? 10)) * 1000;
	return !isAsked && was !== undefined && is?.createRevision === was.createRevision && now - answer.at > loops
		? {
				kind: 'failed',
				at: now,
				mayMove: true,
				text: `not done: ${was.member} never gave the leader key up, and the request is gone from etcd; its log shows why`,
			}
		: undefined;
}

function isOverdue(run: Run, now: number): boolean {
	const answer = lastAnswer(run);
	return answer === undefined
		? now - (run.begunAt ?? run.confirmedAt) > progressWaitMs
		: now - answer.at > answerWaitMs;
}
