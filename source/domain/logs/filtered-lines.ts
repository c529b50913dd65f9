/** The lines of a ring that pass a choice, walked to either side of a place; a chunk is tested once for each choice. */
import {type LineTest, type LogFilter, testOf} from './filter.ts';
import type {LogLine} from './line.ts';
import {type Chunk, chunkAfter, type LogBuffer, lineAfter} from './log-buffer.ts';

/** Chunks that may be tested by a regular expression before somebody waits. */
export type Budget = {chunks: number};

export const unlimited = (): Budget => ({chunks: Number.POSITIVE_INFINITY});

/** Choices whose tests and results are kept; a split view has one a node. */
const keptChoices = 12;
const tests = new Map<string, LineTest>();
const results = new WeakMap<Chunk, Map<string, readonly LogLine[]>>();

export class FilteredLines {
	readonly ring: LogBuffer;
	readonly test: LineTest;
	readonly #key: string;

	constructor(ring: LogBuffer, choice: LogFilter) {
		this.ring = ring;
		this.#key = JSON.stringify([choice.nodes, choice.hidden, choice.level, choice.filter]);
		this.test = kept(tests, this.#key, () => testOf(choice));
	}

	/** Up to `count` lines before the place, in order; `order` itself is before it. */
	before(order: number, count: number, budget: Budget = unlimited()): LogLine[] {
		const {chunks} = this.ring;
		const found: (readonly LogLine[])[] = [];
		let missing = count;
		for (
			let index = Math.min(chunkAfter(chunks, order), chunks.length - 1);
			index >= 0 && missing > 0;
			index--
		) {
			const lines = this.#of(chunks[index] as Chunk, budget);
			if (lines === undefined) {
				break;
			}

			const end = lineAfter(lines, order);
			found.push(lines.slice(Math.max(0, end - missing), end));
			missing -= Math.min(end, missing);
		}

		return found.toReversed().flat();
	}

	/** Up to `count` lines after the place. */
	after(order: number, count: number, budget: Budget = unlimited()): LogLine[] {
		const {chunks} = this.ring;
		const found: LogLine[] = [];
		for (let index = chunkAfter(chunks, order); index < chunks.length && found.length < count; index++) {
			const lines = this.#of(chunks[index] as Chunk, budget);
			if (lines === undefined) {
				break;
			}

			const begin = lineAfter(lines, order);
			found.push(...lines.slice(begin, begin + count - found.length));
		}

		return found;
	}

	/** How many lines pass after the place, as far as they have been tested; tests on from the newest while the budget lasts. */
	count(order: number, budget: Budget = unlimited()): {lines: number; complete: boolean} {
		const {chunks} = this.ring;
		const first = chunkAfter(chunks, order);
		let lines = 0;
		for (let index = chunks.length - 1; index >= first; index--) {
			const passed = this.#of(chunks[index] as Chunk, budget);
			if (passed === undefined) {
				return {lines, complete: false};
			}

			lines += index === first ? passed.length - lineAfter(passed, order) : passed.length;
		}

		return {lines, complete: true};
	}

	/** All of them. */
	all(): LogLine[] {
		return this.ring.chunks.flatMap(chunk => this.#of(chunk, unlimited()) ?? []);
	}

	/** Undefined where it would have to be tested and the budget is spent. */
	#of(chunk: Chunk, budget: Budget): readonly LogLine[] | undefined {
		if (this.test.all) {
			return chunk.lines;
		}

		let known = results.get(chunk);
		if (known === undefined) {
			known = new Map();
			results.set(chunk, known);
		}

		if (!known.has(this.#key) && this.test.costly) {
			if (budget.chunks <= 0) {
				return undefined;
			}

			budget.chunks--;
		}

		return kept(known, this.#key, () => chunk.lines.filter(this.test.test));
	}
}

function kept<T>(cache: Map<string, T>, key: string, make: () => T): T {
	const before = cache.get(key);
	if (before !== undefined) {
		return before;
	}

	if (cache.size >= keptChoices) {
		cache.clear();
	}

	const made = make();
	cache.set(key, made);
	return made;
}
