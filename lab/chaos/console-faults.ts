/** Faults of the console itself: it is stopped, it gets little CPU, its clock is set. */
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

/** As on a suspended machine. */
const stopped: Fault = {
	kind: 'console-stopped',
	places: ['console'],
	holdSeconds: [1, 9],
	needs: requireConsole,
	do: async scene => signal(scene, 'SIGSTOP'),
	undo: async scene => signal(scene, 'SIGCONT'),
};

/** Processes that use all that one core has. */
const busy = new Set<ReturnType<typeof spawn>>();
const core = 0;
const allCores = `0-${navigator.hardwareConcurrency - 1}`;
/** With so many others of a higher priority it runs for some hundredths of the time. */
const rivals = 2;

/** Also what a chaos that was ended has left. */
export function endRivals(): void {
	for (const child of busy) child.kill('SIGKILL');
	busy.clear();
}

const setCores = async (pid: number, cores: string) =>
	run('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)]);

/** It shares one core with others that want all of it. */
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
			// They end with this one, however that ends.
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

/** What libfaketime reads, in a console that was started with it. */
export function setConsoleClock(file: string, seconds: number): void {
	writeFileSync(file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
}

/** Set forward or back by up to a minute, and set right again. */
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
