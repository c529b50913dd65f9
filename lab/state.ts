/** The lab's present setup: suite, profile and topology of the cluster, with or without the application. */
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {isOn} from './cgroup.ts';
import type {Setup} from './disk.ts';
import {
	allNodes,
	type Inventory,
	postgresqlOf,
	readInventory,
	usualTopology,
	withOptional,
} from './inventory.ts';
import {netnsExists} from './network.ts';
import {labDir, operatorNetns} from './paths.ts';

const file = join(labDir, 'state.json');

/** Undefined when the lab is down, also after the machine went down. */
export function presentSetup(): Setup | undefined {
	if (!existsSync(file)) return undefined;
	const alive = netnsExists(operatorNetns) || allNodes().some(node => isOn(node.name));
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

/** The nodes of a lab with this setup; of one that is down if undefined. */
export function inventoryOf(setup: Setup | undefined): Inventory {
	const inventory = readInventory(setup?.topology);
	return setup?.app ? withOptional(inventory) : inventory;
}

/** In words, what cannot change while the lab is up. */
export function describeSetup(setup: Setup): string {
	const {suite, profile, store = 'etcd3', topology = usualTopology} = setup;
	const postgresql = postgresqlOf(readInventory(), setup);
	return `${suite}, PostgreSQL ${postgresql}, ${store}, ${profile} profile, ${topology} topology`;
}
