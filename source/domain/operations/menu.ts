/** What can be done to a member and its machine now, and why not what cannot. */
import {unavailableReason} from '../cluster/freshness.ts';
import {machines} from '../cluster/machines.ts';
import {members} from '../cluster/members.ts';
import {drillOffers} from '../drill/preconditions.ts';
import type {MenuRow} from './catalog/definition.ts';
import {definitionOf, operationKinds, preconditionsOf, requestsOf} from './operation.ts';
import type {Offer, Operation, OperationContext, OperationKind, Request, Subject} from './types.ts';
import {memberOf} from './types.ts';

/** The machine and the member behind a name of either. */
export function subjectOf({cluster, target, now}: OperationContext, name: string): Subject {
	const all = machines(cluster, target, now);
	const machine =
		all.find(one => one.member === name) ??
		all.find(one => one.name === name) ??
		all.find(one => one.etcd === name);
	const member = machine?.member ?? (members(cluster, now).some(one => one.name === name) ? name : undefined);
	return {member, node: machine?.name};
}

export function offersFor({member, node}: Subject, context: OperationContext): Offer[] {
	const row: MenuRow = {
		member: member === undefined ? undefined : memberOf(context, member),
		machine: machines(context.cluster, context.target, context.now).find(({name}) => name === node),
	};
	const all = operationKinds.flatMap(kind => offersOf(kind, row, context));
	return [...all, ...drillOffers(all, context)];
}

function offersOf(kind: OperationKind, row: MenuRow, context: OperationContext): Offer[] {
	const {offers, command} = definitionOf({kind});
	return offers(row, context).map(({id = kind, label, operation, scheduledAt}) => {
		const shared = {id, label, command, ...(scheduledAt === undefined ? {} : {scheduledAt})};
		return 'unavailable' in operation
			? {...shared, operation: undefined, disabledReason: operation.unavailable, warning: undefined}
			: {
					...shared,
					operation,
					disabledReason: preconditionsOf(operation, context).find(({level}) => level === 'blocking')?.text,
					warning: arrivalWarning(operation, context),
				};
	});
}

/** Who would be asked is out of sight. */
function arrivalWarning(operation: Operation, context: OperationContext): string | undefined {
	const built = requestsOf(operation, context);
	const reasons = 'problem' in built ? [] : built.requests.map(request => outOfSight(request, context));
	return reasons.find(reason => reason !== undefined);
}

function outOfSight({via, to}: Request, {cluster, now}: OperationContext): string | undefined {
	const source = via === 'rest' ? (`patroni:${to}` as const) : (`units:${to}` as const);
	const sight = cluster.sourceStatuses.get(source);
	if (sight === undefined && via === 'ssh') {
		return undefined;
	}

	const reason = unavailableReason(sight, source, now);
	return reason === undefined
		? undefined
		: via === 'rest'
			? `${to}'s REST API is out of sight: ${reason}`
			: `SSH to ${to}: ${reason}`;
}
