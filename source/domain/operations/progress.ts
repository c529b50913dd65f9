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
import type {Operation, Run, Step, StepContext, StepDefinition} from './types.ts';

export function stepsOf(operation: Operation, scene: StepContext): Step[] {
	return definitions(operation, scene).map(({id, text, essential}) => ({id, text, essential, at: undefined}));
}

export function isStepSeen(step: Step, run: Run, scene: StepContext): boolean {
	const before = {cluster: run.before, target: scene.target, now: run.confirmedAt};
	return (
		definitions(run.operation, before)
			.find(({id}) => id === step.id)
			?.seen(run, scene) ?? false
	);
}

function definitions(operation: Operation, scene: StepContext): readonly StepDefinition[] {
	switch (operation.kind) {
		case 'switchover':
		case 'failover': {
			return handoverSteps(operation, scene);
		}

		case 'switchover.cancel':
		case 'restart.cancel': {
			return cancelSteps(operation);
		}

		case 'restart': {
			return restartSteps(operation, scene);
		}

		case 'reload': {
			return reloadSteps(operation);
		}

		case 'reinitialize': {
			return reinitializeSteps(operation, scene);
		}

		case 'pause':
		case 'resume': {
			return pauseSteps(operation.kind, scene);
		}

		case 'configure': {
			return configureSteps();
		}

		case 'service': {
			return serviceSteps(operation, scene);
		}

		case 'reboot':
		case 'poweroff': {
			return machineSteps(operation, scene);
		}
	}
}
