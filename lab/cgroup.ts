/** The lab's processes by cgroup, as the kernel lists them. */
import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {hasCode, LabError} from './failure.ts';
import {cgroupOf, cgroupRoot, labCgroup, ownCgroupMount} from './paths.ts';
import {run} from './run.ts';

/** A machine with cgroup v1 only gets a cgroup2 mount in the lab's folder. */
export async function ensureCgroups(): Promise<void> {
	if (cgroupRoot() !== ownCgroupMount || existsSync(join(ownCgroupMount, 'cgroup.procs'))) return;
	mkdirSync(ownCgroupMount, {recursive: true});
	await run('mount', ['-t', 'cgroup2', 'cgroup2', ownCgroupMount]);
}

export async function removeCgroups(): Promise<boolean> {
	if (!removeCgroup(labCgroup())) return false;
	if (existsSync(join(ownCgroupMount, 'cgroup.procs'))) await run('umount', [ownCgroupMount]);
	rmSync(ownCgroupMount, {recursive: true, force: true});
	return true;
}

export function makeCgroup(path: string): void {
	mkdirSync(path, {recursive: true});
}

/** Whether any process runs in this cgroup or below it. */
export function isPopulated(path: string): boolean {
	return /^populated 1$/m.test(readOrEmpty(join(path, 'cgroup.events')));
}

/** Sends SIGKILL to every process in this cgroup and below it. */
export function killAll(path: string): void {
	try {
		writeFileSync(join(path, 'cgroup.kill'), '1');
	} catch (error) {
		// Without the cgroup there is nothing to kill.
		if (!hasCode(error, 'ENOENT')) throw error;
	}
}

/** Removes an empty cgroup with its children; returns false if a process still runs in it. */
export function removeCgroup(path: string): boolean {
	for (const child of subdirectories(path)) {
		if (!removeCgroup(join(path, child))) return false;
	}

	try {
		rmdirSync(path);
	} catch (error) {
		if (hasCode(error, 'EBUSY')) return false;
		if (!hasCode(error, 'ENOENT')) throw error;
	}

	return true;
}

/** A node is on while any of its processes runs, its keeper included, which ends last to remove its link. */
export const isOn = (node: string) => isPopulated(cgroupOf(node));

/** The host's pid of the node's process 1; undefined before it boots. */
export function initOf(node: string): number | undefined {
	const payload = join(cgroupOf(node), 'box', 'payload');
	for (const group of [join(payload, 'init.scope'), payload]) {
		for (const line of readOrEmpty(join(group, 'cgroup.procs')).split('\n')) {
			const ids = /^NSpid:\s+(\d+)\s+(\d+)$/m.exec(readOrEmpty(`/proc/${line}/status`));
			if (ids?.[2] === '1') return Number(ids[1]);
		}
	}

	return undefined;
}

function subdirectories(path: string): string[] {
	try {
		return readdirSync(path, {withFileTypes: true})
			.filter(entry => entry.isDirectory())
			.map(entry => entry.name);
	} catch (error) {
		if (hasCode(error, 'ENOENT')) return [];
		throw error;
	}
}

/** Processes and cgroups may end during the read: a missing file reads as empty. */
function readOrEmpty(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH') || hasCode(error, 'ENODEV')) return '';
		throw error;
	}
}

/** Freezes every process of the node until `thaw`. */
export const freeze = (node: string) => setFrozen(node, true);
export const thaw = (node: string) => setFrozen(node, false);

function setFrozen(node: string, frozen: boolean): void {
	const file = join(cgroupOf(node), 'box', 'cgroup.freeze');
	if (!existsSync(file)) throw new LabError(`${node} is off: there is nothing to freeze or thaw`);
	writeFileSync(file, frozen ? '1' : '0');
}
