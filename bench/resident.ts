/** Resident memory of a process, from /proc. */
import {readFileSync} from 'node:fs';

/** MB that are resident now, and the most since the program's start. */
export function residentMemory(pid: number): {now: number; most: number} {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const megabytes = (field: string) =>
		Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
	return {now: megabytes('VmRSS'), most: megabytes('VmHWM')};
}
