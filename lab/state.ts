/** What the lab last was told to be: suite and profile of the cluster that is up. */
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {isOn} from './cgroup.ts';
import type {Setup} from './disk.ts';
import {type Inventory, nodesOf, readInventory} from './inventory.ts';
import {netnsExists} from './network.ts';
import {labDir, operatorNetns} from './place.ts';

const file = join(labDir, 'state.json');

/** Undefined when the lab is down, also when it went down with the machine and nobody noted it. */
export function readSetup(inventory: Inventory): Setup | undefined {
	if (!existsSync(file)) return undefined;
	const alive = netnsExists(operatorNetns) || nodesOf(inventory).some(node => isOn(node.name));
	return alive ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function noteSetup(setup: Setup): void {
	mkdirSync(dirname(file), {recursive: true});
	writeFileSync(`${file}.new`, `${JSON.stringify(setup)}\n`);
	renameSync(`${file}.new`, file);
}

export function forgetSetup(): void {
	rmSync(file, {force: true});
}

/** Suite and profile of the lab that is up, if it is. */
export function presentSetup(): Setup | undefined {
	return readSetup(readInventory());
}
