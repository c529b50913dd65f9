/** What a switchover may do before it is sent: wait for old transactions of the leader to end, and a CHECKPOINT. Pure. */
import {age} from '../../lib/format.ts';
import {dcsIsRead} from '../cluster/keys.ts';
import type {Transaction} from '../cluster/postgres.ts';
import {describeTransaction, listed} from './preconditions/clients.ts';
import {type Answered, map, sideOf, statusOf} from './preconditions/sql-facts.ts';
import type {ClusterContext, Gate, Operation, Run, StepDefinition} from './types.ts';

type Switchover = Operation & {kind: 'switchover'};

/** Ages of transactions that are waited for, and how long at most, ms. */
export const waitedAges = [10_000, 60_000, 300_000, 900_000] as const;
export const waitLimits = [60_000, 300_000, 900_000, 3_600_000] as const;
export const usualWaitLimit = 300_000;

/** ms after a CHECKPOINT in which the switchover must be sent. */
const afterCheckpointMs = 60_000;

/** Ids of the steps before the switchover is sent. */
const waitedStep = 'waited';
const checkpointStep = 'checkpoint';

/** What is chosen for a switchover that begins now; Patroni does a scheduled one alone. */
export function preparationOf({at, checkpoint, wait}: Switchover): Pick<Switchover, 'checkpoint' | 'wait'> {
	return at === undefined ? {checkpoint, wait} : {};
}

/** Requests remain that are sent only after the preparation. */
export function isPreparing({operation, requests, sent}: Run): boolean {
	return operation.kind === 'switchover' && sent < requests.length;
}

export function isPreparationStep(id: string): boolean {
	return id === waitedStep || id === checkpointStep;
}

/** `10 s`, `5 min`, `1 h` */
export function shortTime(milliseconds: number): string {
	return milliseconds < 60_000
		? `${milliseconds / 1000} s`
		: milliseconds < 3_600_000
			? `${milliseconds / 60_000} min`
			: `${milliseconds / 3_600_000} h`;
}

/** Behind the operation's name; empty if it is sent at once. */
export function preparationSuffix(operation: Switchover): string {
	const {checkpoint, wait} = preparationOf(operation);
	const first = [...(wait === undefined ? [] : ['wait']), ...(checkpoint ? ['CHECKPOINT'] : [])];
	return first.length === 0 ? '' : `, ${first.join(' and ')} first`;
}

/** The wait as the question shows it; undefined without one. */
export function waitText(operation: Operation): string | undefined {
	const wait = operation.kind === 'switchover' ? preparationOf(operation).wait : undefined;
	return (
		wait &&
		`until no transaction on ${(operation as Switchover).leader} is older than ${shortTime(wait.olderMs)}, at most ${shortTime(wait.mostMs)}; ends no session; after that time nothing is sent`
	);
}

export function preparationSteps(operation: Switchover): StepDefinition[] {
	const {checkpoint, wait} = preparationOf(operation);
	return [
		...(wait === undefined
			? []
			: [
					{
						id: waitedStep,
						text: `no transaction on ${operation.leader} is older than ${shortTime(wait.olderMs)}`,
						essential: true,
						// The gate asks before each request, so only the last one ends the wait.
						seen: ({sent, requests}: Run) => sent === requests.length,
					},
				]),
		...(checkpoint
			? [
					{
						id: checkpointStep,
						text: `CHECKPOINT on ${operation.leader}`,
						essential: true,
						seen: ({answers}: Run) =>
							answers.some(answer => answer.kind === 'sql' && answer.error === undefined),
					},
				]
			: []),
	];
}

/** The old transactions that the run waits for now, the oldest first; empty without a wait. */
export function holdersOf({operation}: Run, context: ClusterContext): Answered<readonly Transaction[]> {
	const wait = operation.kind === 'switchover' ? preparationOf(operation).wait : undefined;
	if (operation.kind !== 'switchover' || wait === undefined) {
		return {value: []};
	}

	const sinceMs = context.now - (context.cluster.sql.get(operation.leader)?.at ?? context.now);
	const all = statusOf(
		sideOf(context, operation.leader),
		'oldest transactions',
		({transactions}) => transactions,
	);
	return map(all, transactions =>
		transactions
			.map(one => ({...one, ageMs: one.ageMs + sinceMs}))
			.filter(({ageMs}) => ageMs >= wait.olderMs)
			.toSorted((a, b) => b.ageMs - a.ageMs),
	);
}

function isNoneLeft(holders: Answered<readonly Transaction[]>): boolean {
	return 'value' in holders && holders.value.length === 0;
}

/** Whether the next request may be sent now. The time of a CHECKPOINT does not count as waiting. */
export function switchoverGate(run: Run, context: ClusterContext): Gate {
	const {operation, sent, answers, confirmedAt, requests} = run;
	const [answer] = answers;
	if (operation.kind !== 'switchover' || (sent > 0 && answer === undefined)) {
		return {is: 'waiting'};
	}

	const {wait} = preparationOf(operation);
	const holders = holdersOf(run, context);
	const tookMs = answer?.kind === 'sql' ? answer.tookMs : 0;
	const until =
		wait !== undefined ? confirmedAt + wait.mostMs + tookMs : (answer?.at ?? confirmedAt) + afterCheckpointMs;
	if (context.now <= until && isNoneLeft(holders) && dcsIsRead(context.cluster, context.now)) {
		return {is: 'open', begins: sent === requests.length - 1};
	}

	return context.now <= until ? {is: 'waiting'} : {is: 'closed', why: whyClosed(operation, holders)};
}

function whyClosed({leader, wait}: Switchover, holders: Answered<readonly Transaction[]>): string {
	if (wait === undefined) {
		return 'etcd could not be read in time';
	}

	const over = `${shortTime(wait.mostMs)} are over`;
	return 'why' in holders
		? `${over}, and it is not known which transactions run on ${leader} (${holders.why})`
		: holders.value.length === 0
			? `${over}`
			: `${over}, and ${leader} still has ${holders.value.length === 1 ? 'a transaction' : `${holders.value.length} transactions`} older than ${shortTime(wait.olderMs)}: ${listed(holders.value.map(describeTransaction), 1)}`;
}

/** What the run waits for before it is sent, a line each; empty if it does not wait. */
export function waitLines(run: Run, context: ClusterContext): string[] {
	const {operation, sent, answers, confirmedAt} = run;
	if (operation.kind !== 'switchover' || !isPreparing(run)) {
		return [];
	}

	if (sent > 0 && answers.length === 0) {
		return [`CHECKPOINT on ${operation.leader}`];
	}

	const {wait} = preparationOf(operation);
	const holders = holdersOf(run, context);
	const leftMs = wait === undefined ? 0 : Math.max(0, confirmedAt + wait.mostMs - context.now);
	return [
		...('why' in holders
			? [`not known which transactions run (${holders.why})`]
			: holders.value.slice(0, holdersMax).map(describeTransaction)),
		...('value' in holders && holders.value.length > holdersMax
			? [`and ${holders.value.length - holdersMax} more`]
			: []),
		...(wait === undefined ? [] : [`at most ${age(leftMs)} more; then nothing is sent`]),
	];
}

/** Transactions that are listed while the run waits. */
const holdersMax = 5;
