/** The lab's folders on this machine, its namespaces and cgroups. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {LabError} from './failure.ts';

/** Labs with different names (PGHA_LAB_NAME) run independently side by side. */
export const labName = process.env.PGHA_LAB_NAME || 'pgha';
if (!/^[a-z][a-z0-9-]{0,19}$/.test(labName)) {
	throw new LabError(`PGHA_LAB_NAME is "${labName}"; use a short lower-case word such as pgha or pgha-two`);
}

/** Outside of all clones, so that they share one lab, and a deleted clone leaves no lab that cannot be stopped. */
export const labDir = process.env.PGHA_LAB_DIR || `/var/lib/${labName}-lab`;

export const repository = join(import.meta.dirname, '..');
export const treesDir = join(labDir, 'trees');
/** Archives of npm packages that trees are built from. */
export const packagesDir = join(labDir, 'packages');
export const disksDir = join(labDir, 'disks');
export const keysDir = join(labDir, 'keys');
export const runDir = join(labDir, 'run');
export const operatorDir = join(labDir, 'operator');
export const logDir = join(labDir, 'log');
export const ownCgroupMount = join(labDir, 'cgroup2');
export const sshConfig = join(operatorDir, 'ssh_config');

export const netnsDir = '/run/netns';
export const bridgeNetns = `${labName}-net`;
export const operatorNetns = `${labName}-operator`;
export const netnsOf = (node: string) => `${labName}-${node}`;
export const netnsPath = (netns: string) => join(netnsDir, netns);

/** Files for one boot of a node: its cable's position, its console output. */
export const runDirOf = (node: string) => join(runDir, node);
export const cableOutFile = (node: string) => join(runDirOf(node), 'cable-out');
export const consoleLog = (node: string) => join(logDir, `${node}.console.log`);

/** Where this machine mounts cgroup2 (/sys/fs/cgroup, or beside the v1 hierarchies); else the mount that `up` makes. */
export function cgroupRoot(): string {
	const line = readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.find(candidate => candidate.includes(' - cgroup2 '));
	return line?.split(' ')[4] ?? ownCgroupMount;
}

/** The parent of all cgroups of the lab; a node has `keeper` (its power supply) and `box` (itself). */
export const labCgroup = () => join(cgroupRoot(), `${labName}-lab`);
export const cgroupOf = (node: string) => join(labCgroup(), node);
