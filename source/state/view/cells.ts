/** What selectors give to whoever draws: panes of lines and tables, with tones instead of colours. */
import type {Cluster} from '../../domain/cluster/cluster.ts';
import {isFresh, unavailableReason} from '../../domain/cluster/freshness.ts';
import type {SourceId} from '../../domain/facts.ts';
import {age, clock, leastAge} from '../../lib/format.ts';

/**
 * `bad` and `warn` also carry a word or a sign in their text: colour is never the only sign. Tags tell names apart that are
 * written out; `match` is what was searched for.
 */
export type Tone = 'plain' | 'strong' | 'good' | 'warn' | 'bad' | 'dim' | 'match' | TagTone;

export type TagTone = (typeof tagTones)[number];

export const tagTones = ['tag0', 'tag1', 'tag2', 'tag3', 'tag4', 'tag5', 'tag6', 'tag7', 'tag8'] as const;

export type Cell = {
	text: string;
	tone: Tone /** What is too long is cut at its start: there the oldest stands. */;
	cut?: 'start';
};

export type Line = readonly Cell[];

export type Column = {
	title: string;
	align: 'left' | 'right';
	/** Columns with the highest number are left out first where the width does not suffice; 0 is always shown. */
	rank: number;
	/** It is not narrower than this where there is room: its neighbours stand still while its values change. */
	least?: number;
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

/** A row whose cells are made when they are looked at: of very many, few are. */
export function row(id: string, make: () => readonly Cell[]): Row {
	return new MadeWhenSeen(id, make);
}

class MadeWhenSeen implements Row {
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

/** A line with a name before what is said, all names of the same width. */
export function field(name: string, ...said: readonly Cell[]): Line {
	return [cell(name.padEnd(10)), ...said];
}

export function cell(text: string, tone: Tone = 'plain'): Cell {
	return {text, tone};
}

/** Since when, to the moment where this console saw it begin. */
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
	return cell(`${name}: ${reason ?? 'not asked'}`, 'warn');
}
