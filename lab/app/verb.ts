/** `npm run lab -- app …`: runs a user's actions on the application, over HTTP from the operator's network. */
import {join} from 'node:path';
import process from 'node:process';
import {isOn} from '../cgroup.ts';
import {LabError} from '../failure.ts';
import {requireRoot} from '../host.ts';
import {applicationOf} from '../inventory.ts';
import {type Command, execCommand} from '../operator.ts';
import {inventoryOf, presentSetup} from '../state.ts';

/** The command line that runs one of the client's verbs. */
export function applicationCommand(args: readonly string[]): Command {
	requireRoot();
	const setup = presentSetup();
	if (!setup) throw new LabError('the lab is down; start it with its application: npm run lab -- up --app');
	const node = applicationOf(inventoryOf(setup));
	if (!node) throw new LabError('the lab is up without its application; add it: npm run lab -- up --app');
	if (!isOn(node.name)) {
		throw new LabError(`${node.name} is off; switch it on: npm run lab -- power on ${node.name}`);
	}

	return execCommand([process.execPath, join(import.meta.dirname, 'client.ts'), node.address, ...args]);
}
