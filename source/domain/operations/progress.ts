import {handoverSteps} from './progress/handover.ts';
import {machineSteps, serviceSteps} from './progress/machine.ts';
import {
	cancelSteps,
	configureSteps,
	pauseSteps,
	reinitializeSteps,
	reloadSteps,
	restartSteps,
} from './progress/member.ts';
import type {ClusterContext, Operation, Run, Step, StepDefinition} from './types.ts';

export function stepsOf(operation: Operation, context: ClusterContext): Step[] {
	return definitions(operation, context).map(({id, text, essential}) => ({
		id,
		text,
		essential,
		at: undefined,
	}));
}

export function isStepSeen(step: Step, run: Run, context: ClusterContext): boolean {
	const before = {cluster: run.before, target: context.target, now: run.confirmedAt};
	return (
		definitions(run.operation, before)
			.find(({id}) => id === step.id)
			?.seen(run, context) ?? false
	);
}

function definitions(operation: Operation, context: ClusterContext): readonly StepDefinition[] {
	switch (operation.kind) {
		case 'switchover':
		case 'failover': {
			return handoverSteps(operation, context);
		}

		case 'switchover.cancel':
		case 'restart.cancel': {
			return cancelSteps(operation);
		}

		case 'restart': {
			return restartSteps(operation, context);
		}

		case 'reload': {
			return reloadSteps(operation);
		}

		case 'reinitialize': {
			return reinitializeSteps(operation, context);
		}

		case 'pause':
		case 'resume': {
			return pauseSteps(operation.kind, context);
		}

		case 'configure': {
			return configureSteps();
		}

		case 'service': {
			return serviceSteps(operation, context);
		}

		case 'reboot':
		case 'poweroff': {
			return machineSteps(operation, context);
		}
	}
}
