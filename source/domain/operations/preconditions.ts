/** All that is looked at before an operation is sent, worst first. */

import {etcdNodes} from '../cluster/etcd.ts';
import {dynamicConfig} from '../cluster/keys.ts';
import {machines} from '../cluster/machines.ts';
import {services} from '../cluster/services.ts';
import {failoverPreconditions, switchoverPreconditions} from './preconditions/handover.ts';
import {keepsQuorum, machinePreconditions, servicePreconditions} from './preconditions/machine.ts';
import {
	cancelPreconditions,
	configurePreconditions,
	pausePreconditions,
	reinitializePreconditions,
	reloadPreconditions,
	restartPreconditions,
} from './preconditions/member.ts';
import type {Operation, OperationContext, Precondition} from './types.ts';

const rank: Record<Precondition['level'], number> = {blocking: 0, warning: 1, ok: 2};

export function worstFirst(checks: readonly Precondition[]): Precondition[] {
	return checks.toSorted((a, b) => rank[a.level] - rank[b.level]);
}

export function preconditionsOf(operation: Operation, context: OperationContext): Precondition[] {
	return worstFirst(unsorted(operation, context));
}

function unsorted(operation: Operation, context: OperationContext): Precondition[] {
	switch (operation.kind) {
		case 'switchover': {
			return switchoverPreconditions(operation, context);
		}

		case 'failover': {
			return failoverPreconditions(operation, context);
		}

		case 'restart': {
			return restartPreconditions(operation, context);
		}

		case 'reload': {
			return reloadPreconditions(operation, context);
		}

		case 'reinitialize': {
			return reinitializePreconditions(operation, context);
		}

		case 'pause':
		case 'resume': {
			return pausePreconditions(operation.kind, context);
		}

		case 'configure': {
			return configurePreconditions(context);
		}

		case 'switchover.cancel':
		case 'restart.cancel': {
			return cancelPreconditions(operation, context);
		}

		case 'service': {
			return servicePreconditions(operation, context);
		}

		case 'reboot':
		case 'poweroff': {
			return machinePreconditions(operation, context);
		}
	}
}

/**
 * The name that must be typed before an operation that can lose data or takes a node away; undefined for one that a
 * single deliberate key confirms.
 */
export function confirmationWord(
	operation: Operation,
	{cluster, target, now}: OperationContext,
): string | undefined {
	switch (operation.kind) {
		case 'failover': {
			return operation.candidate;
		}

		case 'reinitialize': {
			return operation.member;
		}

		case 'reboot':
		case 'poweroff': {
			return operation.node;
		}

		case 'service': {
			const {service, node, pauseFirst} = operation;
			const etcd = machines(cluster, target, now).find(({name}) => name === node)?.etcd;
			const takesAway =
				(services[service].carries === 'member' &&
					!pauseFirst &&
					!(dynamicConfig(cluster)?.pause ?? false)) ||
				(services[service].carries === 'etcd' &&
					etcd !== undefined &&
					!keepsQuorum(etcdNodes(cluster, target, now), etcd));
			return takesAway ? node : undefined;
		}

		default: {
			return undefined;
		}
	}
}
