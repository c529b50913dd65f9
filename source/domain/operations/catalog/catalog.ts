/** All operations, in the order of the menu. */
import type {OperationKind} from '../types.ts';
import type {OperationDefinition} from './definition.ts';
import {failover} from './failover.ts';
import {poweroff, reboot} from './machine.ts';
import {configure, pause, resume} from './pause.ts';
import {reinitialize} from './reinitialize.ts';
import {cancelRestart, reload, restart} from './restart.ts';
import {service} from './service.ts';
import {cancelSwitchover, switchover} from './switchover.ts';

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
};
