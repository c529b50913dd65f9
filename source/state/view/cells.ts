/** What views give to the screen: panes of lines and tables, with tones instead of colours. */
import type {Cluster} from '../../domain/cluster/cluster.ts';
import {isFresh, unavailableReason} from '../../domain/cluster/freshness.ts';
import type {SourceId} from '../../domain/facts.ts';
import {age, clock, leastAge} from '../../lib/format.ts';

/**
 * `bad` and `warn` also have a word or a sign in their text: colour is never the only sign. Tags distinguish names; `match` is
 * the text that was searched for.
 */
export type Tone = 'plain' | 'strong' | 'good' | 'warn' | 'bad' | 'dim' | 'match' | TagTone;

export type TagTone = (typeof tagTones)[number];

export const tagTones = ['tag0', 'tag1', 'tag2', 'tag3', 'tag4', 'tag5', 'tag6', 'tag7', 'tag8'] as const;

export type Cell = {
	text: string;
	tone: Tone;
	/** Where it is cut when too long. `start`: its end is the newest. Default: at its end. */
	cut?: 'start';
};

export type Line = readonly Cell[];

export type Column = {
	title: string;
	align: 'left' | 'right';
	/** Of too many columns those with the highest number are left out first; 0 is always shown. */
	rank: number;
	/** It is shown whole or not at all. */
	whole?: true;
	/** Not narrower, where there is room: the columns beside it do not move while values change. */
	minWidth?: number;
};

export type Row = {id: string; readonly cells: readonly Cell[]};

export type Table = {
	columns: readonly Column[];
	rows: readonly Row[];
	/** With rules between its cells, which are wrapped: for what is read once, and not selected from. */
	ruled?: true;
};

export type PaneRows = {
	title: string;
	/** At the right end of the title: how fresh the source is, or a key. */
	status: Cell;
	lines: readonly Line[];
	/** Lines that do not fit are wrapped, and not cut: for what must be read to its end. */
	wraps?: boolean;
	/** Where the rows of a line begin that follow its first one. */
	indent?: number;
	table: Table | undefined;
	/** Side by side where there is room. */
	sections?: readonly Section[];
};

/** Names (of keys, signs …) and what they mean, below a heading. */
export type Section = {title: string; entries: readonly {name: string; text: string}[]};

/** A row whose cells are made when they are drawn: of many, few are. */
export function row(id: string, make: () => readonly Cell[]): Row {
	return new LazyRow(id, make);
}

class LazyRow implements Row {
	readonly id: string;
	readonly #make: () => readonly Cell[];
	#made: readonly Cell[] | undefined;

	constructor(id: string, make: () => readonly Cell[]) {
		this.id = id;
		this.#make = make;
	}

	get cells(): readonly Cell[] {
		this.#made ??= this.#make();
		return this.#made;
	}
}

/** A line with a name before its value, all names of the same width. */
export function field(name: string, ...value: readonly Cell[]): Line {
	return [cell(name.padEnd(10)), ...value];
}

export function cell(text: string, tone: Tone = 'plain'): Cell {
	return {text, tone};
}

/** Since when; at least how long, where this console did not see its start. */
export function since({since: at, live}: {since: number; live: boolean}, now: number): Cell {
	return live ? cell(`${clock(at, now)}, ${age(now - at)}`) : cell(leastAge(now - at), 'dim');
}

/**
 * How fresh the source of a pane is, or that it is lost, since when and why.
 * Where several sources serve one purpose, a fresh one is enough.
 */
export function sourceCell(cluster: Cluster, sources: readonly SourceId[], name: string, now: number): Cell {
	const seeing = sources.filter(source => isFresh(cluster.sourceStatuses.get(source), source, now));
	if (seeing.length > 0) {
		return cell(`${name}, live`, 'dim');
	}

	const losses = sources.flatMap(source => {
		const sight = cluster.sourceStatuses.get(source);
		return sight?.state === 'lost'
			? [{since: sight.seenAt ?? sight.since, reason: sight.reason, never: sight.seenAt === undefined}]
			: [];
	});
	const [loss] = losses.sort((a, b) => b.since - a.since);
	if (loss && losses.length === sources.length) {
		return cell(`${name} LOST${loss.never ? '' : ` for ${age(now - loss.since)}`}: ${loss.reason}`, 'bad');
	}

	const [source] = sources;
	const reason = source && unavailableReason(cluster.sourceStatuses.get(source), source, now);
	return cell(`${name}: ${reason ?? 'not polled'}`, 'warn');
}
