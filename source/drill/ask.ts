/**
 * A drill by command: waits for full redundancy, shows the console's question on the terminal, answers it, and waits
 * for the end.
 */
import {leaderKey} from '../domain/cluster/keys.ts';
import {machines} from '../domain/cluster/members.ts';
import {missingRedundancy, needsWholeCluster} from '../domain/drill/preconditions.ts';
import type {DrillKind, DrillResult, Goals} from '../domain/drill/types.ts';
import {heldGoals} from '../domain/drill/verdict.ts';
import {candidates} from '../domain/operations/catalog/switchover.ts';
import {subjectOf} from '../domain/operations/operation.ts';
import {requestLines} from '../domain/operations/request.ts';
import {isBlocked, type Precondition} from '../domain/operations/types.ts';
import type {Runtime} from '../runtime.ts';
import {operationContext} from '../state/selection.ts';
import {type Dialog, type DrillRun, type State, topOverlay} from '../state/state.ts';
import {isSettled} from '../state/subscriptions.ts';
import {dialogConfirmationName, dialogPreconditions} from '../state/update/dialog.ts';
import {waitUntil} from './runner.ts';

/** ms until every source has reported once. */
const settleMaxMs = 20_000;
/** ms for a cluster that is just recovering. */
const wholeMaxMs = 60_000;
/** ms to create the recording, and to read the drill history. */
const prepareMaxMs = 20_000;

export type DrillTerminal = {
	print: (text: string) => void;
	/** @param name the name to type; undefined: "yes" is enough */
	confirm: (question: string, name: string | undefined) => Promise<boolean>;
};

export type DrillWish = {
	kind: DrillKind;
	/** Undefined: the best candidate, or the leader's machine. */
	target: string | undefined;
	goals: Goals;
	reason: string;
	/** Reads the nodes' logs, which the recording then contains. */
	logs: boolean;
};

/** `run` is undefined if nothing was confirmed. */
export type DrillOutcome = {result: DrillResult; text: string; run: DrillRun | undefined};

/** @param signal aborts the wait before the drill */
export async function askForDrill(
	runtime: Pick<Runtime, 'state' | 'dispatch' | 'subscribe'>,
	terminal: DrillTerminal,
	wish: DrillWish,
	signal: AbortSignal,
): Promise<DrillOutcome> {
	const {kind, reason} = wish;
	const unready = await waitForWholeCluster(runtime, terminal, signal);
	if (unready !== undefined) {
		return failure(unready);
	}

	const target = wish.target ?? usualTarget(kind, runtime.state);
	const problem = problemOfTarget(kind, target, runtime.state);
	if (target === undefined || problem !== undefined) {
		return failure(problem ?? noTarget);
	}

	runtime.dispatch({type: 'drill.ask', drill: {kind, target, ...heldGoals(wish.goals)}, reason});
	await waitUntil(runtime, signal)(state => questionIn(state)?.drill?.prepared !== undefined, prepareMaxMs);
	const dialog = questionIn(runtime.state);
	if (dialog === undefined) {
		return failure(problemIn(runtime.state));
	}

	const refusal = show(dialog, runtime.state, terminal);
	if (refusal !== undefined) {
		return failure(refusal);
	}

	const name = dialogConfirmationName(dialog, runtime.state);
	const question = kind === 'power-cut' ? `Will you pull the plug of ${name}?` : 'Send it?';
	if (!(await terminal.confirm(question, name))) {
		return failure('nothing was sent: it was not confirmed');
	}

	runtime.dispatch({type: 'drill.answer', question: dialog.question, name: name ?? ''});
	if (runtime.state.drill?.question?.question !== dialog.question) {
		return failure(problemIn(runtime.state));
	}

	terminal.print('confirmed: watching the cluster before the drill begins');
	if (wish.logs) {
		runtime.dispatch({type: 'command', command: 'log.open'});
		runtime.dispatch({type: 'command', command: 'log.all'});
	}

	return endOf(runtime);
}

