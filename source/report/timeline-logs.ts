/** Collects the log lines around each timeline entry of a report. */
import type {Entry} from '../domain/facts.ts';
import {
	chunkAfter,
	consoleService,
	type LogBuffer,
	type LogLine,
	levels,
	levelWords,
	lineAfter,
	statisticsService,
} from '../domain/logs/log-buffer.ts';
import type {State} from '../state/state.ts';
import {iso} from './format.ts';
import type {Report} from './schema.ts';

/** ms before and after an entry in which nodes log about it. */
const aroundMs = {before: 1000, behind: 1500};
/** ms for differences of nodes' clocks, and for delayed lines. */
const logWaitMs = 2000;
const linesMax = 8;
const entriesMax = 2000;

type EntryWithLogs = {entry: Entry; lines: readonly LogLine[]; more: number};

export class TimelineLogs {
	readonly #logs: boolean;
	readonly #entries: EntryWithLogs[] = [];
	#waiting: Entry[] = [];
	#left = 0;

	constructor({logs}: {logs: boolean}) {
		this.#logs = logs;
	}

	take(before: State, after: State, at: number): void {
		if (before.timeline !== after.timeline) {
			const known = before.timeline.at(-1);
			const first = known === undefined ? 0 : after.timeline.lastIndexOf(known) + 1;
			for (const entry of after.timeline.slice(first)) {
				if (this.#entries.length + this.#waiting.length < entriesMax) {
					this.#waiting.push(entry);
				} else {
					this.#left++;
				}
			}
		}

		const [next] = this.#waiting;
		if (next !== undefined && (!this.#logs || at - next.at > aroundMs.behind + logWaitMs)) {
			this.#settle(after.logs.ring, at);
		}
	}

	/** The recording ends: no more lines follow. */
	close(ring: LogBuffer): void {
		this.#settle(ring, Infinity);
	}

	get entries(): readonly Entry[] {
		return this.#entries.map(({entry}) => entry);
	}

	get report(): Report['timeline'] {
		return this.#entries.map(({entry: {at, kind, turn, text}, lines, more}) => ({
			at: iso(at),
			kind,
			turn,
			text,
			logs: lines.map(({order, node, service, level, word, text: message}) => ({
				at: iso(order / 1000),
				node: node ?? '',
				service,
				level: word || (levelWords[level] ?? 'info'),
				text: message,
			})),
			more_logs: more,
		}));
	}

	get left(): number {
		return this.#left;
	}

	/** Assigns each line to its nearest entry. */
	#settle(ring: LogBuffer, at: number): void {
		const due = this.#waiting.filter(entry => !this.#logs || at - entry.at > aroundMs.behind + logWaitMs);
		for (const [index, entry] of due.entries()) {
			const [before, next] = [this.#entries.at(-1)?.entry, this.#waiting[index + 1]];
			const from = Math.max(entry.at - aroundMs.before, before === undefined ? 0 : middle(before, entry));
			const to = Math.min(entry.at + aroundMs.behind, next === undefined ? Infinity : middle(entry, next));
			const lines = this.#logs ? [...linesBetween(ring, from * 1000, to * 1000)].filter(isReported) : [];
			const kept = likeliestLines(lines, entry.at * 1000);
			this.#entries.push({entry, lines: kept, more: lines.length - kept.length});
		}

		this.#waiting = this.#waiting.slice(due.length);
	}
}

function middle(a: Entry, b: Entry): number {
	return (a.at + b.at) / 2;
}

function isReported({node, service, level}: LogLine): boolean {
	return (
		node !== undefined &&
		service !== consoleService &&
		service !== statisticsService &&
		service !== 'system' &&
		level <= levels.info
	);
}

function* linesBetween({chunks}: LogBuffer, from: number, to: number): Generator<LogLine> {
	for (let index = chunkAfter(chunks, from); index < chunks.length; index++) {
		const lines = chunks[index]?.lines ?? [];
		for (let line = lineAfter(lines, from); line < lines.length; line++) {
			const one = lines[line] as LogLine;
			if (one.order > to) {
				return;
			}

			yield one;
		}
	}
}

/** The most severe lines, then the nearest; in their original order. */
function likeliestLines(lines: readonly LogLine[], order: number): LogLine[] {
	const distance = (line: LogLine) => Math.abs(line.order - order);
	return lines
		.toSorted((a, b) => Math.min(a.level, 6) - Math.min(b.level, 6) || distance(a) - distance(b))
		.slice(0, linesMax)
		.sort((a, b) => a.order - b.order);
}
