/** Faults of the console itself: stopped, starved of CPU, its clock set. */
import {spawn} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import process from 'node:process';
import {run} from '../run.ts';
import type {Fault, Scene} from './fault.ts';

const requireConsole = ({consolePid}: Scene) =>
	consolePid === undefined ? 'no console was named; pass --console PID' : undefined;

function signal({consolePid}: Scene, name: NodeJS.Signals): void {
	if (consolePid !== undefined) process.kill(consolePid, name);
}

/** SIGSTOP, like a suspended machine. */
const stopped: Fault = {
	kind: 'console-stopped',
	places: ['console'],
	holdSeconds: [1, 9],
	needs: requireConsole,
	do: async scene => signal(scene, 'SIGSTOP'),
	undo: async scene => signal(scene, 'SIGCONT'),
};

/** Processes that consume a whole core. */
const busy = new Set<ReturnType<typeof spawn>>();
const core = 0;
const allCores = `0-${navigator.hardwareConcurrency - 1}`;
/** With this many rivals of a higher priority the console gets some hundredths of the CPU time. */
const rivals = 2;

/** Ends the rivals, also those of an aborted chaos. */
export function endRivals(): void {
	for (const child of busy) child.kill('SIGKILL');
	busy.clear();
}

const setCores = async (pid: number, cores: string) =>
	run('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)]);

/** The console shares one core with processes that use all of it. */
const starved: Fault = {
	kind: 'console-starved',
	places: ['console'],
	holdSeconds: [8, 25],
	needs: requireConsole,
	detail: ({strength}) => `beside ${rivals} busy processes at nice ${niceOf(strength)}`,
	do: async ({consolePid, strength}) => {
		if (consolePid === undefined) return;
		await setCores(consolePid, String(core));
		for (let count = 0; count < rivals; count++) {
			// They end with this process, also after a SIGKILL.
			const script = `while [ -d /proc/${process.pid} ]; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; done`;
			const command = ['taskset', '--cpu-list', String(core), 'nice', '-n', String(niceOf(strength))];
			busy.add(spawn(command[0] ?? '', [...command.slice(1), 'sh', '-c', script], {stdio: 'ignore'}));
		}
	},
	undo: async ({consolePid}) => {
		endRivals();
		if (consolePid !== undefined) await setCores(consolePid, allCores);
	},
};

const niceOf = (strength: number) => Math.round(-15 * strength) || 0;

/** Writes the offset that libfaketime reads, for a console started with it. */
export function setConsoleClock(file: string, seconds: number): void {
	writeFileSync(file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
}

/** Sets the console's clock forward or back by up to a minute, and corrects it again. */
const clockSet: Fault = {
	kind: 'console-clock-set',
	places: ['console'],
	holdSeconds: [5, 15],
	needs: ({consoleClock}) =>
		consoleClock === undefined
			? 'the console has no clock of its own; start it with libfaketime and pass --console-clock FILE'
			: undefined,
	detail: ({strength}) => `by ${stepOf(strength)} s`,
	do: async ({consoleClock, strength}) => {
		if (consoleClock !== undefined) setConsoleClock(consoleClock, stepOf(strength));
	},
	undo: async ({consoleClock}) => {
		if (consoleClock !== undefined) setConsoleClock(consoleClock, 0);
	},
};

function stepOf(strength: number): number {
	const seconds = Math.round((strength - 0.5) * 120);
	return Math.abs(seconds) < 5 ? 5 : seconds;
}

export const consoleFaults: readonly Fault[] = [stopped, starved, clockSet];
