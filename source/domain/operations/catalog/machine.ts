/** Reboot and power-off of a machine, by systemd over SSH. */
import {checkDcs, checkOtherOperations} from '../preconditions/common.ts';
import {
	checkEtcdStops,
	checkPatroniStops,
	checkSsh,
	checkVipMoves,
	machineNamed,
	unknownMachine,
} from '../preconditions/machine-stops.ts';
import {backSteps, downStep, handedOverSteps} from '../progress/machine.ts';
import {inOrder, sshRequest} from '../request.ts';
import type {OperationContext, Precondition} from '../types.ts';
import {warning} from '../types.ts';
import type {OperationDefinition} from './definition.ts';

export const reboot: OperationDefinition<'reboot'> = {
	describe: ({node}) => `reboot ${node}`,
	requests: ({node}, context) => inOrder(sshRequest(context, node, 'systemctl reboot')),
	preconditions: ({node}, context) => checkMachineStops(node, context),
	steps({node}, context) {
		const machine = machineNamed(context, node);
		return machine === undefined
			? []
			: [
					downStep(machine, {all: false}),
					...handedOverSteps(machine, context, {essential: false}),
					...backSteps(machine),
				];
	},
	offers: ({machine}) =>
		machine === undefined
			? []
			: [{label: `reboot ${machine.name}`, operation: {kind: 'reboot', node: machine.name}}],
	appliesTo: 'machine',
	confirmationName: ({node}) => node,
	comparesRevisions: false,
	endsConnection: true,
};

export const poweroff: OperationDefinition<'poweroff'> = {
	describe: ({node}) => `power off ${node}`,
	requests: ({node}, context) => inOrder(sshRequest(context, node, 'systemctl poweroff')),
	preconditions: ({node}, context) => [
		...checkMachineStops(node, context),
		...(machineNamed(context, node) === undefined
			? []
			: [warning('it stays off until it is switched on at the machine')]),
	],
	steps({node}, context) {
		const machine = machineNamed(context, node);
		return machine === undefined
			? []
			: [downStep(machine, {all: true}), ...handedOverSteps(machine, context, {essential: true})];
	},
	offers: ({machine}) =>
		machine === undefined
			? []
			: [{label: `power off ${machine.name}`, operation: {kind: 'poweroff', node: machine.name}}],
	appliesTo: 'machine',
	confirmationName: ({node}) => node,
	comparesRevisions: false,
	endsConnection: true,
};

/** What the cluster loses while the machine is down. */
function checkMachineStops(node: string, context: OperationContext): Precondition[] {
	const machine = machineNamed(context, node);
	return machine === undefined
		? [unknownMachine(node)]
		: [
				...checkDcs(context),
				...checkEtcdStops(machine, context),
				...checkPatroniStops(machine, context),
				...checkVipMoves(machine, context, 'the machine'),
				...checkSsh(machine, context),
				...checkOtherOperations(context),
			];
}
