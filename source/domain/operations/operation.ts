/** All operations, and facts about each, looked up by kind. */

import {unavailableReason} from '../cluster/freshness.ts';
import {machines, members} from '../cluster/members.ts';
import {sessionNamed} from '../cluster/session-list.ts';
import {drillOffers, drillsBeside} from '../drill/preconditions.ts';
import type {Target} from '../target.ts';
import type {MenuRow, OperationDefinition, OperationField} from './catalog/definition.ts';
import {endSession} from './catalog/end-session.ts';
import {poweroff, reboot} from './catalog/machine.ts';
import {configure, pause, resume} from './catalog/pause.ts';
import {reinitialize} from './catalog/reinitialize.ts';
import {cancelRestart, reload, restart} from './catalog/restart.ts';
import {service} from './catalog/service.ts';
import {cancelSwitchover, failover, switchover} from './catalog/switchover.ts';
import type {
	ClusterContext,
	FieldId,
	Operation,
	OperationContext,
	OperationKind,
	Precondition,
	Requests,
	Run,
	Step,
	StepDefinition,
} from './types.ts';
import {memberOf, type Offer, type Request, type Subject} from './types.ts';

/** All operations, in the order of the menu. */
export const catalog: {readonly [K in OperationKind]: OperationDefinition<K>} = {
	switchover,
	failover,
	restart,
	'restart.cancel': cancelRestart,
	reload,
	reinitialize,
	'switchover.cancel': cancelSwitchover,
	pause,
	resume,
	configure,
	service,
	reboot,
	poweroff,
	'session.end': endSession,
};

export function definitionOf<K extends OperationKind>({kind}: {kind: K}): OperationDefinition<K> {
	return catalog[kind];
}

/** All kinds, in the order of the menu. */
export const operationKinds = Object.keys(catalog) as readonly OperationKind[];

export function describe(operation: Operation): string {
	return definitionOf(operation).describe(operation);
}

export function requestsOf(operation: Operation, context: ClusterContext): Requests {
	return definitionOf(operation).requests(operation, context);
}

/** The preconditions, worst first. */
export function preconditionsOf(operation: Operation, context: OperationContext): Precondition[] {
	return worstLevelFirst(definitionOf(operation).preconditions(operation, context));
}

const rank: Record<Precondition['level'], number> = {blocking: 0, warning: 1, unknown: 2, ok: 3};

export function worstLevelFirst(preconditions: readonly Precondition[]): Precondition[] {
	return preconditions.toSorted((a, b) => rank[a.level] - rank[b.level]);
}

/** The name to type for confirmation; undefined if one key confirms. */
export function confirmationName(operation: Operation, context: OperationContext): string | undefined {
	return definitionOf(operation).confirmationName?.(operation, context);
}

/** The fields that the question shows now. */
export function fieldsOf(operation: Operation, context: OperationContext): readonly OperationField[] {
	return (definitionOf(operation).fields ?? []).filter(
		field => field.input === 'time' || (field.isOffered?.(operation, context) ?? true),
	);
}

export function fieldOf(operation: Operation, id: FieldId): OperationField | undefined {
	return definitionOf(operation).fields?.find(field => field.id === id);
}

/** The scheduled time, Unix ms; undefined means now. */
export function scheduledTime(operation: Operation): number | undefined {
	const field = definitionOf(operation).fields?.find(({input}) => input === 'time');
	return field?.input === 'time' ? field.value(operation) : undefined;
}

export function stepsOf(operation: Operation, context: ClusterContext): Step[] {
	return definitionOf(operation)
		.steps(operation, context)
		.map(({id, text, essential}) => ({id, text, essential, at: undefined}));
}

export function isStepSeen(step: Step, run: Run, context: ClusterContext): boolean {
	return (
		stepDefinitions(run, context.target)
			.find(({id}) => id === step.id)
			?.seen(run, context) ?? false
	);
}

/** Step definitions by operation: they depend on the moment of confirmation, but each later event reads them. */
const known = new WeakMap<
	Operation,
	Pick<Run, 'before' | 'confirmedAt'> & {target: Target; steps: readonly StepDefinition[]}
>();

