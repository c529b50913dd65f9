/** The timeline of a recording, each entry with what the nodes' logs said around it. */
import {consoleService, type LogLine, levels, levelWords, statisticsService} from '../domain/logs/line.ts';
import {chunkAfter, type LogBuffer, lineAfter} from '../domain/logs/log-buffer.ts';
import type {Entry} from '../domain/timeline/entry.ts';
import type {State} from '../state/state.ts';
import {iso} from './format.ts';
import type {Report} from './schema.ts';

/** ms before and behind an entry: what a node says about something comes within these. */
const around = {before: 1000, behind: 1500};
/** A node's clock and the way of a line here may take this long on top, ms. */
const logWaitMs = 2000;
const linesMax = 8;
const entriesMax = 2000;

type Told = {entry: Entry; lines: readonly LogLine[]; more: number};

export class TimelineLogs {
	readonly #logs: boolean;
	readonly #told: Told[] = [];
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
				if (this.#told.length + this.#waiting.length < entriesMax) {
					this.#waiting.push(entry);
				} else {
					this.#left++;
				}
			}
		}

		const [next] = this.#waiting;
		if (next !== undefined && (!this.#logs || at - next.at > around.behind + logWaitMs)) {
			this.#settle(after.logs.ring, at);
		}
	}

	/** At the end nothing more is waited for. */
	close(ring: LogBuffer): void {
		this.#settle(ring, Infinity);
	}

	get entries(): readonly Entry[] {
		return this.#told.map(({entry}) => entry);
	}

	get timeline(): Report['timeline'] {
		return this.#told.map(({entry: {at, kind, turn, text}, lines, more}) => ({
			at: iso(at),
			kind,
			turn,
			text,
			logs: lines.map(({order, node, service, level, word, text: said}) => ({
				at: iso(order / 1000),
				node: node ?? '',
				service,
				level: word || (levelWords[level] ?? 'info'),
				text: said,
			})),
			more_logs: more,
		}));
	}

	get left(): number {
		return this.#left;
	}

	/** Each line stands at the entry that it is nearest to. */
	#settle(ring: LogBuffer, at: number): void {
		const due = this.#waiting.filter(entry => !this.#logs || at - entry.at > around.behind + logWaitMs);
		for (const [index, entry] of due.entries()) {
			const [before, next] = [this.#told.at(-1)?.entry, this.#waiting[index + 1]];
			const from = Math.max(entry.at - around.before, before === undefined ? 0 : middle(before, entry));
			const to = Math.min(entry.at + around.behind, next === undefined ? Infinity : middle(entry, next));
			const lines = this.#logs ? [...linesBetween(ring, from * 1000, to * 1000)].filter(isWorthALine) : [];
			const kept = likeliest(lines, entry.at * 1000);
			this.#told.push({entry, lines: kept, more: lines.length - kept.length});
		}

		this.#waiting = this.#waiting.slice(due.length);
	}
}

function middle(a: Entry, b: Entry): number {
	return (a.at + b.at) / 2;
}

function isWorthALine({node, service, level}: LogLine): boolean {
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

/** The gravest, and of those the nearest; in their own order again. */
function likeliest(lines: readonly LogLine[], order: number): LogLine[] {
	const distance = (line: LogLine) => Math.abs(line.order - order);
	return lines
		.toSorted((a, b) => Math.min(a.level, 6) - Math.min(b.level, 6) || distance(a) - distance(b))
		.slice(0, linesMax)
		.sort((a, b) => a.order - b.order);
}
