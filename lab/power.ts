/** A node's power: on, off (clean shutdown), cut (power loss) and reboot. */
import {spawn} from 'node:child_process';
import {closeSync, copyFileSync, mkdirSync, openSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {initOf, isOn, killAll, makeCgroup, removeCgroup} from './cgroup.ts';
import type {Disk} from './disk.ts';
import {hasCode, LabError} from './failure.ts';
import type {Inventory, Node} from './inventory.ts';
import {macOf, removeNetns, setPort} from './network.ts';
import {
	bridgeNetns,
	cableOutFile,
	cgroupOf,
	consoleLog,
	logDir,
	netnsOf,
	netnsPath,
	runDirOf,
} from './paths.ts';
import {scriptsDir} from './sandbox.ts';
import {holds} from './wait-until.ts';

/** systemd's signals for power off and reboot: SIGRTMIN+4 and +5. */
const signals = {off: 38, reboot: 39};
/** Patroni, etcd and the rest may take 30 s each before systemd kills them. */
const shutdownSeconds = 120;

/** Starts the node's keeper; resolves once the node has a process 1. */
export async function switchOn(node: Node, inventory: Inventory, disk: Disk): Promise<void> {
	const cgroup = cgroupOf(node.name);
	const folder = runDirOf(node.name);
	makeCgroup(join(cgroup, 'keeper'));
	makeCgroup(join(cgroup, 'box'));
	mkdirSync(join(folder, 'root'), {recursive: true});
	mkdirSync(logDir, {recursive: true});
	const keeper = join(folder, 'keeper.sh');
	copyFileSync(join(scriptsDir, 'keeper.sh'), keeper);
	const log = openSync(consoleLog(node.name), 'w');
	// In the bridge's namespace only, so that the keeper does not keep the operator's or the machine's in use.
	const child = spawn('nsenter', [`--net=${netnsPath(bridgeNetns)}`, '--', 'sh', keeper], {
		cwd: '/',
		detached: true,
		stdio: ['ignore', log, log],
		env: {
			PATH: process.env.PATH,
			NODE: node.name,
			NETNS: netnsOf(node.name),
			BRIDGE_NETNS: bridgeNetns,
			MAC: macOf(node.address),
			ADDRESS: `${node.address}/${inventory.prefix}`,
			CABLE_OUT: cableOutFile(node.name),
			CGROUP: cgroup,
			LAYERS: disk.layers,
			UPPER: disk.upper,
			WORK: disk.work,
			ROOT: join(folder, 'root'),
		},
	});
	closeSync(log);
	let ended = false;
	child.once('exit', () => {
		ended = true;
	});
	// Immediately, so that a second `up` finds this keeper even if this command is killed.
	if (child.pid !== undefined) writeFileSync(join(cgroup, 'keeper', 'cgroup.procs'), String(child.pid));
	child.unref();
	const begun = await holds(() => ended || initOf(node.name) !== undefined, 30_000);
	if (!begun || ended) {
		throw new LabError(`${node.name} did not start; see its console: ${consoleLog(node.name)}`);
	}
}

/** A clean shutdown, as by the power button. */
export async function switchOff(node: string): Promise<void> {
	signalInit(node, signals.off);
	if (await holds(() => !isOn(node), shutdownSeconds * 1000)) {
		await clear(node);
		return;
	}

	throw new LabError(
		`${node} did not shut down within ${shutdownSeconds} s; see its console: ${consoleLog(node)}; ` +
			`pull the plug: npm run lab -- power cut ${node}`,
	);
}

/** A power loss: disconnects the network first, so that no dying process closes a connection, then kills everything. */
export async function pullPlug(node: string): Promise<void> {
	await setPort(node, 'down');
	killAll(join(cgroupOf(node), 'box'));
	if (!(await holds(() => !isOn(node), 20_000))) {
		// The keeper normally ends with its node; otherwise it is killed.
		killAll(cgroupOf(node));
		if (!(await holds(() => !isOn(node), 20_000))) {
			throw new LabError(
				`SIGKILL does not end the processes of ${node} below ${cgroupOf(node)}; see their state with ps`,
			);
		}
	}

	await clear(node);
}

/** Resolves when the node boots again. */
export async function restart(node: string): Promise<void> {
	const before = initOf(node);
	signalInit(node, signals.reboot);
	const again = await holds(() => {
		const now = initOf(node);
		return now !== undefined && now !== before;
	}, shutdownSeconds * 1000);
	if (!again) {
		throw new LabError(
			`${node} did not reboot within ${shutdownSeconds} s; see its console: ${consoleLog(node)}`,
		);
	}
}

/** Cleans up as the keeper does unless it was killed. */
async function clear(node: string): Promise<void> {
	removeCgroup(cgroupOf(node));
	await removeNetns(netnsOf(node));
}

function signalInit(node: string, signal: number): void {
	const pid = initOf(node);
	if (pid === undefined)
		throw new LabError(`${node} has no process 1: it is starting or stopping; try again`);
	try {
		process.kill(pid, signal);
	} catch (error) {
		if (!hasCode(error, 'ESRCH')) throw error;
	}
}
