/** The log lines that pass a filter, tested in limited steps so that keys stay responsive. */
import type {LogLine} from './log-buffer.ts';
import {
	type Chunk,
	chunkAfter,
	consoleService,
	extentOf,
	type LogBuffer,
	lineAfter,
	statisticsService,
} from './log-buffer.ts';
import {type CompiledMatcher, compileMatcher, type Matcher} from './matcher.ts';

/** Number of chunks that a regular expression may test in one step. */
export type Budget = {chunks: number};

export const unlimited = (): Budget => ({chunks: Number.POSITIVE_INFINITY});

/** Less than the distance between two lines (`tick`), µs. */
const beforeLine = 0.25;

/** Number of filters whose results are kept; a split view has one for each node. */
const keptChoices = 12;
const tests = new Map<string, LineTest>();
const results = new WeakMap<Chunk, Map<string, readonly LogLine[]>>();

export class FilteredLines {
	readonly ring: LogBuffer;
	readonly test: LineTest;
	readonly #key: string;

	constructor(ring: LogBuffer, choice: LogFilter) {
		this.ring = ring;
		this.#key = JSON.stringify([choice.nodes, choice.hidden, choice.level, choice.filter, choice.marks]);
		this.test = cached(tests, this.#key, () => testOf(choice));
	}

	/** Whether the line passes: the filter, and a mark only between the first and the last line of a node. */
	passes(line: LogLine): boolean {
		return this.test.test(line) && this.#isWithin(line);
	}

	#isWithin({node, order}: LogLine): boolean {
		const {first, last} = extentOf(this.ring);
		return node !== undefined || (order >= first && order <= last);
	}

	/** Up to `count` lines up to `order` (included), in order. */
	before(upTo: number, count: number, budget: Budget = unlimited()): LogLine[] {
		const {chunks} = this.ring;
		const order = Math.min(upTo, extentOf(this.ring).last);
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

		return found
			.toReversed()
			.flat()
			.filter(line => this.#isWithin(line));
	}

	/** Up to `count` lines after `order`. */
	after(from: number, count: number, budget: Budget = unlimited()): LogLine[] {
		const {chunks} = this.ring;
		const {first, last} = extentOf(this.ring);
		const order = Math.max(from, first - beforeLine);
		const found: LogLine[] = [];
		for (let index = chunkAfter(chunks, order); index < chunks.length && found.length < count; index++) {
			const lines = this.#of(chunks[index] as Chunk, budget);
			if (lines === undefined) {
				break;
			}

			const begin = lineAfter(lines, order);
			const end = lineAfter(lines, last);
			found.push(...lines.slice(begin, Math.min(end, begin + count - found.length)));
		}

		return found;
	}

	/** Number of passing lines after `order`, counted from the newest while the budget lasts. */
	count(from: number, budget: Budget = unlimited()): {lines: number; complete: boolean} {
		const {chunks} = this.ring;
		const extent = extentOf(this.ring);
		const order = Math.max(from, extent.first - beforeLine);
		const first = chunkAfter(chunks, order);
		let lines = 0;
		for (let index = chunks.length - 1; index >= first; index--) {
			const passed = this.#of(chunks[index] as Chunk, budget);
			if (passed === undefined) {
				return {lines, complete: false};
			}

			const end = lineAfter(passed, extent.last);
			lines += Math.max(0, end - (index === first ? lineAfter(passed, order) : 0));
		}

		return {lines, complete: true};
	}

	/** All passing lines. */
	all(): LogLine[] {
		return this.ring.chunks
			.flatMap(chunk => this.#of(chunk, unlimited()) ?? [])
			.filter(line => this.#isWithin(line));
	}

	/** The passing lines of a chunk; undefined if they are not tested yet and the budget is spent. */
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

		return cached(known, this.#key, () => chunk.lines.filter(this.test.test));
	}
}

const counts = new WeakMap<Chunk, Map<string, number>>();

/** Number of kept lines of a service, on these nodes; undefined: on all. */
export function countOfService(
	{chunks}: LogBuffer,
	service: string,
	nodes: readonly string[] | undefined,
): number {
	return chunks.reduce((sum, chunk) => sum + countIn(chunk, service, nodes), 0);
}

function countIn(chunk: Chunk, service: string, nodes: readonly string[] | undefined): number {
	const known = counts.get(chunk) ?? new Map<string, number>();
	counts.set(chunk, known);
	return cached(
		known,
		JSON.stringify([service, nodes]),
		() =>
			chunk.lines.filter(
				line =>
					line.service === service &&
					(nodes === undefined || (line.node !== undefined && nodes.includes(line.node))),
			).length,
	);
}

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
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

/** The operator's choice of lines, as plain data. */
export type LogFilter = {
	/** Undefined shows all nodes. */
	nodes: readonly string[] | undefined;
	/** Services that are hidden. */
	hidden: readonly string[];
	/** Shows this level and more severe ones; 7 shows all. */
	level: number;
	/** As typed: words, `!` before a word that must be absent, `/…/` for a regular expression, quotes around spaces. */
	filter: string;
	/** Marks of the timeline: without them, or nothing else; undefined: between the lines. */
	marks?: 'without' | 'only';
};

export const defaultLogFilter: LogFilter = {
	nodes: undefined,
	hidden: ['system', statisticsService],
	level: 7,
	filter: '',
};

type Term = {pattern: Matcher; exclude: boolean};

export type LineTest = {
	test: (line: LogLine) => boolean;
	/** Every line passes. */
	all: boolean;
	costly: boolean;
	/** The required patterns, which are marked in the text. */
	patterns: readonly Matcher[];
};

const tokens = /!?(?:"[^"]*"|\/(?:[^/\\]|\\.)+\/(?=\s|$)|\S+)/gsu;

export function termsOf(filter: string): CompiledMatcher<readonly Term[]> {
	const terms: Term[] = [];
	for (const [token] of filter.matchAll(tokens)) {
		const exclude = token.startsWith('!') && token.length > 1;
		const compiled = compileMatcher((exclude ? token.slice(1) : token).replace(/^"(.*)"$/s, '$1'));
		if ('problem' in compiled) {
			return {problem: `${token}: ${compiled.problem}`};
		}

		terms.push({pattern: compiled.value, exclude});
	}

	return {value: terms};
}

/** An invalid filter lets every line pass; the prompt has refused it already. */
export function testOf({nodes, hidden, level, filter, marks}: LogFilter): LineTest {
	const compiled = termsOf(filter);
	const terms = 'value' in compiled ? compiled.value : [];
	const isOfNode = ({node}: LogLine) => node === undefined || nodes === undefined || nodes.includes(node);
	return {
		all:
			nodes === undefined && hidden.length === 0 && level >= 7 && terms.length === 0 && marks === undefined,
		costly: terms.some(({pattern}) => pattern.costly),
		patterns: terms.filter(({exclude}) => !exclude).map(({pattern}) => pattern),
		test: line =>
			(marks === undefined || (line.node === undefined) === (marks === 'only')) &&
			isOfNode(line) &&
			// The console's own lines pass every filter of words, so that causes stand next to effects.
			(line.service === consoleService ||
				(line.level <= level &&
					!hidden.includes(line.service) &&
					terms.every(({pattern, exclude}) => pattern.test(line.text) !== exclude))),
	};
}