/** @returns why the drill cannot begin */
async function waitForWholeCluster(
	runtime: Pick<Runtime, 'state' | 'subscribe'>,
	{print}: DrillTerminal,
	signal: AbortSignal,
): Promise<string | undefined> {
	const wait = waitUntil(runtime, signal);
	const missing = () => missingRedundancy(operationContext(runtime.state));
	print('reading the state of the cluster');
	await wait(isSettled, settleMaxMs);
	if (missing().length > 0) {
		print(`waiting until nothing is missing: ${missing().join(', ')}`);
	}

	const waited = await wait(state => isSettled(state) && missing().length === 0, wholeMaxMs);
	if (waited !== 'seen') {
		return waited === 'aborted' ? 'nothing was sent: aborted' : needsWholeCluster(missing());
	}

	if (runtime.state.target.probe === undefined) {
		print('no probe is configured: the write outage cannot be measured');
	}

	return undefined;
}

const noTarget = 'no member can take over: name one with --target';

/** The default target: the best candidate of a switchover, the leader's machine of a machine failure. */
function usualTarget(kind: DrillKind, state: State): string | undefined {
	const scene = operationContext(state);
	const leader = leaderKey(scene.cluster)?.member;
	return kind === 'switchover'
		? candidates(scene)[0]
		: machines(scene.cluster, scene.target, scene.now).find(({member}) => member === leader)?.name;
}

function problemOfTarget(kind: DrillKind, target: string | undefined, state: State): string | undefined {
	if (target === undefined) {
		return noTarget;
	}

	const {member, node} = subjectOf(operationContext(state), target);
	if (member === undefined && node === undefined) {
		return `no member or node is called ${target}`;
	}

	return kind === 'switchover' && member === leaderKey(state.cluster)?.member
		? `${target} leads already: name another member with --target`
		: undefined;
}

function questionIn({view}: State): Dialog | undefined {
	const top = topOverlay(view);
	return top?.kind === 'dialog' && top.drill !== undefined ? top : undefined;
}

function problemIn({view}: State): string {
	const top = topOverlay(view);
	return (
		(top?.kind === 'dialog' ? top.problem : undefined) ??
		view.notice?.text ??
		'nothing was sent: the console asked no question'
	);
}

/** Prints the console's question. @returns the reason why it cannot be confirmed */
function show(dialog: Dialog, state: State, {print}: DrillTerminal): string | undefined {
	const all = dialogPreconditions(dialog, state);
	for (const one of all) {
		print(preconditionLine(one));
	}

	for (const request of dialog.requests) {
		print(`would send: ${requestLines(request).join(' ')}`);
	}

	if (isBlocked(all)) {
		return `nothing was sent: ${all.find(({level}) => level === 'blocking')?.text}`;
	}

	const {operations} = state.target;
	return operations === 'enabled' || dialog.drill?.kind === 'power-cut'
		? undefined
		: operations === 'disabled'
			? 'read-only: nothing was sent'
			: 'dry run: nothing was sent';
}

const levels: Readonly<Record<Precondition['level'], string>> = {
	ok: 'ok',
	warning: 'WARNING',
	unknown: 'UNKNOWN',
	blocking: 'BLOCKED',
};

function preconditionLine({level, text, rule}: Precondition): string {
	return `${levels[level].padEnd(8)} ${text}${rule === undefined ? '' : ` (${rule})`}`;
}

async function endOf({state, subscribe}: Pick<Runtime, 'state' | 'subscribe'>): Promise<DrillOutcome> {
	const {promise, resolve} = Promise.withResolvers<DrillOutcome>();
	const take = ({drill}: State) => {
		if (drill?.ended !== undefined) {
			const {result, text} = drill.ended;
			resolve({result, text, run: drill});
		}
	};
	const stop = subscribe(take);
	take(state);
	try {
		return await promise;
	} finally {
		stop();
	}
}

function failure(text: string): DrillOutcome {
	return {result: 'failed', text, run: undefined};
}