function stepDefinitions({operation, before, confirmedAt}: Run, target: Target): readonly StepDefinition[] {
	const kept = known.get(operation);
	if (kept?.before === before && kept.confirmedAt === confirmedAt && kept.target === target) {
		return kept.steps;
	}

	const steps = definitionOf(operation).steps(operation, {cluster: before, target, now: confirmedAt});
	known.set(operation, {before, confirmedAt, target, steps});
	return steps;
}

export function redactOperation(operation: Operation): Operation {
	return definitionOf(operation).redact?.(operation) ?? operation;
}

/** The member and machine for a name of a member, machine or etcd member. */
export function subjectOf({cluster, target, now}: OperationContext, name: string): Subject {
	const all = machines(cluster, target, now);
	const machine =
		all.find(one => one.member === name) ??
		all.find(one => one.name === name) ??
		all.find(one => one.etcd === name);
	const member = machine?.member ?? (members(cluster, now).some(one => one.name === name) ? name : undefined);
	return {member, node: machine?.name};
}

export function offersFor(subject: Subject, context: OperationContext): Offer[] {
	return offersOf(draftsFor(subject, context), context);
}

function offersOf(drafts: readonly Draft[], context: OperationContext): Offer[] {
	const all = drafts.map(draft => checkDraft(draft, context));
	return [...all, ...drillOffers(all, context)];
}

/** One of `offersFor`; checks no other operation, unless it is a drill. */
export function offerFor(
	subject: Subject,
	context: OperationContext,
	isChosen: (one: Pick<Offer, 'id' | 'command'>) => boolean,
): Offer | undefined {
	const drafts = draftsFor(subject, context);
	const draft = drafts.find(isChosen);
	return draft === undefined ? offersOf(drafts, context).find(isChosen) : checkDraft(draft, context);
}

/** The ids of `offersFor`, in the same order, without checking preconditions. */
export function offerIdsFor(subject: Subject, context: OperationContext): string[] {
	const drafts = draftsFor(subject, context);
	return [...drafts, ...drillsBeside(drafts)].map(({id}) => id);
}

/** A menu entry before its preconditions are checked. */
type Draft = Pick<Offer, 'id' | 'label' | 'command' | 'scheduledAt' | 'operation'> & {
	/** Why the operation is not available; undefined if it is. */
	unavailable: string | undefined;
};

function draftsFor({member, node, session}: Subject, context: OperationContext): Draft[] {
	const row: MenuRow = {
		member: member === undefined ? undefined : memberOf(context, member),
		machine: machines(context.cluster, context.target, context.now).find(({name}) => name === node),
		session:
			session === undefined ? undefined : sessionNamed(context.cluster, context.target, context.now, session),
	};
	return operationKinds.flatMap(kind => {
		const {offers, command} = definitionOf({kind});
		return offers(row, context).map(({id = kind, label, operation, scheduledAt}): Draft => {
			const shared = {id, label, command, ...(scheduledAt === undefined ? {} : {scheduledAt})};
			return 'unavailable' in operation
				? {...shared, operation: undefined, unavailable: operation.unavailable}
				: {...shared, operation, unavailable: undefined};
		});
	});
}

function checkDraft({unavailable, ...draft}: Draft, context: OperationContext): Offer {
	const {operation} = draft;
	return operation === undefined
		? {...draft, disabledReason: unavailable, warning: undefined}
		: {
				...draft,
				disabledReason: preconditionsOf(operation, context).find(({level}) => level === 'blocking')?.text,
				warning: arrivalWarning(operation, context),
			};
}

/** A warning if the receiver of a request does not answer. */
function arrivalWarning(operation: Operation, context: OperationContext): string | undefined {
	const built = requestsOf(operation, context);
	const reasons = 'problem' in built ? [] : built.requests.map(request => outOfSight(request, context));
	return reasons.find(reason => reason !== undefined);
}

function outOfSight({via, to}: Request, {cluster, now}: OperationContext): string | undefined {
	const source =
		via === 'rest'
			? (`patroni:${to}` as const)
			: via === 'sql'
				? (`sql:${to}` as const)
				: (`units:${to}` as const);
	const sight = cluster.sourceStatuses.get(source);
	if (sight === undefined && via === 'ssh') {
		return undefined;
	}

	const reason = unavailableReason(sight, source, now);
	return reason === undefined
		? undefined
		: via === 'rest'
			? `${to}'s REST API does not answer: ${reason}`
			: `${via === 'sql' ? 'SQL' : 'SSH'} to ${to}: ${reason}`;
}
