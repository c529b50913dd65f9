/** All that is looked at before an operation is sent, worst first. */

import {etcdNodes} from '../cluster/etcd.ts';
import {dynamicConfig} from '../cluster/keys.ts';
import {machines} from '../cluster/machines.ts';
import {services} from '../cluster/services.ts';
import {failoverChecks, switchoverChecks} from './preconditions/handover.ts';
import {keepsQuorum, machineChecks, serviceChecks} from './preconditions/machine.ts';
import {
	cancelChecks,
	configureChecks,
	pauseChecks,
	reinitializeChecks,
	reloadChecks,
	restartChecks,
} from './preconditions/member.ts';
import type {Operation, Precondition, Scene} from './types.ts';

const rank: Record<Precondition['level'], number> = {blocking: 0, warning: 1, ok: 2};

export function worstFirst(checks: readonly Precondition[]): Precondition[] {
	return checks.toSorted((a, b) => rank[a.level] - rank[b.level]);
}

export function preconditionsOf(operation: Operation, scene: Scene): Precondition[] {
	return worstFirst(unsorted(operation, scene));
}

function unsorted(operation: Operation, scene: Scene): Precondition[] {
	switch (operation.kind) {
		case 'switchover': {
			return switchoverChecks(operation, scene);
		}

		case 'failover': {
			return failoverChecks(operation, scene);
		}

		case 'restart': {
			return restartChecks(operation, scene);
		}

		case 'reload': {
			return reloadChecks(operation, scene);
		}

		case 'reinitialize': {
			return reinitializeChecks(operation, scene);
		}

		case 'pause':
		case 'resume': {
			return pauseChecks(operation.kind, scene);
		}

		case 'configure': {
			return configureChecks(scene);
		}

		case 'switchover.cancel':
		case 'restart.cancel': {
			return cancelChecks(operation, scene);
		}

		case 'service': {
			return serviceChecks(operation, scene);
		}

		case 'reboot':
		case 'poweroff': {
			return machineChecks(operation, scene);
		}
	}
}

/**
 * The name that must be typed before an operation that can lose data or takes a node away; undefined for one that a
 * single deliberate key confirms.
 */
export function confirmationWord(operation: Operation, {cluster, target, now}: Scene): string | undefined {
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
