/** Measures a piece of work: CPU time of this thread, and memory that it keeps or discards. */
import {getHeapStatistics} from 'node:v8';

export type Cost = {
	/** CPU time of this thread. */
	milliseconds: number;
	/** Growth of the heap. */
	bytes: number;
};

export type Bounds = Cost;

/** For an input of at most 128 KiB, or for one event. */
export const bounds: Bounds = {milliseconds: 100, bytes: 96 * 1024 * 1024};

/** Repetitions above a bound: the minimum counts, since other work on the machine adds to it. */
const repeats = 4;

/** ms; work of this duration is too slow on any machine. */
const farOver = 5000;

/** @throws errors of the work */
export function costOf(work: () => void): Cost {
	const heap = heapBytes();
	const {user, system} = process.threadCpuUsage();
	let cost: Cost = {milliseconds: 0, bytes: 0};
	try {
		work();
	} finally {
		const spent = process.threadCpuUsage({user, system});
		cost = {milliseconds: (spent.user + spent.system) / 1000, bytes: Math.max(0, heapBytes() - heap)};
	}

	return cost;
}

export function isOver({milliseconds, bytes}: Cost, most = bounds.milliseconds): boolean {
	return milliseconds > most || bytes > bounds.bytes;
}

/** @throws errors of the work */
export function leastCostOf(work: () => void, most = bounds.milliseconds): Cost {
	let least = costOf(work);
	for (let times = 0; times < repeats && isOver(least, most) && least.milliseconds < farOver; times++) {
		const {milliseconds, bytes} = costOf(work);
		least = {
			milliseconds: Math.min(least.milliseconds, milliseconds),
			bytes: Math.min(least.bytes, bytes),
		};
	}

	return least;
}

function heapBytes(): number {
	const {used_heap_size: used, external_memory: external} = getHeapStatistics();
	return used + external;
}
