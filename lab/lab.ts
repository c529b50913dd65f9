/** The verbs of the lab, for its command line, for the demonstration and for tests. */
export {applicationCommand} from './app/verb.ts';
export {down} from './down.ts';
export {LabError} from './failure.ts';
export {setMulticast} from './network.ts';
export {type Command, operatorEnv} from './operator.ts';
export type {Progress} from './progress.ts';
export {presentSetup} from './state.ts';
export {type NodeStatus, type Status, status} from './status.ts';
export {up} from './up.ts';
export {
	type CablePosition,
	cable,
	execCommand,
	logsCommand,
	type PowerAction,
	power,
	powerActions,
	sshCommand,
} from './verbs.ts';
