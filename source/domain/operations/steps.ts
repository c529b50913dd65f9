/** The steps of each operation, ticked by what the sources see. */
import type {Cluster} from '../cluster.ts';
import type {Target} from '../target.ts';
import type {Operation} from './operation.ts';
import type {Run} from './run.ts';
import {handoverSteps} from './steps/handover.ts';
import {machineSteps, serviceSteps} from './steps/machine.ts';
import {
	cancelSteps,
	configureSteps,
	pauseSteps,
	reinitializeSteps,
	reloadSteps,
	restartSteps,
} from './steps/member.ts';

export type Step = {
	id: string;
	text: string;
	/** The operation is done when all of these have been seen. */
	essential: boolean;
	/** When it was seen, Unix ms. */
	at: number | undefined;
};

export type Scene = {cluster: Cluster; target: Target; now: number};

/** A step with how it is seen; made anew from the operation and the cluster as it was when it was confirmed. */
export type StepDefinition = {
	id: string;
	text: string;
	essential: boolean;
	seen: (run: Run, scene: Scene) => boolean;
};

export function stepsOf(operation: Operation, scene: Scene): Step[] {
	return definitions(operation, scene).map(({id, text, essential}) => ({id, text, essential, at: undefined}));
}

export function seen(step: Step, run: Run, scene: Scene): boolean {
	const before = {cluster: run.before, target: scene.target, now: run.confirmedAt};
	return (
		definitions(run.operation, before)
			.find(({id}) => id === step.id)
			?.seen(run, scene) ?? false
	);
}

export function isTicked(run: Run, id: string): boolean {
	return run.steps.some(step => step.id === id && step.at !== undefined);
}

function definitions(operation: Operation, scene: Scene): readonly StepDefinition[] {
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
