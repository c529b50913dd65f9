/** Work of many that may wait a moment, done in short turns: between two of them keys and sockets have theirs. */

/** Milliseconds of a turn. */
const turn = 4;

const waiting: (() => void)[] = [];
let isPlanned = false;

/** Does the work in its order, in this turn or in a later one. */
export function runCooperatively(work: () => void): void {
	waiting.push(work);
	plan();
}

function plan(): void {
	if (!isPlanned && waiting.length > 0) {
		isPlanned = true;
		setImmediate(take);
	}
}

function take(): void {
	isPlanned = false;
	const end = performance.now() + turn;
	try {
		do {
			waiting.shift()?.();
		} while (waiting.length > 0 && performance.now() < end);
	} finally {
		plan();
	}
}
