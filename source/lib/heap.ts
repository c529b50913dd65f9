/**
 * Keeps the memory of a long session small. V8 lets the space for new objects grow to 64 MB (and twice that while it collects) and
 * collects old ones rarely, for programs that are busy; this one is idle nearly always. Measured on Node.js 24 with the lab:
 * 129 MB resident in place of 287, for less CPU.
 */
import {getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

/** Bytes of the space for new objects, both halves, up to which it may grow: where little is done, and where much is. */
const youngBytes = {idle: 4 * 1024 * 1024, busy: 16 * 1024 * 1024};
/**
 * CPU time of this process by time, from which on much is done: collections of a small space would cost more than they save. Not the
 * event loop's utilization: on a busy machine that counts the wait for a processor, too.
 */
const busyShare = 0.3;
const lookEveryMs = 1000;
/** ms after the start, or later if much is done then: what loading and the first answers needed is garbage. */
const collectAfterMs = 10_000;
/** From the first collection on. V8 reads them at each one. */
const flags = [
	// A space of this size is collected in a millisecond; to wake four threads for it cost as much again.
	'--no-parallel-scavenge',
	// Code that did not run since the last collection goes, not since six; and machine code, too: 7 MB, of which 3 are made again.
	'--bytecode-old-age=1',
	'--flush-baseline-code',
	// Pages that are half empty are emptied at each collection of old objects, not at a few: 6 to 8 MB less after some minutes.
	'--optimize-for-size',
	// Else V8 lets old objects grow up to fourfold if they do it slowly: 225 MB resident after two minutes.
	'--heap-growing-percent=50',
];

/** ms after the first collection: what was read of the time before the start was in use then. */
const secondAfterMs = 30_000;
/**
 * When all garbage is collected again: bytes by which the heap is larger than it was after any collection, and ms since the last one; or
 * the bytes alone when calm begins. V8 does it rarely, gives back little of it, and never makes the space for new objects smaller. It
 * takes 0.2 s of CPU time, and gave back 15 to 50 MB.
 */
const again = {
	calm: {grownBytes: 6 * 1024 * 1024, waitMs: 3 * 60_000},
	otherwise: {grownBytes: 12 * 1024 * 1024, waitMs: 2 * 60_000},
	/** As soon as calm begins. */
	thread: {grownBytes: 2 * 1024 * 1024},
};

export type Pauses = {
	/** Whether a pause of some hundred ms disturbs nothing now. */
	mayPause: () => boolean;
	/** Whether nothing has happened for a while. */
	isCalm: () => boolean;
};

/**
 * The start is left to V8, which is faster then.
 *
 * @returns a function that ends it
 */
export function keepHeapSmall(
	{mayPause, isCalm}: Pauses,
	{afterMs = collectAfterMs, everyMs = lookEveryMs} = {},
): () => void {
	const cpuNow = () => ({cpu: process.cpuUsage(), at: performance.now()});
	let before = cpuNow();
	let factor = 2;
	const began = performance.now();
	/** The last collection, how many there were, and the least bytes of the heap after one: much is in use while much is done. */
	let collected: {at: number; count: number; leastBytes: number} | undefined;
	let wasCalm = false;
	const isDue = (now: number) => {
		const calm = isCalm();
		const hasCalmBegun = calm && !wasCalm;
		wasCalm = calm;
		if (collected === undefined) {
			return now - began >= afterMs;
		}

		const waitedMs = now - collected.at;
		if (collected.count === 1 && waitedMs >= secondAfterMs) {
			return true;
		}

		const {grownBytes, waitMs} = again[calm ? 'calm' : 'otherwise'];
		return (hasCalmBegun || waitedMs >= waitMs) && heapSize() - collected.leastBytes >= grownBytes;
	};
	const look = () => {
		const now = performance.now();
		const {user, system} = process.cpuUsage(before.cpu);
		const share = (user + system) / 1000 / (now - before.at);
		if (share < busyShare && mayPause() && isDue(now)) {
			if (collected === undefined) {
				for (const flag of flags) {
					setFlagsFromString(flag);
				}
			}

			collect();
			const {count, leastBytes} = collected ?? {count: 0, leastBytes: Number.POSITIVE_INFINITY};
			collected = {at: performance.now(), count: count + 1, leastBytes: Math.min(leastBytes, heapSize())};
		}

		// The collection itself is not counted: it would make the space large again.
		before = cpuNow();
		if (collected === undefined) {
			return;
		}

		const wanted = growthFactor(youngSize(), share);
		if (wanted !== factor) {
			factor = wanted;
			// V8 reads it each time before it grows the space; sizes it reads only when it starts.
			setFlagsFromString(`--semi-space-growth-factor=${factor}`);
		}
	};
	const looking = setInterval(look, everyMs).unref();
	return () => {
		clearInterval(looking);
	};
}

/**
 * For a small thread beside: what its start left is garbage, which V8 would keep for hours, and only the thread itself can collect it.
 * It takes 40 ms.
 *
 * @returns to be called whenever it becomes calm or ends to be
 */
export function collectInCalm(): (isCalm: boolean) => void {
	/** After the last collection. */
	let lastBytes = 0;
	return isCalm => {
		if (isCalm && heapSize() - lastBytes >= again.thread.grownBytes) {
			collect();
			lastBytes = heapSize();
		}
	};
}

/** By how much the space for new objects is multiplied if it must grow. @param share CPU time by time */
export function growthFactor(bytes: number, share: number): 1 | 2 {
	return bytes < youngBytes[share < busyShare ? 'idle' : 'busy'] ? 2 : 1;
}

function youngSize(): number {
	return getHeapSpaceStatistics().find(({space_name: name}) => name === 'new_space')?.space_size ?? 0;
}

function heapSize(): number {
	return getHeapStatistics().total_heap_size;
}

/** Collects all garbage of this thread once, and gives the memory back; V8 then expects less. */
function collect(): void {
	setFlagsFromString('--expose-gc');
	const collectGarbage: unknown = runInNewContext('gc');
	if (typeof collectGarbage === 'function') {
		collectGarbage({type: 'major', execution: 'sync', flavor: 'last-resort'});
	}
}
