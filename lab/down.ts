/** Stops the lab and removes everything but its disks, also after a crash of the lab or the machine. */
import {existsSync, rmSync} from 'node:fs';
import process from 'node:process';
import {clearHalfBuilt} from './base-image.ts';
import {isOn, isPopulated, killAll, removeCgroups} from './cgroup.ts';
import {wipeDisks} from './disk.ts';
import {hasCode, LabError, messageOf} from './failure.ts';
import {watchUntilHealthy} from './health.ts';
import {requireRoot} from './host.ts';
import {allNodes, type Inventory, type Node, nodesOf, withOptional} from './inventory.ts';
import {whileLocked} from './lock.ts';
import {netnsExists, processesIn, removeNetwork} from './network.ts';
import {keysDir, labCgroup, labDir, logDir, operatorDir, operatorNetns, runDir} from './paths.ts';
import {pullPlug, switchOff} from './power.ts';
import type {Progress} from './progress.ts';
import {forgetSetup, inventoryOf, presentSetup} from './state.ts';
import {holds} from './wait-until.ts';

/** @param options `wipe` also removes the nodes' disks and keys, `purge` the base trees, too. */
export async function down(
	options: {wipe?: boolean; purge?: boolean; onProgress?: Progress} = {},
): Promise<void> {
	const {wipe = false, purge = false, onProgress = () => {}} = options;
	requireRoot();
	const inventory = withOptional(inventoryOf(presentSetup()));
	await whileLocked('down', onProgress, async () => {
		await endOperatorsProcesses(onProgress);
		await endNodes(inventory, onProgress);
		if (isPopulated(labCgroup())) killAll(labCgroup()); // a node that is not in the inventory any more
		await removeNetwork(allNodes());
		let cgroupsAreGone = await removeCgroups();
		await holds(async () => {
			cgroupsAreGone = cgroupsAreGone || (await removeCgroups());
			return cgroupsAreGone;
		}, 10_000);
		if (!cgroupsAreGone)
			throw new LabError(`SIGKILL does not end the processes below ${labCgroup()}; see their state with ps`);
		rmSync(runDir, {recursive: true, force: true});
		clearHalfBuilt();
		forgetSetup();
		if (wipe || purge) {
			onProgress('deleting the disks');
			wipeDisks();
			for (const folder of [keysDir, operatorDir, logDir]) rmSync(folder, {recursive: true, force: true});
		}

		if (purge && existsSync(labDir)) {
			onProgress('deleting the base trees');
			rmSync(labDir, {recursive: true, force: true});
		}
	});
}

/**
 * Sequentially, while etcd has its quorum, and the leader first, so that its standby has received all writes; any other
 * order
 * can leave changes on the leader alone. The application stops first, as a client of all nodes.
 */
async function endNodes(inventory: Inventory, onProgress: Progress): Promise<void> {
	const on = nodesOf(inventory).filter(node => isOn(node.name));
	if (on.length === 0) return;
	const leader = await findLeader(inventory, onProgress);
	const rank = (node: Node) =>
		node.roles.includes('app')
			? 0
			: node.name === leader
				? 1
				: node.roles.includes('db')
					? 2
					: node.roles.includes('etcd')
						? 4
						: 3;
	for (const node of on.sort((a, b) => rank(a) - rank(b))) await endNode(node.name, onProgress);
}

async function findLeader(inventory: Inventory, onProgress: Progress): Promise<string | undefined> {
	if (!netnsExists(operatorNetns)) return undefined;
	try {
		return (await watchUntilHealthy(inventory, 0, () => {})).leader;
	} catch (error) {
		if (!(error instanceof LabError)) throw error;
		onProgress(`${error.message}; shutting the nodes down in the inventory's order`);
		return undefined;
	}
}

/** Shuts the node down cleanly if possible; else kills it. */
export async function endNode(node: string, onProgress: Progress): Promise<void> {
	if (!isOn(node)) return;
	try {
		onProgress(`${node}: shutting down`);
		await switchOff(node);
	} catch (error) {
		onProgress(`${messageOf(error)}\n${node}: pulling the plug instead`);
		await pullPlug(node);
	}
}

/** A console or shell that `exec` started would keep the operator's namespace in use. */
async function endOperatorsProcesses(onProgress: Progress): Promise<void> {
	const pids = await processesIn(operatorNetns);
	if (pids.includes(process.pid)) {
		throw new LabError('this shell runs in the operator namespace, which `down` removes; leave it first');
	}

	if (pids.length === 0) return;
	onProgress(`ending the operator's processes: ${pids.join(', ')}`);
	signal(pids, 'SIGTERM');
	if (await holds(async () => (await processesIn(operatorNetns)).length === 0, 5000)) return;
	signal(await processesIn(operatorNetns), 'SIGKILL');
	if (await holds(async () => (await processesIn(operatorNetns)).length === 0, 5000)) return;
	throw new LabError(
		`SIGKILL does not end the processes in the namespace ${operatorNetns}; see their state with ps`,
	);
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
	for (const pid of pids) {
		try {
			process.kill(pid, name);
		} catch (error) {
			if (!hasCode(error, 'ESRCH')) throw error;
		}
	}
}
