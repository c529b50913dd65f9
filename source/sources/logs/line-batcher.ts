/** Batches lines of output into events at a rate that the console can process. */
import type {LogLine} from '../../domain/logs/log-buffer.ts';

/** ms between two events: the screen's rate. */
const interval = 50;
/** Lines of one event: 100,000 a second from one node, which arrive in bursts. */
const linesMax = 5000;
/** ms that a node is paused before lines are skipped, so that the burst of a boot is kept. */
const holdMaxMs = 5000;

export class LineBatcher {
	readonly #emit: (lines: readonly LogLine[], skipped: number) => void;
	readonly #now: () => number;
	#lines: LogLine[] = [];
	#skipped = 0;
	#timer: NodeJS.Timeout | undefined;
	#fullSince: number | undefined;
	#leavingOut = false;
	readonly #waiting = new Set<() => void>();

	/** @param now a monotonic clock, ms */
	constructor(emit: (lines: readonly LogLine[], skipped: number) => void, now = () => performance.now()) {
		this.#emit = emit;
		this.#now = now;
	}

	/** The present event has no room for more lines. */
	get isFull(): boolean {
		return this.#lines.length >= linesMax;
	}

	/** Further lines are counted instead of waited for. */
	get leavesOut(): boolean {
		return this.#leavingOut && this.isFull;
	}

	add(line: LogLine): void {
		this.#lines.push(line);
		this.#arm();
	}

	skip(): void {
		this.#skipped++;
		this.#arm();
	}

	/** Calls back when there is room. */
	wait(resume: () => void): void {
		this.#waiting.add(resume);
		this.#arm();
	}

	/** Emits the batch. */
	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const full = this.isFull;
		const [lines, skipped] = [this.#lines, this.#skipped];
		this.#lines = [];
		this.#skipped = 0;
		this.#fullSince = full ? (this.#fullSince ?? this.#now()) : undefined;
		this.#leavingOut = this.#fullSince !== undefined && this.#now() - this.#fullSince > holdMaxMs;
		if (lines.length > 0 || skipped > 0) {
			this.#emit(lines, skipped);
		}

		const waiting = [...this.#waiting];
		this.#waiting.clear();
		for (const resume of waiting) {
			resume();
		}
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#waiting.clear();
	}

	#arm(): void {
		this.#timer ??= setTimeout(() => {
			this.flush();
		}, interval);
	}
}

/** ms of work in one turn of the event loop. */
const turn = 4;

const waiting: (() => void)[] = [];

let isPlanned = false;

/** Runs queued work in order, in this turn or a later one. */
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
