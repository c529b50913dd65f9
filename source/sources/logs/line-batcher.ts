/** Lines of a node gathered into one event for each moment; what comes faster than that is held back, and in the end counted. */
import type {LogLine} from '../../domain/logs/line.ts';

/** Milliseconds between two events: as often as the screen is drawn. */
const interval = 50;
/** Lines that one event holds: 100,000 a second of one node, and they come in bursts. */
const linesMax = 5000;
/** Milliseconds that a node is held back before lines are left out: a boot or a burst comes through whole. */
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

	/** @param now a clock that does not step, ms */
	constructor(emit: (lines: readonly LogLine[], skipped: number) => void, now = () => performance.now()) {
		this.#emit = emit;
		this.#now = now;
	}

	/** No more lines for this moment. */
	get isFull(): boolean {
		return this.#lines.length >= linesMax;
	}

	/** What does not fit is to be counted, and not waited with. */
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

	/** Calls back when there is room again. */
	wait(resume: () => void): void {
		this.#waiting.add(resume);
		this.#arm();
	}

	/** Emits what is gathered. */
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
