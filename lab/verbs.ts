/** Actions on a running lab: a node's power and cable, a command as the operator, a node's journal. */

import {presentTree} from './base-image.ts';
import {isOn} from './cgroup.ts';
import {ensureDisk, type Setup} from './disk.ts';
import {LabError} from './failure.ts';
import {requireRoot} from './host.ts';
import {type Inventory, type Node, nodesOf} from './inventory.ts';
import {journalCommand} from './journal.ts';
import {whileLocked} from './lock.ts';
import {cableIsOut, setCable} from './network.ts';
import {execCommand as asOperator, type Command, sshCommand as sshAsOperator} from './operator.ts';
import {consoleLog} from './paths.ts';
import {pullPlug, restart, switchOff, switchOn} from './power.ts';
import type {Progress} from './progress.ts';
import {sshWorks} from './ssh.ts';
import {inventoryOf, presentSetup} from './state.ts';
import {holds} from './wait-until.ts';

export const powerActions = ['on', 'off', 'cut', 'reboot'] as const;
export type PowerAction = (typeof powerActions)[number];
export type CablePosition = 'in' | 'out';

const bootSeconds = 60;

/** Resolves when done: for off when no process of the node is left, for on and reboot when its sshd responds. */
export async function power(
	action: PowerAction,
	name: string,
	onProgress: Progress = () => {},
): Promise<void> {
	const inventory = inventoryOf(presentSetup());
	const node = findNode(inventory, name);
	requireRoot();
	await whileLocked(`power ${action} ${name}`, onProgress, async () => {
		const setup = requireUp();
		if (action === 'on') {
			if (isOn(name)) throw new LabError(`${name} is already on`);
			const tree = presentTree(setup);
			await switchOn(node, inventory, await ensureDisk(node, inventory, setup, tree, onProgress));
			await waitForSsh(name);
			return;
		}

		if (!isOn(name))
			throw new LabError(`${name} is already off; switch it on: npm run lab -- power on ${name}`);
		if (action === 'off') await switchOff(name);
		if (action === 'cut') await pullPlug(name);
		if (action === 'reboot') {
			await restart(name);
			await waitForSsh(name);
		}
	});
}

/** Unplugs a node's network cable, or plugs it in. */
export async function cable(
	position: CablePosition,
	name: string,
	onProgress: Progress = () => {},
): Promise<void> {
	const inventory = inventoryOf(presentSetup());
	findNode(inventory, name);
	requireRoot();
	await whileLocked(`cable ${position} ${name}`, onProgress, async () => {
		requireUp();
		if (cableIsOut(name) === (position === 'out'))
			throw new LabError(`the cable of ${name} is already ${position}`);
		await setCable(name, position);
	});
}

/** The command line of ssh to a node, as the operator. */
export function sshCommand(name: string, argv: readonly string[] = []): Command {
	const inventory = inventoryOf(presentSetup());
	findNode(inventory, name);
	requireRoot();
	requireUp();
	if (!isOn(name)) throw new LabError(`${name} is off; switch it on: npm run lab -- power on ${name}`);
	return sshAsOperator(name, argv);
}

/** The command line of any program in the operator's network and environment. */
export function execCommand(argv: readonly string[]): Command {
	if (argv.length === 0) throw new LabError('exec needs a command: npm run lab -- exec -- pgha-top');
	requireRoot();
	requireUp();
	return asOperator(argv);
}

/** The command line of journalctl on a node's journal; also for a node that is off. */
export function logsCommand(name: string, args: readonly string[] = []): {file: string; args: string[]} {
	const inventory = inventoryOf(presentSetup());
	findNode(inventory, name);
	requireRoot();
	return journalCommand(name, requireUp(), args);
}

function findNode(inventory: Inventory, name: string): Node {
	const nodes = nodesOf(inventory);
	const node = nodes.find(candidate => candidate.name === name);
	if (node) return node;
	const names = nodes.map(known => known.name).join(', ');
	const hint = Object.hasOwn(inventory.optional, name) ? '; add it: npm run lab -- up --app' : '';
	throw new LabError(`unknown node "${name}"; the lab has ${names}${hint}`);
}

function requireUp(): Setup {
	const setup = presentSetup();
	if (setup) return setup;
	throw new LabError('the lab is down; start it: npm run lab -- up');
}

async function waitForSsh(name: string): Promise<void> {
	// Without its cable the node cannot be reached.
	if (cableIsOut(name)) return;
	if (await holds(() => sshWorks(name), bootSeconds * 1000, 150)) return;
	throw new LabError(
		`${name} is on, but its sshd did not answer within ${bootSeconds} s; ` +
			`see npm run lab -- logs ${name}, and its console: ${consoleLog(name)}`,
	);
}
