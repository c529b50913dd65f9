/** An operation that was confirmed: what was sent, what was answered, and what the sources saw of it since; pure folding. */
import type {Cluster} from '../cluster/cluster.ts';
import type {Target} from '../target.ts';
import {isOfOtherStore} from './guard.ts';
import {definitionOf, isStepSeen, stepsOf} from './operation.ts';
import {determineOutcome} from './outcome.ts';
import {type Answer, interpretAnswer} from './patroni-answers.ts';
import type {NewRun, Outcome, Run} from './types.ts';

/** Steps that follow an outcome, and the truth about an unknown one, are waited for this long, ms. */
const aftermathMs = 600_000;
/** What was called failed because nothing moved may have been slow: so long it is watched all the same, ms. */
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

/** The run after one more look at the cluster; the same object when nothing was seen of it. */
export function foldRun(run: Run, cluster: Cluster, target: Target, now: number): Run {
	if (!run.watched) {
		return run;
	}

	if (
		definitionOf(run.operation).comparesRevisions &&
		isOfOtherStore({store: run.before.store.generation}, cluster)
	) {
		return unverifiable(run, now);
	}

	const context = {cluster, target, now};
	let {steps} = run;
	for (const [index, step] of steps.entries()) {
		if (step.at === undefined && isStepSeen(step, {...run, steps}, context)) {
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

/** Keys of another store say nothing about what became of it: what was seen before that stays. */
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
					text: 'etcd was rebuilt or restored meanwhile, and its new keys cannot show it: compare with the cluster as it is now',
				},
	};
}

function isNothingToCome({kind, mayMove}: Outcome): boolean {
	return kind === 'refused' || (kind === 'failed' && !mayMove);
}

/** Another operation was confirmed: what moves from now on is that one's doing. */
export function supersede(run: Run): Run {
	return run.watched && run.outcome?.mayMove ? {...run, watched: false} : run;
}

/** It is watched, and its outcome is not known yet. */
export function isOpen({outcome, watched}: Run): boolean {
	return watched && (outcome === undefined || outcome.kind === 'unknown');
}

/** What the last answer means; undefined while there is none that could be understood. */
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
				answer.code === undefined ? 'the connection ended with it' : `the command ended with ${answer.code}`;
			return answer.text === '' ? code : `${code}: ${answer.text}`;
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
